"""What a visitor may change on their own page: each verb from each state, each page, what staff see."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from icalendar import Calendar

from callbacks import hours, limits, offer
from callbacks.actions import Refused, TimeGone, TimeRefused, booking, desk, visiting
from callbacks.admin.time_line import time_line
from callbacks.calendar_entry import calendar_entry
from callbacks.models import (
    Actor,
    CallbackRequest,
    DeskCapacity,
    Event,
    Note,
    NoteKind,
    Notification,
    SpecialDay,
)
from callbacks.opening import hours_in_force
from callbacks.receipt import receipt_of
from callbacks.states import Outcome, Status
from tests.client import Client
from tests.conftest import LONDON, MONDAY

pytestmark = pytest.mark.django_db

TUESDAY = MONDAY + timedelta(days=1)
LATER = MONDAY + timedelta(minutes=20)
HALF_HOUR = timedelta(minutes=30)
PAGES = ["time/", "number/", "add/", "cancel/"]
GOOD = {
    "time/": {"when": "asap"},
    "number/": {"phone": "01632 960001"},
    "add/": {"text": "It was the left side"},
    "cancel/": {},
}


def again(request: CallbackRequest) -> CallbackRequest:
    return CallbackRequest.objects.get(pk=request.pk)


def page_of(response) -> str:
    return unescape(response.content.decode())


def call(request, by, end=desk.no_answer, now=MONDAY) -> None:
    desk.claim(pk=request.pk, by=by, now=now)
    desk.call(pk=request.pk, by=by, now=now)
    end(pk=request.pk, by=by, now=now)


def new(asked, anna):
    return asked()


def claimed(asked, anna):
    request = asked()
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    return request


def in_a_call(asked, anna):
    request = claimed(asked, anna)
    desk.call(pk=request.pk, by=anna, now=MONDAY)
    return request


def spoken(asked, anna):
    request = asked()
    call(request, anna, desk.spoke)
    return request


def waiting(asked, anna):
    request = asked()
    call(request, anna)
    return request


def given_up(asked, anna):
    request = asked()
    for _ in range(3):
        call(request, anna)
    return request


def in_conflict(asked, anna):
    request = asked()
    CallbackRequest.objects.filter(pk=request.pk).update(status=Status.CONFLICT_CHECK, conflict_since=MONDAY)
    return request


def with_solicitor(asked, anna):
    request = spoken(asked, anna)
    desk.pass_to_solicitor(pk=request.pk, by=anna, now=MONDAY)
    return request


def set_apart(asked, anna):
    return asked(set_apart_because="Because.")


def closed(asked, anna):
    request = asked()
    desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.NO_BREACH)
    return request


STATES = [
    new, claimed, in_a_call, spoken, waiting, given_up, in_conflict, with_solicitor, set_apart, closed
]  # fmt: skip
OPEN = [state for state in STATES if state is not closed]


def choose(request, wanted_at=TUESDAY, now=LATER) -> None:
    visiting.choose_time(pk=request.pk, by=None, now=now, wanted_at=wanted_at)


def correct(request, typed="01632 960001", now=LATER) -> None:
    visiting.correct_number(pk=request.pk, by=None, now=now, typed=typed)


def add(request, text="More", now=LATER) -> None:
    visiting.add(pk=request.pk, by=None, now=now, text=text)


def cancel(request, now=LATER) -> None:
    visiting.cancel(pk=request.pk, by=None, now=now)


def written(request) -> tuple:
    """All that a verb could have changed."""
    row = CallbackRequest.objects.filter(pk=request.pk).values().get()
    return row, Event.objects.count(), Note.objects.count(), Notification.objects.count()


def last_event(request) -> tuple:
    event = again(request).events.last()
    return event.kind, event.actor, event.by, event.at, event.was_at


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


# The pages


def own(request, part: str = "") -> str:
    return request.get_absolute_url() + part


def a_free_time(index: int = 0) -> str:
    return offer.value_of(booking.free_times(hours_in_force(), timezone.now())[index][0])


@pytest.mark.parametrize("part", ["", *PAGES, "call.ics"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing(method, part, client, asked):
    request = asked(wanted_at=TUESDAY)
    before = written(request)
    response = getattr(client, method)(own(request, part), {"when": "asap", "text": "More"})
    assert written(request) == before
    assert response["X-Robots-Tag"] == "noindex"
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies


@pytest.mark.parametrize("part", PAGES)
def test_each_page_asks_first_and_a_post_without_cookie_does_it(part, asked):
    client = Client(enforce_csrf_checks=True)
    request = asked()
    page = page_of(client.get(own(request, part)))
    assert page.count("<h1") == 1
    assert f'action="{own(request, part)}"' in page
    assert request.reference not in page
    given = GOOD[part] | ({"when": a_free_time()} if part == "time/" else {})
    response = client.post(own(request, part), given)
    done = {"time/": "?done=time", "number/": "?done=number", "add/": "?done=added", "cancel/": ""}[part]
    assert (response.status_code, response["Location"]) == (303, own(request) + done)
    assert request.events.last().actor == Actor.VISITOR
    assert request.events.count() == 2
    assert client.post(own(request, part), given).status_code == 303  # a second click
    assert request.events.count() == 2


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(method, client, asked):
    assert getattr(client, method)(own(asked(), "cancel/")).status_code == 405
    assert client.post(own(asked(), "call.ics")).status_code == 405


@pytest.mark.parametrize(
    ("done", "words"),
    [
        ("time", "The time is as you chose it."),
        ("number", "Thank you. We have the number."),
        ("added", "Thank you. We have what you added."),
    ],
)
def test_the_receipt_says_what_was_done(done, words, client, asked):
    request = asked()
    assert f'role="status">{words}</p>' in page_of(client.get(own(request) + f"?done={done}"))
    assert 'role="status"' not in page_of(client.get(own(request)))


def test_the_receipt_says_nothing_that_somebody_put_into_the_link(client, asked, anna):
    request = asked()
    page = page_of(client.get(own(request) + "?done=You+won"))
    assert "You won" not in page
    assert 'role="status"' not in page
    assert 'role="status"' not in page_of(client.get(own(closed(asked, anna)) + "?done=time"))


@pytest.mark.parametrize(
    ("part", "given", "words", "field"),
    [
        ("time/", {}, "Choose when we should call", "id_when_0"),
        ("time/", {"when": "noon"}, "that time is not on offer", "id_when_0"),
        ("time/", {"when": "2031-01-01T10:00:00+00:00"}, "That time is not on offer.", "id_when_0"),
        ("number/", {"phone": "999"}, "Enter a phone number", "id_phone"),
        ("number/", {"phone": " "}, "Enter a phone number", "id_phone"),
        ("add/", {"text": " \n "}, "Write what you would like to add", "id_text"),
        ("add/", {"text": "x" * 4001}, "must be 4,000 characters or fewer", "id_text"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(part, given, words, field, client, asked):
    request = asked()
    before = written(request)
    response = client.post(own(request, part), given)
    page = page_of(response)
    assert response.status_code == 422
    assert "There is a problem" in page
    assert words in page
    assert f'href="#{field}"' in page
    assert "<title>Error: " in page
    assert written(request) == before
    if typed := given.get("phone", "").strip():
        assert f'value="{typed}"' in page
    if typed := given.get("text", "").strip():
        assert typed in page


def test_four_thousand_characters_are_added(client, asked):
    assert client.post(own(asked(), "add/"), {"text": "x" * 4000}).status_code == 303
    assert Note.objects.get().text == "x" * 4000


def test_what_is_added_is_cleaned(client, asked):
    client.post(own(asked(), "add/"), {"text": " One\r\n\r\n\r\ntwo\x00\u202e "})
    assert Note.objects.get().text == "One\n\ntwo"


def test_the_time_page_offers_what_is_free_and_the_place_one_has(client, asked):
    DeskCapacity.objects.create(pk=1, calls_in_a_slot=1)
    mine, taken = (start_at(index) for index in (0, 1))
    request = asked(wanted_at=mine, at=timezone.now())
    asked(full_name="Ann Other", wanted_at=taken, at=timezone.now())
    page = page_of(client.get(own(request, "time/")))
    assert f'value="{offer.value_of(mine)}"' in page
    assert f'value="{offer.value_of(taken)}"' not in page
    assert 'value="asap"' in page
    assert " checked" not in page


def start_at(index: int) -> datetime:
    return booking.free_times(hours_in_force(), timezone.now())[index][0]


def test_a_time_that_has_just_gone_is_replaced_by_the_three_nearest(client, asked):
    request = asked()
    gone = start_at(3)
    for name in ("Ann Other", "Ben Other"):
        asked(full_name=name, wanted_at=gone, at=timezone.now())
    before = written(request)
    response = client.post(own(request, "time/"), {"when": offer.value_of(gone)})
    page = page_of(response)
    assert response.status_code == 409
    assert "That time has just gone</h1>" in page
    assert 'class="error' not in page
    offered = re.findall(r'name="when"\s+value="(2[^"]+)"', page)
    nearest = booking.nearest(gone, booking.free_times(hours_in_force(), timezone.now()))
    assert offered[:3] == [offer.value_of(span[0]) for span in nearest]
    assert written(request) == before


def test_beside_a_time_that_has_gone_ones_own_stays_on_offer(client, asked):
    DeskCapacity.objects.create(pk=1, calls_in_a_slot=1)
    mine, gone = start_at(2), start_at(3)
    request = asked(wanted_at=mine, at=timezone.now())
    asked(full_name="Ann Other", wanted_at=gone, at=timezone.now())
    page = page_of(client.post(own(request, "time/"), {"when": offer.value_of(gone)}))
    assert offer.value_of(mine) in re.findall(r'name="when"\s+value="(2[^"]+)"', page)[:3]


@pytest.mark.parametrize("state", [in_a_call, with_solicitor])
def test_the_time_page_says_why_there_is_none_to_choose(state, client, asked, anna):
    request = state(asked, anna)
    words = visiting.why_not_another_time(again(request))
    page = page_of(client.get(own(request, "time/")))
    assert words in page
    assert "<form" not in page
    assert own(request, "time/") not in page_of(client.get(own(request)))
    response = client.post(own(request, "time/"), {"when": "asap"})
    assert response.status_code == 409
    assert words in page_of(response)


def test_a_refused_addition_keeps_its_text(client, asked):
    request = asked()
    for number in range(visiting.MOST_ADDITIONS):
        add(request, f"More {number}")
    response = client.post(own(request, "add/"), {"text": "Yet more"})
    page = page_of(response)
    assert response.status_code == 409
    assert visiting.ENOUGH_ADDED in page
    assert "Yet more</textarea>" in page


@pytest.mark.parametrize("part", ["time/", "number/", "add/"])
def test_a_post_from_elsewhere_changes_nothing_and_keeps_what_was_typed(part, client, asked):
    request = asked()
    before = written(request)
    response = client.post(own(request, part), GOOD[part], headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    assert written(request) == before
    page = page_of(response)
    assert "sent from another website" in page
    assert {"time/": "checked", "number/": 'value="01632 960001"', "add/": "the left side</textarea>"}[
        part
    ] in page


def test_another_website_cannot_cancel(client, asked):
    request = asked()
    response = client.post(own(request, "cancel/"), headers={"Origin": "https://elsewhere.example"})
    assert response.status_code == 403
    assert again(request).status == Status.NEW


@pytest.mark.parametrize("part", ["time/", "number/", "add/"])
def test_too_many_posts_are_told_when_to_come_back(part, client, asked):
    request = asked()
    for _ in range(limits.POSTS_A_MINUTE):
        limits.count("127.0.0.1", asks=False, now=timezone.now())
    before = written(request)
    response = client.post(own(request, part), GOOD[part])
    assert response.status_code == 429
    assert 1 <= int(response["Retry-After"]) <= 60
    assert "very many requests" in page_of(response)
    assert "There is a problem" not in page_of(response)
    assert written(request) == before


@pytest.mark.parametrize(
    ("part", "kept"),
    [
        ("time/", 'value="2031-01-01T10:00:00+00:00"'),
        ("number/", 'value="01632 960001"'),
        ("add/", "It was the left side</textarea>"),
        ("cancel/", "Cancel my request"),
    ],
)
def test_with_the_database_away_everything_typed_is_kept(part, kept, client, asked):
    request = asked()

    def away(*_):
        raise OperationalError("away")

    given = {"when": "2031-01-01T10:00:00+00:00"} if part == "time/" else GOOD[part]
    with connection.execute_wrapper(away):
        response = client.post(own(request, part), given)
    page = page_of(response)
    assert response.status_code == 503
    assert "We could not save this just now." in page
    assert kept in page
    assert "0808 189 7703" in page


# Links that lead nowhere any more


@pytest.mark.parametrize("part", ["", *PAGES, "call.ics"])
def test_a_forged_link_says_what_to_do_and_nothing_else(part, client, asked):
    request = asked()
    for token in ("x", request.token[:-1], request.reference, request.token.swapcase(), "a b", "é"):
        response = client.get(f"/callback/{token}/{part}")
        page = page_of(response)
        assert response.status_code == 404
        assert re.search(r"<h1>\s+There is nothing at this link\s+</h1>", page)
        assert 'href="/request-a-callback/"' in page
        assert "0808 189 7703" in page
        assert request.reference not in page
        assert response["X-Robots-Tag"] == "noindex"
        assert "no-store" in response["Cache-Control"]
    if part in PAGES:
        assert client.post(f"/callback/x/{part}", GOOD[part]).status_code == 404


@pytest.mark.parametrize("part", ["", *PAGES])
@pytest.mark.parametrize("by_visitor", [True, False])
def test_a_closed_link_says_that_it_is_closed_and_shows_nothing(by_visitor, part, client, asked, anna):
    request = asked(wanted_at=TUESDAY)
    if by_visitor:
        cancel(request)
        words = "You cancelled this request. Nobody will call you."
    else:
        desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.WITHDRAWN)
        words = "This request is closed."
    response = client.get(own(request, part))
    page = page_of(response)
    assert response.status_code == 200
    assert words in page
    assert '<a class="button" href="/request-a-callback/">' in page
    for hidden in (request.reference, "982", "10:30", "24 November", "/cancel/", "/number/", "/time/"):
        assert hidden not in page


@pytest.mark.parametrize(
    ("part", "status"), [("time/", 409), ("number/", 409), ("add/", 409), ("cancel/", 303)]
)
def test_a_post_to_a_closed_request_changes_nothing(part, status, client, asked, anna):
    request = closed(asked, anna)
    before = written(request)
    response = client.post(own(request, part), GOOD[part])
    assert response.status_code == status
    assert written(request) == before
    if status == 409:
        assert "This request is closed." in page_of(response)


# The calendar


def entry_of(response_or_bytes) -> dict:
    calendar = Calendar.from_ical(response_or_bytes)
    (event,) = calendar.walk("VEVENT")
    return event


def test_the_calendar_entry_says_when_and_nothing_else(client, asked):
    start = start_at(0)
    request = asked(wanted_at=start, at=timezone.now(), procedure="Thread lift")
    response = client.get(own(request, "call.ics"))
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="call.ics"'
    text = response.content.decode()
    event = entry_of(response.content)
    assert event["summary"] == "Telephone call"
    assert (event["dtstart"].dt, event["dtend"].dt) == (start, start + HALF_HOUR)
    assert event["dtstart"].params["TZID"] == "Europe/London"
    assert "BEGIN:VTIMEZONE" in text
    assert set(event) == {"UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "CLASS"}
    for hidden in ("Solicitors", "hread", "Zoë", "http", "localhost", request.token, request.reference):
        assert hidden not in text


def test_the_entry_of_another_time_replaces_the_first(asked):
    request = asked(wanted_at=TUESDAY)
    before = entry_of(calendar_entry(again(request), now=MONDAY))
    choose(request, TUESDAY + HALF_HOUR)
    after = entry_of(calendar_entry(again(request), now=MONDAY))
    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]
    other = asked(full_name="Ann Other", wanted_at=TUESDAY)
    assert entry_of(calendar_entry(other, now=MONDAY))["uid"] != after["uid"]


@pytest.mark.parametrize(
    ("day", "opens_in_utc"), [(date(2027, 3, 26), 10), (date(2027, 3, 30), 9), (date(2027, 10, 29), 9),
                              (date(2027, 11, 1), 10)]
)  # fmt: skip
def test_the_entry_is_right_on_both_sides_of_a_clock_change(day, opens_in_utc, asked):
    SpecialDay.objects.create(
        day=day, opens=hours.time(9), closes=hours.time(17)
    )  # a Friday before Easter among them
    start = datetime.combine(day, hours.time(10), LONDON)
    request = asked(wanted_at=start, at=start - timedelta(days=1))
    text = calendar_entry(again(request), now=start - timedelta(days=1))
    assert f"DTSTART;TZID=Europe/London:{day:%Y%m%d}T100000".encode() in text
    assert entry_of(text)["dtstart"].dt.astimezone(UTC).hour == opens_in_utc


@pytest.mark.parametrize("state", [new, spoken, given_up, with_solicitor, closed])
def test_without_a_half_hour_there_is_no_entry(state, client, asked, anna):
    request = state(asked, anna)
    assert calendar_entry(again(request), now=LATER) is None
    assert receipt_of(again(request), now=LATER).has_calendar_entry is False
    assert client.get(own(request, "call.ics")).status_code == 404
    assert "call.ics" not in page_of(client.get(own(request)))


def test_a_half_hour_that_is_over_has_no_entry(asked):
    request = asked(wanted_at=TUESDAY)
    assert calendar_entry(again(request), now=TUESDAY + HALF_HOUR) is not None
    assert calendar_entry(again(request), now=TUESDAY + timedelta(minutes=31)) is None


def test_a_corrected_number_is_that_of_its_own_request_alone(asked, anna, client):
    """Else who knows a name and a number could have us ring a stranger about somebody's request."""
    first = asked(message="What happened to me")
    second = asked(at=MONDAY + timedelta(minutes=1), message="again")
    assert again(second).earlier == first
    visiting.correct_number(pk=second.pk, by=None, now=MONDAY, typed="01632 960001")
    assert (again(first).phone, again(second).phone) == ("+447700900982", "+441632960001")
    assert first.events.filter(kind="number_corrected").count() == 0
    client.force_login(anna)
    page = unescape(client.get(f"/admin/callbacks/callbackrequest/{second.pk}/change/").content.decode())
    assert "They also gave" in page
    assert 'href="tel:+447700900982"' in page
    assert "Make sure whom you speak to before you say what it is about." in page
