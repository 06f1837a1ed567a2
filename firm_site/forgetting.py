"""What is deleted of staff sessions: those that are over, and words that wait in one to be shown; and the
results of restore drills a year ago."""

from datetime import timedelta

from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from firm_site.models import RestoreDrill

DRILLS_KEPT = timedelta(days=365)
MESSAGES = "_messages"  # as django.contrib.messages names what was too long for its cookie


def forget_messages() -> None:
    """Drop the messages that wait in a session for the next page: they may name somebody."""
    for session in Session.objects.all():
        found: Session | None = session
        while found and not _has_lost_its_messages(found):  # its owner saved it meanwhile: once more
            found = Session.objects.filter(pk=session.pk).first()


def _has_lost_its_messages(session: Session) -> bool:
    """Whether it holds none now. What somebody else saved since it was read is not written over, and
    what has been logged out does not come back."""
    kept = session.get_decoded()
    if kept.pop(MESSAGES, None) is None:
        return True
    as_read = Session.objects.filter(pk=session.pk, session_data=session.session_data)
    return bool(as_read.update(session_data=SessionStore().encode(kept)))


def forget_sessions() -> int:
    """Delete the sessions that are over; return how many."""
    deleted, _ = Session.objects.filter(expire_date__lt=timezone.now()).delete()
    return deleted


def forget_drills() -> None:
    """Delete how the drills of a year ago went."""
    RestoreDrill.objects.filter(began_at__lt=timezone.now() - DRILLS_KEPT).delete()
