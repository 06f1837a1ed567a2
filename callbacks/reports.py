"""How the desk does: what was asked in a period, and what became of it. It reads, and takes `now`.

Everybody counts once, as the first of their linked requests; what is set apart, spam or a duplicate is
left out, and so is what was taken back.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil

from django.db.models import Q
from django.utils import timezone

from callbacks import hours
from callbacks.hours import Hours
from callbacks.models import CallbackRequest, Event, EventKind
from callbacks.models.record import CALLS
from callbacks.promises import Step, first_call, that_can_keep
from callbacks.states import Channel, Outcome, Status

WITHIN = [timedelta(minutes=15 * 2**step) for step in range(6)]  # a quarter of an hour to eight hours
PAGES_SHOWN = 12
DAYS_AHEAD = 7


@dataclass(frozen=True)
class Week:
    """Of those who asked in a week and whose time has come: who was called in time, and who was not."""

    monday: date
    in_time: int
    late: int

    @property
    def judged(self) -> int:
        return self.in_time + self.late


@dataclass(frozen=True)
class Wait:
    """How many had their first call after more than `above` and within `within` of opening time; both are
    None of those who had none yet, `within` of those who waited longest."""

    above: timedelta | None
    within: timedelta | None
    people: int


@dataclass(frozen=True)
class Count:
    """So many people under one name."""

    name: str
    people: int


@dataclass(frozen=True)
class Load:
    """A day that lies ahead, how many calls are due on it, and how many the pace leaves room for."""

    day: date
    due: int
    room: int


@dataclass(frozen=True)
class Report:
    """What was asked on the days from `since` to `until`, in London, both of them with."""

    since: date
    until: date
    people: int
    weeks: list[Week]
    waits: list[Wait]
    middle: timedelta | None  # of opening time until the first call; None where nobody was called
    ninth_of_ten: timedelta | None
    outcomes: list[Count]
    still_open: int
    pages: list[Count]
    pages_known: int  # how many of them asked on a page
    by_hour: list[int]  # of the day, from midnight
    open_hours: set[int]  # those in which the desk is open on some weekday
    overdue: int  # calls that were due before now
    load: list[Load]

    @property
    def in_time(self) -> int:
        return sum(week.in_time for week in self.weeks)

    @property
    def judged(self) -> int:
        """Those whose time has come."""
        return sum(week.judged for week in self.weeks)


@dataclass(frozen=True)
class Asked:
    """A person who asked, when they had the first call, and the first that could keep what was promised,
    with the promise then."""

    at: datetime
    promised: datetime
    called: datetime | None
    could_keep: datetime | None
    closed: datetime | None
    page: str
    channel: str
    outcome: str
    is_erased: bool


def report(in_force: Hours, *, days: int, now: datetime) -> Report:
    """The report over so many days in London, today the last of them (`now`, aware)."""
    today = timezone.localdate(now)
    since = today - timedelta(days=days - 1)
    asked = asked_since(since)
    waits = [hours.open_time(in_force, each.at, each.called) for each in asked if each.called]
    overdue, load = _load(in_force, now)
    return Report(
        since=since,
        until=today,
        people=len(asked),
        weeks=_weeks(asked, since, now),
        waits=_waits(waits, len(asked)),
        middle=_within(waits, 0.5),
        ninth_of_ten=_within(waits, 0.9),
        outcomes=_counted(Outcome(each.outcome).label for each in asked if each.outcome),
        still_open=sum(not each.outcome for each in asked),
        pages=_pages(asked),
        pages_known=sum(each.page != "" for each in asked),
        by_hour=_by_hour(each.at for each in asked),
        open_hours=_open_hours(in_force),
        overdue=overdue,
        load=load,
    )


def asked_since(since: date) -> list[Asked]:
    """Everybody who asked on that day in London or later, in their order."""
    begins = datetime.combine(since, time(), hours.LONDON)
    left_out = Q(status=Status.SUSPECTED_SPAM) | Q(outcome__in=[Outcome.SPAM, Outcome.DUPLICATE])
    requests = CallbackRequest.objects.filter(created_at__gte=begins, earlier__isnull=True).exclude(left_out)
    columns = ["pk", "created_at", "rang_at", "wanted_at", "promised_by", "closed_at", "page", "channel"]
    columns += ["outcome", "erased_at"]
    rows = list(requests.order_by("created_at", "pk").values_list(*columns))
    steps = _steps_since(begins)
    found = []
    for pk, created_at, rang_at, wanted_at, promised_by, closed_at, page, channel, outcome, erased_at in rows:
        taken = steps.get(pk, [])
        called, _ = first_call(taken, promised_by)
        keeps, promised = first_call(that_can_keep(taken, wanted_at), promised_by)
        at = rang_at or created_at
        gone = erased_at is not None
        found.append(Asked(at, promised, called, keeps, closed_at, page, channel, outcome, gone))
    return found


def _steps_since(begins: datetime) -> Mapping[int, list[Step]]:
    """What began a call or reached somebody, or moved a time, of the requests that came since then."""
    tells = Q(kind__in=[*CALLS, EventKind.SPOKE]) | Q(was_at__isnull=False)
    events = Event.objects.filter(tells, request__created_at__gte=begins, request__earlier__isnull=True)
    columns = events.that_stand().order_by("at", "pk").values_list("request", "kind", "at", "was_at", "actor")
    found: dict[int, list[Step]] = {}
    for request, kind, at, was_at, actor in columns:
        found.setdefault(request or 0, []).append(Step(kind, at, was_at, actor))
    return found


def _weeks(asked: Sequence[Asked], since: date, now: datetime) -> list[Week]:
    """Every week of the period, also those in which nobody asked; the first and the last may be in part."""
    kept: Counter[date] = Counter()
    broken: Counter[date] = Counter()
    for each in asked:
        monday = _monday(max(timezone.localdate(each.at), since))
        if each.could_keep and each.could_keep <= each.promised:
            kept[monday] += 1
        elif each.could_keep or _was_let_down(each, now):
            broken[monday] += 1
    weeks = (timezone.localdate(now) - _monday(since)).days // 7 + 1
    mondays = [_monday(since) + timedelta(weeks=week) for week in range(weeks)]
    return [Week(monday, kept[monday], broken[monday]) for monday in mondays]


def _was_let_down(asked: Asked, now: datetime) -> bool:
    """Whether the promise of somebody whom nobody has called for it was broken: it was not, where they
    cancelled, or it was closed for another reason, before it fell due."""
    return asked.promised < (asked.closed or now)


def _waits(waits: Iterable[timedelta], people: int) -> list[Wait]:
    """How long people waited, in steps that double; and who has had no call."""
    waits = list(waits)
    found = []
    above: timedelta | None = None
    for within in WITHIN:
        many = sum((above is None or above < wait) and wait <= within for wait in waits)
        found.append(Wait(above, within, many))
        above = within
    longest = sum(wait > WITHIN[-1] for wait in waits)
    return [*found, Wait(above, None, longest), Wait(None, None, people - len(waits))]


def _within(waits: Sequence[timedelta], share: float) -> timedelta | None:
    """Within how much time this share of them was called."""
    return sorted(waits)[ceil(share * len(waits)) - 1] if waits else None


def _counted(names: Iterable[str]) -> list[Count]:
    """Under each name how many, the most first."""
    return [Count(name, many) for name, many in Counter(names).most_common()]


def _pages(asked: Sequence[Asked]) -> list[Count]:
    """The pages on which people asked; who asked on none, by how they came; the rarest together."""
    counted = _counted(_page(each) for each in asked)
    others = sum(count.people for count in counted[PAGES_SHOWN:])
    return counted[:PAGES_SHOWN] + ([Count("Other pages", others)] if others else [])


def _page(asked: Asked) -> str:
    if asked.is_erased:
        return "Not kept any more"
    if not asked.page:
        return f"No page: {Channel(asked.channel).label.lower()}"
    return "/ (front page)" if asked.page == "/" else asked.page


def _by_hour(moments: Iterable[datetime]) -> list[int]:
    counted = Counter(timezone.localtime(at).hour for at in moments)
    return [counted[hour] for hour in range(24)]


def _open_hours(in_force: Hours) -> set[int]:
    return {
        hour
        for opens, closes in in_force.weekly.values()
        for hour in range(24)
        if opens < time(hour, 59) and time(hour) < closes
    }


def _load(in_force: Hours, now: datetime) -> tuple[int, list[Load]]:
    """How many calls are overdue, and day by day how many are due from now on."""
    today = timezone.localdate(now)
    ends = datetime.combine(today + timedelta(days=DAYS_AHEAD), time(), hours.LONDON)
    due = CallbackRequest.objects.due_a_call().filter(due_at__lt=ends).values_list("due_at", flat=True)
    moments = [at for at in due if at]
    counted = Counter(timezone.localdate(at) for at in moments if at >= now)
    days = [today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD)]
    load = [Load(day, counted[day], _room(in_force, day, now)) for day in days]
    return sum(at < now for at in moments), load


def _room(in_force: Hours, day: date, now: datetime) -> int:
    """For how many calls the pace leaves room in the hours of the day that are not over."""
    return sum(room for (_, ends), room in hours.rooms_of(in_force, day) if ends > now)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
