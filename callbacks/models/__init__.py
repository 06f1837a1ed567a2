"""The tables: requests, what happened to them, what is owed, and the opening hours."""

from callbacks.models.opening import OpeningHours
from callbacks.models.record import Event, Note, Notice, Notification
from callbacks.models.request import CallbackRequest

__all__ = ["CallbackRequest", "Event", "Note", "Notice", "Notification", "OpeningHours"]
