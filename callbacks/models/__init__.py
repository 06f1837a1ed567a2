"""The tables: requests, what happened to them, what is owed, the opening hours, and counts of posts."""

from callbacks.models.opening import DeskCapacity, OpeningHours, SpecialDay
from callbacks.models.posts import PostCount
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
    "DeskCapacity",
    "Event",
    "EventKind",
    "Note",
    "NoteKind",
    "Notice",
    "Notification",
    "NotificationKind",
    "OpeningHours",
    "PostCount",
    "SpecialDay",
]
