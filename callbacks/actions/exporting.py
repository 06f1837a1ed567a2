"""Taking requests out of the house: on record, with a reason, before the first byte."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction

from callbacks.actions import Refused
from callbacks.models import Actor, CallbackRequest, Event, EventKind, Note, NoteKind
from firm_site.models import User


def export(*, by: User, now: datetime, since: date, until: date, reason: str) -> Event:
    """Put on record that this person exports what was asked on these days (in London, both of them with)."""
    _may(by, reason)
    if until < since:
        raise Refused("The last day comes before the first.")
    with transaction.atomic():
        event = Event.objects.create(kind=EventKind.EXPORTED, actor=Actor.STAFF, by=by, at=now)
        text = f"{since:%-d %B %Y} to {until:%-d %B %Y}: {reason}"
        Note.objects.create(event=event, kind=NoteKind.REASON, text=text, by=by, at=now)
    return event


def disclose(*, pks: Collection[int], by: User, now: datetime, reason: str) -> None:
    """Put on record of each of these requests that this person makes a file of all that it holds. The reason
    stands with each, since it goes with it; so what has been erased meanwhile gets none."""
    _may(by, reason)
    kind, actor = EventKind.DISCLOSED, Actor.STAFF
    with transaction.atomic():
        held = CallbackRequest.objects.filter(pk__in=pks, erased_at__isnull=True)
        rows = list(held.select_for_update().order_by("pk"))
        events = Event.objects.bulk_create(
            Event(request=row, kind=kind, actor=actor, by=by, at=now) for row in rows
        )
        Note.objects.bulk_create(
            Note(request_id=each.request_id, event=each, kind=NoteKind.REASON, text=reason, by=by, at=now)
            for each in events
        )


def _may(by: User, reason: str) -> None:
    if not by.has_perm("callbacks.export_callbackrequest"):
        raise Refused("Only managers export requests.")
    if not reason:
        raise Refused("Say what the export is for.")
