"""What is deleted of staff sessions: those that are over, and words that wait in one to be shown."""

from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

MESSAGES = "_messages"  # as django.contrib.messages names what was too long for its cookie


def forget_messages() -> None:
    """Drop the messages that wait in a session for the next page: they may name somebody."""
    for session in Session.objects.all():
        kept = session.get_decoded()
        if kept.pop(MESSAGES, None) is not None:
            unchanged = Session.objects.filter(pk=session.pk, session_data=session.session_data)
            unchanged.update(session_data=SessionStore().encode(kept))


def forget_sessions() -> int:
    """Delete the sessions that are over; return how many."""
    deleted, _ = Session.objects.filter(expire_date__lt=timezone.now()).delete()
    return deleted
