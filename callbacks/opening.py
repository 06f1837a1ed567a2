"""The opening hours in force, and the line in the head of every page that says whether we are open."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from callbacks import hours
from callbacks.models import DeskCapacity, OpeningHours, SpecialDay
from firm_site.last_known import LastKnown


def hours_in_force() -> hours.Hours:
    """The hours, special days, pace and capacity that managers have set, read from their rows."""
    capacity = desk_capacity()
    return hours.Hours(
        weekly={row.weekday: (row.opens, row.closes) for row in OpeningHours.objects.all()},
        special_days={
            row.day: (row.opens, row.closes) if row.opens and row.closes else None
            for row in SpecialDay.objects.all()
        },
        pace=capacity.calls_an_hour,
        capacity=capacity.calls_in_a_slot,
    )


def desk_capacity() -> DeskCapacity:
    """The one row, which is there before anybody has saved it."""
    return DeskCapacity.objects.filter(pk=1).first() or DeskCapacity(pk=1)


# Before the first read nothing is known, and pages leave the line out.
known_hours: LastKnown[hours.Hours | None] = LastKnown(hours_in_force, first=None)


def opening(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `opening`, whether the desk is open and until when that holds, or None; and
    the hours themselves, read once for a page. A page without the database has those last read."""
    if getattr(request, "without_database", False):
        return {"opening": _status_now(known_hours.kept), "hours_in_force": known_hours.kept}
    in_force = SimpleLazyObject(known_hours.now)
    return {"opening": SimpleLazyObject(lambda: _status_now(in_force)), "hours_in_force": in_force}


def _status_now(in_force: Any) -> hours.Opening | None:
    return hours.status(in_force, timezone.now()) if in_force else None
