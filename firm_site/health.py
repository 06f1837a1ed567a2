"""What balancers and monitors ask: is the process alive, and is it ready to serve."""

import shutil
from collections.abc import Callable

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils import timezone

from firm_site.models import RestoreDrill

type GetResponse = Callable[[HttpRequest], HttpResponse]


def seconds_since_worker() -> float | None:
    """Since a worker last said that it lives; None where there is none, or never was."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers")
        return cursor.fetchone()[0]


def free_disk() -> int | None:
    """Bytes where the data folder is; None while it cannot be reached."""
    try:
        return shutil.disk_usage(settings.DATA_DIR).free
    except OSError:
        return None


def seconds_since_restored() -> float | None:
    """Since a backup was made that was restored and whole; None when none ever was."""
    last = RestoreDrill.objects.whole().last()
    return (timezone.now() - last.began_at).total_seconds() if last else None


# What is told beside, and takes no site off the air: a balancer that heeded a dead worker would drop one
# that serves well. An app adds what it knows of.
reported: dict[str, Callable[[], float | None]] = {
    "seconds_since_worker": seconds_since_worker,
    "free_disk_bytes": free_disk,
    "seconds_since_restored": seconds_since_restored,
}


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
    """200 when the database answers and stores and every migration is applied, else 503 and what is wrong;
    with 200 also what is `reported`, in whole numbers, null where nothing is known."""
    try:
        executor = MigrationExecutor(connection)
        behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if _is_only_read():
            return JsonResponse({"database": "only read"}, status=503)
        if behind:
            return JsonResponse({"database": "ok", "migrations": f"{len(behind)} to apply"}, status=503)
        told = {name: _whole(report()) for name, report in reported.items()}
    except Error:
        return JsonResponse({"database": "not answering"}, status=503)
    return JsonResponse({"database": "ok", "migrations": "ok", **told})


def _is_only_read() -> bool:
    """Whether nothing can be stored: such as by a standby that was not told to take over."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_read_only")
        return bool(cursor.fetchone()[0] == "on")


def _whole(number: float | None) -> int | None:
    return None if number is None else round(number)
