"""The one source for time: when the firm is open, and what may be promised from that.

Everything here is pure: it takes the opening hours and `now` (aware, in any zone), asks no clock
and no database, and answers in Europe/London. Moments are compared and added up in UTC, since
London's own clock repeats an hour in October and skips one in March; London names the day and
prints the time.
"""

from calendar import day_name
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from math import ceil
from types import MappingProxyType
from zoneinfo import ZoneInfo

import holidays

LONDON = ZoneInfo("Europe/London")

HORIZON = 60  # days: what lies further ahead is not promised and not announced
SLOT = timedelta(minutes=30)
SLOT_NOTICE = timedelta(hours=2)  # at least, between choosing a slot and its start
DAYS_ON_OFFER = 7  # open days with slots, after today
CALLS_IN_A_SLOT = 2  # until a manager sets the capacity
LEAST_BEFORE_PROMISE = timedelta(minutes=30)  # of opening time, between asking and the promise
CALLS_AN_HOUR = 8  # until a manager sets the pace
MIDDAY = time(12, 30)  # the two parts of a day between which attempts alternate
LEAST_BEFORE_NEXT_ATTEMPT = timedelta(hours=2)
NEARLY_DUE = 0.75  # of the opening time between a promise and its end
FIRST_MAIL = timedelta(minutes=15)  # before opening the desk reads its e-mail
BANK_HOLIDAYS_RUN_OUT = timedelta(days=60)  # before the end of the known list somebody must act
HOUR = timedelta(hours=1)

type Times = tuple[time, time]
type Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Hours:
    """When the firm opens and closes, London time: by weekday (Monday is 0), and on special days;
    and how many calls it makes: `pace` in an hour, at most `capacity` of one and the same slot.

    A weekday that is not named is closed; so is a special day of None. Raises ValueError for hours
    that end no later than they begin: none go past midnight.
    """

    weekly: Mapping[int, Times]
    special_days: Mapping[date, Times | None] = field(default_factory=dict)
    pace: int = CALLS_AN_HOUR
    capacity: int = CALLS_IN_A_SLOT

    def __post_init__(self) -> None:
        if not set(self.weekly) <= set(range(7)):
            raise ValueError("Weekdays are numbered from 0, Monday, to 6, Sunday")
        for times in (*self.weekly.values(), *self.special_days.values()):
            if times is not None and times[0] >= times[1]:
                raise ValueError("Closing time must be later than opening time on the same day")
        object.__setattr__(self, "weekly", MappingProxyType(dict(self.weekly)))
        object.__setattr__(self, "special_days", MappingProxyType(dict(self.special_days)))


DEFAULT = Hours({weekday: (time(9), time(17, 30)) for weekday in range(5)})


@dataclass(frozen=True)
class Opening:
    """Whether the firm is open, in words, and the moment until which the words hold."""

    is_open: bool
    until: datetime
    words: str


def opening(hours: Hours, day: date) -> Span | None:
    """Return when the firm opens and closes on `day`, or None when it stays closed.

    A special day goes before a bank holiday, a bank holiday before the weekday.
    """
    if day in hours.special_days:
        times = hours.special_days[day]
    elif is_bank_holiday(day):
        times = None
    else:
        times = hours.weekly.get(day.weekday())
    if times is None:
        return None
    opens, closes = (_moment(day, each) for each in times)
    # Hours within the one that March skips may come to nothing.
    return (opens, closes) if opens < closes else None


def is_bank_holiday(day: date) -> bool:
    """Tell whether `day` is a bank holiday in England and Wales, substitute days included.

    So is the Saturday or Sunday that has a substitute: nobody expects a call on Christmas Day.
    """
    return day in _bank_holidays(day.year)


def status(hours: Hours, now: datetime) -> Opening:
    """Return the line that every page shows: "Open now, until 17:30", or when the firm opens next.

    Beyond the horizon no opening is announced, and the line is looked at again at midnight.
    """
    now = _utc(now)
    today = _day(now)
    span = next(_openings(hours, now), None)
    if span is None:
        return Opening(False, _moment(today + timedelta(days=1), time.min), "Closed now.")
    opens, closes = (each.astimezone(LONDON) for each in span)
    if opens <= now:
        return Opening(True, closes, f"Open now, until {clock(closes)}")
    day = _day(opens)
    # The words change as the day comes within a week, is tomorrow, is today; then the door opens.
    midnights = [_moment(day - timedelta(days=days), time.min) for days in (6, 1, 0)]
    return Opening(
        is_open=False,
        until=next(moment for moment in (*midnights, opens) if moment > now),
        words=f"Closed now. We open {day_words(day, today)} at {clock(opens)}",
    )


def asap_promise(
    hours: Hours,
    now: datetime,
    *,
    due: Callable[[datetime, datetime], int],
) -> datetime | None:
    """Return by when a person who asks `now` to be called "as soon as possible" will be.

    It is the end of the first clock hour of opening time (9–10, 10–11 … 17–17:30) that ends at
    least 30 open minutes from now and has room. Room is the pace, so many calls an hour, in proportion for
    part of an hour, less `due(start, end)`: how many open requests have a `due_at` with
    start < due_at <= end, so that what is due at ten belongs to the hour before ten.
    When every hour up to the horizon is full it is the last of them; when the firm does not open
    before the horizon it is None: nothing can be promised.
    """
    now = _utc(now)
    waited = timedelta()
    promise = None
    for start, end in _clock_hours(hours, now):
        waited += end - max(start, now)
        if waited < LEAST_BEFORE_PROMISE:
            continue
        promise = end
        if due(start, end) * HOUR < hours.pace * (end - start):
            break
    return promise and promise.astimezone(LONDON)


def slot(hours: Hours, start: datetime) -> Span | None:
    """Return the half hour that begins at `start`, or None when that is no slot.

    A slot begins on a full or half hour and lies wholly within opening time; whether there is
    notice and room enough is asked elsewhere.
    """
    start = _utc(start)
    end = start + SLOT
    times = opening(hours, _day(start))
    if start != _half_hour_from(start) or times is None or start < times[0] or times[1] < end:
        return None
    return start.astimezone(LONDON), end.astimezone(LONDON)


def slots(hours: Hours, now: datetime) -> Iterator[Span]:
    """Yield the slots that may be chosen `now`, in their order: at least two hours ahead, today and
    on the next seven open days. Whether they have room is asked elsewhere."""
    now = _utc(now)
    today = _day(now)
    openings = _openings(hours, now)
    for opens, _ in islice(openings, DAYS_ON_OFFER + _is_open_on(hours, today, now)):
        yield from (span for span in slots_of(hours, _day(opens)) if _utc(span[0]) >= now + SLOT_NOTICE)


def slots_of(hours: Hours, day: date) -> list[Span]:
    """Return every slot of a day, past or not; none when it is closed."""
    times = opening(hours, day)
    if times is None:
        return []
    starts = []
    start = _half_hour_from(_utc(times[0]))
    while start + SLOT <= _utc(times[1]):
        starts.append(start)
        start += SLOT
    return [(start.astimezone(LONDON), (start + SLOT).astimezone(LONDON)) for start in starts]


def rooms_of(hours: Hours, day: date) -> list[tuple[Span, int]]:
    """Return the clock hours of a day, each with how many calls the pace leaves room for."""
    times = opening(hours, day)
    if times is None:
        return []
    spans = _hours_between(_utc(times[0]), _utc(times[1]))
    return [
        ((start.astimezone(LONDON), end.astimezone(LONDON)), ceil(hours.pace * (end - start) / HOUR))
        for start, end in spans
    ]


def may_have_been_a_slot(hours: Hours, start: datetime, now: datetime) -> bool:
    """Tell whether `start` is a time that a page of ours may once have offered: on the grid, and no
    later than what is offered `now`. If it is not on offer (any more), nobody made it up."""
    start = _utc(start)
    # Closed altogether by now, the desk may have offered any day of those that lie ahead.
    begins = (_utc(begins) for begins, _ in slots(hours, now))
    last = max(begins, default=_utc(now) + timedelta(days=HORIZON))
    return start == _half_hour_from(start) and start <= last


def open_time(hours: Hours, start: datetime, end: datetime) -> timedelta:
    """Return how much opening time lies between two moments; none when `end` comes first."""
    start, end = _utc(start), _utc(end)
    total = timedelta()
    for ahead in range((_day(end) - _day(start)).days + 1):
        if times := opening(hours, _day(start) + timedelta(days=ahead)):
            total += max(min(_utc(times[1]), end) - max(_utc(times[0]), start), timedelta())
    return total


def is_nearly_due(hours: Hours, start: datetime, due_at: datetime, now: datetime) -> bool:
    """Tell whether three quarters of the opening time from `start` to `due_at` have passed."""
    return open_time(hours, start, now) >= NEARLY_DUE * open_time(hours, start, due_at)


def desk_reads_mail(hours: Hours, now: datetime) -> bool:
    """Tell whether the desk is there to read e-mail: from a quarter of an hour before opening on."""
    return _utc(now) >= next_desk_mail(hours, now)


def next_desk_mail(hours: Hours, now: datetime) -> datetime:
    """Return when the desk next reads its e-mail: `now`, or a quarter of an hour before it opens.

    When it does not open before the horizon it is told at once: somebody must know.
    """
    now = _utc(now)
    span = next(_openings(hours, now), None)
    return max(now, span[0] - FIRST_MAIL) if span else now


def bank_holidays_run_out(today: date) -> bool:
    """Tell whether the list of bank holidays that we know ends within 60 days of `today`."""
    return last_known_bank_holidays() - today <= BANK_HOLIDAYS_RUN_OUT


def last_known_bank_holidays() -> date:
    """Return the day until which the library knows the bank holidays."""
    return date(holidays.country_holidays("GB", subdiv="ENG").end_year, 12, 31)


def next_attempt(hours: Hours, now: datetime) -> Span | None:
    """Return the hour in which to try again somebody who did not answer `now`.

    It is the next open hour, at least two hours ahead and from a full or half hour on, in the other
    part of a day (before 12:30, or after); in the same part where the firm is never open in the
    other; and None when there is neither before the horizon.
    """
    now = _utc(now)
    earliest = _half_hour_from(now + LEAST_BEFORE_NEXT_ATTEMPT)
    is_morning = now.astimezone(LONDON).time() < MIDDAY
    for morning in (not is_morning, is_morning):
        for opens, closes in _openings(hours, now):
            midday = _moment(_day(opens), MIDDAY)
            start = max(earliest, _half_hour_from(opens if morning else max(opens, midday)))
            end = start + HOUR
            if end <= (min(closes, midday) if morning else closes):
                return start.astimezone(LONDON), end.astimezone(LONDON)
    return None


def open_days_after(hours: Hours, now: datetime, days: int) -> datetime | None:
    """Return closing time on the last of the next so many open days, today not counted (1 or more).

    None when the firm does not open that often before the horizon.
    """
    now = _utc(now)
    later = (closes for opens, closes in _openings(hours, now) if _day(opens) > _day(now))
    closes = next(islice(later, days - 1, None), None)
    return closes and closes.astimezone(LONDON)


def done_by(hours: Hours, now: datetime, starts: Iterable[datetime]) -> datetime | None:
    """Return when the last of so many calls ends at the pace of the desk, each made from its start on
    (now, for those as soon as possible). None when the desk does not open that long before the horizon."""
    call = HOUR / hours.pace
    at = _utc(now)
    for start in sorted(map(_utc, starts)):
        at = max(at, start)
        span = next(_openings(hours, at), None)
        if span is None:
            return None
        at = max(at, span[0]) + call
    return at.astimezone(LONDON)


def promise_words(promise: datetime, now: datetime) -> str:
    """Write a promise: "today, before 15:00", "Monday 4 January, before 10:00"."""
    return f"{day_words(_day(promise), _day(now))}, before {clock(promise)}"


def window_words(start: datetime, end: datetime, now: datetime) -> str:
    """Write an agreed time: "Tuesday between 10:30 and 11:00"."""
    return f"{day_words(_day(start), _day(now))} between {clock(start)} and {clock(end)}"


def moment_words(moment: datetime, now: datetime) -> str:
    """Write when something happened: "today at 10:12", "Monday 23 November at 9:00"."""
    return f"{day_words(_day(moment), _day(now))} at {clock(moment)}"


def day_words(day: date, today: date) -> str:
    """Write a day as people say it: "today", "tomorrow", "Monday", else "Monday 4 January"."""
    ahead = (day - today).days
    if ahead in (0, 1):
        return ("today", "tomorrow")[ahead]
    return f"{day:%A}" if 1 < ahead < 7 else date_words(day)


def date_words(day: date) -> str:
    """Write a day, or the day in London of a moment, by its date: "Tuesday 24 November"."""
    day = _day(day) if isinstance(day, datetime) else day
    return f"{day:%A} {day.day} {day:%B}"


def week_words(hours: Hours) -> list[str]:
    """The ordinary week, a line for days in a row with the same hours: "Monday to Friday, 9:00 to 17:30"."""
    lines: list[tuple[list[int], Times]] = []
    for weekday, times in sorted(hours.weekly.items()):
        if lines and lines[-1] == ([*range(lines[-1][0][0], weekday)], times):
            lines[-1][0].append(weekday)
        else:
            lines.append(([weekday], times))
    return [f"{_days_words(days)}, {_times_words(times)}" for days, times in lines]


def _days_words(days: list[int]) -> str:
    first, last = (day_name[day] for day in (days[0], days[-1]))
    joined = "and" if len(days) == 2 else "to"
    return first if len(days) == 1 else f"{first} {joined} {last}"


def _times_words(times: Times) -> str:
    return " to ".join(f"{at.hour}:{at:%M}" for at in times)


def clock(moment: datetime) -> str:
    """Write the time of a moment in London: "9:00", "17:30"."""
    local = _utc(moment).astimezone(LONDON)
    return f"{local.hour}:{local.minute:02}"


@lru_cache(maxsize=32)
def _bank_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def _openings(hours: Hours, now: datetime) -> Iterator[Span]:
    """Each opening that is not yet over, up to the horizon, in UTC."""
    today = _day(now)
    for ahead in range(HORIZON + 1):
        times = opening(hours, today + timedelta(days=ahead))
        if times is not None and times[1] > now:
            yield _utc(times[0]), _utc(times[1])


def _is_open_on(hours: Hours, day: date, now: datetime) -> bool:
    times = opening(hours, day)
    return times is not None and times[1] > now


def _clock_hours(hours: Hours, now: datetime) -> Iterator[Span]:
    """Each clock hour of opening time that is not yet over, up to the horizon, in UTC.

    London is whole hours from UTC, so the hours of both begin together.
    """
    for opens, closes in _openings(hours, now):
        yield from (span for span in _hours_between(opens, closes) if span[1] > now)


def _hours_between(opens: datetime, closes: datetime) -> Iterator[Span]:
    start = opens
    while start < closes:
        end = min(start.replace(minute=0, second=0, microsecond=0) + HOUR, closes)
        yield start, end
        start = end


def _half_hour_from(moment: datetime) -> datetime:
    """The next full or half hour, or `moment` itself where it is one."""
    return moment + (datetime.min.replace(tzinfo=UTC) - moment) % SLOT


def _moment(day: date, at: time) -> datetime:
    # By way of UTC a time that March skips becomes one that clocks do show.
    return datetime.combine(day, at, LONDON).astimezone(UTC).astimezone(LONDON)


def _day(moment: datetime) -> date:
    return _utc(moment).astimezone(LONDON).date()


def _utc(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError("A moment needs its time zone")
    return moment.astimezone(UTC)
