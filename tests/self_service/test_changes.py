"""Each change that a visitor may make, from each state, and what staff see of it."""

from datetime import timedelta

import pytest

from callbacks.actions import Refused, TimeGone, TimeRefused, desk, visiting
from callbacks.admin.time_line import time_line
from callbacks.models import (
    Actor,
    CallbackRequest,
    Note,
    NoteKind,
    Notification,
)
from callbacks.receipt import receipt_of
from callbacks.states import Outcome, Status
from tests.conftest import MONDAY
from tests.self_service.steps import (
    HALF_HOUR,
    LATER,
    OPEN,
    TUESDAY,
    add,
    again,
    call,
    cancel,
    choose,
    claimed,
    closed,
    correct,
    given_up,
    in_a_call,
    in_conflict,
    last_event,
    new,
    page_of,
    set_apart,
    spoken,
    waiting,
    with_solicitor,
    written,
)

pytestmark = pytest.mark.django_db

# Another time


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (new, Status.NEW),
        (claimed, Status.NEW),
        (spoken, Status.WAITING),
        (waiting, Status.WAITING),
        (given_up, Status.WAITING),
        (in_conflict, Status.CONFLICT_CHECK),
    ],
)
def test_another_time_takes_a_place_and_moves_the_promise(state, status, asked, anna):
    request = state(asked, anna)
    was = again(request)
    choose(request)
    row = again(request)
    assert (row.status, row.wanted_at, row.place) == (status, TUESDAY, 1)
    assert (row.due_from, row.due_at, row.promised_by) == (TUESDAY, *[TUESDAY + HALF_HOUR] * 2)
    assert (row.gives_up_at, row.claimed_by, row.claimed_at, row.claim_ends_at) == (None,) * 4
    assert row.edits == was.edits + 1
    assert last_event(request) == ("other_time", Actor.VISITOR, None, LATER, was.due_at)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (in_a_call, visiting.IN_A_CALL),
        (with_solicitor, visiting.WITH_A_SOLICITOR),
        (closed, visiting.IS_CLOSED),
    ],
)
def test_another_time_is_refused_in_a_call_with_a_solicitor_and_once_closed(state, words, asked, anna):
    request = state(asked, anna)
    before = written(request)
    with pytest.raises(Refused) as refused:
        choose(request)
    assert str(refused.value) == words
    assert written(request) == before
    assert receipt_of(again(request), now=LATER).may_change_time is False


@pytest.mark.parametrize("state", [new, claimed, spoken, waiting, given_up, in_conflict, set_apart])
def test_the_receipt_offers_another_time_where_it_can_be_had(state, asked, anna):
    assert receipt_of(again(state(asked, anna)), now=LATER).may_change_time is True


def test_a_claimed_one_that_waits_for_a_decision_is_refused_too(asked, anna, paula):
    request = with_solicitor(asked, anna)
    desk.claim(pk=request.pk, by=paula, now=MONDAY)
    with pytest.raises(Refused, match="A solicitor is looking"):
        choose(request)


def test_a_slot_becomes_as_soon_as_possible_and_frees_its_place(asked):
    request = asked(wanted_at=TUESDAY)
    choose(request, None)
    row = again(request)
    assert (row.wanted_at, row.place, row.due_from) == (None, None, None)
    assert row.due_at == row.promised_by == MONDAY + timedelta(hours=1)
    assert last_event(request)[-1] == TUESDAY + HALF_HOUR


@pytest.mark.parametrize("wanted_at", [None, TUESDAY])
@pytest.mark.parametrize("state", [new, set_apart])
def test_the_time_it_has_already_changes_nothing(state, wanted_at, asked, anna):
    request = state(asked, anna)
    choose(request, TUESDAY + HALF_HOUR)
    choose(request, wanted_at)
    before = written(request)
    choose(request, wanted_at, now=TUESDAY)  # too late by now to be chosen anew
    assert written(request) == before


def test_the_slot_it_had_once_may_be_chosen_again_after_we_set_another_time(asked, anna):
    request = asked(wanted_at=TUESDAY)
    call(request, anna, desk.spoke)
    desk.call_again(pk=request.pk, by=anna, now=MONDAY, at=TUESDAY + HALF_HOUR)
    choose(request)
    assert (again(request).due_from, again(request).place) == (TUESDAY, 1)


def test_who_is_late_in_a_slot_may_ask_for_as_soon_as_possible(asked):
    request = asked(wanted_at=TUESDAY)
    choose(request, None, now=TUESDAY + timedelta(hours=3))
    assert again(request).due_at == TUESDAY + timedelta(hours=4)


@pytest.mark.parametrize(
    ("wanted_at", "error"),
    [
        (MONDAY + timedelta(hours=1), TimeGone),  # too soon
        (MONDAY - timedelta(days=3), TimeGone),  # past
        (TUESDAY + timedelta(minutes=10), TimeRefused),  # off the grid
        (MONDAY + timedelta(days=90), TimeRefused),  # made up
    ],
)
def test_a_time_that_cannot_be_had_is_refused_and_the_call_stays(wanted_at, error, asked):
    request = asked()
    before = written(request)
    with pytest.raises(TimeRefused) as refused:
        choose(request, wanted_at)
    assert type(refused.value) is error
    assert written(request) == before


def test_a_full_slot_has_gone_for_one_set_apart_as_for_anybody(asked):
    requests = [asked(), asked(full_name="Robot Example", set_apart_because="Because.")]
    for name in ("Ann Other", "Ben Other"):
        asked(full_name=name, wanted_at=TUESDAY)
    for request in requests:
        with pytest.raises(TimeGone):
            choose(request)


def test_a_number_gets_no_third_place(asked):
    for name, start in (("Ann Other", TUESDAY), ("Ben Other", TUESDAY + HALF_HOUR)):
        asked(full_name=name, phone="+447700900982", wanted_at=start)
    with pytest.raises(TimeRefused, match="Two calls are booked"):
        choose(asked(), TUESDAY + 2 * HALF_HOUR)


def test_of_its_two_places_a_number_may_move_one(asked):
    request = asked(wanted_at=TUESDAY)
    asked(full_name="Ann Other", phone="+447700900982", wanted_at=TUESDAY)
    choose(request, TUESDAY + HALF_HOUR)
    assert again(request).place == 1


def test_one_set_apart_looks_the_same_and_stays_apart(asked):
    apart, real = (
        asked(full_name="Robot Example", set_apart_because="Because.", email="a@example.com"),
        asked(),
    )
    for request in (apart, real):
        choose(request)
    row = again(apart)
    assert (row.status, row.place, row.due_at, row.due_from) == (Status.SUSPECTED_SPAM, None, None, None)
    assert (row.wanted_at, row.promised_by) == (TUESDAY, TUESDAY + HALF_HOUR)
    assert not Notification.objects.filter(request=apart).exists()
    seen, other = (receipt_of(again(each), now=LATER) for each in (apart, real))
    assert seen.state_words == other.state_words == "We will call you tomorrow between 10:00 and 10:30."
    assert (seen.time_words, seen.was_words) == (other.time_words, other.was_words)
    assert seen.was_words == "Monday 23 November, before 11:00"
    assert seen.has_calendar_entry is other.has_calendar_entry is True


def test_who_left_an_address_is_told_of_the_change_and_of_the_cancelling(asked):
    request = asked(email="zoe@example.com")
    choose(request)
    choose(request)
    cancel(request)
    cancel(request)
    kinds = list(Notification.objects.filter(request=request).order_by("pk").values_list("kind", flat=True))
    assert kinds == ["receipt", "changed", "cancelled"]


def test_nobody_is_told_that_one_set_apart_is_cancelled(asked):
    request = asked(set_apart_because="Because.", email="zoe@example.com")
    cancel(request)
    assert again(request).outcome == Outcome.WITHDRAWN
    assert not Notification.objects.exists()


# The number


@pytest.mark.parametrize("state", OPEN)
def test_the_number_is_corrected_in_any_open_state_and_the_old_one_noted(state, asked, anna):
    request = state(asked, anna)
    was = again(request)
    correct(request)
    row = again(request)
    assert (row.phone, row.phone_typed) == ("+441632960001", "01632 960001")
    assert (row.status, row.edits) == (was.status, was.edits + 1)
    note = Note.objects.get()
    assert (note.text, note.kind, note.by) == ("The number was 07700 900 982.", NoteKind.NOTE, None)
    assert (note.event.kind, note.event.actor) == ("number_corrected", Actor.VISITOR)


def test_a_corrected_number_gives_one_that_was_given_up_another_chance(asked, anna):
    request = asked(email="zoe@example.com")
    call(request, anna, desk.wrong_number)
    until = again(request).gives_up_at
    correct(request)
    row = again(request)
    assert (row.gives_up_at, row.due_from) == (None, None)
    assert row.due_at == row.promised_by == MONDAY + timedelta(hours=1)
    assert last_event(request) == ("number_corrected", Actor.VISITOR, None, LATER, until)
    assert Notification.objects.filter(kind="changed").count() == 1


@pytest.mark.parametrize("state", [new, given_up, closed])
def test_the_same_number_in_another_writing_changes_nothing(state, asked, anna):
    request = state(asked, anna)
    before = written(request)
    correct(request, "+44 7700 900 982")
    assert written(request) == before


@pytest.mark.parametrize("typed", ["", "999", "12345"])
def test_what_is_no_number_is_refused_with_the_words_of_the_form(typed, asked):
    with pytest.raises(Refused, match="Enter a phone number"):
        correct(asked(), typed)


# Something more


@pytest.mark.parametrize("state", OPEN)
def test_something_is_added_in_any_open_state(state, asked, anna):
    request = state(asked, anna)
    was = again(request)
    add(request)
    note = Note.objects.get()
    assert (note.request, note.text, note.kind, note.by) == (request, "More", NoteKind.ADDITION, None)
    assert last_event(request) == ("added", Actor.VISITOR, None, LATER, None)
    assert note.event == request.events.last()
    assert (again(request).status, again(request).edits) == (was.status, was.edits + 1)


def test_the_same_text_again_is_kept_once_but_not_after_another(asked):
    request = asked()
    for text in ("More", "More", "Other", "More"):
        add(request, text)
    assert list(Note.objects.values_list("text", flat=True)) == ["More", "Other", "More"]


def test_the_twenty_first_addition_is_refused_kindly(asked):
    request = asked()
    for number in range(visiting.MOST_ADDITIONS):
        add(request, f"More {number}")
    with pytest.raises(Refused) as refused:
        add(request, "Yet more")
    assert str(refused.value) == visiting.ENOUGH_ADDED
    assert Note.objects.count() == visiting.MOST_ADDITIONS
    add(request, "More 19")  # a second click is not one more


# Cancelling


@pytest.mark.parametrize("state", OPEN)
def test_it_is_cancelled_from_any_open_state(state, asked, anna):
    request = state(asked, anna)
    cancel(request)
    row = again(request)
    assert (row.status, row.outcome, row.closed_at) == (Status.CLOSED, Outcome.WITHDRAWN, LATER)
    assert (row.due_at, row.place, row.claimed_by, row.decide_by) == (None,) * 4
    event = row.events.last()
    assert (event.kind, event.actor, event.by, event.outcome) == (
        "closed",
        Actor.VISITOR,
        None,
        Outcome.WITHDRAWN,
    )


def test_cancelling_frees_the_place(asked):
    request = asked(wanted_at=TUESDAY)
    cancel(request)
    assert asked(full_name="Ann Other", wanted_at=TUESDAY).place == 1


@pytest.mark.parametrize("act", [correct, add])
def test_once_closed_nothing_is_corrected_or_added(act, asked, anna):
    request = closed(asked, anna)
    before = written(request)
    with pytest.raises(Refused) as refused:
        act(request)
    assert str(refused.value) == visiting.IS_CLOSED
    assert written(request) == before


def test_what_is_closed_is_not_cancelled_once_more(asked, anna):
    request = closed(asked, anna)
    before = written(request)
    cancel(request)
    assert written(request) == before


def test_a_call_that_was_cancelled_meanwhile_tells_its_caller(asked, anna):
    request = in_a_call(asked, anna)
    cancel(request)
    with pytest.raises(Refused, match="This request was closed on 23 November at 10:20"):
        desk.no_answer(pk=request.pk, by=anna, now=LATER)


# Two requests of one person


@pytest.fixture
def two(asked):
    first = asked(email="first@example.com")
    second = asked(message="Another thing", email="second@example.com", wanted_at=TUESDAY + HALF_HOUR)
    assert second.earlier_id == first.pk
    return first, second


@pytest.mark.parametrize("from_which", [0, 1])
def test_both_requests_of_one_person_move_together(from_which, two):
    one, (first, second) = two[from_which], two
    choose(one)
    add(one)
    times = CallbackRequest.objects.values_list("due_from", "due_at", "promised_by").distinct()
    assert list(times) == [(TUESDAY, TUESDAY + HALF_HOUR, TUESDAY + HALF_HOUR)]
    assert (again(first).place, again(second).place) == (None, 1)
    cancel(one)
    for request in two:
        kinds = [event.kind for event in request.events.filter(actor=Actor.VISITOR)][-3:]
        assert kinds == ["other_time", "added", "closed"]
        assert again(request).outcome == Outcome.WITHDRAWN
    told = Notification.objects.filter(kind__in=["changed", "cancelled"]).values_list("request", flat=True)
    assert set(told) == {first.pk, second.pk}  # each address
    assert {note.request_id for note in Note.objects.all()} == {one.pk}


def test_the_later_receipt_tells_nothing_of_calls_before_it(asked, anna):
    first = asked()
    call(first, anna)
    second = asked(message="Another thing", at=LATER)
    assert again(second).attempts == 1
    earlier, later = (receipt_of(again(each), now=LATER) for each in (first, second))
    assert (earlier.state, later.state) == ("We tried", "Waiting")
    assert earlier.time_words == later.time_words
    assert later.state_words == "We will call you today, before 11:00."
    call(second, anna, now=LATER)
    assert "the third of three tries" in receipt_of(again(first), now=LATER).state_words
    assert receipt_of(again(second), now=LATER).state_words == (
        "We tried at 10:20 and will try again this afternoon, between 12:30 and 13:30."
    )


# What staff see


def test_staff_read_in_the_time_line_what_the_visitor_did(asked, now):
    request = asked()
    choose(request)
    correct(request, now=LATER + timedelta(minutes=1))
    add(request, "It was the left side", now=LATER + timedelta(minutes=2))
    cancel(request, now=LATER + timedelta(minutes=3))
    (day,) = time_line(again(request), with_notes=True, today=now.date())
    assert [(entry.time, entry.words) for entry in day.entries[1:]] == [
        ("10:20", "They chose another time: tomorrow, before 10:30"),
        ("10:21", "They corrected the number"),
        ("10:22", "They added something"),
        ("10:23", "They cancelled"),
    ]
    assert [note.text for note in day.entries[3].notes] == ["It was the left side"]
    (day,) = time_line(again(request), with_notes=False, today=now.date())
    assert [entry.notes for entry in day.entries] == [[]] * 5


def test_the_time_line_has_the_whole_window_while_it_holds(asked, now):
    request = asked()
    choose(request)
    (day,) = time_line(again(request), with_notes=True, today=now.date())
    assert [entry.words for entry in day.entries] == [
        "They asked to be called – due today, before 11:00",
        "They chose another time: tomorrow between 10:00 and 10:30",
    ]


def test_the_page_of_staff_shows_what_was_added_only_to_who_may_read_the_story(client, asked, anna):
    request = asked(clinic="Fern Street")
    add(request, "It was the left side")
    client.force_login(anna)
    address = f"/admin/callbacks/callbackrequest/{request.pk}/change/"
    page = page_of(client.get(address))
    assert "They added something" in page
    assert "It was the left side" in page
    CallbackRequest.objects.update(status=Status.CONFLICT_CHECK, conflict_since=MONDAY)
    page = page_of(client.get(address))
    assert "They added something" in page
    assert "It was the left side" not in page
