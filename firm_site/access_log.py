"""A line in the log for every request and every job, once it is done, in words that name nobody.

Instead of the path stands the route, `callback/<str:token>/`: a path holds tokens, and whatever a visitor
types after the name of the site.
"""

import logging
import re
import secrets
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from firm_site.logs import doing

type GetResponse = Callable[[HttpRequest], HttpResponse]

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}
NOBODY_ASKED = "firm_site.nobody_asked"  # in the environment of a request that we make ourselves
OF_BALANCERS = {"/livez", "/readyz"}  # asked every few seconds: told only when something is wrong

_ID = re.compile(r"[0-9A-Za-z-]{8,64}")

requests = logging.getLogger("firm_site.access")
jobs = logging.getLogger("firm_site.jobs")


def tell_of_each_request(get_response: GetResponse) -> GetResponse:
    """Middleware, before all else: gives each request an id, sends it back as `X-Request-ID`, and writes a
    line once it is answered. Whatever is logged meanwhile has the same id."""

    def middleware(request: HttpRequest) -> HttpResponse:
        began, log_id = time.monotonic(), _id_of(request)
        request.log_id = log_id  # type: ignore[attr-defined]
        before = doing.set(lambda: {"request_id": log_id, **_asks_for(request)})
        try:
            response = get_response(request)
            if response.status_code != 200 or not _is_routine(request):
                told = {"status": response.status_code, "ms": _ms_since(began), **_who_asks(request)}
                requests.info("answered", extra={"told": told})
        finally:
            doing.reset(before)
        response["X-Request-ID"] = log_id
        return response

    return middleware


def tell_of_each_job(call_next: Callable[[], Any], context: Any, worker: Any) -> Any:
    """procrastinate's middleware: whatever a job logs has the job's name, and a line says that it is done."""
    began = time.monotonic()
    before = doing.set(lambda: {"job": context.job.task_name})
    try:
        result = call_next()
        jobs.info("done", extra={"told": {"ms": _ms_since(began)}})
    finally:
        doing.reset(before)
    return result


def _is_routine(request: HttpRequest) -> bool:
    """Whether nobody wants to know of it, as long as it goes well."""
    return request.path in OF_BALANCERS or NOBODY_ASKED in request.META


def _id_of(request: HttpRequest) -> str:
    """What a proxy of ours calls this request, else twelve letters and figures."""
    given = request.headers.get("X-Request-ID", "")
    if request.META.get("REMOTE_ADDR") in settings.TRUSTED_PROXIES and _ID.fullmatch(given):
        return given
    return secrets.token_hex(6)


def _asks_for(request: HttpRequest) -> dict[str, str]:
    """Method and route; the route is not known before it was looked for, and of no address there is none."""
    method = request.method if request.method in METHODS else "another"
    if match := request.resolver_match:
        return {"method": str(method), "route": f"/{match.route.removeprefix('^')}"}
    is_static = request.path.startswith(f"/{settings.STATIC_URL.strip('/')}/")
    return {"method": str(method), "route": "/static/" if is_static else "none"}


def _who_asks(request: HttpRequest) -> dict[str, int]:
    """The number of whoever is logged in, where the answer had to know it: `request.user` would ask the
    database, on public pages too."""
    user = request.__dict__.get("_cached_user")
    return {"user": user.pk} if user and user.pk else {}


def _ms_since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
