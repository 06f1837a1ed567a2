"""A day as a grid of places: who is in each half hour, and how many calls each hour has room for."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from callbacks import hours
from callbacks.actions.booking import to_be_moved
from callbacks.admin.staff import member
from callbacks.hours import Hours, Span
from callbacks.models import CallbackRequest, SpecialDay
from callbacks.opening import hours_in_force

YEARS = range(2000, 2100)  # others are hand-made


@dataclass(frozen=True)
class Seat:
    """A place of a slot: free, or somebody's."""

    callback: CallbackRequest | None = None
    tag: str = ""

    @property
    def initials(self) -> str:
        """Of the name, as the grid of the desk has room for: "Z.E."."""
        words = self.callback.full_name.split() if self.callback else []
        return "".join(f"{word[0].upper()}." for word in [*words[:1], *words[1:][-1:]]) or "…"


@dataclass(frozen=True)
class Row:
    """A half hour: its places, and who is to be called then without one."""

    time: str
    is_past: bool
    places: list[Seat]
    besides: list[Seat]


@dataclass(frozen=True)
class Load:
    """An hour of the day, how many calls are due by its end, and for how many there is room."""

    time: str
    due: int
    room: int


@require_safe
def show_day(request: HttpRequest) -> HttpResponse:
    """The day of `?day=2026-11-24`; today, or the next open day, for want of one that can be read."""
    member(request, "enter_callbackrequest")  # partners see single requests, not the desk's day
    now = timezone.now()
    in_force = hours_in_force()
    day = _asked_for(request) or day_of(in_force, now)
    context = {
        "title": f"{day:%A} {day.day} {day:%B %Y}",
        "day": day,
        "before": _open_day(in_force, day, -1),
        "after": _open_day(in_force, day, 1),
        "rows": rows_of(in_force, day, now),
        "loads": _loads(in_force, day),
        "places": range(1, in_force.capacity + 1),
        "closed_because": _closed_because(in_force, day),
    }
    return render(
        request, "admin/callbacks/callbackrequest/day.html", admin.site.each_context(request) | context
    )


def rows_of(in_force: Hours, day: date, now: datetime) -> list[Row]:
    """The half hours of a day, and whoever is to be called in each."""
    begins = datetime.combine(day, datetime.min.time(), hours.LONDON)
    to_call = CallbackRequest.objects.open().one_a_person().filter(gives_up_at__isnull=True)
    of_day = to_call.filter(due_from__gte=begins, due_from__lt=begins + timedelta(days=1)).order_by("pk")
    by_start: dict[datetime, list[CallbackRequest]] = {}
    for callback in of_day:
        if callback.due_from:
            by_start.setdefault(callback.due_from.astimezone(hours.LONDON), []).append(callback)
    grid = {start for start, _ in hours.slots_of(in_force, day)}
    moved = {callback.pk for callback in to_be_moved(in_force, now)}
    # A call that was booked before the day was closed, or shortened, has its row all the same.
    return [
        _row(start, by_start.get(start, []), moved, in_force.capacity if start in grid else 0, now)
        for start in sorted(grid | by_start.keys())
    ]


def _row(start: datetime, here: list[CallbackRequest], moved: set[int], capacity: int, now: datetime) -> Row:
    seated = {
        callback.place: callback
        for callback in here
        if callback.place and callback.place <= capacity and callback.wanted_at == start
    }
    return Row(
        time=hours.clock(start),
        is_past=start + hours.SLOT <= now,
        places=[_seat(seated.get(number), moved) for number in range(1, capacity + 1)],
        besides=[_seat(callback, moved) for callback in here if callback not in seated.values()],
    )


def _seat(callback: CallbackRequest | None, moved: set[int]) -> Seat:
    if callback is None:
        return Seat()
    if callback.pk in moved:
        return Seat(callback, "to be moved")
    return Seat(callback, "" if callback.wanted_at == callback.due_from else "call again")


def _loads(in_force: Hours, day: date) -> list[Load]:
    rooms = hours.rooms_of(in_force, day)
    if not rooms:
        return []
    (first, _), (_, last) = rooms[0][0], rooms[-1][0]
    due = CallbackRequest.objects.open().one_a_person().filter(due_at__gt=first, due_at__lte=last)
    moments = list(due.values_list("due_at", flat=True))
    return [Load(_span_words(span), _how_many(moments, span), room) for span, room in rooms]


def _how_many(moments: list[datetime | None], span: Span) -> int:
    return sum(moment is not None and span[0] < moment <= span[1] for moment in moments)


def _span_words(span: Span) -> str:
    return f"{hours.clock(span[0])}–{hours.clock(span[1])}"


def _asked_for(request: HttpRequest) -> date | None:
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return None
    return day if day.year in YEARS else None


def day_of(in_force: Hours, now: datetime) -> date:
    """Today until the desk closes, then the next day on which it opens."""
    today = timezone.localdate(now)
    times = hours.opening(in_force, today)
    return today if times and times[1] > now else _open_day(in_force, today, 1) or today


def _open_day(in_force: Hours, day: date, step: int) -> date | None:
    """The nearest open day before (step -1) or after (1)."""
    days = (day + timedelta(days=step * ahead) for ahead in range(1, hours.HORIZON + 1))
    return next((each for each in days if hours.opening(in_force, each)), None)


def _closed_because(in_force: Hours, day: date) -> str:
    """Why the desk is closed that day; empty when it is open."""
    if hours.opening(in_force, day):
        return ""
    special = SpecialDay.objects.filter(day=day).first()
    if special:
        return special.reason or "A special day."
    return "A bank holiday." if hours.is_bank_holiday(day) else "No opening hours on this weekday."
