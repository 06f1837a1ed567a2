"""Which client and which scheme to believe: only what a proxy of ours has said."""

from collections.abc import Callable
from ipaddress import ip_address

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
            if client := _client(request.headers.get("X-Forwarded-For", "")):
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
