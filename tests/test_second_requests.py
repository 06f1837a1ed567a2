"""The same person asks again: linked only when number or e-mail and name agree, and then one."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from callbacks.actions import Refused, TimeRefused, desk, sorting
from callbacks.models import CallbackRequest, Event
from callbacks.states import Outcome, Status
from tests.conftest import MONDAY

pytestmark = pytest.mark.django_db

NUMBER, OTHER_NUMBER = "+447700900111", "+447700900222"
TUESDAY = MONDAY + timedelta(days=1)
LATER = MONDAY + timedelta(hours=1)
STANDING = [
    "status",
    "attempts",
    "claimed_by",
    "claim_ends_at",
    "due_from",
    "due_at",
    "promised_by",
    "wanted_at",
]


def as_it_is(request: CallbackRequest) -> CallbackRequest:
    return CallbackRequest.objects.get(pk=request.pk)


def standing(request: CallbackRequest) -> dict:
    row = as_it_is(request)
    return {name: getattr(row, name) for name in STANDING}


@pytest.mark.parametrize(
    ("first", "second", "linked"),
    [
        ({"phone": NUMBER}, {"phone": NUMBER}, True),
        ({"email": "z@example.com"}, {"email": "Z@Example.com", "phone": OTHER_NUMBER}, True),
        ({"phone": NUMBER}, {"phone": NUMBER, "full_name": "zoe exmaple"}, True),
        ({"phone": NUMBER}, {"phone": NUMBER, "full_name": "Anna Bell"}, False),
        ({"email": "z@example.com"}, {"email": "z@example.com", "full_name": "Anna Bell"}, False),
        ({"phone": NUMBER}, {"phone": OTHER_NUMBER}, False),
        ({"phone": NUMBER, "email": ""}, {"phone": OTHER_NUMBER, "email": ""}, False),
    ],
)
def test_linked_is_what_has_the_number_or_e_mail_and_a_near_name(asked, first, second, linked):
    before = asked(**first)
    after = asked(at=LATER, message="again", **second)
    assert as_it_is(after).earlier == (before if linked else None)
    assert CallbackRequest.objects.open().one_a_person().count() == (1 if linked else 2)
    assert CallbackRequest.objects.open().count() == 2


def test_each_open_row_carries_the_newests_time_and_only_the_newest_holds_the_place(asked):
    first = asked(wanted_at=TUESDAY)
    assert as_it_is(first).place == 1
    second = asked(at=LATER, wanted_at=TUESDAY + timedelta(hours=1))
    assert standing(first) == standing(second)
    assert as_it_is(first).due_from == TUESDAY + timedelta(hours=1)
    assert (as_it_is(first).place, as_it_is(second).place) == (None, 1)
    assert list(CallbackRequest.objects.with_a_place()) == [second]
    again = Event.objects.get(request=first, kind="asked_again")
    assert (again.actor, again.at, again.was_at) == ("visitor", LATER, TUESDAY + timedelta(minutes=30))


def test_a_third_joins_the_first_and_what_was_as_soon_as_possible_becomes_so_again(asked):
    first, second = asked(wanted_at=TUESDAY), asked(at=LATER)
    third = asked(at=LATER + timedelta(hours=1), message="and again", email="z@example.com")
    assert (as_it_is(second).earlier, as_it_is(third).earlier) == (first, first)
    assert standing(first) == standing(second) == standing(third)
    assert standing(first)["wanted_at"] is None
    assert CallbackRequest.objects.with_a_place().count() == 0
    assert list(CallbackRequest.objects.open().one_a_person()) == [third]


def test_who_gave_another_number_the_second_time_and_then_that_again_is_one_all_the_same(asked):
    first = asked(phone=NUMBER, email="z@example.com")
    second = asked(at=LATER, phone=OTHER_NUMBER, email="z@example.com", message="another number")
    third = asked(at=LATER + timedelta(hours=1), phone=OTHER_NUMBER, email="", message="and no address")
    assert (as_it_is(second).earlier, as_it_is(third).earlier) == (first, first)
    assert standing(first) == standing(second) == standing(third)


def test_the_same_full_slot_can_be_asked_for_again_by_who_holds_a_place_in_it(asked):
    other = asked(full_name="Other", wanted_at=TUESDAY)
    first = asked(wanted_at=TUESDAY)
    second = asked(at=LATER, wanted_at=TUESDAY, message="the same time")
    assert [as_it_is(each).place for each in (other, first, second)] == [1, None, 2]


def test_the_stricter_wish_for_discretion_wins(asked):
    first = asked(say_who=True, leave_message=False)
    second = asked(at=LATER, say_who=False, leave_message=True)
    for request in (first, second):
        assert (as_it_is(request).say_who, as_it_is(request).leave_message) == (False, False)


def test_two_who_share_a_telephone_are_two(asked, anna):
    zoe, tom = asked(phone=NUMBER, say_who=True), asked(phone=NUMBER, full_name="Tom Other")
    desk.claim(pk=zoe.pk, by=anna, now=MONDAY)
    assert as_it_is(zoe).status == Status.CLAIMED
    assert as_it_is(tom).status == Status.NEW
    assert as_it_is(zoe).say_who is True


def test_a_new_request_stands_where_the_person_stands(asked, anna):
    first = asked()
    desk.claim(pk=first.pk, by=anna, now=MONDAY)
    desk.call(pk=first.pk, by=anna, now=MONDAY)
    second = asked(at=MONDAY + timedelta(minutes=1), message="I am here!")
    assert standing(second) == standing(first)
    assert (as_it_is(second).status, as_it_is(second).claimed_by, as_it_is(second).attempts) == (
        Status.CLAIMED,
        anna,
        1,
    )


def test_who_asks_again_after_the_last_try_is_called_again(asked, anna):
    first = asked()
    for attempt in range(desk.LAST_ATTEMPT):
        now = MONDAY + timedelta(days=attempt)
        desk.claim(pk=first.pk, by=anna, now=now)
        desk.call(pk=first.pk, by=anna, now=now)
        desk.no_answer(pk=first.pk, by=anna, now=now)
    assert as_it_is(first).gives_up_at is not None
    wanted_at = MONDAY + timedelta(days=3)
    second = asked(at=now + timedelta(minutes=5), wanted_at=wanted_at)
    assert standing(first) == standing(second)
    assert (as_it_is(first).status, as_it_is(first).gives_up_at) == (Status.WAITING, None)
    assert as_it_is(first).due_from == wanted_at


@pytest.mark.parametrize("worked", ["first", "second"])
def test_every_verb_moves_all_open_requests_of_the_person(asked, anna, maya, ben, worked):
    requests = {"first": asked(), "second": asked(at=LATER, message="again")}
    pk = requests[worked].pk
    later = LATER + timedelta(minutes=5)
    steps = [
        lambda: desk.claim(pk=pk, by=ben, now=LATER),
        lambda: desk.take_over(pk=pk, by=maya, now=LATER, reason="Ben is at lunch"),
        lambda: desk.release(pk=pk, by=maya, now=LATER),
        lambda: desk.claim(pk=pk, by=anna, now=LATER),
        lambda: desk.call(pk=pk, by=anna, now=LATER),
        lambda: desk.no_answer(pk=pk, by=anna, now=later),
        lambda: desk.correct_number(pk=pk, by=anna, now=later, typed="01632 960001"),
        lambda: desk.agree_another_time(pk=pk, by=anna, now=later, at=TUESDAY),
        lambda: desk.claim(pk=pk, by=anna, now=later),
        lambda: desk.call(pk=pk, by=anna, now=later),
        lambda: desk.spoke(pk=pk, by=anna, now=later),
        lambda: desk.call_again(pk=pk, by=anna, now=later, at=TUESDAY),
        lambda: desk.close(pk=pk, by=anna, now=later, outcome=Outcome.CLIENT_DECLINED),
    ]
    for number, step in enumerate(steps):
        step()
        assert standing(requests["first"]) == standing(requests["second"]), number
    kinds = [
        list(request.events.exclude(kind__in=["asked", "asked_again"]).values_list("kind", "by", "at"))
        for request in requests.values()
    ]
    assert kinds[0] == kinds[1]
    assert len(kinds[0]) == len(steps)
    assert {as_it_is(each).outcome for each in requests.values()} == {Outcome.CLIENT_DECLINED}
    assert {as_it_is(each).phone for each in requests.values()} == {"+441632960001"}


def test_only_the_newest_holds_the_place_that_staff_agree(asked, anna):
    first, second = asked(), asked(at=LATER, message="again")
    desk.agree_another_time(pk=first.pk, by=anna, now=LATER, at=TUESDAY)
    assert (as_it_is(first).place, as_it_is(second).place) == (None, 1)


def test_a_person_counts_once_in_the_pace(asked):
    for number in range(6):
        asked(at=MONDAY + timedelta(minutes=number), message=f"text {number}")  # the 4th on are set apart
    assert CallbackRequest.objects.filter(status=Status.SUSPECTED_SPAM).count() == 3
    others = [asked(at=MONDAY + timedelta(minutes=10), full_name=f"Person {number}") for number in range(8)]
    hours = [request.promised_by.hour for request in others]
    assert hours == [11] * 7 + [12]


def test_a_person_who_asks_again_does_not_stand_in_the_own_way(asked):
    first = asked()
    for number in range(7):
        asked(full_name=f"Person {number}")
    second = asked(at=MONDAY + timedelta(minutes=5), message="again")
    assert as_it_is(second).promised_by == as_it_is(first).promised_by
    assert as_it_is(second).promised_by.hour == 11


def test_what_a_solicitor_is_deciding_is_left_alone(asked, anna, paula):
    first = asked()
    desk.claim(pk=first.pk, by=anna, now=MONDAY)
    desk.call(pk=first.pk, by=anna, now=MONDAY)
    desk.spoke(pk=first.pk, by=anna, now=MONDAY)
    desk.pass_to_solicitor(pk=first.pk, by=anna, now=MONDAY)
    second = asked(at=LATER, message="one thing more")
    assert as_it_is(second).earlier is None
    assert (as_it_is(first).status, as_it_is(second).status) == (Status.WITH_SOLICITOR, Status.NEW)


def test_what_is_closed_stays_closed(asked, anna):
    first = asked()
    desk.close(pk=first.pk, by=anna, now=MONDAY, outcome=Outcome.CLIENT_DECLINED)
    second = asked(at=LATER)
    assert as_it_is(second).earlier is None
    assert as_it_is(first).status == Status.CLOSED


def test_a_closed_request_is_not_reopened_beside_another_of_the_same_person(asked, anna):
    first = asked()
    desk.close(pk=first.pk, by=anna, now=MONDAY, outcome=Outcome.CLIENT_DECLINED)
    second = asked(at=LATER)
    with pytest.raises(Refused) as refused:
        desk.reopen(pk=first.pk, by=anna, now=LATER, reason="They rang")
    assert str(refused.value) == f"They have asked again: {second} is open. Work on that one."
    assert as_it_is(first).status == Status.CLOSED


def test_the_answer_to_a_second_request_takes_as_many_queries_as_a_first(asked):
    asked(full_name="Warm-up")  # reads what is read once
    counts = []
    for given in ({"message": "first"}, {"message": "second"}, {"message": "third"}):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            asked(at=LATER, email="z@example.com", **given)
        counts.append([query["sql"].split()[0] for query in queries])
    assert CallbackRequest.objects.filter(earlier__isnull=False).count() == 2
    assert counts[0] == counts[1] == counts[2]


# Made real, a request that was set apart joins what the person asked besides.


def test_made_real_it_takes_its_slots_place_if_one_is_free(asked, anna):
    apart = asked(wanted_at=TUESDAY, set_apart_because="Doubtful.", email="z@example.com")
    assert (apart.place, apart.due_at, apart.wanted_at) == (None, None, TUESDAY)
    sorting.make_real(pk=apart.pk, by=anna, now=LATER)
    row = as_it_is(apart)
    assert (row.status, row.place, row.due_from, row.due_at) == (
        Status.NEW,
        1,
        TUESDAY,
        TUESDAY + timedelta(minutes=30),
    )
    assert list(row.notices.values_list("kind", flat=True)) == ["receipt"]


def test_made_real_for_a_full_slot_it_stands_in_it_without_a_place(asked, anna):
    apart = asked(wanted_at=TUESDAY, set_apart_because="Doubtful.")
    asked(full_name="One", wanted_at=TUESDAY)
    asked(full_name="Two", wanted_at=TUESDAY)
    sorting.make_real(pk=apart.pk, by=anna, now=LATER)
    row = as_it_is(apart)
    assert (row.place, row.due_from, row.due_at) == (None, TUESDAY, TUESDAY + timedelta(minutes=30))


def test_made_real_it_is_due_when_its_arrival_promised(asked, anna):
    apart = asked(set_apart_because="Doubtful.")
    sorting.make_real(pk=apart.pk, by=anna, now=LATER)
    assert as_it_is(apart).due_at == apart.promised_by == MONDAY + timedelta(hours=1)


def test_made_real_it_goes_on_as_one_with_what_the_person_asked_before(asked, anna):
    first = asked(wanted_at=TUESDAY)
    apart = asked(at=LATER, wanted_at=TUESDAY + timedelta(hours=1), set_apart_because="Doubtful.")
    assert as_it_is(first).due_from == TUESDAY  # a doubtful request moves nothing
    sorting.make_real(pk=apart.pk, by=anna, now=LATER)
    assert standing(first) == standing(apart)
    assert as_it_is(first).due_from == TUESDAY + timedelta(hours=1)
    assert (as_it_is(first).place, as_it_is(apart).place) == (None, 1)


def test_made_real_after_a_newer_one_it_takes_the_newers_time(asked, anna):
    apart = asked(wanted_at=TUESDAY, set_apart_because="Doubtful.")
    asked(full_name="Other", wanted_at=TUESDAY + timedelta(hours=1))
    newer = asked(at=LATER, wanted_at=TUESDAY + timedelta(hours=1))
    sorting.make_real(pk=apart.pk, by=anna, now=LATER)
    assert standing(apart) == standing(newer)
    assert as_it_is(newer).due_from == TUESDAY + timedelta(hours=1)
    assert (as_it_is(apart).place, as_it_is(newer).place) == (None, 2)
    assert newer in CallbackRequest.objects.open().one_a_person()
    assert apart not in CallbackRequest.objects.open().one_a_person()


def test_a_number_has_two_places_at_most_whoever_asks(asked):
    asked(full_name="Zoë Example", phone=NUMBER, wanted_at=TUESDAY)
    asked(full_name="Tom Other", phone=NUMBER, wanted_at=TUESDAY + timedelta(hours=1))
    with pytest.raises(TimeRefused) as refused:
        asked(full_name="Ann Third", phone=NUMBER, wanted_at=TUESDAY + timedelta(hours=2))
    assert str(refused.value).startswith("Two calls are booked for this number already.")
    moved = asked(at=LATER, full_name="Tom Other", phone=NUMBER, wanted_at=TUESDAY + timedelta(hours=2))
    assert as_it_is(moved).place == 1
