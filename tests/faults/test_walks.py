"""A random walk of visitors, staff and time over several requests of several people: whatever happens
in whatever order, the database's rules hold, and the open requests of one person stay one."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import pytest

from callbacks import hours
from callbacks.actions import (
    Refused,
    answering,
    checking,
    desk,
    keeping,
    looking,
    sorting,
    undoing,
    visiting,
)
from callbacks.actions.asking import Answers, Shown, submit
from callbacks.models import CallbackRequest, DeskCapacity, Event, Party, Undo
from callbacks.receipt import receipt_of
from callbacks.states import Outcome
from tests.conftest import MONDAY

pytestmark = pytest.mark.django_db

STEPS = 100
TOGETHER = ["status", "conflict_since", "attempts", "claimed_by", "claim_ends_at", "decide_by", "gives_up_at"]
TIMES = ["wanted_at", "due_from", "due_at", "promised_by"]
PEOPLE = [("Zoë Example", "+447700900101", "zoe@example.com"), ("Tom Other", "+447700900102", "")]


def some_slot(chance: Random, now: datetime) -> datetime:
    return chance.choice(list(hours.slots(hours.DEFAULT, now)))[0]


def ask(chance: Random, now: datetime, number: int) -> None:
    name, phone, email = chance.choice(PEOPLE)
    answers = Answers(
        full_name=name,
        phone=phone,
        phone_typed=phone,
        email=email,
        message=f"Message {number}" + (" from Harley Rose" if chance.random() < 0.2 else ""),
        leave_message=chance.random() < 0.5,
        wanted_at=some_slot(chance, now) if chance.random() < 0.6 else None,
    )
    submit(
        answers=answers,
        shown=Shown(),
        by=None,
        now=now,
        set_apart_because="Doubtful." if chance.random() < 0.2 else "",
    )


def steps(chance: Random, pk: int, staff: list, now: datetime) -> list[Callable[[], object]]:
    by, slot = chance.choice(staff), some_slot(chance, now)
    by_staff = {"pk": pk, "by": by, "now": now}
    by_them = {"pk": pk, "by": None, "now": now}
    return [
        *[lambda: desk.claim(**by_staff), lambda: desk.call(**by_staff)] * 3,
        *[lambda: desk.no_answer(**by_staff), lambda: desk.spoke(**by_staff)] * 2,
        lambda: desk.release(**by_staff),
        lambda: desk.left_message(**by_staff),
        lambda: desk.wrong_number(**by_staff),
        lambda: desk.take_over(**by_staff, reason="At lunch"),
        lambda: desk.call_again(**by_staff, at=slot),
        lambda: desk.agree_another_time(**by_staff, at=slot),
        lambda: desk.pass_to_solicitor(**by_staff),
        lambda: desk.close(**by_staff, outcome=chance.choice(list(Outcome))),
        lambda: desk.reopen(**by_staff, reason="They rang"),
        lambda: desk.correct_number(**by_staff, typed="01632 960001"),
        lambda: sorting.make_real(**by_staff),
        lambda: sorting.close_as_spam(pks=[pk], by=by, now=now),
        lambda: keeping.give_up(now=now),
        *[lambda: desk.they_rang(**by_staff), lambda: desk.claim_next(by=by, now=now)] * 2,
        lambda: desk.hand_over(**by_staff, case_number="2026/17"),
        lambda: desk.say_not_acting(**by_staff),
        lambda: checking.write_clinic(**by_staff, clinic=chance.choice(["Harley Rose", "Fern Street", ""])),
        *[lambda: checking.clear(**by_staff)] * 3,
        lambda: answering.write(**by_staff, question=answering.TREATED, text="March 2025", edits=0),
        lambda: looking.look(**by_staff),
        *[lambda: visiting.choose_time(**by_them, wanted_at=slot)] * 3,
        lambda: visiting.choose_time(**by_them, wanted_at=None),
        lambda: visiting.correct_number(**by_them, typed="01632 960002"),
        lambda: visiting.add(**by_them, text=f"More at {now}"),
        lambda: visiting.cancel(**by_them),
    ]


def people_are_one() -> None:
    for request in CallbackRequest.objects.open():
        rows = CallbackRequest.objects.of_person(request)
        assert rows.values(*TOGETHER, *TIMES).distinct().count() == 1
        newest = rows.order_by("pk").last()
        assert not rows.with_a_place().exclude(pk=newest.pk).exists()
        assert CallbackRequest.objects.one_a_person().filter(pk__in=rows).get() == newest


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_in_whatever_order_the_rules_hold(seed, anna, ben, maya, paula):
    chance = Random(seed)
    now, done = MONDAY, 0
    Party.objects.create(name="Harley Rose")
    DeskCapacity.objects.create(pk=1, calls_in_a_slot=1 + seed % 3)
    for number in range(STEPS):
        now += timedelta(minutes=chance.choice([0, 0, 0.2, 1, 7, 45, 60 * 9, 60 * 60]))
        pks = list(CallbackRequest.objects.values_list("pk", flat=True))
        try:
            if not pks or chance.random() < 0.12:
                ask(chance, now, number)
            else:
                chance.choice(steps(chance, chance.choice(pks), [anna, ben, maya, paula], now))()
            done += 1
            if chance.random() < 0.7 and (kept := Undo.objects.last()):
                undoing.undo(pk=kept.request_id, by=kept.by, now=now)
        except Refused:
            pass  # in words: whoever asked reads why
        people_are_one()
        for request in CallbackRequest.objects.all():
            assert receipt_of(request, now=now).state_words
    assert done > STEPS / 10
    undone = Event.objects.filter(kind="undone")
    assert undone.count() > 0
    for event in undone:
        assert (event.undoes.request, event.undoes.by) == (event.request, event.by)
