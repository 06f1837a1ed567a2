"""What an export holds, for whom, what a spreadsheet makes of it, and that it is on record."""

import csv
from datetime import date, datetime, timedelta
from io import StringIO

import pytest
from django.db import connection
from django.http import StreamingHttpResponse
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from callbacks import telephone
from callbacks.actions import Refused, desk, exporting
from callbacks.actions.exporting import export
from callbacks.admin import export as export_module
from callbacks.admin.export import HEADINGS, dialled, lines, safe
from callbacks.models import CallbackRequest, Event, Note
from callbacks.states import Outcome
from tests.client import Client, fresh_code, post_with_code
from tests.conftest import LONDON, MONDAY

pytestmark = pytest.mark.django_db

EXPORT = "/admin/callbacks/callbackrequest/export/"
REPORTS = "/admin/callbacks/callbackrequest/reports/"
THE_DAY = MONDAY.date()
PLAIN = {"since": THE_DAY.isoformat(), "until": THE_DAY.isoformat(), "reason": "The audit."}


@pytest.fixture
def manager(client, maya) -> Client:
    client.force_login(maya)
    return client


def exported(client: Client, **given):
    return post_with_code(client, EXPORT, PLAIN | given)


def content_of(response: StreamingHttpResponse) -> bytes:
    return b"".join(response.streaming_content)


def rows_of(response: StreamingHttpResponse) -> list[dict[str, str]]:
    text = content_of(response).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text, newline="")))


# What it holds


def test_an_export_holds_what_was_asked_on_these_days(asked, manager, anna):
    message = 'It hurts.\nStill; and "worse", they said.'
    request = asked(
        clinic="Fern Street",
        message=message,
        email="zoe@example.com",
        procedure="Thread lift",
        procedure_date="March 2024",
        leave_message=True,
    )
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    desk.call(pk=request.pk, by=anna, now=MONDAY + timedelta(minutes=5))
    desk.spoke(pk=request.pk, by=anna, now=MONDAY + timedelta(minutes=9))
    desk.close(pk=request.pk, by=anna, now=MONDAY + timedelta(minutes=10), outcome=Outcome.TAKEN_ON)
    CallbackRequest.objects.update(case_number="CS-2026-0042", limitation_day=date(2027, 3, 1))
    (row,) = rows_of(exported(manager))
    assert list(row) == HEADINGS
    assert row == {
        "Reference": str(request),
        "Asked": "2026-11-23 10:00+00:00",
        "Channel": "Web form",
        "Name": "Zoë Example",
        "Telephone": "07700 900982",
        "E-mail": "zoe@example.com",
        "Procedure": "Thread lift",
        "When": "March 2024",
        "Carried out by": "Fern Street",
        "Message": message,
        "Wishes": "name only · may leave a message",
        "Status": "Closed",
        "Outcome": "Taken on",
        "Promised by": "2026-11-23 11:00+00:00",
        "First call": "2026-11-23 10:05+00:00",
        "Closed": "2026-11-23 10:10+00:00",
        "Case number": "CS-2026-0042",
        "Time limit": "2027-03-01",
    }


def test_who_rang_asked_when_they_rang(asked, manager):
    asked()
    rang_at = MONDAY - timedelta(hours=1)
    CallbackRequest.objects.update(channel="voicemail", rang_at=rang_at)
    (row,) = rows_of(exported(manager))
    assert (row["Channel"], row["Asked"]) == ("Voicemail", "2026-11-23 09:00+00:00")


def test_the_days_are_london_s_both_of_them_with(asked, manager):
    summer = date(2026, 7, 6)
    for name, moment in {
        "Before": datetime(2026, 7, 5, 23, 59, tzinfo=LONDON),
        "First": datetime(2026, 7, 6, 0, 0, tzinfo=LONDON),
        "Last": datetime(2026, 7, 6, 23, 59, tzinfo=LONDON),
        "After": datetime(2026, 7, 7, 0, 0, tzinfo=LONDON),
    }.items():
        asked(full_name=name, at=moment)
    rows = rows_of(exported(manager, since=summer.isoformat(), until=summer.isoformat()))
    assert [(row["Name"], row["Asked"]) for row in rows] == [
        ("First", "2026-07-06 00:00+01:00"),
        ("Last", "2026-07-06 23:59+01:00"),
    ]


def test_days_on_which_nobody_asked_make_a_file_of_headings(manager):
    assert content_of(exported(manager)).decode("utf-8-sig").splitlines() == [",".join(HEADINGS)]


def test_excel_knows_it_for_utf_8_and_nobody_keeps_it(manager, asked):
    asked(full_name="Zoë")
    response = exported(manager)
    assert content_of(response).startswith(b"\xef\xbb\xbf")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "no-store" in response["Cache-Control"].split(", ")
    assert response["Content-Disposition"] == (f'attachment; filename="requests-{timezone.localdate()}.csv"')


@pytest.mark.parametrize("at_a_time", [1, 2, 3, 500])
def test_everybody_is_in_it_once_however_the_lines_are_fetched(asked, maya, monkeypatch, at_a_time):
    monkeypatch.setattr(export_module, "AT_A_TIME", at_a_time)
    for number in range(5):  # three of them at the same moment
        asked(full_name=f"Number {number}", at=MONDAY + timedelta(minutes=number // 3))
    text = "".join(lines(maya, THE_DAY, THE_DAY)).removeprefix("\ufeff")
    names = [row["Name"] for row in csv.DictReader(StringIO(text, newline=""))]
    assert names == [f"Number {number}" for number in range(5)]


@pytest.mark.parametrize("rows", [1, 3])
def test_an_export_costs_the_same_at_one_and_at_three(asked, maya, rows):
    for number in range(rows):
        asked(full_name=f"Number {number}")
    maya.get_all_permissions()
    with CaptureQueriesContext(connection) as queries:
        assert len(list(lines(maya, THE_DAY, THE_DAY))) == 1 + rows
    assert len(queries) == 2  # the second finds that there are no more


# What must not be read


def test_a_held_story_is_in_no_byte(asked, manager):
    told = {"message": "Quokka", "procedure": "Quokka", "procedure_date": "Quokka", "clinic": "Quokka"}
    request = asked(**told)
    CallbackRequest.objects.filter(pk=request.pk).update(
        conflict_since=MONDAY, status="conflict_check", limitation_day=date(2027, 3, 1)
    )
    Note.objects.create(request=request, text="Quokka", at=MONDAY)
    Note.objects.create(request=request, kind="answer", question="What?", text="Quokka", at=MONDAY)
    content = content_of(exported(manager))
    assert b"quokka" not in content.lower()
    assert b"2027-03-01" not in content  # reckoned from the story
    assert content.count("Zoë Example".encode()) == 1


def test_without_a_clinic_the_message_stays_folded(asked, manager):
    asked(message="Quokka", procedure="Thread lift")
    response = exported(manager)
    (row,) = rows_of(response)
    assert (row["Message"], row["Procedure"]) == ("folded: who carried it out is not known", "Thread lift")


def test_a_story_that_is_held_while_the_file_is_being_sent_is_not_in_the_rest(asked, maya, monkeypatch):
    monkeypatch.setattr(export_module, "AT_A_TIME", 1)
    asked(full_name="First", clinic="Fern Street", message="Wombat")
    second = asked(full_name="Second", at=MONDAY + timedelta(minutes=1), clinic="Oak", message="Quokka")
    sent = lines(maya, THE_DAY, THE_DAY)
    assert "Wombat" in next(sent) + next(sent)
    CallbackRequest.objects.filter(pk=second.pk).update(conflict_since=MONDAY, status="conflict_check")
    assert "Quokka" not in "".join(sent)


# What a spreadsheet makes of it


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+44", "'+44"),
        ("-2", "'-2"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("\n=1", "'\n=1"),
        ("＝1+1", "'＝1+1"),
        ("＠x", "'＠x"),
        ("x=1", "x=1"),
        ("O’Neill", "O’Neill"),
        ("", ""),
    ],
)
def test_no_cell_is_a_formula(cell, written):
    assert safe(cell) == written


FORMULA = '=HYPERLINK("https://example.com","x")'


@pytest.mark.parametrize("column", ["full_name", "email", "procedure", "procedure_date", "clinic", "message"])
def test_what_people_typed_becomes_no_formula(asked, manager, column):
    request = asked(clinic="Fern Street")
    CallbackRequest.objects.filter(pk=request.pk).update(**{column: FORMULA})
    (row,) = rows_of(exported(manager))
    assert [cell for cell in row.values() if "HYPERLINK" in cell] == [f"'{FORMULA}"]


def test_a_case_number_becomes_no_formula(asked, manager, anna):
    request = asked()
    desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.TAKEN_ON)
    CallbackRequest.objects.update(case_number="-1+1")
    assert [row["Case number"] for row in rows_of(exported(manager))] == ["'-1+1"]


@pytest.mark.parametrize(
    ("phone", "written"),
    [
        ("+447700900982", "07700 900982"),
        ("+442079460958", "020 7946 0958"),
        ("+353871234567", "00353 87 123 4567"),
        ("+12125550123", "001 212-555-0123"),
        ("+4499999999", "99999 999"),
        ("", ""),
    ],
)
def test_a_telephone_number_stays_readable(phone, written):
    assert dialled(phone) == written


@pytest.mark.parametrize("phone", ["+447700900982", "+353871234567", "+4499999999", "+12125550123"])
def test_a_telephone_number_is_no_amount_and_can_be_dialled(asked, manager, phone):
    asked(phone=phone)
    (row,) = rows_of(exported(manager))
    assert safe(row["Telephone"]) == row["Telephone"]
    with pytest.raises(ValueError, match="could not convert"):
        float(row["Telephone"])
    if phone != "+4499999999":
        assert telephone.parse(row["Telephone"]).e164 == phone


# On record


def test_it_is_on_record_with_its_reason_before_the_first_byte(manager, maya, asked):
    asked()
    response = exported(manager, reason="The audit of the year.")
    event = Event.objects.get(kind="exported")
    assert (event.request, event.by, event.actor) == (None, maya, "staff")
    note = Note.objects.get(event=event)
    assert (note.request, note.kind, note.by) == (None, "reason", maya)
    assert note.text == "23 November 2026 to 23 November 2026: The audit of the year."
    assert response.streaming


def test_whoever_reads_no_further_costs_no_further_query(asked, maya, monkeypatch):
    monkeypatch.setattr(export_module, "AT_A_TIME", 1)
    asked()
    asked(full_name="Second", at=MONDAY + timedelta(minutes=1))
    sent = lines(maya, THE_DAY, THE_DAY)
    next(sent), next(sent)
    with CaptureQueriesContext(connection) as queries:
        sent.close()
    assert (len(queries), list(sent)) == (0, [])


def test_a_slow_reader_holds_no_transaction(asked, maya):
    asked()
    asked(full_name="Second")
    before = len(connection.savepoint_ids)
    sent = lines(maya, THE_DAY, THE_DAY)
    next(sent), next(sent)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_cursors")
        assert cursor.fetchone() == (0,)
    assert len(connection.savepoint_ids) == before


def test_the_reports_list_who_exported_what_and_what_for(manager, maya):
    export(by=maya, now=MONDAY, since=date(2026, 11, 1), until=THE_DAY, reason="For <the> regulator")
    html = manager.get(REPORTS).content.decode()
    assert "23 November 2026, 10:00, Maya Dean: 1 November 2026 to 23 November 2026: " in html
    assert "For &lt;the&gt; regulator" in html


# What is refused


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"reason": " "}, "Say what the export is for."),
        ({"since": ""}, "Choose a day"),
        ({"until": "2026-02-30"}, "Choose a day"),
        ({"until": "9999-12-31"}, "Ensure this value is less than or equal to"),
        ({"since": "0001-01-01"}, "Ensure this value is greater than or equal to"),
        ({"since": "2026-11-24"}, "The last day comes before the first."),
    ],
)
def test_a_wrong_answer_comes_back_with_a_sentence_and_all_that_was_typed(manager, given, sentence):
    response = exported(manager, **given)
    html = response.content.decode()
    assert (response.status_code, html.count(sentence)) == (422, 1)
    assert "The audit." in html or "reason" in given
    assert not Event.objects.filter(kind="exported").exists()


@pytest.mark.parametrize("who", ["anna", "paula"])
def test_nobody_but_managers_exports(client, request, who):
    user = request.getfixturevalue(who)
    client.force_login(user)
    assert exported(client).status_code == 403
    with pytest.raises(Refused, match=r"^Only managers export requests\.$"):
        export(by=user, now=MONDAY, since=THE_DAY, until=THE_DAY, reason="Why not")
    assert not Event.objects.filter(kind="exported").exists()


def test_the_action_itself_refuses_an_export_without_a_reason_or_backwards(maya):
    for reason, until in (("", THE_DAY), ("Because", THE_DAY - timedelta(days=1))):
        with pytest.raises(Refused):
            exporting.export(by=maya, now=MONDAY, since=THE_DAY, until=until, reason=reason)
    assert not Note.objects.exists()


def test_an_export_is_posted_with_its_token(maya):
    client = Client(enforce_csrf_checks=True)
    client.force_login(maya)
    assert client.get(EXPORT).status_code == 405
    assert exported(client).status_code == 403
    assert not Event.objects.filter(kind="exported").exists()


# A fresh code


@pytest.mark.parametrize("code", ["", "12345", "aaaa bbbb"])
def test_without_a_fresh_code_nothing_is_exported_and_what_was_typed_stays(manager, maya, code):
    fresh_code(maya)
    response = exported(manager, code=code, reason="For the regulator")
    html = response.content.decode()
    assert (response.status_code, "For the regulator" in html) == (422, True)
    assert Event.objects.filter(kind="exported").count() == 0


def test_a_code_is_not_used_up_while_another_answer_is_wrong(manager, maya):
    code = fresh_code(maya)
    assert exported(manager, code=code, reason="").status_code == 422
    assert exported(manager, code=code).status_code == 200
    assert exported(manager, code=code).status_code == 422
