"""Which client and which scheme to believe: only what a proxy of ours has said."""

from collections.abc import Callable
from ipaddress import ip_address
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
        is_ours = request.META.get("REMOTE_ADDR") in settings.TRUSTED_PROXIES
        if is_ours and (client := _client(request.headers.get("X-Forwarded-For", ""))):
            request.META["REMOTE_ADDR"] = client
        return get_response(request)

    return middleware


def _client(forwarded: str) -> str:
    """The right-most address that is not ours; none where what stands there is no address, since what
    stands further left anybody may have written."""
    for hop in reversed(forwarded.split(",")):
        if hop.strip() and (address := _address(hop.strip())) not in settings.TRUSTED_PROXIES:
            return address
    return ""


def _address(hop: str) -> str:
    """What some proxies write with a port, in brackets or with a zone, without them; else nothing."""
    host = hop[1:].split("]")[0] if hop.startswith("[") else hop
    if host.count(":") == 1:
        host = host.split(":")[0]
    try:
        return str(ip_address(host.split("%")[0]))
    except ValueError:
        return ""
