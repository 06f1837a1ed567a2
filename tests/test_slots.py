"""Slots, opening time and the desk's e-mail: pure, and right on every day of the calendar."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.hours import (
    DEFAULT,
    LONDON,
    SLOT_NOTICE,
    Hours,
    bank_holidays_run_out,
    desk_reads_mail,
    is_nearly_due,
    last_known_bank_holidays,
    may_have_been_a_slot,
    next_desk_mail,
    open_time,
    opening,
    slot,
    slots,
)
from tests.test_hours import HOURS, MOMENTS, NEVER, london, utc

HALF_HOUR = timedelta(minutes=30)
SPANS = st.timedeltas(timedelta(), timedelta(days=9))


def starts(hours: Hours, now: str) -> list[datetime]:
    return [start for start, _ in slots(hours, london(now))]


def days(hours: Hours, now: str) -> list[date]:
    return list(dict.fromkeys(start.date() for start in starts(hours, now)))


# What may be chosen


def test_slots_begin_two_hours_ahead_and_end_with_the_day():
    today = [start for start in starts(DEFAULT, "2026-11-23 10:00") if start.date() == date(2026, 11, 23)]
    assert today[0] == london("2026-11-23 12:00")
    assert today[-1] == london("2026-11-23 17:00")
    assert len(today) == 11
    assert starts(DEFAULT, "2026-11-23 10:01")[0] == london("2026-11-23 12:30")


@pytest.mark.parametrize(
    ("now", "first", "last", "many"),
    [
        ("2026-11-23 10:00", date(2026, 11, 23), date(2026, 12, 2), 8),  # today and seven more
        ("2026-11-23 16:00", date(2026, 11, 24), date(2026, 12, 2), 7),  # today, though too late for it
        ("2026-11-23 23:00", date(2026, 11, 24), date(2026, 12, 2), 7),
        ("2026-11-28 12:00", date(2026, 11, 30), date(2026, 12, 8), 7),  # a Saturday
        ("2026-12-23 18:00", date(2026, 12, 24), date(2027, 1, 6), 7),  # Christmas, its substitute, New Year
        ("2027-03-24 18:00", date(2027, 3, 25), date(2027, 4, 6), 7),  # Easter, and the clocks change
        ("2028-02-24 18:00", date(2028, 2, 25), date(2028, 3, 6), 7),  # over 29 February
    ],
)
def test_slots_are_offered_today_and_on_the_next_seven_open_days(now, first, last, many):
    offered = days(DEFAULT, now)
    assert (offered[0], offered[-1], len(offered)) == (first, last, many)


def test_a_week_all_closed_is_passed_over():
    shut = replace(DEFAULT, special_days={date(2026, 11, 23) + timedelta(days=day): None for day in range(7)})
    assert days(shut, "2026-11-20 18:00")[0] == date(2026, 11, 30)


def test_a_firm_that_does_not_open_offers_nothing():
    assert starts(NEVER, "2026-11-23 10:00") == []


def test_a_special_day_offers_its_own_hours():
    short = replace(DEFAULT, special_days={date(2026, 12, 24): (time(9, 15), time(11, 10))})
    on_the_day = [start for start in starts(short, "2026-12-23 18:00") if start.date() == date(2026, 12, 24)]
    assert on_the_day == [london("2026-12-24 09:30"), london("2026-12-24 10:00"), london("2026-12-24 10:30")]


@pytest.mark.parametrize(
    ("hours", "now", "expected"),
    [
        # 0:30 to 3:00, five slots by the clock: seven in October, three in March
        (
            Hours({}, {date(2026, 10, 25): (time(0, 30), time(3))}),
            "2026-10-24 12:00",
            ["23:30", "00:00", "00:30", "01:00", "01:30", "02:00", "02:30"],
        ),
        (
            Hours({}, {date(2027, 3, 28): (time(0, 30), time(3))}),
            "2027-03-27 12:00",
            ["00:30", "01:00", "01:30"],
        ),
    ],
)
def test_on_the_nights_when_clocks_change_no_slot_is_missing_and_none_made_up(hours, now, expected):
    assert [f"{start.astimezone(UTC):%H:%M}" for start in starts(hours, now)] == expected


def test_the_week_in_which_clocks_change_keeps_the_clock_on_the_wall():
    monday = [start for start in starts(DEFAULT, "2027-03-26 18:00") if start.date() == date(2027, 3, 30)]
    assert monday[0] == utc("2027-03-30 08:00")
    assert f"{monday[0]:%H:%M}" == "09:00"


@given(HOURS, MOMENTS)
def test_every_slot_is_one_and_each_comes_once_in_its_order(hours, now):
    offered = list(slots(hours, now))
    assert offered == list(slots(hours, now.astimezone(LONDON)))
    assert all(slot(hours, start) == (start, end) for start, end in offered)
    assert all(start >= now + SLOT_NOTICE for start, _ in offered)
    in_utc = [start.astimezone(UTC) for start, _ in offered]
    assert in_utc == sorted(set(in_utc))
    assert len({start.date() for start, _ in offered}) <= 8


@given(HOURS, MOMENTS)
def test_none_is_left_out(hours, now):
    offered = [start.astimezone(UTC) for start, _ in slots(hours, now)]
    if not offered:
        return
    at = offered[0]
    while at <= offered[-1]:
        assert (at in offered) == (slot(hours, at) is not None)
        at += HALF_HOUR


@given(HOURS, MOMENTS, st.timedeltas(timedelta(), timedelta(days=5)))
def test_what_was_on_offer_once_is_known_for_it_later(hours, now, later):
    ahead = [begins.timestamp() for begins, _ in slots(hours, now + later)]
    for start, _ in list(slots(hours, now))[::20]:
        if start.timestamp() <= max(ahead, default=0) or start <= now + later:
            assert may_have_been_a_slot(hours, start, now + later)


@pytest.mark.parametrize(
    ("start", "answer"),
    [
        ("2026-11-16 10:00", True),  # a page left open for a week
        ("2026-11-23 11:00", True),  # too soon by now
        ("2026-11-28 10:00", True),  # a Saturday: the desk may have been open
        ("2026-12-02 17:00", True),  # the last
        ("2026-12-02 17:30", False),  # nobody has offered that yet
        ("2026-11-24 10:15", False),
    ],
)
def test_a_time_is_believed_if_a_page_may_have_offered_it(start, answer):
    assert may_have_been_a_slot(DEFAULT, london(start), london("2026-11-23 10:00")) is answer


# Opening time


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-11-23 10:00", "2026-11-23 10:45", 45),
        ("2026-11-23 08:00", "2026-11-23 10:00", 60),
        ("2026-11-23 17:00", "2026-11-24 09:20", 50),
        ("2026-11-21 12:00", "2026-11-23 10:00", 60),
        ("2026-12-24 17:00", "2026-12-29 09:30", 60),
        ("2026-11-23 12:00", "2026-11-23 10:00", 0),
        ("2026-11-21 12:00", "2026-11-22 12:00", 0),
    ],
)
def test_opening_time_between_two_moments(start, end, minutes):
    assert open_time(DEFAULT, london(start), london(end)) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("start", "due_at", "now", "answer"),
    [
        ("2026-11-23 10:00", "2026-11-23 11:00", "2026-11-23 10:44", False),
        ("2026-11-23 10:00", "2026-11-23 11:00", "2026-11-23 10:45", True),
        ("2026-11-23 10:00", "2026-11-23 11:00", "2026-11-23 12:00", True),  # late
        # asked on Saturday: the hours of the weekend do not count
        ("2026-11-21 12:00", "2026-11-23 10:00", "2026-11-23 09:30", False),
        ("2026-11-21 12:00", "2026-11-23 10:00", "2026-11-23 09:45", True),
    ],
)
def test_three_quarters_of_the_opening_time_make_it_nearly_due(start, due_at, now, answer):
    assert is_nearly_due(DEFAULT, london(start), london(due_at), london(now)) is answer


@given(
    HOURS,
    MOMENTS,
    st.timedeltas(timedelta(), timedelta(days=9)),
    st.timedeltas(timedelta(), timedelta(days=9)),
)
def test_opening_time_adds_up(hours, now, first, second):
    middle, end = now + first, now + first + second
    assert open_time(hours, now, end) == open_time(hours, now, middle) + open_time(hours, middle, end)
    assert timedelta() <= open_time(hours, now, end) <= end - now


# The desk's e-mail


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-11-23 10:00", "2026-11-23 10:00"),
        ("2026-11-23 08:45", "2026-11-23 08:45"),
        ("2026-11-23 08:44", "2026-11-23 08:45"),
        ("2026-11-23 17:29", "2026-11-23 17:29"),
        ("2026-11-23 17:30", "2026-11-24 08:45"),
        ("2026-11-20 17:31", "2026-11-23 08:45"),
        ("2026-12-24 18:00", "2026-12-29 08:45"),
        ("2027-03-27 12:00", "2027-03-30 08:45"),  # Easter Monday, and the clocks have changed
    ],
)
def test_the_desk_reads_its_mail_from_a_quarter_of_an_hour_before_opening(now, then):
    assert next_desk_mail(DEFAULT, london(now)) == london(then)
    assert desk_reads_mail(DEFAULT, london(now)) is (now == then)


def test_a_firm_that_does_not_open_is_told_at_once():
    assert next_desk_mail(NEVER, london("2026-11-23 10:00")) == london("2026-11-23 10:00")


@given(HOURS, MOMENTS)
def test_the_desk_reads_mail_whenever_it_is_open(hours, now):
    span = opening(hours, now.astimezone(LONDON).date())
    if span and span[0] <= now < span[1]:
        assert desk_reads_mail(hours, now)
    assert next_desk_mail(hours, now) >= now


# The list of bank holidays


def test_we_are_warned_sixty_days_before_the_known_bank_holidays_end():
    last = last_known_bank_holidays()
    assert (last.month, last.day) == (12, 31)
    assert bank_holidays_run_out(last - timedelta(days=61)) is False
    assert bank_holidays_run_out(last - timedelta(days=60)) is True
    assert bank_holidays_run_out(last + timedelta(days=1)) is True
    assert bank_holidays_run_out(date(2026, 11, 24)) is False
