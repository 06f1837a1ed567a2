"""Which client and which scheme to believe: only what a proxy of ours has said."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

type GetResponse = Callable[[HttpRequest], HttpResponse]


def believe_our_proxies(get_response: GetResponse) -> GetResponse:
    """Middleware: behind an address of TRUSTED_PROXIES, take `X-Forwarded-Proto` for the scheme and
    the right-most address of `X-Forwarded-For` that is not itself trusted for the client's."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.META.get("REMOTE_ADDR") in settings.TRUSTED_PROXIES:
            if request.headers.get("X-Forwarded-Proto") in {"http", "https"}:
                request.META["wsgi.url_scheme"] = request.headers["X-Forwarded-Proto"]
            hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
            for hop in reversed(hops):
                if hop and hop not in settings.TRUSTED_PROXIES:
                    request.META["REMOTE_ADDR"] = hop
                    break
        return get_response(request)

    return middleware
