"""The opening hours in force, and the line in the head of every page that says whether we are open."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from callbacks import hours
from callbacks.models import DeskCapacity
from firm_site import prepared
from firm_site.last_known import LastKnown

# Read for every page and every request: in one statement, a row for each row.
_SET_BY_MANAGERS = """
SELECT weekday, NULL::date, opens, closes, NULL::integer, NULL::integer FROM callbacks_openinghours
UNION ALL SELECT NULL, day, opens, closes, NULL, NULL FROM callbacks_specialday
UNION ALL SELECT NULL, NULL, NULL, NULL, calls_an_hour, calls_in_a_slot FROM callbacks_deskcapacity
"""


def hours_in_force() -> hours.Hours:
    """The hours, special days, pace and capacity that managers have set, read from their rows."""
    weekly, special_days, unset = {}, {}, DeskCapacity()
    pace, capacity = unset.calls_an_hour, unset.calls_in_a_slot
    for weekday, day, opens, closes, an_hour, in_a_slot in prepared.ask(_SET_BY_MANAGERS):
        if weekday is not None:
            weekly[weekday] = (opens, closes)
        elif day:
            special_days[day] = (opens, closes) if opens and closes else None
        else:
            pace, capacity = an_hour, in_a_slot
    return hours.Hours(weekly=weekly, special_days=special_days, pace=pace, capacity=capacity)


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
