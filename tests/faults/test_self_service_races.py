"""Visitors who change their minds at the very same moment, with each other and with the desk."""

from collections import Counter
from datetime import timedelta

import pytest

from callbacks.actions import TimeGone, desk, visiting
from callbacks.models import CallbackRequest, Event, Note
from callbacks.states import Status
from tests.conftest import MONDAY, member_of
from tests.faults.test_races import AT_ONCE, ask, at_once

pytestmark = pytest.mark.django_db(transaction=True)

TUESDAY = MONDAY + timedelta(days=1)


def choose(pk: int, wanted_at=TUESDAY) -> None:
    visiting.choose_time(pk=pk, by=None, now=MONDAY, wanted_at=wanted_at)


def test_of_twelve_who_choose_the_same_time_at_once_two_get_it_and_the_others_keep_theirs():
    pks = [ask(f"Person {number}").pk for number in range(AT_ONCE)]
    said = at_once(lambda number: choose(pks[number]))
    assert Counter(said) == {None: 2, str(TimeGone(TUESDAY)): AT_ONCE - 2}
    held = CallbackRequest.objects.filter(wanted_at=TUESDAY)
    assert sorted(held.values_list("place", flat=True)) == [1, 2]
    assert Event.objects.filter(kind="other_time").count() == 2


def test_a_change_pressed_twelve_times_at_once_is_one_change():
    pk = ask().pk
    assert at_once(lambda number: choose(pk)) == [None] * AT_ONCE
    assert CallbackRequest.objects.get(pk=pk).place == 1
    assert Event.objects.filter(kind="other_time").count() == 1


def test_each_of_the_other_changes_pressed_twelve_times_at_once_is_one():
    pk = ask().pk
    arguments = {"pk": pk, "by": None, "now": MONDAY}
    at_once(lambda number: visiting.correct_number(**arguments, typed="01632 960001"))
    at_once(lambda number: visiting.add(**arguments, text="More"))
    at_once(lambda number: visiting.cancel(**arguments))
    kinds = Counter(Event.objects.values_list("kind", flat=True))
    assert kinds == {"asked": 1, "number_corrected": 1, "added": 1, "closed": 1}
    assert Note.objects.count() == 2


@pytest.mark.parametrize("again", range(3))
def test_who_cancels_while_others_call_and_move_it_ends_with_no_call(again):
    anna = member_of("desk", "anna", "Anna", "Bell")
    pk = ask().pk

    def act(number: int) -> object:
        match number % 4:
            case 0:
                return visiting.cancel(pk=pk, by=None, now=MONDAY)
            case 1:
                return desk.claim(pk=pk, by=anna, now=MONDAY)
            case 2:
                return choose(pk, TUESDAY + number * timedelta(minutes=30))
            case _:
                return desk.agree_another_time(pk=pk, by=anna, now=MONDAY, at=TUESDAY)

    at_once(act)  # a deadlock would be an OperationalError
    request = CallbackRequest.objects.get(pk=pk)
    assert (request.status, request.place, request.due_at) == (Status.CLOSED, None, None)
    assert Event.objects.filter(kind="closed").count() == 1


@pytest.mark.parametrize("again", range(5))
def test_a_call_that_has_begun_is_not_moved_by_who_looked_just_before(again):
    anna = member_of("desk", "anna", "Anna", "Bell")
    pk = ask().pk
    desk.claim(pk=pk, by=anna, now=MONDAY)

    def act(number: int) -> None:
        if number == AT_ONCE // 2:
            desk.call(pk=pk, by=anna, now=MONDAY)
        else:
            choose(pk, TUESDAY + number * timedelta(minutes=30))

    said = at_once(act)
    kinds = list(Event.objects.order_by("pk").values_list("kind", flat=True))
    if "calling" in kinds:
        assert kinds[-1] == "calling"
        assert CallbackRequest.objects.get(pk=pk).status == Status.CLAIMED
        assert said.count(visiting.IN_A_CALL) == AT_ONCE - len(kinds) + 2
    else:
        assert CallbackRequest.objects.get(pk=pk).status == Status.NEW
