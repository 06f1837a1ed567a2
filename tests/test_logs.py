"""What the log says: an object of JSON to a line, with codes, routes and numbers, and nobody's words."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path

from callbacks.admin.verbs import VERBS
from callbacks.models import CallbackRequest
from firm_site import urls
from firm_site.access_log import tell_of_each_job
from firm_site.logs import AsJson, ForPeople, without_words
from tests.conftest import member_of
from tests.test_bad_input_staff import addresses, names_in
from tests.test_roles import MAY_OPEN, an_object_of

CANARY = "Quokka"


def fails(request: HttpRequest) -> HttpResponse:
    name = request.POST.get("full_name", CANARY)
    try:
        int(name)
    except ValueError as error:
        raise KeyError(name) from error
    return HttpResponse()


urlpatterns = [path("fails/", fails), *urls.urlpatterns]
handler500 = "firm_site.errors.server_error"


@pytest.fixture
def log() -> Iterator[Callable[[], list[dict]]]:
    """The lines that the site's own handler has written since."""
    written = io.StringIO()
    (console,) = [each for each in logging.root.handlers if each.get_name() == "console"]
    before, formatter = console.setStream(written), console.formatter
    console.setFormatter(AsJson())
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    console.setStream(before)
    console.setFormatter(formatter)


def line_of(name: str, message: object, *args: object, **extra: object) -> dict:
    """A record as some library would write it, as it stands in the log."""
    record = logging.getLogger(name).makeRecord(
        name, logging.WARNING, "", 0, message, args, None, extra=extra
    )
    return json.loads(AsJson().format(record))


def without_time(line: dict) -> dict:
    return {name: value for name, value in line.items() if name not in {"time", "ms"}}


@pytest.mark.django_db
def test_each_request_has_a_line_with_its_route_and_the_id_that_the_answer_carries(client, asked, log):
    answer = client.get(asked().get_absolute_url() + "?done=time")
    (line,) = log()
    assert without_time(line) == {
        "level": "INFO",
        "logger": "firm_site.access",
        "message": "answered",
        "request_id": answer["X-Request-ID"],
        "method": "GET",
        "route": "/callback/<str:token>/",
        "status": 200,
    }
    assert line["time"].endswith("+00:00")
    assert isinstance(line["ms"], int)


@pytest.mark.django_db
def test_a_line_names_who_is_logged_in_by_number(client, anna, log):
    client.force_login(anna)
    client.get("/admin/callbacks/callbackrequest/", {"q": CANARY})
    client.get("/")  # where nobody asks who it is, the log does not either
    assert [line.get("user") for line in log()] == [anna.pk, None]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "address", "route", "status"),
    [
        ("GET", f"/{CANARY}/", "none", 404),
        ("GET", f"/guides/{CANARY}/", "/guides/<slug:slug>/", 404),
        ("GET", f"/callback/{CANARY}", "none", 301),
        ("GET", f"/callback/{CANARY}/{CANARY}/", "none", 404),
        ("GET", f"/preview/{CANARY}/", "/preview/<str:token>/", 404),
        ("GET", f"/search/?q={CANARY}", "/search/", 200),
        ("GET", f"/img/{CANARY}.jpg", "none", 404),
        ("GET", f"/static/{CANARY}.css", "/static/", 404),
        ("GET", f"/admin/{CANARY}/", "/admin/(?P<url>.*)$", 302),
        (CANARY.upper(), "/search/", "/search/", 405),
    ],
)
def test_no_address_reaches_the_log(client, log, method, address, route, status):
    client.generic(method, address)
    (line,) = log()
    assert (line["route"], line["status"]) == (route, status)
    assert line["method"] == ("GET" if method == "GET" else "another")
    assert CANARY not in str(line)


def test_a_balancer_that_hears_that_all_is_well_leaves_no_line(client, log):
    client.get("/livez")
    assert log() == []


@pytest.mark.parametrize(
    ("remote", "given", "is_taken"),
    [
        ("10.0.0.1", "4f1c9a70d2a84f6e9b7c", True),
        ("10.0.0.1", 'x" ,"level":"INFO', False),
        ("10.0.0.1", "a\tb" * 5, False),
        ("10.0.0.1", "short", False),
        ("198.51.100.9", "4f1c9a70d2a84f6e9b7c", False),
    ],
)
@pytest.mark.django_db
def test_the_id_of_our_own_proxy_is_taken_and_nobody_elses(client, settings, remote, given, is_taken):
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    answer = client.get("/", headers={"x-request-id": given}, REMOTE_ADDR=remote)
    assert (answer["X-Request-ID"] == given) is is_taken


@pytest.mark.django_db
@pytest.mark.urls("tests.test_logs")
def test_a_fault_is_found_by_what_its_page_tells_and_repeats_nothing_of_what_was_typed(client, log):
    client.raise_request_exception = False
    answer = client.post("/fails/", {"full_name": CANARY})
    fault, access = log()
    assert access["status"] == 500
    assert fault["message"] == "Internal Server Error"
    assert fault["request_id"] == access["request_id"]
    assert f"<strong>{access['request_id']}</strong>" in answer.content.decode()
    assert fault["exception"].split("\n")[-1] == "builtins.KeyError"
    assert "builtins.ValueError\nfrom which came\n" in fault["exception"]
    assert ", in fails\n" in fault["exception"]
    assert CANARY not in str(fault)


@pytest.mark.django_db
def test_a_rule_of_the_database_that_was_broken_is_named_and_the_row_is_not(asked):
    asked(full_name=CANARY)
    with pytest.raises(IntegrityError, match=CANARY) as broken, transaction.atomic():
        CallbackRequest.objects.update(due_at=None)
    written = without_words(broken.value)
    assert "psycopg.errors.CheckViolation 23514 due_exactly_when_somebody_owes_a_call" in written
    assert CANARY not in written


@pytest.mark.parametrize(
    ("name", "message", "args", "written"),
    [
        ("django.security.csrf", "Forbidden (%s): %s", ("Referer is Quokka", "/Quokka/"), "Forbidden (…): …"),
        (
            "django.security.DisallowedHost",
            "Invalid HTTP_HOST header: 'Quokka'.",
            (),
            "Invalid HTTP_HOST header: …",
        ),
        (
            "axes.handlers.database",
            "AXES: Repeated login failure by %s. Count = %d of %d.",
            ('{username: "Quokka", ip_address: "203.0.113.7"}', 3, 5),
            "AXES: Repeated login failure by …. Count = 3 of 5.",
        ),
        (
            "gunicorn.error",
            "Invalid request from ip=203.0.113.7: Invalid HTTP method: 'QUOKKA'",
            (),
            "Invalid request from ip…",
        ),
        ("gunicorn.error", "Error handling request %s", ("/callback/Quokka/",), "Error handling request …"),
        ("gunicorn.error", "WORKER TIMEOUT (pid:%s)", (12,), "WORKER TIMEOUT (pid:12)"),
        ("procrastinate.worker", "Job tell[3](name='Quokka') ended with status: failed", (), "Job tell…"),
        ("x", "%(who)s came", ({"who": "Quokka"},), "… came"),
        ("x", KeyError("Quokka"), (), "KeyError"),
        ("pages.reviews", "Page %s is overdue", (7,), "Page 7 is overdue"),
    ],
)
def test_of_what_others_write_the_sentence_stays_and_what_it_fills_in_goes(name, message, args, written):
    assert line_of(name, message, *args)["message"] == written


def test_no_line_can_be_made_to_look_like_two():
    forged = 'x\n{"level": "INFO"}'
    record = logging.LogRecord("callbacks", logging.WARNING, "", 0, forged, None, None)
    assert AsJson().format(record).count("\n") == 0
    assert ForPeople().format(record).count("\n") == 0


def test_what_a_job_logs_has_its_name_and_none_of_what_it_was_given(log):
    job = SimpleNamespace(task_name="callbacks.tasks.give_up", task_kwargs={"name": CANARY})
    noted = logging.getLogger("callbacks.notices")
    tell_of_each_job(
        lambda: noted.warning("Notice %s was not sent: %s", 7, "OSError"), SimpleNamespace(job=job), None
    )
    assert [without_time(line) for line in log()] == [
        {
            "level": "WARNING",
            "logger": "callbacks.notices",
            "message": "Notice 7 was not sent: OSError",
            "job": "callbacks.tasks.give_up",
        },
        {"level": "INFO", "logger": "firm_site.jobs", "message": "done", "job": "callbacks.tasks.give_up"},
    ]
    failed = line_of(
        "procrastinate.worker", "Job give_up[3](name='Quokka')", job={"task_name": "give_up", "args": CANARY}
    )
    assert failed["job"] == "give_up"
    assert CANARY not in str(failed)


def test_whoever_watches_a_terminal_reads_the_same_in_a_line():
    record = logging.LogRecord("firm_site.access", logging.INFO, "", 0, "answered", None, None)
    record.created, record.told = 0, {"status": 200, "ms": 12}
    assert ForPeople().format(record) == "00:00:00 INFO firm_site.access: answered status=200 ms=12"


@pytest.mark.faults  # it walks far, and takes long
@pytest.mark.django_db
@pytest.mark.parametrize("group", ["managers", "partners"])
def test_nothing_that_staff_type_into_any_form_reaches_the_log(client, asked, log, group):
    client.force_login(member_of(group, "person", "A", "Person"))
    rows = {name: an_object_of(name, asked) for name in MAY_OPEN}
    for address in addresses(rows):
        verb = address.split("/")[-2]
        asks = VERBS[verb].form().fields if verb in VERBS else ()
        page = client.get(address)
        fields = names_in(page.content) if page.status_code == 200 else set()
        client.post(
            address, dict.fromkeys([*sorted(fields), *(f"{verb}-{each}" for each in asks), "text"], CANARY)
        )
    assert len(log()) > len(rows)
    assert CANARY not in str(log())
