"""Taking requests out of the house: on record, with a reason, before the first byte."""

from datetime import date, datetime

from django.db import transaction

from callbacks.actions import Refused
from callbacks.models import Actor, Event, EventKind, Note, NoteKind
from firm_site.models import User


def export(*, by: User, now: datetime, since: date, until: date, reason: str) -> Event:
    """Put on record that this person exports what was asked on these days (in London, both of them with)."""
    if not by.has_perm("callbacks.export_callbackrequest"):
        raise Refused("Only managers export requests.")
    if not reason:
        raise Refused("Say what the export is for.")
    if until < since:
        raise Refused("The last day comes before the first.")
    with transaction.atomic():
        event = Event.objects.create(kind=EventKind.EXPORTED, actor=Actor.STAFF, by=by, at=now)
        text = f"{since:%-d %B %Y} to {until:%-d %B %Y}: {reason}"
        Note.objects.create(event=event, kind=NoteKind.REASON, text=text, by=by, at=now)
    return event
