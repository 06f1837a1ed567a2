"""What the reports count, and what an export holds, for whom."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from callbacks import hours
from callbacks.actions import Refused, desk, exporting, undoing, visiting
from callbacks.admin.export import HEADINGS, dialled, safe
from callbacks.models import CallbackRequest, Event, Note
from callbacks.reports import report
from callbacks.states import Outcome
from tests.conftest import MONDAY

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
LIST = "/admin/callbacks/callbackrequest/"


def called(request, who, after: timedelta) -> None:
    at = MONDAY + after
    desk.claim(pk=request.pk, by=who, now=at)
    desk.call(pk=request.pk, by=who, now=at)
    desk.no_answer(pk=request.pk, by=who, now=at + MINUTE)


def found(now=MONDAY + 7 * HOUR, days: int = 28):
    return report(hours.DEFAULT, days=days, now=now)


def counts(part) -> list[tuple[str, int, int]]:
    return [(count.name, count.many, count.of) for count in part]


def test_called_in_time_is_by_what_was_promised(asked, anna):
    in_time, late, never = (asked(full_name=name) for name in ("In time", "Late", "Never"))
    called(in_time, anna, 30 * MINUTE)
    called(late, anna, 5 * HOUR)
    assert never.promised_by < MONDAY + 7 * HOUR
    assert counts(found().in_time) == [("Week of 23 November", 1, 3)]


def test_whose_time_has_not_come_counts_neither_way(asked):
    asked(wanted_at=MONDAY + timedelta(days=1))
    assert found().in_time == []


def test_a_promise_that_moved_after_the_first_call_is_the_one_before(asked, anna):
    request = asked()
    called(request, anna, 5 * HOUR)  # late by what was promised
    visiting.choose_time(pk=request.pk, by=None, now=MONDAY + 6 * HOUR, wanted_at=MONDAY + timedelta(days=1))
    assert counts(found().in_time) == [("Week of 23 November", 0, 1)]


def test_time_to_the_first_call_is_opening_time(asked, anna):
    friday = MONDAY - timedelta(days=3) + 7 * HOUR  # 17:00
    called(asked(at=friday), anna, timedelta())
    assert found().middle == 30 * MINUTE + HOUR
    assert counts(found().first_call)[-1] == ("Called at all", 1, 1)


def test_when_they_rang_counts_not_when_it_was_typed(asked, anna):
    request = asked()
    CallbackRequest.objects.filter(pk=request.pk).update(channel="telephone", rang_at=MONDAY - HOUR)
    called(request, anna, timedelta())
    assert found().middle == HOUR


def test_a_call_that_was_taken_back_is_still_a_call_and_its_outcome_is_not(asked, anna):
    request = asked()
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    desk.call(pk=request.pk, by=anna, now=MONDAY)
    desk.spoke(pk=request.pk, by=anna, now=MONDAY)
    desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.TAKEN_ON)
    undoing.undo(pk=request.pk, by=anna, now=MONDAY)
    assert counts(found().outcomes) == [("Still open", 1, 1)]


def test_spam_duplicates_and_what_is_set_apart_are_left_out_and_a_person_counts_once(asked, anna):
    asked(), asked(message="Again")
    asked(full_name="Apart", set_apart_because="Doubtful.")
    for outcome in (Outcome.SPAM, Outcome.DUPLICATE):
        desk.close(pk=asked(full_name=outcome).pk, by=anna, now=MONDAY, outcome=outcome)
    assert found().people == 1


def test_pages_hours_and_the_next_days(asked):
    asked()
    asked(full_name="Two", at=MONDAY + HOUR, wanted_at=MONDAY + timedelta(days=1))
    result = found(now=MONDAY + HOUR)
    assert counts(result.pages) == [("/guides/botched-thread-lift/", 2, 2)]
    assert [each for each in counts(result.by_hour) if each[1]] == [("10:00", 1, 2), ("11:00", 1, 2)]
    assert [each[1:] for each in counts(result.load)] == [(1, 68), (1, 68), (0, 68), (0, 68), (0, 68)]


def test_the_period_ends_where_it_says(asked):
    asked(at=MONDAY - timedelta(days=8))
    assert (found(now=MONDAY, days=7).people, found(now=MONDAY, days=28).people) == (0, 1)


def test_nobody_asked(client, maya):
    client.force_login(maya)
    assert "Nobody asked in the last 7 days." in client.get(f"{LIST}reports/?days=7").content.decode()
    assert client.get(f"{LIST}reports/?days=x").context["days"] == 28


@pytest.mark.parametrize("rows", [1, 3])
def test_the_reports_cost_the_same_at_one_and_at_three(asked, client, maya, rows):
    for number in range(rows):
        asked(full_name=f"Number {number}", at=timezone.now())
    client.force_login(maya)
    client.get(f"{LIST}reports/")
    with CaptureQueriesContext(connection) as queries:
        html = client.get(f"{LIST}reports/").content.decode()
    assert len(queries) == 12
    assert html.count('role="img"') == html.count('class="drawn"') == html.count("<caption") > 3


@pytest.mark.parametrize(("who", "status"), [("anna", 403), ("paula", 403), ("maya", 200)])
def test_who_sees_the_reports(client, request, who, status):
    client.force_login(request.getfixturevalue(who))
    assert client.get(f"{LIST}reports/").status_code == status


# Export


def exported(client, **given):
    today = timezone.localdate().isoformat()
    return client.post(f"{LIST}export/", {"since": today, "until": today, "reason": "The audit."} | given)


def rows_of(response) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text)))


@pytest.fixture
def manager(client, maya):
    client.force_login(maya)
    return client


def test_an_export_holds_what_was_asked_on_these_days(asked, manager):
    asked(at=timezone.now(), clinic="Fern Street", message="It hurts.\nStill.", email="zoe@example.com")
    asked(full_name="Before", at=timezone.now() - timedelta(days=3))
    (row,) = rows_of(exported(manager))
    assert list(row) == HEADINGS
    told = {name: row[name] for name in ("Name", "Telephone", "E-mail", "Message", "Status")}
    assert told == {
        "Name": "Zoë Example",
        "Telephone": "07700 900982",
        "E-mail": "zoe@example.com",
        "Message": "It hurts.\nStill.",
        "Status": "New",
    }


def test_it_is_on_record_with_its_reason_before_the_first_byte(asked, manager, maya):
    response = exported(manager)
    event = Event.objects.get(kind="exported")
    assert (event.request, event.by, event.actor) == (None, maya, "staff")
    assert Note.objects.get(event=event).text.endswith(": The audit.")
    assert response.streaming
    assert "no-store" in response["Cache-Control"]
    response.close()  # whoever goes away before the first byte has exported all the same


def test_a_held_story_is_in_no_byte_and_one_that_waits_for_its_question_neither(asked, manager):
    told = {"message": "Quokka", "procedure": "Quokka", "procedure_date": "Quokka", "clinic": "Quokka"}
    held = asked(at=timezone.now(), **told)
    CallbackRequest.objects.filter(pk=held.pk).update(conflict_since=timezone.now(), status="conflict_check")
    asked(full_name="Folded", at=timezone.now(), message="Quokka")
    content = b"".join(exported(manager).streaming_content)
    assert b"Quokka" not in content
    assert content.count(b"Zo\xc3\xab Example") == 1


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+44", "'+44"),
        ("-2", "'-2"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("x=1", "x=1"),
        ("", ""),
    ],
)
def test_no_cell_is_a_formula(cell, written):
    assert safe(cell) == written


def test_what_people_typed_becomes_no_formula(asked, manager):
    asked(at=timezone.now(), full_name="=HYPERLINK(1)", clinic="Fern Street", message="@SUM(1)")
    (row,) = rows_of(exported(manager))
    assert (row["Name"], row["Message"]) == ("'=HYPERLINK(1)", "'@SUM(1)")


@pytest.mark.parametrize(
    ("phone", "written"),
    [("+447700900982", "07700 900982"), ("+353871234567", "00353 87 123 4567"), ("", "")],
)
def test_a_telephone_number_stays_readable(phone, written):
    assert dialled(phone) == written


@pytest.mark.parametrize(
    "given", [{"reason": " "}, {"since": ""}, {"since": "2027-01-02", "until": "2027-01-01"}]
)
def test_without_a_reason_or_with_days_that_make_no_sense_nothing_is_exported(manager, given):
    assert exported(manager, **given).status_code == 302
    assert not Event.objects.filter(kind="exported").exists()


@pytest.mark.parametrize("who", ["anna", "paula"])
def test_nobody_but_managers_exports(client, request, who):
    user = request.getfixturevalue(who)
    client.force_login(user)
    assert exported(client).status_code == 403
    with pytest.raises(Refused):
        exporting.export(by=user, now=MONDAY, since=MONDAY.date(), until=MONDAY.date(), reason="Why not")
    assert not Event.objects.filter(kind="exported").exists()
