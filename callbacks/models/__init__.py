"""The tables: requests, what happened to them, what is owed, and the opening hours."""

from callbacks.models.opening import OpeningHours
from callbacks.models.record import (
    Actor,
    Event,
    EventKind,
    Note,
    NoteKind,
    Notice,
    Notification,
    NotificationKind,
)
from callbacks.models.request import CallbackRequest

__all__ = [
    "Actor",
    "CallbackRequest",
    "Event",
    "EventKind",
    "Note",
    "NoteKind",
    "Notice",
    "Notification",
    "NotificationKind",
    "OpeningHours",
]
