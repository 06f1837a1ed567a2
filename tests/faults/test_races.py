"""Two people, or one person twice, at the very same moment: real connections to a real Postgres."""

import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from callbacks.actions import Refused, desk, keeping, visiting
from callbacks.actions.asking import Answers, Shown, submit
from callbacks.actions.complaining import Grievance, complain
from callbacks.models import CallbackRequest, DataComplaint, Event, Ground, Note, Notification, Undo
from callbacks.states import Outcome
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


def test_a_complaint_sent_twelve_times_at_once_is_one():
    said = Grievance(full_name="Zoë Example", happened="You wrote.", email="zoe@example.com")
    references = at_once(lambda number: str(complain(grievance=said, by=None, now=MONDAY)))
    assert len(set(references)) == 1
    assert (DataComplaint.objects.count(), Notification.objects.count()) == (1, 1)


def test_of_whoever_is_erased_while_all_write_nothing_is_left():
    anna = member_of("desk", "anna", "Anna", "Bell")
    maya = member_of("managers", "maya", "Maya", "Dean")
    pks = [ask(message="The message").pk, ask(message="Another").pk]

    def one(number: int) -> object:
        pk, told = pks[number % 2], {"now": MONDAY, "by": anna}
        match number:
            case 0:
                return keeping.erase(pks=pks, by=maya, now=MONDAY, ground=Ground.ASKED)
            case 1 | 2 | 3:
                return [
                    desk.add_note(pk=pk, text="Note", **told) for _ in range(30)
                ]  # before it and after it
            case 4 | 5 | 6:
                return visiting.add(pk=pk, by=None, now=MONDAY, text=f"Addition {number}")
            case 7 | 8:
                return desk.claim(pk=pk, **told)
            case 9 | 10:
                return visiting.correct_number(pk=pk, by=None, now=MONDAY, typed=f"01632 9601{number:02}")
            case _:
                return desk.close(pk=pk, outcome=Outcome.NO_BREACH, reason="The reason", **told)

    said = at_once(one)
    assert said[0] == 2
    rows = CallbackRequest.objects.values_list("full_name", "message", "phone", "status")
    assert list(rows) == [("", "", "", "closed")] * 2
    assert (Note.objects.count(), Undo.objects.count()) == (0, 0)


def test_who_reopens_in_the_night_keeps_it_whole_or_is_told_that_it_is_gone():
    anna = member_of("desk", "anna", "Anna", "Bell")
    pks = [ask(f"Person {n}").pk for n in range(AT_ONCE - 1)]
    for pk in pks:
        desk.close(pk=pk, by=anna, now=MONDAY, outcome=Outcome.SPAM)
    month = MONDAY + timedelta(days=30)

    def one(number: int) -> object:
        if number == len(pks):
            return sum(keeping.forget(now=month))
        return desk.reopen(pk=pks[number], by=anna, now=month, reason="It was none")

    *said, forgotten = at_once(one)
    gone = "What they told us has been deleted: there is nothing to work with any more."
    for pk, answer in zip(pks, said, strict=True):
        row = CallbackRequest.objects.get(pk=pk)
        assert (row.full_name == "", row.status == "closed") == (answer == gone,) * 2, answer
    assert said.count(gone) == forgotten
    assert said.count(None) == len(pks) - forgotten
