"""What a visitor may choose for the call: as soon as possible, or a free half hour, in words and as the
values that the form sends. No HTML."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from itertools import count, groupby

from callbacks.actions import booking
from callbacks.actions.person import NOBODY
from callbacks.hours import LONDON, SLOT, Hours, Span, clock, date_words

ASAP = "asap"
ON_A_CARD = 3  # free times beside a guide, and in place of one that is gone


@dataclass(frozen=True)
class Time:
    """A half hour, such as "10:30" to "11:00"; its radio button has a number, the first one 1."""

    number: int
    value: str
    begins: str
    ends: str
    is_chosen: bool

    @property
    def id(self) -> str:
        """Of the button. Written here: a template would ask for each of 130 how a language writes figures."""
        return f"id_when_{self.number}"


@dataclass(frozen=True)
class Day:
    """A day with times to choose: "Tuesday 24 November".

    Never "today": the page may still be open tomorrow, and then that would be another day.
    """

    words: str
    times: list[Time]

    @property
    def has_chosen(self) -> bool:
        """Whether the time that was chosen is on this day."""
        return any(time.is_chosen for time in self.times)


@dataclass(frozen=True)
class Offer:
    """What is drawn, in this order of numbers: `at_once` in full, `days` folded, a day at a time."""

    asap_is_chosen: bool
    promise: str = ""  # what "as soon as possible" means now, if it is known
    promise_ends: datetime | None = None
    at_once: list[Day] = field(default_factory=list)
    days: list[Day] = field(default_factory=list)
    has_more: bool = False  # there are free times besides
    nothing_is_free: bool = False
    chosen_is_gone: bool = False  # what was chosen is not on offer, and so not drawn

    @property
    def open_day(self) -> Day | None:
        """The one of the folded days that is open at first: the chosen one, or the next to come,
        unless there is something to choose without it."""
        chosen = next((day for day in self.days if day.has_chosen), None)
        return chosen or (self.days[0] if self.days and not self.at_once else None)


def on_a_card(in_force: Hours, now: datetime) -> Offer:
    """The next three free times: beside a guide there is room for no more. Nobody has chosen yet."""
    free = booking.free_times(in_force, now)
    return _offer(in_force, now, ASAP, at_once=free[:ON_A_CARD], has_more=len(free) > ON_A_CARD)


def all_times(in_force: Hours, now: datetime, *, chosen: str, instead_of: int = NOBODY) -> Offer:
    """Every free time, by days; the places of those of which `instead_of` was the first count as free."""
    free = booking.free_times(in_force, now, instead_of=instead_of)
    return _offer(in_force, now, chosen, days=free, instead_of=instead_of)


def in_place_of(gone: datetime, in_force: Hours, now: datetime, *, instead_of: int = NOBODY) -> Offer:
    """The three free times nearest to one that is gone, then the others by days. Nothing is chosen."""
    free = booking.free_times(in_force, now, instead_of=instead_of)
    near = booking.nearest(gone, free, ON_A_CARD)
    others = [span for span in free if span not in near]
    return _offer(in_force, now, "", at_once=near, days=others, instead_of=instead_of)


def not_known(*, chosen: str) -> Offer:
    """With the database away nobody knows what is free: as soon as possible, and what was chosen."""
    start = _chosen_start(chosen)
    kept = [(start, start + SLOT)] if start else []
    return Offer(asap_is_chosen=chosen == ASAP, at_once=_days(kept, start, count(1)))


def value_of(start: datetime) -> str:
    """What the form sends for the half hour that begins at `start`: ISO 8601, London's offset."""
    return start.astimezone(LONDON).isoformat()


def start_of(value: str) -> datetime:
    """Read such a value, in any offset, into UTC; raises ValueError when it is none.

    In UTC, since two times of London's are compared by the clock, which repeats an hour in October.
    The first and the last year of the calendar are refused, so that there is room to reckon.
    """
    start = datetime.fromisoformat(value)
    if start.utcoffset() is None or not MINYEAR < start.year < MAXYEAR:
        raise ValueError("A time needs its offset, and a year that people live in")
    return start.astimezone(UTC)


def _offer(
    in_force: Hours,
    now: datetime,
    chosen: str,
    *,
    at_once: list[Span] | None = None,
    days: list[Span] | None = None,
    has_more: bool = False,
    instead_of: int = NOBODY,
) -> Offer:
    at_once, days = at_once or [], days or []
    start = _chosen_start(chosen)
    numbers = count(1)
    due_at = booking.as_soon_as_possible(in_force, now, instead_of=instead_of).due_at
    return Offer(
        asap_is_chosen=chosen == ASAP,
        promise=_promise(due_at) if due_at != now + booking.UNKNOWN_HOURS else "",
        promise_ends=due_at,
        at_once=_days(at_once, start, numbers),
        days=_days(days, start, numbers),
        has_more=has_more,
        nothing_is_free=not at_once and not days,
        chosen_is_gone=start is not None
        and start not in [begins.astimezone(UTC) for begins, _ in at_once + days],
    )


def _promise(due_at: datetime) -> str:
    """By its date, as the days are: "tomorrow" would be wrong after midnight, script or no script."""
    return f"{date_words(due_at)}, before {clock(due_at)}"


def _days(spans: Iterable[Span], chosen: datetime | None, numbers: "count[int]") -> list[Day]:
    def time(start: datetime, end: datetime) -> Time:
        return Time(next(numbers), value_of(start), clock(start), clock(end), start.astimezone(UTC) == chosen)

    by_day = groupby(spans, key=lambda span: span[0].astimezone(LONDON).date())
    return [Day(date_words(day), [time(*span) for span in times]) for day, times in by_day]


def _chosen_start(chosen: str) -> datetime | None:
    try:
        return start_of(chosen)
    except ValueError:
        return None
