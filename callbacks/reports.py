"""How the desk does: what was asked in a period, and what became of it. It reads, and takes `now`."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from callbacks import hours
from callbacks.hours import Hours
from callbacks.models import CallbackRequest, Event
from callbacks.models.record import CALLS
from callbacks.states import Outcome, Status

WITHIN = {
    "half an hour": timedelta(minutes=30),
    "an hour": timedelta(hours=1),
    "2 hours": timedelta(hours=2),
    "4 hours": timedelta(hours=4),
    "8 hours": timedelta(hours=8),
}


@dataclass(frozen=True)
class Count:
    """So many of so many, under a name."""

    name: str
    many: int
    of: int

    @property
    def percent(self) -> int:
        """Of a hundred, rounded; 0 of none."""
        return round(100 * self.many / self.of) if self.of else 0


@dataclass(frozen=True)
class Report:
    """What was asked from `since` until now. Times are of opening hours; None where nobody was called."""

    since: datetime
    people: int
    in_time: list[Count]  # week by week
    middle: timedelta | None  # until the first call
    ninth_of_ten: timedelta | None
    first_call: list[Count]
    outcomes: list[Count]
    pages: list[Count]
    by_hour: list[Count]
    load: list[Count]  # calls due, of those that there is room for


@dataclass(frozen=True)
class _Asked:
    at: datetime
    promised: datetime
    called: datetime | None
    page: str
    outcome: str


def report(in_force: Hours, *, days: int, now: datetime) -> Report:
    """The report over so many days until `now` (aware). What is set apart, spam or a duplicate is left out,
    and several linked requests of one person count once, as the first of them."""
    since = now - timedelta(days=days)
    asked = [_Asked(*row) for row in _asked_since(since)]
    waits = [_wait(in_force, each, now) for each in asked]
    made = sorted(wait for wait in waits if wait is not None)
    return Report(
        since=since,
        people=len(asked),
        in_time=_in_time(asked, now),
        middle=_within(made, 0.5),
        ninth_of_ten=_within(made, 0.9),
        first_call=_first_calls(made, len(asked)),
        outcomes=_counted((Outcome(each.outcome).label if each.outcome else "Still open") for each in asked),
        pages=_counted((each.page or "No page: entered by staff") for each in asked),
        by_hour=_by_hour([each.at for each in asked]),
        load=_load(in_force, now),
    )


def _asked_since(since: datetime) -> QuerySet[CallbackRequest, tuple[datetime, datetime, datetime, str, str]]:
    """When each asked, by when a call was promised when the first was made, when that was, on which page,
    and the outcome."""
    events = Event.objects.filter(request=OuterRef("pk")).that_stand().order_by("at")
    moved = events.filter(was_at__isnull=False, at__gt=OuterRef("called"))
    return (
        CallbackRequest.objects.filter(created_at__gte=since, earlier__isnull=True)
        .exclude(Q(status=Status.SUSPECTED_SPAM) | Q(outcome__in=[Outcome.SPAM, Outcome.DUPLICATE]))
        .annotate(
            called=Subquery(events.filter(kind__in=CALLS).values("at")[:1]),
            # Until the first call what is due is what was promised: what the next move replaced
            promised=Coalesce(Subquery(moved.values("was_at")[:1]), F("promised_by")),
            at=Coalesce("rang_at", "created_at"),
        )
        .order_by("created_at")
        .values_list("at", "promised", "called", "page", "outcome")
    )


def _wait(in_force: Hours, asked: _Asked, now: datetime) -> timedelta | None:
    return hours.open_time(in_force, asked.at, asked.called) if asked.called else None


def _within(made: Sequence[timedelta], share: float) -> timedelta | None:
    """Within how much time this share of them was called; `made` in its order."""
    return made[ceil(share * len(made)) - 1] if made else None


def _in_time(asked: Sequence[_Asked], now: datetime) -> list[Count]:
    """Week by week, of those whose promise has come: how many were called by then."""
    weeks: dict[date, list[bool]] = {}
    for each in asked:
        if each.called or each.promised < now:
            day = timezone.localdate(each.at)
            monday = day - timedelta(days=day.weekday())
            weeks.setdefault(monday, []).append(each.called is not None and each.called <= each.promised)
    return [
        Count(f"Week of {monday.day} {monday:%B}", sum(kept), len(kept))
        for monday, kept in sorted(weeks.items())
    ]


def _first_calls(made: Sequence[timedelta], people: int) -> list[Count]:
    """How many had been called within so much opening time."""
    found = [
        Count(f"Within {words}", sum(wait <= span for wait in made), people) for words, span in WITHIN.items()
    ]
    return [*found, Count("Called at all", len(made), people)]


def _counted(names: Iterable[str]) -> list[Count]:
    counted = Counter(names)
    return [Count(name, many, counted.total()) for name, many in counted.most_common()]


def _by_hour(moments: Sequence[datetime]) -> list[Count]:
    counted = Counter(timezone.localtime(at).hour for at in moments)
    return [Count(f"{hour}:00", counted[hour], len(moments)) for hour in range(24)] if moments else []


def _load(in_force: Hours, now: datetime) -> list[Count]:
    """Of the next seven days, on which the desk is open: calls due, of those that the pace has room for."""
    today = timezone.localdate(now)
    due = CallbackRequest.objects.due_a_call().filter(due_at__gte=now).values_list("due_at", flat=True)
    counted = Counter(timezone.localdate(at) for at in due if at)
    days = (today + timedelta(days=ahead) for ahead in range(7))
    return [
        Count(
            f"{day:%A} {day.day} {day:%B}",
            counted[day],
            sum(room for _, room in hours.rooms_of(in_force, day)),
        )
        for day in days
        if hours.opening(in_force, day)
    ]


def _room(in_force: Hours, day: date) -> int:
    return sum(room for _, room in hours.rooms_of(in_force, day))
