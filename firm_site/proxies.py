"""Which client and which scheme to believe: only what a proxy of ours has said."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

type GetResponse = Callable[[HttpRequest], HttpResponse]


def scheme_of(environ: dict[str, Any]) -> str:
    """`http` or `https`: what a trusted proxy says, else what the connection to us is."""
    said = environ.get("HTTP_X_FORWARDED_PROTO")
    if environ.get("REMOTE_ADDR") in settings.TRUSTED_PROXIES and said in {"http", "https"}:
        return str(said)
    return str(environ["wsgi.url_scheme"])


def believe_our_proxies(get_response: GetResponse) -> GetResponse:
    """Middleware: behind an address of TRUSTED_PROXIES, take `X-Forwarded-Proto` for the scheme and
    the right-most address of `X-Forwarded-For` that is not itself trusted for the client's."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.META["wsgi.url_scheme"] = scheme_of(request.META)
        if request.META.get("REMOTE_ADDR") in settings.TRUSTED_PROXIES:
            hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
            for hop in reversed(hops):
                if hop and hop not in settings.TRUSTED_PROXIES:
                    request.META["REMOTE_ADDR"] = hop
                    break
        return get_response(request)

    return middleware
