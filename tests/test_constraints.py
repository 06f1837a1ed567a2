"""The database knows the rules: each constraint refuses what no action would ever write."""

from datetime import datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction

from callbacks.models import (
    CallbackRequest,
    Event,
    Note,
    Notice,
    Notification,
    OpeningHours,
    RetentionPeriods,
)
from callbacks.models.request import NOTHING
from callbacks.retention import CLASSES
from firm_site.models import FirmDetails
from tests.conftest import LONDON, MONDAY

pytestmark = pytest.mark.django_db

LATER = MONDAY + timedelta(hours=1)
CLOSED = {"status": "closed", "outcome": "spam", "closed_at": MONDAY, "due_at": None, "fingerprint": None}

# Each line breaks one rule, named as in callbacks.models, of a request that keeps all the others.
BROKEN = {
    "a_request_has_a_known_status": {"status": "lost"},
    "a_request_came_by_a_known_channel": {"channel": "pigeon"},
    "an_outcome_is_a_known_one": CLOSED | {"outcome": "shrug"},
    "a_telephone_number_is_e164": {"phone": "07700 900 982"},
    "due_exactly_when_somebody_owes_a_call": {"due_at": None},
    "not_before_comes_before_due": {"due_from": LATER, "due_at": MONDAY},
    "giving_up_is_what_is_due": {"gives_up_at": LATER},
    "closed_has_an_outcome_and_a_time": CLOSED | {"outcome": ""},
    "claimed_has_a_holder_and_nothing_else_has": {"claimed_at": MONDAY},
    "with_a_solicitor_the_decision_is_due": {"status": "with_solicitor"},
    "a_number_stands_beside_what_was_typed": {"phone_typed": ""},
    "a_decision_date_goes_when_it_is_decided": {"decide_by": LATER},
    "conflict_check_has_an_open_resemblance": {"status": "conflict_check"},
    "new_and_waiting_have_no_open_resemblance": {"conflict_since": MONDAY},
    "new_means_no_attempt_yet": {"attempts": 1},
    "set_apart_says_why": {"status": "suspected_spam", "due_at": None},
    "only_what_waits_is_given_up": {"gives_up_at": LATER, "due_at": LATER, "due_from": LATER},
    "a_place_is_held_for_a_wanted_time": {"place": 1},
    "closing_forgets_the_fingerprint": CLOSED | {"fingerprint": "still here"},
}


def refuses(name: str, change) -> None:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        change()
    assert name in str(error.value)


@pytest.mark.parametrize("rule", BROKEN)
def test_a_request_cannot_break(rule, asked):
    row = CallbackRequest.objects.filter(pk=asked().pk)
    refuses(rule, lambda: row.update(**BROKEN[rule]))


def test_not_before_needs_a_due_time(asked):
    row = CallbackRequest.objects.filter(pk=asked().pk)
    refuses("not_before_needs_a_due_time", lambda: row.update(**CLOSED, due_from=MONDAY))


def test_a_named_solicitor_has_a_decision_date(asked, paula):
    row = CallbackRequest.objects.filter(pk=asked().pk)
    refuses("a_named_solicitor_has_a_decision_date", lambda: row.update(solicitor=paula))


def test_a_claim_has_a_holder(asked):
    row = CallbackRequest.objects.filter(pk=asked().pk)
    refuses("claimed_has_a_holder", lambda: row.update(status="claimed", attempts=1))


def test_the_decision_is_what_is_due_with_a_solicitor(asked):
    row = CallbackRequest.objects.filter(pk=asked().pk)
    with_solicitor = {"status": "with_solicitor", "decide_by": LATER, "due_at": MONDAY}
    refuses("with_a_solicitor_the_decision_is_due", lambda: row.update(**with_solicitor))


def test_only_what_was_set_apart_says_why_it_was(asked):
    row = CallbackRequest.objects.filter(pk=asked().pk)
    refuses("set_apart_says_why", lambda: row.update(set_apart_because="Doubtful."))


def test_a_claim_ends_after_it_began_and_a_running_call_is_an_attempt(asked, anna):
    row = CallbackRequest.objects.filter(pk=asked().pk)
    claimed = {"status": "claimed", "claimed_by": anna, "claimed_at": LATER}
    refuses("a_claim_ends_after_it_began", lambda: row.update(**claimed, claim_ends_at=LATER))
    refuses("a_running_call_is_an_attempt", lambda: row.update(**claimed, claim_ends_at=None))


def test_a_note_is_on_an_event_of_its_own_request(asked, anna):
    first, second = asked(), asked(full_name="Another")
    refuses(
        "a_note_is_on_an_event_of_its_own_request",
        lambda: Note.objects.create(request=first, event=second.events.get(), text="x", at=MONDAY),
    )


def test_a_request_is_not_its_own_earlier_one(asked):
    request = asked()
    row = CallbackRequest.objects.filter(pk=request.pk)
    refuses("a_request_is_not_its_own_earlier_one", lambda: row.update(earlier=request))


def test_a_place_is_taken_once(asked):
    pks = [asked(full_name=name).pk for name in ("First", "Second")]
    both = CallbackRequest.objects.filter(pk__in=pks)
    refuses("a_place_is_taken_once", lambda: both.update(wanted_at=LATER, place=1))


@pytest.mark.parametrize("column", ["reference", "token", "fingerprint"])
def test_two_requests_never_share_a(column, asked):
    first, second = asked(), asked(full_name="Another")
    row = CallbackRequest.objects.filter(pk=second.pk)
    refuses(column, lambda: row.update(**{column: getattr(first, column)}))


def test_an_event_says_who_exactly_when_it_was_staff(asked, anna):
    request = asked()
    for actor, by in (("staff", None), ("visitor", anna), ("system", anna)):
        refuses(
            "an_event_of_staff_says_who",
            lambda actor=actor, by=by: Event.objects.create(
                request=request, kind="noted", actor=actor, by=by, at=MONDAY
            ),
        )


def test_an_event_has_a_known_actor(asked):
    request = asked()
    refuses(
        "an_event_has_a_known_actor",
        lambda: Event.objects.create(request=request, kind="noted", actor="cat", at=MONDAY),
    )


@pytest.mark.parametrize(
    ("kind", "outcome"), [("noted", "spam"), ("closed", ""), ("gave_up", ""), ("closed", "shrug")]
)
def test_an_event_that_closes_and_no_other_says_how_it_ended(kind, outcome, asked):
    request = asked()
    refuses(
        "an_event_that_closes_says_how_it_ended",
        lambda: Event.objects.create(request=request, kind=kind, actor="system", at=MONDAY, outcome=outcome),
    )


@pytest.mark.parametrize(("kind", "ground"), [("noted", "asked"), ("erased", ""), ("erased", "shrug")])
def test_an_erasure_and_no_other_event_says_why(kind, ground, asked):
    request = asked()
    refuses(
        "an_erasure_says_why",
        lambda: Event.objects.create(request=request, kind=kind, actor="system", at=MONDAY, ground=ground),
    )


# Of each column that must be empty, something that it could hold.
LEFT_OVER = {
    "full_name": "Zoë",
    "phone_typed": "07700 900982",
    "say_who": True,
    "leave_message": True,
    "email": "zoe@example.com",
    "message": "x",
    "procedure": "x",
    "procedure_date": "x",
    "clinic": "x",
    "call_needs": "x",
    "page": "/",
    "page_version": 1,
    "set_apart_because": "x",
    "conflict_since": MONDAY,
    "case_number": "x",
    "limitation_day": MONDAY.date(),
}


@pytest.mark.parametrize("column", LEFT_OVER)
def test_an_erased_request_holds_nothing(column, asked):
    row = CallbackRequest.objects.filter(pk=asked().pk)
    row.update(**CLOSED | {"outcome": "taken_on"} | NOTHING, erased_at=MONDAY)
    given = {column: LEFT_OVER[column]}
    if column == "phone_typed":
        given["phone"] = "+447700900982"
    refuses("an_erased_request_is_closed_and_holds_nothing", lambda: row.update(**given))
    assert set(NOTHING) - set(LEFT_OVER) == {"phone", "fingerprint"}  # which closing forgets


def test_what_is_open_is_not_erased(asked):
    row = CallbackRequest.objects.filter(pk=asked().pk)
    refuses("an_erased_request_is_closed", lambda: row.update(**NOTHING, erased_at=MONDAY))


@pytest.mark.parametrize("days", [6, 2556])
@pytest.mark.parametrize("column", CLASSES)
def test_what_is_told_us_is_kept_from_a_week_to_seven_years(column, days):
    refuses(
        "what_is_told_us_is_kept_from_a_week_to_seven_years",
        lambda: RetentionPeriods.objects.create(pk=1, **{column: days}),
    )


def test_the_periods_are_one_row():
    refuses("the_periods_are_one_row", lambda: RetentionPeriods.objects.create(pk=2))


def test_events_notes_and_notices_are_of_known_kinds(asked):
    refuses(
        "a_notice_names_its_request_unless_it_is_about_many",
        lambda: Notification.objects.create(kind="receipt", created_at=MONDAY, sent_at=MONDAY),
    )
    given = {"request": asked(), "kind": "other"}
    refuses("an_event_is_of_a_known_kind", lambda: Event.objects.create(**given, actor="system", at=MONDAY))
    refuses("a_note_is_of_a_known_kind", lambda: Note.objects.create(**given, text="x", at=MONDAY))
    refuses(
        "a_notice_is_of_a_known_kind",
        lambda: Notification.objects.create(**given, created_at=MONDAY, sent_at=MONDAY),
    )


@pytest.mark.parametrize("change", ["update", "delete"])
def test_an_event_is_neither_changed_nor_deleted(change, asked):
    events = Event.objects.filter(request=asked())
    made = {"update": lambda: events.update(at=LATER), "delete": lambda: events._raw_delete("default")}
    refuses("an event is on record", made[change])
    assert events.get().at == MONDAY


def test_a_note_says_something(asked, anna):
    request = asked()
    refuses("a_note_says_something", lambda: Note.objects.create(request=request, text="", at=MONDAY))


@pytest.mark.parametrize(
    "marks",
    [
        {},
        {"sent_at": MONDAY, "failed_at": MONDAY},
        {"sent_at": MONDAY, "try_again_at": MONDAY},
        {"failed_at": MONDAY, "try_again_at": MONDAY},
    ],
)
def test_a_notice_is_owed_or_sent_or_failed(marks, asked):
    request = asked()
    refuses(
        "a_notice_is_owed_or_gathered_or_sent_or_failed",
        lambda: Notification.objects.create(request=request, kind="receipt", created_at=MONDAY, **marks),
    )


def test_a_wording_of_the_privacy_notice_has_one_number():
    Notice.objects.create(number=1, text="The same", first_shown=MONDAY)
    refuses("text", lambda: Notice.objects.create(number=2, text="The same", first_shown=MONDAY))


def test_the_desk_opens_before_it_closes_on_a_day_of_the_week():
    refuses(
        "the_desk_opens_before_it_closes",
        lambda: OpeningHours.objects.create(weekday=6, opens=time(22), closes=time(2)),
    )
    refuses(
        "opening_hours_are_of_a_weekday",
        lambda: OpeningHours.objects.create(weekday=7, opens=time(9), closes=time(12)),
    )


def test_the_firm_has_one_row_of_details_and_a_telephone_number():
    refuses("the_firm_has_one_row_of_details", lambda: FirmDetails.objects.create(pk=2))
    refuses("the_firm_always_has_a_telephone", lambda: FirmDetails.objects.create(pk=1, telephone=""))


def test_the_first_opening_hours_are_those_of_the_brief():
    rows = OpeningHours.objects.values_list("weekday", "opens", "closes")
    assert list(rows) == [(weekday, time(9), time(17, 30)) for weekday in range(5)]


def test_what_is_due_first_is_first_on_the_desk(asked):
    early = asked(at=datetime(2026, 11, 20, 9, 0, tzinfo=LONDON), full_name="Early")
    closed = asked(full_name="Apart", set_apart_because="Doubtful.")
    late = asked(at=MONDAY, full_name="Late")
    assert list(CallbackRequest.objects.in_desk_order(MONDAY)) == [early, late, closed]
    assert set(CallbackRequest.objects.open()) == {early, late}
