"""The Monday test: a weekend's requests, three people on the desk, and every promise kept.

`now` is passed in: a simulated morning, through the real verbs and the real tables. It takes seconds: among
the quick tests is one of the six mornings.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

import pytest
from django.db.models import Min

from callbacks.actions import booking, desk
from callbacks.actions.asking import Answers, Shown, submit
from callbacks.models import CallbackRequest, Event, EventKind
from callbacks.opening import hours_in_force
from callbacks.states import Outcome, Status
from tests.conftest import LONDON, member_of

pytestmark = pytest.mark.django_db

FRIDAY = datetime(2026, 11, 20, 17, 31, tzinfo=LONDON)
OPENS = datetime(2026, 11, 23, 9, 0, tzinfo=LONDON)
WEEKEND = OPENS - timedelta(minutes=1) - FRIDAY
A_CALL = timedelta(minutes=15)
REQUESTS, WITH_SLOTS, STAFF = 40, 12, 3


def arrivals(chance: Random) -> list[datetime]:
    minutes = sorted(chance.randrange(WEEKEND // timedelta(minutes=1) + 1) for _ in range(REQUESTS))
    return [FRIDAY + timedelta(minutes=minute) for minute in minutes]


def ask(number: int, now: datetime, wanted_at: datetime | None) -> CallbackRequest:
    phone = f"+4477009000{number:02}"
    answers = Answers(full_name=f"Person {number}", phone=phone, phone_typed=phone, wanted_at=wanted_at)
    return submit(answers=answers, shown=Shown(), by=None, now=now)


def fill_the_weekend(chance: Random, *, choose) -> None:
    """Forty people ask; twelve of them choose a free time of Monday."""
    slots = set(chance.sample(range(REQUESTS), WITH_SLOTS))
    for number, now in enumerate(arrivals(chance)):
        free = [
            start for start, _ in booking.free_times(hours_in_force(), now) if start.date() == OPENS.date()
        ]
        ask(number, now, choose(chance, free) if number in slots else None)


def work_through_monday(staff: list) -> None:
    """Each takes the most pressing request that may be called, and is busy for a quarter of an hour."""
    busy_until = dict.fromkeys(staff, OPENS)
    while CallbackRequest.objects.open().exists():
        member = min(busy_until, key=lambda each: busy_until[each])
        now = busy_until[member]
        assert now < OPENS + timedelta(hours=10), "the day was not enough"
        request = CallbackRequest.objects.to_call(now).in_desk_order(now).first()
        if request is None:  # nobody may be called before the next time begins
            ahead = CallbackRequest.objects.open().filter(due_from__gt=now).aggregate(begins=Min("due_from"))
            busy_until[member] = ahead["begins"]
            continue
        desk.claim(pk=request.pk, by=member, now=now)
        desk.call(pk=request.pk, by=member, now=now)
        ended = now + A_CALL
        desk.spoke(pk=request.pk, by=member, now=ended)
        desk.close(pk=request.pk, by=member, now=ended, outcome=Outcome.CLIENT_DECLINED)
        busy_until[member] = ended


def calls() -> Iterator[tuple[CallbackRequest, datetime]]:
    for event in Event.objects.filter(kind=EventKind.CALLING).select_related("request"):
        yield event.request, event.at


@pytest.fixture
def staff(db) -> list:
    return [member_of("desk", f"staff{number}", "Staff", str(number)) for number in range(STAFF)]


@pytest.mark.parametrize(
    "choose",
    [
        pytest.param(lambda chance, free: chance.choice(free), id="any time of Monday"),
        pytest.param(
            lambda chance, free: free[0], id="the first time that is free", marks=pytest.mark.faults
        ),
        pytest.param(
            lambda chance, free: free[-1], id="the last time that is free", marks=pytest.mark.faults
        ),
    ],
)
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.faults)])
def test_no_promise_is_broken_and_no_slot_is_called_outside_its_time(staff, seed, choose):
    fill_the_weekend(Random(seed), choose=choose)
    assert CallbackRequest.objects.filter(status=Status.NEW).count() == REQUESTS
    assert CallbackRequest.objects.with_a_place().count() == WITH_SLOTS
    promised = dict(CallbackRequest.objects.values_list("pk", "promised_by"))

    work_through_monday(staff)

    called = dict(calls())
    assert len(called) == REQUESTS
    late = {request: at for request, at in called.items() if at > promised[request.pk]}
    assert late == {}
    outside = {
        request: at
        for request, at in called.items()
        if request.wanted_at and not request.wanted_at <= at < request.wanted_at + timedelta(minutes=30)
    }
    assert outside == {}


def test_a_weekends_promises_are_spread_over_the_morning(db):
    saturday = datetime(2026, 11, 21, 12, 0, tzinfo=LONDON)
    requests = [ask(number, saturday + timedelta(minutes=number), None) for number in range(20)]
    hours = [request.promised_by.astimezone(LONDON).hour for request in requests]
    assert hours == [10] * 8 + [11] * 8 + [12] * 4


def test_who_has_chosen_a_time_takes_up_room_of_its_hour(db):
    saturday = datetime(2026, 11, 21, 12, 0, tzinfo=LONDON)
    for number, half_hour in enumerate([0, 0, 30, 30]):
        ask(number, saturday, OPENS + timedelta(minutes=half_hour))
    promises = [ask(10 + number, saturday, None).promised_by for number in range(5)]
    ten = OPENS + timedelta(hours=1)
    assert promises == [ten] * 4 + [ten + timedelta(hours=1)]
