"""Times to choose: what is on offer, who gets a place, what has to be moved."""

from datetime import date, datetime, time, timedelta

import pytest

from callbacks import hours
from callbacks.actions import TimeGone, TimeRefused, booking, desk, sorting
from callbacks.models import CallbackRequest, DeskCapacity, OpeningHours, SpecialDay
from callbacks.opening import hours_in_force
from tests.conftest import LONDON, MONDAY

pytestmark = pytest.mark.django_db

TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=LONDON)
HALF_HOUR = timedelta(minutes=30)


def free(now=MONDAY) -> list[datetime]:
    return [start for start, _ in booking.free_times(hours_in_force(), now)]


def to_be_moved(now=MONDAY) -> list[CallbackRequest]:
    return booking.to_be_moved(hours_in_force(), now)


def test_what_managers_have_set_is_in_force():
    OpeningHours.objects.filter(weekday=4).delete()
    SpecialDay.objects.create(day=date(2026, 12, 24), opens=time(9), closes=time(12), reason="Christmas Eve")
    SpecialDay.objects.create(day=date(2026, 12, 29))
    DeskCapacity.objects.create(pk=1, calls_an_hour=5, calls_in_a_slot=3)
    in_force = hours_in_force()
    assert in_force == hours.Hours(
        weekly={weekday: (time(9), time(17, 30)) for weekday in range(4)},
        special_days={date(2026, 12, 24): (time(9), time(12)), date(2026, 12, 29): None},
        pace=5,
        capacity=3,
    )


def test_a_full_slot_is_not_on_offer_and_one_that_is_left_is_again(asked, anna):
    assert TUESDAY in free()
    one, _ = asked(full_name="One", wanted_at=TUESDAY), asked(full_name="Two", wanted_at=TUESDAY)
    assert TUESDAY not in free()
    desk.close(pk=one.pk, by=anna, now=MONDAY, outcome="withdrawn")
    assert TUESDAY in free()
    assert asked(full_name="Three", wanted_at=TUESDAY).place == 1


def test_a_place_is_in_the_slot_and_the_promise_is_its_end(asked):
    request = asked(wanted_at=TUESDAY)
    assert (request.wanted_at, request.place) == (TUESDAY, 1)
    assert (request.due_from, request.due_at, request.promised_by) == (
        TUESDAY,
        TUESDAY + HALF_HOUR,
        TUESDAY + HALF_HOUR,
    )


@pytest.mark.parametrize(
    "start",
    [
        MONDAY - timedelta(days=1, hours=1),  # past
        MONDAY + timedelta(hours=1),  # too soon: two hours' notice
        MONDAY + timedelta(hours=1, minutes=30),
        TUESDAY.replace(hour=18),  # closed: a manager may have shortened the day
        TUESDAY + timedelta(days=4),  # a Saturday
    ],
)
def test_a_time_that_may_have_been_on_offer_is_gone_and_nobody_is_blamed(asked, start):
    with pytest.raises(TimeGone) as gone:
        asked(wanted_at=start)
    assert str(gone.value) == "That time has just gone."
    assert gone.value.wanted_at == start
    assert CallbackRequest.objects.count() == 0


@pytest.mark.parametrize(
    "start",
    [
        TUESDAY + timedelta(minutes=7),  # off the grid
        TUESDAY + timedelta(seconds=1),
        TUESDAY + timedelta(days=60),  # nobody offered that
        TUESDAY.replace(year=9999),
    ],
)
def test_a_time_that_nobody_offered_is_refused(asked, start):
    with pytest.raises(TimeRefused) as refused:
        asked(wanted_at=start)
    assert type(refused.value) is TimeRefused
    assert str(refused.value) == "That time is not on offer. Choose another"
    assert CallbackRequest.objects.count() == 0


def test_two_hours_ahead_to_the_minute_is_early_enough(asked):
    noon = MONDAY + timedelta(hours=2)
    assert asked(wanted_at=noon).wanted_at == noon
    with pytest.raises(TimeGone):
        asked(at=MONDAY + timedelta(seconds=1), full_name="Later", wanted_at=noon)


def test_a_full_slot_is_gone_and_the_nearest_free_times_are_known(asked):
    asked(full_name="One", wanted_at=TUESDAY)
    asked(full_name="Two", wanted_at=TUESDAY)
    with pytest.raises(TimeGone):
        asked(full_name="Three", wanted_at=TUESDAY)
    assert [start for start, _ in booking.nearest(TUESDAY, booking.free_times(hours_in_force(), MONDAY))] == [
        TUESDAY - 2 * HALF_HOUR,
        TUESDAY - HALF_HOUR,
        TUESDAY + HALF_HOUR,
    ]


def test_a_second_click_for_the_last_place_gets_the_first_ones_receipt(asked):
    asked(full_name="One", wanted_at=TUESDAY)
    first, second = asked(wanted_at=TUESDAY), asked(wanted_at=TUESDAY)
    assert first == second
    assert CallbackRequest.objects.with_a_place().count() == 2


def test_what_is_set_apart_holds_no_place(asked):
    asked(wanted_at=TUESDAY, set_apart_because="Doubtful.")
    assert CallbackRequest.objects.with_a_place().count() == 0


def test_with_less_capacity_than_are_booked_a_slot_has_no_room(asked, anna):
    one = asked(full_name="One", wanted_at=TUESDAY)
    two = asked(full_name="Two", wanted_at=TUESDAY)
    DeskCapacity.objects.create(pk=1, calls_in_a_slot=1)
    assert to_be_moved() == [two]
    desk.close(pk=one.pk, by=anna, now=MONDAY, outcome="withdrawn")
    assert to_be_moved() == []  # who sat second is alone now
    assert TUESDAY not in free()
    with pytest.raises(TimeGone):
        asked(full_name="Three", wanted_at=TUESDAY)


def test_who_is_booked_on_a_day_that_is_closed_stays_and_is_to_be_moved(asked):
    request = asked(wanted_at=TUESDAY)
    other = asked(full_name="Other", wanted_at=TUESDAY + timedelta(days=1))
    SpecialDay.objects.create(day=TUESDAY.date())
    assert to_be_moved() == [request]
    request.refresh_from_db()
    assert (request.place, request.due_from) == (1, TUESDAY)
    SpecialDay.objects.all().delete()
    assert to_be_moved() == []
    assert other.place == 1


def test_who_stands_in_a_full_slot_without_a_place_is_to_be_moved(asked, anna):
    apart = asked(wanted_at=TUESDAY, set_apart_because="Doubtful.")
    asked(full_name="One", wanted_at=TUESDAY)
    asked(full_name="Two", wanted_at=TUESDAY)
    assert to_be_moved() == []
    sorting.make_real(pk=apart.pk, by=anna, now=MONDAY)
    assert to_be_moved() == [apart]


def test_who_is_to_be_called_at_another_time_since_need_not_be_moved(asked, anna):
    request = asked(wanted_at=TUESDAY)
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    desk.call(pk=request.pk, by=anna, now=MONDAY)
    desk.spoke(pk=request.pk, by=anna, now=MONDAY)
    desk.call_again(pk=request.pk, by=anna, now=MONDAY, at=TUESDAY + timedelta(days=1))
    SpecialDay.objects.create(day=TUESDAY.date())
    assert to_be_moved() == []


def test_a_place_is_free_again_once_another_time_is_set(asked, anna):
    request = asked(wanted_at=TUESDAY)
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    desk.call(pk=request.pk, by=anna, now=MONDAY)
    desk.spoke(pk=request.pk, by=anna, now=MONDAY)
    desk.call_again(pk=request.pk, by=anna, now=MONDAY, at=TUESDAY + timedelta(days=1))
    request.refresh_from_db()
    assert (request.place, request.wanted_at) == (None, TUESDAY)
    assert to_be_moved() == []


def test_who_is_rung_in_vain_before_the_time_they_chose_is_rung_then(asked, anna):
    request = asked(wanted_at=TUESDAY)
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    desk.call(pk=request.pk, by=anna, now=MONDAY)
    desk.no_answer(pk=request.pk, by=anna, now=MONDAY)
    request.refresh_from_db()
    assert (request.status, request.place) == ("waiting", 1)
    assert (request.due_from, request.due_at) == (TUESDAY, TUESDAY + HALF_HOUR)


def test_the_order_of_the_desk_is_running_times_then_late_ones_then_by_due_time(asked):
    now = TUESDAY + timedelta(minutes=10)
    running = asked(full_name="Running", wanted_at=TUESDAY)
    late = asked(full_name="Late")
    later = asked(full_name="Later", at=MONDAY + timedelta(hours=1))
    soon = asked(full_name="Soon", at=TUESDAY)
    second = asked(full_name="Second", at=TUESDAY + timedelta(minutes=1))
    missed = asked(full_name="Missed", wanted_at=TUESDAY - HALF_HOUR)
    to_come = asked(full_name="To come", wanted_at=TUESDAY + 2 * HALF_HOUR)
    order = CallbackRequest.objects.open().in_desk_order(now)
    assert list(order) == [running, late, later, missed, soon, second, to_come]
    assert to_come not in CallbackRequest.objects.to_call(now)
    assert running in CallbackRequest.objects.to_call(now)
