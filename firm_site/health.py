"""What balancers and monitors ask: is the process alive, and is it ready to serve."""

from collections.abc import Callable

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse

type GetResponse = Callable[[HttpRequest], HttpResponse]


def answer_balancers(get_response: GetResponse) -> GetResponse:
    """Middleware: answer /livez and /readyz before Host checks and the redirect to https."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path not in ("/livez", "/readyz"):
            return get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return readiness() if request.path == "/readyz" else alive()

    return middleware


def alive() -> HttpResponse:
    """That this process answers at all."""
    return HttpResponse("alive\n", content_type="text/plain")


def readiness() -> JsonResponse:
    """200 when the database answers and every migration is applied, else 503 and what is wrong."""
    try:
        executor = MigrationExecutor(connection)
        behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error:
        return JsonResponse({"database": "not answering"}, status=503)
    if behind:
        return JsonResponse({"database": "ok", "migrations": f"{len(behind)} to apply"}, status=503)
    return JsonResponse({"database": "ok", "migrations": "ok"})
