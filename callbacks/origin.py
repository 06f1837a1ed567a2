"""Whether a form was sent from a page of ours. Public forms carry no token: they rest on no cookie."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest


def sent_from_here(request: HttpRequest) -> bool:
    """Judge by Sec-Fetch-Site; without it by Origin; a browser that sends neither is let through."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site in {"same-origin", "none"}
    if origin := request.headers.get("Origin"):
        try:
            return urlsplit(origin).netloc in {request.get_host(), urlsplit(settings.SITE_URL).netloc}
        except ValueError:  # such as http://[
            return False
    return True
