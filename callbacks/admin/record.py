"""Two pages to print: what happened to a request, for whoever must answer for it, without the story; and the
sheet that goes with somebody taken on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from callbacks import telephone
from callbacks.actions.looking import look
from callbacks.admin.script import script_of
from callbacks.admin.staff import member
from callbacks.admin.time_limit import time_limit
from callbacks.admin.time_line import time_line
from callbacks.models import CallbackRequest, Event, EventKind, Note, NoteKind
from callbacks.models.record import CALLS
from callbacks.promises import Step, promised_before
from callbacks.sight import may_read_story, message_is_folded, seen_by
from callbacks.states import Outcome
from firm_site.models import User


@dataclass(frozen=True)
class Look:
    """Who saw a request, how often it is on record, and when first and last."""

    who: User
    times: int
    first: datetime
    last: datetime


def looks_at(callback: CallbackRequest) -> list[Look]:
    """Who saw it, in the order in which they first did; each counts once an hour."""
    seen: dict[User, list[datetime]] = {}
    looked = Event.objects.filter(request=callback, kind=EventKind.SEEN)
    for event in looked.select_related("by"):
        if event.by:
            seen.setdefault(event.by, []).append(event.at)
    return [Look(who, len(times), times[0], times[-1]) for who, times in seen.items()]


@require_safe
def show_record(request: HttpRequest, pk: int) -> HttpResponse:
    """When it was asked, promised and called, who saw it, which notice they read, how it ended."""
    user, callback, now = _found(request, pk)
    events = Event.objects.filter(request=callback).that_stand().of_the_record()
    context = {
        "title": f"Record of {callback}",
        "callback": callback,
        "calls": list(events.filter(kind__in=CALLS).select_related("by")),
        "promises": _promised_before(events),
        "days": time_line(callback, with_notes=False),
        "looks": looks_at(callback),
        "has_story": may_read_story(user, callback),
        "printed_at": now,
    }
    put_on_record(request, pk)
    return render(request, "admin/callbacks/record.html", admin.site.each_context(request) | context)


def _promised_before(events: Iterable[Event]) -> list[datetime]:
    """What was promised before what is promised now, the newest first."""
    steps = (Step(event.kind, event.at, event.was_at, event.actor) for event in events)
    return promised_before(steps)[::-1]


@require_safe
def show_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about somebody taken on, on a page, for the case system."""
    user, callback, now = _found(request, pk)
    if callback.outcome != Outcome.TAKEN_ON or not may_read_story(user, callback):
        raise PermissionDenied
    rows = [row for row in _taken_on_with(callback) if may_read_story(user, row)]
    script = script_of(rows)
    limit = time_limit(rows, timezone.localdate(callback.closed_at or now))
    context = {
        "title": f"Handover of {callback}",
        "callback": callback,
        "told": [(row, message_is_folded(user, row)) for row in rows if row.message],
        "readable": telephone.readable(callback.phone),
        "answers": script.answered,
        "notes": _notes_of(rows, user),
        "time_limit": limit,
        "printed_at": now,
    }
    put_on_record(request, *(row.pk for row in rows))
    return render(request, "admin/callbacks/sheet.html", admin.site.each_context(request) | context)


def _taken_on_with(callback: CallbackRequest) -> list[CallbackRequest]:
    """All that the person asked and that was taken on with it, the oldest first."""
    first = callback.earlier_id or callback.pk
    same = CallbackRequest.objects.filter(Q(pk=first) | Q(earlier=first), closed_at=callback.closed_at)
    return list(same.filter(outcome=Outcome.TAKEN_ON).order_by("pk"))


def _notes_of(rows: list[CallbackRequest], user: User) -> list[Note]:
    """What was written about these requests; what the person added only where it may be read."""
    folded = {row.pk for row in rows if message_is_folded(user, row)}
    notes = Note.objects.filter(request__in=rows).exclude(kind=NoteKind.ANSWER).select_related("by")
    return [note for note in notes if note.kind != NoteKind.ADDITION or note.request_id not in folded]


def put_on_record(request: HttpRequest, *pks: int) -> None:
    """That this person looked at these requests; a page that only keeps itself current is no other look."""
    user, now = member(request, "view_callbackrequest"), timezone.now()
    for pk in pks:
        look(pk=pk, by=user, now=now, again="X-Refresh" in request.headers)


def _found(request: HttpRequest, pk: int) -> tuple[User, CallbackRequest, datetime]:
    user = member(request, "view_callbackrequest")
    record = Prefetch("events", Event.objects.of_the_record().select_related("by").prefetch_related("notes"))
    seen = seen_by(user).select_related("claimed_by", "solicitor").prefetch_related(record)
    return user, get_object_or_404(seen, pk=pk), timezone.now()
