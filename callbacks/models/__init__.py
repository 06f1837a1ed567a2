"""The tables: requests, what happened to them, what is owed; how long they are kept; what partners keep
for the desk; the opening hours; complaints about data protection; and counts of posts."""

from callbacks.models.complaint import DataComplaint
from callbacks.models.keeping import RetentionPeriods
from callbacks.models.kept_by_partners import CallScript, MessageTexts, Party
from callbacks.models.opening import DeskCapacity, OpeningHours, SpecialDay
from callbacks.models.posts import PostCount
from callbacks.models.record import (
    Actor,
    Event,
    EventKind,
    Ground,
    Note,
    NoteKind,
    Notice,
    Notification,
    NotificationKind,
    Undo,
)
from callbacks.models.request import CallbackRequest

__all__ = [
    "Actor",
    "CallScript",
    "CallbackRequest",
    "DataComplaint",
    "DeskCapacity",
    "Event",
    "EventKind",
    "Ground",
    "MessageTexts",
    "Note",
    "NoteKind",
    "Notice",
    "Notification",
    "NotificationKind",
    "OpeningHours",
    "Party",
    "PostCount",
    "RetentionPeriods",
    "SpecialDay",
    "Undo",
]
