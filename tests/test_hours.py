"""When the firm is open, and what it may promise: every date here is a literal one."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from callbacks.hours import (
    DEFAULT,
    LONDON,
    Hours,
    Opening,
    asap_promise,
    clock,
    day_words,
    is_bank_holiday,
    next_attempt,
    open_days_after,
    open_time,
    opening,
    promise_words,
    slot,
    status,
    window_words,
)

NEVER = Hours({})
MORNINGS = Hours({weekday: (time(9), time(12)) for weekday in range(5)})
NIGHT_OF_OCTOBER = Hours({}, {date(2026, 10, 25): (time(0, 30), time(3))})
NIGHT_OF_MARCH = Hours({}, {date(2027, 3, 28): (time(0, 30), time(3))})


def london(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON, fold=fold)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def nothing(_start: datetime, _end: datetime) -> int:
    return 0


# Opening hours


def test_a_weekday_opens_from_nine_to_half_past_five():
    assert opening(DEFAULT, date(2026, 11, 23)) == (
        london("2026-11-23 09:00"),
        london("2026-11-23 17:30"),
    )


@pytest.mark.parametrize("day", ["2026-11-28", "2026-11-29", "2026-12-25", "2026-12-28"])
def test_weekends_and_bank_holidays_are_closed(day):
    assert opening(DEFAULT, date.fromisoformat(day)) is None


def test_a_special_day_goes_before_a_bank_holiday_and_before_a_weekday():
    special = (time(10), time(12))
    hours = Hours(
        DEFAULT.weekly,
        {date(2026, 12, 28): special, date(2026, 11, 28): special, date(2026, 11, 24): None},
    )
    assert opening(hours, date(2026, 12, 28)) == (
        london("2026-12-28 10:00"),
        london("2026-12-28 12:00"),
    )
    assert opening(hours, date(2026, 11, 28)) == (
        london("2026-11-28 10:00"),
        london("2026-11-28 12:00"),
    )
    assert opening(hours, date(2026, 11, 24)) is None
    assert opening(hours, date(2026, 12, 25)) is None


def test_the_weekday_bank_holidays_are_those_of_england_and_wales():
    days = [date(2026, 11, 23) + timedelta(days=ahead) for ahead in range(770)]
    found = [f"{day:%Y-%m-%d}" for day in days if is_bank_holiday(day) and day.weekday() < 5]
    assert found == [
        *("2026-12-25", "2026-12-28"),
        *("2027-01-01", "2027-03-26", "2027-03-29", "2027-05-03", "2027-05-31", "2027-08-30"),
        *("2027-12-27", "2027-12-28"),
        *("2028-01-03", "2028-04-14", "2028-04-17", "2028-05-01", "2028-05-29", "2028-08-28"),
        *("2028-12-25", "2028-12-26"),
    ]


def test_nobody_is_called_on_a_christmas_day_that_is_a_saturday():
    saturdays = Hours({5: (time(9), time(13))})
    assert opening(saturdays, date(2027, 12, 25)) is None
    assert opening(saturdays, date(2027, 12, 18)) is not None


def test_the_29th_of_february_is_a_day_like_others():
    assert opening(DEFAULT, date(2028, 2, 29)) == (
        london("2028-02-29 09:00"),
        london("2028-02-29 17:30"),
    )


@pytest.mark.parametrize(
    ("weekly", "special_days"),
    [
        ({0: (time(22), time(2))}, {}),
        ({0: (time(9), time(9))}, {}),
        ({}, {date(2026, 12, 24): (time(12), time(9))}),
        ({7: (time(9), time(17))}, {}),
        ({-1: (time(9), time(17))}, {}),
    ],
)
def test_hours_past_midnight_and_unknown_weekdays_are_refused(weekly, special_days):
    with pytest.raises(ValueError, match=r"^(Closing time must be later|Weekdays are numbered)"):
        Hours(weekly, special_days)


def test_hours_cannot_be_changed_from_outside():
    weekly = {0: (time(9), time(17))}
    hours = Hours(weekly)
    weekly[1] = (time(9), time(17))
    assert hours == Hours({0: (time(9), time(17))})
    with pytest.raises(TypeError):
        hours.weekly[1] = (time(9), time(17))


@pytest.mark.parametrize("ask", [status, next_attempt, slot])
def test_a_moment_without_its_zone_is_refused(ask):
    with pytest.raises(ValueError, match="A moment needs its time zone"):
        ask(DEFAULT, datetime(2026, 11, 23, 10))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("hours", "elapsed"),
    [(NIGHT_OF_OCTOBER, timedelta(hours=3.5)), (NIGHT_OF_MARCH, timedelta(hours=1.5))],
)
def test_the_nights_when_clocks_change_are_as_long_as_they_are(hours, elapsed):
    (day,) = hours.special_days
    opens, closes = opening(hours, day)
    assert closes.astimezone(UTC) - opens.astimezone(UTC) == elapsed


def test_an_opening_within_the_hour_that_march_skips_begins_after_it_or_never():
    day = date(2027, 3, 28)
    assert opening(Hours({6: (time(1, 15), time(3))}), day) == (
        london("2027-03-28 02:15"),
        london("2027-03-28 03:00"),
    )
    assert opening(Hours({6: (time(1, 30), time(2, 15))}), day) is None


# The line that every page shows


@pytest.mark.parametrize(
    ("now", "is_open", "until", "words"),
    [
        ("2026-11-23 09:00", True, "2026-11-23 17:30", "Open now, until 17:30"),
        ("2026-11-23 17:29:59", True, "2026-11-23 17:30", "Open now, until 17:30"),
        (
            "2026-11-23 17:30",
            False,
            "2026-11-24 00:00",
            "Closed now. We open tomorrow at 9:00",
        ),
        ("2026-11-24 00:00", False, "2026-11-24 09:00", "Closed now. We open today at 9:00"),
        ("2026-11-27 18:00", False, "2026-11-29 00:00", "Closed now. We open Monday at 9:00"),
        ("2026-11-28 12:00", False, "2026-11-29 00:00", "Closed now. We open Monday at 9:00"),
        ("2026-11-29 12:00", False, "2026-11-30 00:00", "Closed now. We open tomorrow at 9:00"),
        # Christmas: Friday and Monday are holidays, as is Good Friday to Easter Monday
        ("2026-12-24 18:00", False, "2026-12-28 00:00", "Closed now. We open Tuesday at 9:00"),
        ("2027-03-25 18:00", False, "2027-03-29 00:00", "Closed now. We open Tuesday at 9:00"),
        ("2027-12-24 17:30", False, "2027-12-28 00:00", "Closed now. We open Wednesday at 9:00"),
    ],
)
def test_the_line_says_when_we_are_open_or_open_next_and_how_long_it_holds(now, is_open, until, words):
    assert status(DEFAULT, london(now)) == Opening(is_open, london(until), words)


def test_a_day_more_than_six_days_off_is_named_with_its_date():
    first = Hours({}, {date(2027, 1, 4): (time(9), time(17, 30))})
    assert status(first, london("2026-12-28 10:00")) == Opening(
        False, london("2026-12-29 00:00"), "Closed now. We open Monday 4 January at 9:00"
    )
    assert status(first, london("2026-12-29 00:00")) == Opening(
        False, london("2027-01-03 00:00"), "Closed now. We open Monday at 9:00"
    )


def test_when_nothing_opens_within_sixty_days_the_line_says_only_closed():
    hours = Hours({}, {date(2027, 1, 22): (time(9), time(17))})
    assert status(hours, london("2026-11-23 10:00")).words == (
        "Closed now. We open Friday 22 January at 9:00"
    )
    for nothing_near in (NEVER, Hours({}, {date(2027, 1, 23): (time(9), time(17))})):
        assert status(nothing_near, london("2026-11-23 10:00")) == Opening(
            False, london("2026-11-24 00:00"), "Closed now."
        )


def test_the_line_is_right_in_the_hour_that_october_repeats():
    until_quarter_to = Hours({}, {date(2026, 10, 25): (time(0, 30), time(1, 45))})
    assert status(until_quarter_to, london("2026-10-25 01:40")).is_open is True
    assert status(until_quarter_to, london("2026-10-25 01:40", fold=1)).is_open is False


def test_the_week_in_which_clocks_change_opens_by_the_clock_on_the_wall():
    assert status(DEFAULT, utc("2027-03-29 08:30")).words == "Closed now. We open tomorrow at 9:00"
    assert status(DEFAULT, utc("2027-03-30 07:59")).is_open is False
    assert status(DEFAULT, utc("2027-03-30 08:00")).is_open is True
    assert status(DEFAULT, utc("2027-11-01 08:00")).is_open is False
    assert status(DEFAULT, utc("2027-11-01 09:00")).is_open is True
    assert status(DEFAULT, utc("2026-10-26 08:59")).words == "Closed now. We open today at 9:00"


# As soon as possible


@pytest.mark.parametrize(
    ("now", "promise"),
    [
        ("2026-11-23 09:00", "2026-11-23 10:00"),
        ("2026-11-23 09:30", "2026-11-23 10:00"),
        ("2026-11-23 09:31", "2026-11-23 11:00"),
        ("2026-11-23 14:12", "2026-11-23 15:00"),
        ("2026-11-23 16:31", "2026-11-23 17:30"),
        ("2026-11-23 17:00", "2026-11-23 17:30"),
        ("2026-11-23 17:01", "2026-11-24 10:00"),
        ("2026-11-23 23:00", "2026-11-24 10:00"),
        ("2026-11-28 12:00", "2026-11-30 10:00"),
        ("2026-12-24 17:10", "2026-12-29 10:00"),
        ("2027-03-25 18:00", "2027-03-30 10:00"),
        ("2028-02-28 18:00", "2028-02-29 10:00"),
    ],
)
def test_the_promise_is_the_end_of_the_first_hour_at_least_thirty_open_minutes_on(now, promise):
    assert asap_promise(DEFAULT, london(now), due=nothing) == london(promise)


def test_a_weekends_requests_are_promised_hour_by_hour_and_half_as_many_in_half_an_hour():
    promises: list[datetime] = []

    def due(start: datetime, end: datetime) -> int:
        return sum(start < promise <= end for promise in promises)

    for _ in range(70):
        promises.append(asap_promise(DEFAULT, london("2026-11-28 12:00"), due=due))
    ends = [*range(10, 18)]
    assert [clock(promise) for promise in promises] == [
        *(f"{hour}:00" for hour in ends for _ in range(8)),
        *["17:30"] * 4,
        *["10:00"] * 2,
    ]
    assert [promise.date() for promise in promises] == [date(2026, 11, 30)] * 68 + [date(2026, 12, 1)] * 2


def test_the_pace_that_managers_set_is_the_room_in_an_hour():
    def due(start: datetime, end: datetime) -> int:
        return 2 if end == london("2026-11-23 10:00") else 0

    now = london("2026-11-23 09:00")
    assert asap_promise(replace(DEFAULT, pace=3), now, due=due) == london("2026-11-23 10:00")
    assert asap_promise(replace(DEFAULT, pace=2), now, due=due) == london("2026-11-23 11:00")


def test_room_is_counted_in_clock_hours_within_opening_time():
    asked = []

    def due(start: datetime, end: datetime) -> int:
        asked.append((start, end))
        return 8

    hours = Hours({}, {date(2026, 11, 24): (time(9, 30), time(11, 15))})
    assert asap_promise(hours, london("2026-11-23 12:00"), due=due) == london("2026-11-24 11:15")
    assert asked == [
        (utc("2026-11-24 09:30"), utc("2026-11-24 10:00")),
        (utc("2026-11-24 10:00"), utc("2026-11-24 11:00")),
        (utc("2026-11-24 11:00"), utc("2026-11-24 11:15")),
    ]


def test_the_repeated_hour_of_october_has_room_of_its_own():
    asked = []

    def due(start: datetime, end: datetime) -> int:
        asked.append((start, end))
        return 8

    asap_promise(NIGHT_OF_OCTOBER, london("2026-10-24 12:00"), due=due)
    assert asked == [
        (utc("2026-10-24 23:30"), utc("2026-10-25 00:00")),
        (utc("2026-10-25 00:00"), utc("2026-10-25 01:00")),
        (utc("2026-10-25 01:00"), utc("2026-10-25 02:00")),
        (utc("2026-10-25 02:00"), utc("2026-10-25 03:00")),
    ]


def test_when_every_hour_is_full_the_last_before_the_horizon_is_promised():
    assert asap_promise(DEFAULT, london("2026-11-23 10:00"), due=lambda _s, _e: 99) == london(
        "2027-01-22 17:30"
    )


def test_nothing_is_promised_by_a_firm_that_does_not_open():
    now = london("2026-11-23 10:00")
    assert asap_promise(NEVER, now, due=nothing) is None
    assert next_attempt(NEVER, now) is None
    assert open_days_after(NEVER, now, 1) is None
    assert slot(NEVER, now) is None


def test_a_week_all_closed_is_passed_over():
    week = {date(2026, 12, 21) + timedelta(days=ahead): None for ahead in range(7)}
    hours = Hours(DEFAULT.weekly, week)
    assert asap_promise(hours, london("2026-12-18 17:20"), due=nothing) == london("2026-12-29 10:00")


# Slots


@pytest.mark.parametrize("start", ["09:00", "10:30", "17:00"])
def test_a_slot_is_the_half_hour_from_a_full_or_half_hour(start):
    begins = london(f"2026-11-24 {start}")
    assert slot(DEFAULT, begins) == (begins, begins + timedelta(minutes=30))


@pytest.mark.parametrize(
    "start",
    [
        "2026-11-24 08:30",
        "2026-11-24 17:30",
        "2026-11-24 10:15",
        "2026-11-24 10:30:01",
        "2026-11-28 10:30",
        "2026-12-25 10:30",
    ],
)
def test_what_is_off_the_grid_or_outside_opening_time_is_no_slot(start):
    assert slot(DEFAULT, london(start)) is None


def test_a_slot_may_be_named_in_any_zone():
    assert slot(DEFAULT, datetime.fromisoformat("2027-06-01T10:30:00+02:00")) == (
        london("2027-06-01 09:30"),
        london("2027-06-01 10:00"),
    )


def test_a_slot_that_would_run_past_closing_time_is_none():
    hours = Hours({}, {date(2026, 11, 24): (time(9, 15), time(10, 15))})
    starts = ["09:00", "09:15", "09:30", "10:00"]
    assert [slot(hours, london(f"2026-11-24 {start}")) is not None for start in starts] == [
        *(False, False, True, False)
    ]


# The next attempt, and decisions


@pytest.mark.parametrize(
    ("now", "start"),
    [
        ("2026-11-23 09:10", "2026-11-23 12:30"),
        ("2026-11-23 10:30", "2026-11-23 12:30"),
        ("2026-11-23 11:07", "2026-11-23 13:30"),
        ("2026-11-23 12:30", "2026-11-24 09:00"),
        ("2026-11-23 17:00", "2026-11-24 09:00"),
        ("2026-11-27 15:00", "2026-11-30 09:00"),
        ("2026-12-24 14:00", "2026-12-29 09:00"),
        ("2026-11-24 06:45", "2026-11-24 12:30"),
    ],
)
def test_the_next_attempt_is_an_hour_in_the_other_part_of_a_day(now, start):
    begins = london(start)
    assert next_attempt(DEFAULT, london(now)) == (begins, begins + timedelta(hours=1))


def test_where_the_other_part_of_the_day_is_never_open_the_same_part_serves():
    assert next_attempt(MORNINGS, london("2026-11-23 08:30")) == (
        london("2026-11-23 10:30"),
        london("2026-11-23 11:30"),
    )
    assert next_attempt(MORNINGS, london("2026-11-23 09:10")) == (
        london("2026-11-24 09:00"),
        london("2026-11-24 10:00"),
    )


@pytest.mark.parametrize(
    ("now", "days", "closing"),
    [
        ("2026-11-23 10:00", 1, "2026-11-24 17:30"),
        ("2026-11-23 10:00", 2, "2026-11-25 17:30"),
        ("2026-11-23 07:00", 2, "2026-11-25 17:30"),
        ("2026-11-26 16:00", 2, "2026-11-30 17:30"),
        ("2026-12-23 10:00", 2, "2026-12-29 17:30"),
        ("2026-11-28 10:00", 1, "2026-11-30 17:30"),
        ("2027-03-25 10:00", 2, "2027-03-31 17:30"),
    ],
)
def test_a_decision_is_due_at_closing_time_some_open_days_on(now, days, closing):
    assert open_days_after(DEFAULT, london(now), days) == london(closing)


# Words


@pytest.mark.parametrize(
    ("promise", "now", "words"),
    [
        ("2026-11-23 15:00", "2026-11-23 14:12", "today, before 15:00"),
        ("2026-11-24 10:00", "2026-11-23 23:59", "tomorrow, before 10:00"),
        ("2026-11-30 10:00", "2026-11-27 18:00", "Monday, before 10:00"),
        ("2026-11-30 10:00", "2026-11-24 18:00", "Monday, before 10:00"),
        ("2026-11-30 10:00", "2026-11-23 18:00", "Monday 30 November, before 10:00"),
        ("2027-01-04 10:00", "2026-12-24 18:00", "Monday 4 January, before 10:00"),
        # read again afterwards
        ("2026-11-23 10:00", "2026-11-24 09:00", "Monday 23 November, before 10:00"),
    ],
)
def test_a_promise_is_put_into_words(promise, now, words):
    assert promise_words(london(promise), london(now)) == words


def test_a_promise_kept_in_utc_is_told_in_london_time():
    promise, now = utc("2027-06-01 08:00"), utc("2027-05-31 23:30")
    assert promise_words(promise, now) == "today, before 9:00"


def test_a_window_is_put_into_words():
    start, end = london("2026-11-24 10:30"), london("2026-11-24 11:00")
    assert window_words(start, end, london("2026-11-24 08:00")) == "today between 10:30 and 11:00"
    assert window_words(start, end, london("2026-11-20 08:00")) == "Tuesday between 10:30 and 11:00"


def test_days_are_named_as_people_say_them():
    today = date(2028, 2, 27)
    assert [day_words(today + timedelta(days=ahead), today) for ahead in (-1, 0, 1, 2, 6, 7)] == [
        *("Saturday 26 February", "today", "tomorrow", "Tuesday", "Saturday", "Sunday 5 March")
    ]


# Whatever the hours, and whenever it is

QUARTERS = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
TIMES = st.tuples(QUARTERS, QUARTERS).filter(lambda times: times[0] < times[1])
DAYS = st.sampled_from([date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31)]) | st.dates(
    date(2026, 10, 20), date(2027, 11, 10)
)
HOURS = st.just(DEFAULT) | st.builds(
    Hours,
    st.dictionaries(st.integers(0, 6), TIMES),
    st.dictionaries(DAYS, st.none() | TIMES, max_size=5),
)
MOMENTS = st.builds(
    lambda day, minutes: datetime.combine(day, time.min, UTC) + timedelta(minutes=minutes),
    DAYS,
    st.integers(-120, 1560),
)
PACES = st.integers(1, 12)


@given(HOURS, MOMENTS, PACES)
def test_a_promise_lies_in_opening_time_at_least_thirty_open_minutes_on(hours, now, pace):
    hours = replace(hours, pace=pace)
    promise = asap_promise(hours, now, due=nothing)
    assert promise == asap_promise(hours, now.astimezone(LONDON), due=nothing)
    assume(promise is not None)
    opens, closes = (each.astimezone(UTC) for each in opening(hours, promise.date()))
    kept = promise.astimezone(UTC)
    assert opens < kept <= closes
    assert kept == closes or promise.minute == 0
    assert open_time(hours, now, kept) >= timedelta(minutes=30)
    # and the clock hour before would have been too soon
    hour = (kept - timedelta(seconds=1)).replace(minute=0, second=0)
    assert open_time(hours, now, max(opens, hour)) < timedelta(minutes=30)


@settings(deadline=None)
@given(HOURS, MOMENTS, st.timedeltas(timedelta(), timedelta(days=9)))
def test_who_asks_later_is_never_promised_earlier(hours, now, later):
    first = asap_promise(hours, now, due=nothing)
    second = asap_promise(hours, now + later, due=nothing)
    assume(first is not None)
    assume(second is not None)
    assert first.astimezone(UTC) <= second.astimezone(UTC)


@settings(deadline=None)
@given(HOURS, MOMENTS)
def test_the_line_holds_until_it_says_and_is_another_afterwards(hours, now):
    line = status(hours, now)
    assert line.until.tzinfo == LONDON
    until = line.until.astimezone(UTC)
    assert until > now
    assert status(hours, until - timedelta(seconds=1)) == line
    if line.words != "Closed now.":
        assert status(hours, until).words != line.words


@settings(deadline=None)
@given(HOURS, MOMENTS)
def test_the_next_attempt_is_an_open_hour_two_hours_ahead(hours, now):
    window = next_attempt(hours, now)
    assume(window is not None)
    start, end = (each.astimezone(UTC) for each in window)
    assert end - start == timedelta(hours=1)
    assert start - now >= timedelta(hours=2)
    assert open_time(hours, start, end) == timedelta(hours=1)
    assert start.minute in (0, 30)


@settings(deadline=None)
@given(HOURS, DAYS, st.integers(0, 95))
def test_a_slot_is_exactly_half_an_hour_of_opening_time(hours, day, quarter):
    start = datetime.combine(day, time.min, UTC) + timedelta(minutes=15 * quarter)
    end = start + timedelta(minutes=30)
    is_open = open_time(hours, start, end) == timedelta(minutes=30)
    found = (start.astimezone(LONDON), end.astimezone(LONDON))
    assert slot(hours, start) == (found if is_open and start.minute in (0, 30) else None)


@settings(deadline=None)
@given(HOURS, MOMENTS, st.integers(1, 5))
def test_open_days_are_counted_from_tomorrow(hours, now, days):
    closing = open_days_after(hours, now, days)
    assume(closing is not None)
    today = now.astimezone(LONDON).date()
    ahead = (closing.date() - today).days
    found = [opening(hours, today + timedelta(days=day)) for day in range(1, ahead + 1)]
    assert sum(each is not None for each in found) == days
    assert found[-1][1] == closing
