"""Turns away what no browser sends and nothing behind could read: before a page, a form or the database
meets it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from firm_site.errors import error_page

type GetResponse = Callable[[HttpRequest], HttpResponse]

STAFF_METHODS = ["GET", "HEAD", "POST"]
CHARSETS = {"utf-8", "utf8", "us-ascii", "ascii"}


def refuse_what_cannot_be_read(get_response: GetResponse) -> GetResponse:
    """Middleware: 400 for a NUL in an address or a cookie, which PostgreSQL would not take in a query, for
    text that says it is not UTF-8, and for a body that does not say how long it is, which Django would take
    for an empty one; 405 for methods that the admin does not know, and would answer as if they were GET."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in STAFF_METHODS and request.path.startswith(reverse("admin:index")):
            response = error_page(request, 405)
            response["Allow"] = ", ".join(STAFF_METHODS)
            return response
        if _has_nul(request) or _is_not_utf8(request) or _has_no_length(request):
            return error_page(request, 400)
        return get_response(request)

    return middleware


def _has_nul(request: HttpRequest) -> bool:
    asked = [request.path_info, request.META.get("QUERY_STRING", "").replace("%00", "\0")]
    return any("\0" in each for each in [*asked, *request.COOKIES.values()])


def _is_not_utf8(request: HttpRequest) -> bool:
    """Whether it names another charset: some of those that Python knows make no text at all, or a NUL."""
    return (request.content_params or {}).get("charset", "utf-8").lower() not in CHARSETS


def _has_no_length(request: HttpRequest) -> bool:
    return "Transfer-Encoding" in request.headers and not request.META.get("CONTENT_LENGTH")
