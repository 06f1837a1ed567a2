"""The call as an entry for a calendar. Others may see it there: it says "Telephone call" and no more."""

from datetime import datetime
from uuid import UUID, uuid5

from icalendar import Calendar, Event

from callbacks.hours import LONDON
from callbacks.models import CallbackRequest
from callbacks.receipt import window_of

_CALLS = UUID("8c5e3ae5-2f0e-4f0c-9a39-7f6a1f2b9d41")  # a namespace of our own, drawn once


def calendar_entry(request: CallbackRequest, *, now: datetime) -> bytes | None:
    """The entry (RFC 5545), or None when there is no half hour ahead to keep free.

    A later download replaces the earlier one: its UID is the same, its SEQUENCE higher. The UID is
    made from the reference, so that it opens nothing.
    """
    window = window_of(request, now)
    if window is None:
        return None
    start, end = window
    entry = Event()
    entry.add("uid", str(uuid5(_CALLS, request.reference)))
    entry.add("sequence", request.edits)
    entry.add("dtstamp", now)
    entry.add("dtstart", start.astimezone(LONDON))
    entry.add("dtend", end.astimezone(LONDON))
    entry.add("summary", "Telephone call")
    entry.add("class", "PRIVATE")
    calendar = Calendar()
    calendar.add("prodid", "-//Telephone call//EN")
    calendar.add("version", "2.0")
    calendar.add_component(entry)
    calendar.add_missing_timezones()
    return calendar.to_ical()
