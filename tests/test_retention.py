"""How long requests are kept: each class of outcomes, to the day; each night, and by the command."""

from datetime import datetime, timedelta
from html import unescape
from io import StringIO

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from callbacks import checks, retention, tasks
from callbacks.actions import Refused, desk, keeping, sorting
from callbacks.actions.complaining import Grievance, complain
from callbacks.models import CallbackRequest, DataComplaint, Event, Note, RetentionPeriods
from callbacks.models.request import NOTHING
from callbacks.states import Outcome
from firm_site import tasks as site_tasks
from pages import tasks as page_tasks
from pages.actions import writing
from pages.models import Draft
from tests.client import Client
from tests.conftest import LONDON, MONDAY

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
DAYS = {
    Outcome.SPAM: 30,
    Outcome.DUPLICATE: 30,
    Outcome.NOT_REACHED: 90,
    Outcome.WITHDRAWN: 90,
    Outcome.OUT_OF_TIME: 180,
    Outcome.NO_BREACH: 180,
    Outcome.LOW_VALUE: 180,
    Outcome.OTHER_JURISDICTION: 180,
    Outcome.CLIENT_DECLINED: 180,
    Outcome.INSTRUCTED_ELSEWHERE: 180,
    Outcome.CONFLICT: 180,
}
PERIODS = "/admin/callbacks/retentionperiods/1/change/"
LIST = "/admin/callbacks/callbackrequest/"
PLAIN = {
    "spam_and_duplicates": 30,
    "taken_on": 30,
    "not_reached_and_withdrawn": 90,
    "all_others": 180,
}


@pytest.fixture
def closed(asked, anna):
    def close(outcome: Outcome, **given) -> CallbackRequest:
        request = asked(**given)
        desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=outcome, reason="Because of Fern Street")
        return request

    return close


def forgotten_at(now: datetime) -> int:
    return sum(keeping.forget(now=now))


def again(request: CallbackRequest) -> CallbackRequest:
    return CallbackRequest.objects.get(pk=request.pk)


# For how long


def test_every_outcome_is_in_one_class_and_each_class_has_its_days():
    in_classes = [outcome for outcomes in retention.CLASSES.values() for outcome in outcomes]
    assert sorted(in_classes) == sorted(Outcome)
    assert [days for _, days in retention.in_force()] == [30, 30, 90, 180]


@pytest.mark.parametrize("outcome", DAYS)
def test_a_request_is_kept_to_the_day_and_then_forgotten(closed, outcome):
    request = closed(outcome, message="It hurts")
    almost = MONDAY + DAYS[outcome] * DAY - timedelta(seconds=1)
    assert forgotten_at(almost) == 0
    assert again(request).message == "It hurts"
    assert forgotten_at(almost + timedelta(seconds=1)) == 1
    assert again(request).message == ""
    assert forgotten_at(almost + 2 * DAY) == 0


def test_what_was_taken_on_is_kept_until_thirty_days_after_its_handover(closed, anna):
    request = closed(Outcome.TAKEN_ON)
    assert forgotten_at(MONDAY + 4000 * DAY) == 0  # nowhere else is it held
    handed_over = MONDAY + 10 * DAY
    desk.hand_over(pk=request.pk, by=anna, now=handed_over, case_number="CS-1")
    assert forgotten_at(handed_over + 30 * DAY - timedelta(seconds=1)) == 0
    assert forgotten_at(handed_over + 30 * DAY) == 1
    assert again(request).case_number == ""
    assert list(CallbackRequest.objects.to_hand_over()) == []


def test_a_corrected_case_number_begins_the_thirty_days_again(closed, anna):
    request = closed(Outcome.TAKEN_ON)
    desk.hand_over(pk=request.pk, by=anna, now=MONDAY, case_number="CS-1")
    desk.hand_over(pk=request.pk, by=anna, now=MONDAY + 20 * DAY, case_number="CS-2")
    assert forgotten_at(MONDAY + 49 * DAY) == 0
    assert forgotten_at(MONDAY + 50 * DAY) == 1


def test_what_is_open_or_reopened_is_kept(asked, closed, anna):
    asked(full_name="Open Still")
    request = closed(Outcome.SPAM)
    desk.reopen(pk=request.pk, by=anna, now=MONDAY + DAY, reason="It was none")
    assert forgotten_at(MONDAY + 4000 * DAY) == 0


def test_a_manager_s_period_holds_from_the_next_night(closed):
    closed(Outcome.NO_BREACH)
    RetentionPeriods.objects.create(pk=1, all_others=365)
    assert forgotten_at(MONDAY + 364 * DAY) == 0
    assert forgotten_at(MONDAY + 365 * DAY) == 1


# What goes and what stays


def test_nothing_personal_stays_and_what_happened_does(closed, anna):
    request = closed(
        Outcome.NO_BREACH,
        email="zoe@example.com",
        message="It hurts",
        procedure="Thread lift",
        procedure_date="March 2024",
        clinic="Fern Street",
        call_needs="Relay UK",
        say_who=True,
        leave_message=True,
    )
    before = again(request)
    kinds = list(Event.objects.filter(request=request).values_list("kind", flat=True))
    now = MONDAY + 180 * DAY
    assert forgotten_at(now) == 1
    after = again(request)
    changed = {
        field.name
        for field in CallbackRequest._meta.concrete_fields
        if getattr(after, field.name) != getattr(before, field.name)
    }
    assert changed <= {*NOTHING, "token", "erased_at", "edits"}
    assert {name: getattr(after, name) for name in NOTHING} == NOTHING
    assert (after.reference, after.outcome, after.erased_at) == (before.reference, "no_breach", now)
    assert Note.objects.filter(request=request).count() == 0
    events = Event.objects.filter(request=request)
    assert list(events.values_list("kind", flat=True)) == [*kinds, "forgotten"]
    assert (events.last().actor, events.last().by) == ("system", None)


def test_what_we_still_owed_them_is_owed_no_more_and_what_was_sent_stays(closed):
    request = closed(Outcome.NO_BREACH, email="zoe@example.com")
    request.notices.filter(kind="receipt").update(sent_at=MONDAY, try_again_at=None)
    assert request.notices.filter(sent_at__isnull=True).exists()
    forgotten_at(MONDAY + 180 * DAY)
    assert [(each.kind, each.sent_at) for each in request.notices.all()] == [("receipt", MONDAY)]


@pytest.mark.parametrize("at_a_time", [1, 2, 500])
def test_many_are_forgotten_batch_by_batch(closed, monkeypatch, at_a_time):
    monkeypatch.setattr(keeping, "AT_A_TIME", at_a_time)
    for number in range(3):
        closed(Outcome.SPAM, full_name=f"Number {number}")
    batches = list(keeping.forget(now=MONDAY + 30 * DAY))
    assert (sum(batches), max(batches)) == (3, min(at_a_time, 3))
    assert CallbackRequest.objects.exclude(phone="").count() == 0


def test_the_database_keeps_a_forgotten_request_empty_and_closed(closed):
    request = closed(Outcome.SPAM)
    forgotten_at(MONDAY + 30 * DAY)
    row = CallbackRequest.objects.filter(pk=request.pk)
    for back in ({"full_name": "Zoë"}, {"message": "x"}, {"clinic": "x"}, {"say_who": True}, {"page": "/"}):
        with pytest.raises(IntegrityError) as error, transaction.atomic():
            row.update(**back)
        assert "an_erased_request_is_closed_and_holds_nothing" in str(error.value)


def test_no_verb_writes_to_a_forgotten_request(closed, anna, client):
    request = closed(Outcome.SPAM)
    forgotten_at(MONDAY + 30 * DAY)
    for act in (
        lambda: desk.add_note(pk=request.pk, by=anna, now=MONDAY, text="Zoë again"),
        lambda: desk.reopen(pk=request.pk, by=anna, now=MONDAY, reason="Zoë again"),
    ):
        with pytest.raises(Refused, match=r"^What they told us has been deleted"):
            act()
    client.force_login(anna)
    page = client.get(f"{LIST}{request.pk}/change/")
    assert (page.context["buttons"], page.context["questions"]) == ([], [])
    html = page.content.decode()
    assert "What they told us was deleted on 23 December 2026." in html
    assert "No message" not in html


def test_what_was_closed_as_spam_and_forgotten_is_not_taken_back(asked, anna):
    request = asked(set_apart_because="A link.")
    sorting.close_as_spam(pks=[request.pk], by=anna, now=MONDAY)
    forgotten_at(MONDAY + 30 * DAY)
    assert sorting.take_back_spam(closed_at=MONDAY, by=anna, now=MONDAY) == 0


def test_the_reports_say_that_the_page_is_not_kept(closed, maya, client):
    request = closed(Outcome.NO_BREACH)
    moved = timezone.now() - 200 * DAY
    CallbackRequest.objects.filter(pk=request.pk).update(created_at=moved, promised_by=moved, closed_at=moved)
    forgotten_at(timezone.now())
    client.force_login(maya)
    html = client.get(f"{LIST}reports/?days=365").content.decode()
    assert "Not kept any more" in html
    assert "botched-thread-lift" not in html


# By the command, and each night


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("forget", *arguments, stdout=out, stderr=out)
    return out.getvalue()


@pytest.fixture
def an_old_one(closed) -> CallbackRequest:
    request = closed(Outcome.NO_BREACH)
    CallbackRequest.objects.filter(pk=request.pk).update(closed_at=datetime(2026, 1, 5, 12, tzinfo=LONDON))
    return request


@pytest.fixture
def an_old_complaint(maya) -> DataComplaint:
    said = Grievance(full_name="Zoë Example", happened="You wrote.", email="zoe@example.com")
    complaint = complain(grievance=said, by=None, now=MONDAY)
    ended = {"closed_at": timezone.now() - 366 * DAY, "closed_by": maya, "fingerprint": None}
    DataComplaint.objects.filter(pk=complaint.pk).update(**ended)
    return complaint


def test_a_dry_run_lists_by_class_what_would_be_forgotten_and_does_nothing(an_old_one, an_old_complaint):
    assert command("--dry-run").splitlines() == [
        "Spam and duplicates, after 30 days: 0 requests",
        "Taken on, after 30 days: 0 requests",
        "Could not be reached, and withdrawn, after 90 days: 0 requests",
        "All others, after 180 days: 1 request",
        f"  {an_old_one}, closed 5 January 2026",
        "Complaints about data protection, after 365 days: 1",
        "Nothing was deleted (--dry-run).",
    ]
    assert again(an_old_one).full_name == "Zoë Example"
    assert DataComplaint.objects.get().full_name == "Zoë Example"


def test_the_command_forgets_and_says_how_many(an_old_one, an_old_complaint):
    lines = command().splitlines()
    assert lines[-2:] == ["1 of 1", "Forgotten: 1 request, 1 complaint. Sessions that were over: 0."]
    assert again(an_old_one).full_name == ""
    assert DataComplaint.objects.get().full_name == ""
    assert command().splitlines()[-1] == "Forgotten: 0 requests, 0 complaints. Sessions that were over: 0."


def test_each_night_at_an_hour_that_there_is_exactly_once():
    nightly = {tasks.forget.name, site_tasks.forget_over.name, site_tasks.forget_jobs.name}
    nightly |= {page_tasks.forget_drafts.name, tasks.forget_complaints.name}
    crons = {
        task.task.name: task.cron
        for task in app.periodic_registry.periodic_tasks.values()
        if task.task.name in nightly
    }
    assert set(crons) == nightly
    for cron in crons.values():  # in UTC: clocks change at 1:00
        _, hour, *rest = cron.split()
        assert (int(hour), rest) == (3, ["*", "*", "*"])


def test_the_night_forgets(an_old_one, an_old_complaint):
    tasks.forget.func(timestamp=0)
    tasks.forget_complaints.func(timestamp=0)
    assert again(an_old_one).full_name == ""
    assert DataComplaint.objects.get().full_name == ""


def test_sessions_that_are_over_go_and_the_others_stay():
    over, runs = SessionStore(), SessionStore()
    over.create(), runs.create()
    Session.objects.filter(pk=over.session_key).update(expire_date=timezone.now() - DAY)
    site_tasks.forget_over.func(timestamp=0)
    assert [each.pk for each in Session.objects.all()] == [runs.session_key]


def test_what_was_typed_half_a_year_ago_and_never_saved_goes(paula):
    writing.keep(page=None, by=paula, fields={"title": "Still"}, now=MONDAY)
    assert writing.forget_drafts(now=MONDAY + 180 * DAY) == 0
    assert writing.forget_drafts(now=MONDAY + 180 * DAY + timedelta(seconds=1)) == 1
    assert Draft.objects.count() == 0


# What managers set


@pytest.fixture
def manager(client, maya) -> Client:
    client.force_login(maya)
    return client


def test_a_manager_sets_the_periods_and_each_save_is_kept(manager, maya):
    html = unescape(manager.get(PERIODS).content.decode())
    assert "Days after the case number was written down" in html
    assert manager.post(PERIODS, PLAIN | {"all_others": 365, "all_others_confirmed": "on"}).status_code == 302
    row = RetentionPeriods.objects.get()
    assert (row.all_others, row.all_others_confirmed) == (365, True)
    assert row.history.get().history_user == maya


@pytest.mark.parametrize("days", [0, 6, 2556, -1, "x", ""])
def test_periods_beyond_all_sense_are_refused(manager, days):
    assert manager.post(PERIODS, PLAIN | {"taken_on": days}).status_code == 200
    assert not RetentionPeriods.objects.exists()


def test_shorter_periods_are_saved_once_somebody_has_seen_what_they_delete(manager, an_old_one):
    RetentionPeriods.objects.create(pk=1, all_others=2555)
    asked = manager.post(PERIODS, PLAIN)
    assert "Next night <strong>One request loses</strong> what people told us" in asked.content.decode()
    assert retention.periods().all_others == 2555
    assert manager.post(PERIODS, PLAIN | {"agreed": "2"}).status_code == 200
    assert manager.post(PERIODS, PLAIN | {"agreed": "1"}).status_code == 302
    assert retention.periods().all_others == 180


def test_a_longer_period_does_not_hide_what_a_shorter_one_deletes(manager, closed, an_old_one):
    spam = closed(Outcome.SPAM, full_name="Ann Other")
    CallbackRequest.objects.filter(pk=spam.pk).update(closed_at=timezone.now() - 31 * DAY)  # goes tonight
    RetentionPeriods.objects.create(pk=1, all_others=2555)
    given = PLAIN | {"spam_and_duplicates": 365}
    assert manager.post(PERIODS, given).status_code == 200
    assert manager.post(PERIODS, given | {"agreed": "1"}).status_code == 302


def test_a_check_warns_until_the_firm_confirms_the_placeholder():
    def found() -> list[str]:
        check = checks.the_firm_has_confirmed_how_long_it_keeps_things
        return [each.id for each in check(databases=["default"])]

    assert found() == ["callbacks.W003"]
    RetentionPeriods.objects.create(pk=1, all_others_confirmed=True)
    assert found() == []


def test_the_privacy_page_says_what_is_in_force(client):
    call_command("load_first_content", verbosity=0)
    RetentionPeriods.objects.create(
        pk=1, spam_and_duplicates=31, taken_on=32, not_reached_and_withdrawn=93, all_others=184
    )
    html = client.get("/privacy/").content.decode()
    for words in (
        "after 93 days, if we could not",
        "32 days after we",
        "after 31 days, if",
        "after 184 days",
    ):
        assert html.count(words) == 1, words


# Open, and untouched for half a year


def untouched(now: datetime) -> list[CallbackRequest]:
    return list(retention.untouched(CallbackRequest.objects.all(), now))


def test_what_nobody_has_touched_for_half_a_year_is_listed_for_closing(asked, anna):
    request = asked()
    apart = asked(full_name="Set Apart", set_apart_because="A link.")
    assert untouched(MONDAY + 180 * DAY - timedelta(seconds=1)) == []
    assert set(untouched(MONDAY + 180 * DAY)) == {request, apart}
    desk.add_note(pk=request.pk, by=anna, now=MONDAY + 100 * DAY, text="Still ours")
    assert untouched(MONDAY + 180 * DAY) == [apart]
    desk.close(pk=apart.pk, by=anna, now=MONDAY + DAY, outcome=Outcome.SPAM)
    assert untouched(MONDAY + 280 * DAY) == [request]


def test_who_only_looked_has_touched_nothing(asked, anna, client):
    long_ago = timezone.now() - 200 * DAY
    request = asked(at=long_ago)
    client.force_login(anna)
    client.get(f"{LIST}{request.pk}/change/")
    assert untouched(timezone.now()) == [request]


def test_managers_find_them_on_a_tab_and_on_the_desk(asked, manager, anna):
    asked(at=timezone.now() - 200 * DAY)
    page = manager.get(f"{LIST}?show=untouched").content.decode()
    assert "To be closed?" in page
    assert "Zoë Example" in page
    assert "1 request untouched for 180 days: to be closed?" in manager.get("/admin/").content.decode()
    manager.force_login(anna)
    assert "To be closed?" not in manager.get(LIST + "?show=all").content.decode()
    assert "untouched for 180 days" not in manager.get("/admin/").content.decode()
