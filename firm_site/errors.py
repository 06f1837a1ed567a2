"""Every error gets a page of ours, with the telephone number, from a process without a database."""

import logging
import sys
from collections.abc import Callable

from django.contrib import admin
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.shortcuts import redirect, render
from django.urls import reverse

type GetResponse = Callable[[HttpRequest], HttpResponse]

# What Django raises while the database is away, too slow, full, or (the third) a copy that is only read.
DATABASE_AWAY = (OperationalError, InterfaceError, InternalError)

PAGES = {400, 403, 404, 405, 410, 413, 429, 500, 503}


logger = logging.getLogger(__name__)


def go_without_database(request: HttpRequest, why: Exception) -> None:
    """From here on make this request's page without a query; the log says why, by its code."""
    request.without_database = True  # type: ignore[attr-defined]
    logger.error("The database did not take what was sent.", exc_info=why)


def error_page(request: HttpRequest, status: int) -> HttpResponse:
    """Our page for `status` (one of PAGES), made without a query."""
    request.without_database = True  # type: ignore[attr-defined]
    response = render(request, f"{status}.html", status=status)
    response["Cache-Control"] = "no-store"
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400; or 413 when the body was too large, which Django does not tell apart."""
    return error_page(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, for what Django's permission checks refuse."""
    return error_page(request, 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403, for a staff form without its token; but a login that stood open while its owner logged in in
    another tab leads to where they are."""
    if request.path.startswith(reverse("admin:login")) and admin.site.has_permission(request):
        return redirect("admin:index")
    return error_page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500; or 503 when it is the database that is away, since a minute's patience may then help; or 400
    when the request broke off, which nobody may be left to hear."""
    error = sys.exc_info()[1]
    if isinstance(error, DATABASE_AWAY):
        return error_page(request, 503)
    return error_page(request, 400 if isinstance(error, UnreadablePostError) else 500)


def give_every_error_a_page(get_response: GetResponse) -> GetResponse:
    """Middleware: an error that Django answers with an empty body (405 above all) gets its page,
    and keeps its headers (`Allow`, `Retry-After`)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code not in PAGES or response.streaming or response.content:
            return response
        page = error_page(request, response.status_code)
        for name in ("Allow", "Retry-After"):
            if name in response:
                page[name] = response[name]
        return page

    return middleware
