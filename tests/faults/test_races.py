"""Two people, or one person twice, at the very same moment: real connections to a real Postgres."""

import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from callbacks.actions import Refused, desk
from callbacks.actions.asking import Answers, Shown, submit
from callbacks.models import CallbackRequest, Event
from tests.conftest import MONDAY, member_of

AT_ONCE = 12

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(act: Callable[[int], object], many: int = AT_ONCE) -> list[object]:
    """Do it `many` times at the same moment, each over a connection of its own; what came of each."""
    barrier = Barrier(many)

    def one(number: int) -> object:
        try:
            connection.ensure_connection()
            barrier.wait()
            return act(number)
        except Refused as refusal:
            return str(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(many) as pool:
        return list(pool.map(one, range(many)))


def ask(name: str = "Zoë Example", **given: str) -> CallbackRequest:
    phone = f"+4477009{zlib.crc32(name.encode()) % 100_000:05}"  # another name has another number
    answers = Answers(full_name=name, phone=phone, phone_typed=phone, **given)
    return submit(answers=answers, shown=Shown(), by=None, now=MONDAY)


def test_a_form_sent_twelve_times_at_once_is_one_request_with_one_receipt():
    receipts = at_once(lambda number: ask().token)
    assert len(set(receipts)) == 1
    assert (CallbackRequest.objects.count(), Event.objects.count()) == (1, 1)


def test_of_twelve_people_who_claim_at_once_one_has_it_and_the_others_are_told_who():
    staff = [member_of("desk", f"staff{n}", "Staff", str(n)) for n in range(AT_ONCE)]
    pk = ask().pk
    said = at_once(lambda number: desk.claim(pk=pk, by=staff[number], now=MONDAY))
    holder = CallbackRequest.objects.get(pk=pk).claimed_by
    assert said.count(None) == 1
    assert said.count(f"{holder} has had this request since 10:00.") == AT_ONCE - 1
    assert said[staff.index(holder)] is None
    assert list(Event.objects.filter(kind="claimed").values_list("by", flat=True)) == [holder.pk]


def test_of_twelve_people_who_take_up_a_lapsed_claim_one_has_it():
    staff = [member_of("desk", f"staff{n}", "Staff", str(n)) for n in range(AT_ONCE)]
    anna = member_of("desk", "anna", "Anna", "Bell")
    pk = ask().pk
    desk.claim(pk=pk, by=anna, now=MONDAY)
    later = MONDAY + timedelta(minutes=11)
    said = at_once(lambda number: desk.claim(pk=pk, by=staff[number], now=later))
    assert said.count(None) == 1
    assert Event.objects.filter(kind="lapsed").count() == 1


def test_of_twelve_who_agree_the_same_half_hour_two_get_a_place():
    anna = member_of("desk", "anna", "Anna", "Bell")
    requests = [ask(f"Person {n}") for n in range(AT_ONCE)]
    slot = MONDAY + timedelta(days=1)
    said = at_once(
        lambda number: desk.agree_another_time(pk=requests[number].pk, by=anna, now=MONDAY, at=slot)
    )
    assert said.count(None) == 2
    assert said.count("That time is full. Choose another.") == AT_ONCE - 2
    taken = CallbackRequest.objects.filter(wanted_at=slot).order_by("place")
    assert list(taken.values_list("place", flat=True)) == [1, 2]
