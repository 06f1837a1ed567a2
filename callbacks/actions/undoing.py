"""Taking back: the one move outside the table of states. For half a minute a slip costs nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.dateparse import parse_datetime

from callbacks.actions import Refused, person
from callbacks.actions.booking import queue_for_slot
from callbacks.models import (
    Actor,
    CallbackRequest,
    Event,
    EventKind,
    Notification,
    Undo,
)
from callbacks.states import Status
from firm_site.models import User

UNDO_LASTS = timedelta(seconds=30)
UNDO_SPAM = timedelta(hours=1)  # of what was closed as spam at one press

# What an outcome changes. The rest of a request is as it was.
COLUMNS = [
    "status",
    "attempts",
    "claimed_by",
    "claimed_at",
    "claim_ends_at",
    "solicitor",
    "decide_by",
    "outcome",
    "closed_at",
    "set_apart_because",
    "wanted_at",
    "place",
    "promised_by",
    "due_from",
    "due_at",
    "gives_up_at",
    "case_number",
    "edits",
]
_MOMENTS = {"claimed_at", "claim_ends_at", "decide_by", "closed_at", "wanted_at", "promised_by"}
_MOMENTS |= {"due_from", "due_at", "gives_up_at"}

TOO_LATE = "That can no longer be taken back. What was recorded stands."
ASKED_AGAIN = "They have asked again since: work on that request."
CHANGED_SINCE = "Something has happened to this request since, so that cannot be taken back."


def remember(rows: Sequence[CallbackRequest], event: Event, *, by: User, now: datetime) -> None:
    """Keep how these requests stood before `event`, for half a minute."""
    columns = {str(row.pk): {name: getattr(row, _column(name)) for name in COLUMNS} for row in rows}
    for each in columns.values():
        for name in _MOMENTS:
            each[name] = each[name] and each[name].isoformat()
    Undo.objects.create(
        request=rows[-1],
        event=event,
        by=by,
        at=now,
        until=now + UNDO_LASTS,
        columns=columns,
    )


def can_be_undone(*, pk: int, by: User, now: datetime) -> Undo | None:
    """What this person can take back of a request `now` (aware), or None: nothing has happened since."""
    kept = _kept(pk, by, now)
    return kept if kept and _is_untouched(kept) else None


def was_just_undone(*, pk: int, by: User) -> bool:
    """Whether this person's taking back is the last that happened: a second click finds it done."""
    last = Event.objects.filter(request=pk).of_the_record().last()
    return last is not None and last.kind == EventKind.UNDONE and last.by == by


def last_of(*, by: User, now: datetime) -> Undo | None:
    """What this person recorded last, of whichever request, if it can be taken back `now` (aware)."""
    lasts = Undo.objects.filter(by=by, until__gte=now)
    kept = lasts.select_related("request", "event").order_by("-pk").first()
    return kept if kept and _is_untouched(kept) else None


def _is_untouched(kept: Undo) -> bool:
    return kept.request.edits == kept.columns[str(kept.request_id)]["edits"] + 1


def _kept(pk: int, by: User, now: datetime) -> Undo | None:
    lasts = Undo.objects.filter(request=pk, by=by, until__gte=now)
    return lasts.select_related("request", "event").order_by("-pk").first()


def undo(*, pk: int, by: User, now: datetime) -> None:
    """Put a request, and what moved with it, back to where it stood before the last outcome that this
    person recorded, with what that outcome made us owe. A place that somebody took meanwhile is not
    given back.

    Raises Refused after half a minute, or when anything has happened to it since.
    """
    with transaction.atomic():
        kept = _kept(pk, by, now)
        if kept is None:
            raise Refused(TOO_LATE)
        if kept.request.status == Status.CLOSED and person.asked_besides(pk, now=now):
            raise Refused(ASKED_AGAIN)
        pks = [int(each) for each in kept.columns]
        for start in {each["wanted_at"] for each in kept.columns.values() if each["place"]}:
            queue_for_slot(datetime.fromisoformat(start))
        rows = list(CallbackRequest.objects.filter(pk__in=pks).select_for_update().order_by("pk"))
        if any(row.edits != kept.columns[str(row.pk)]["edits"] + 1 for row in rows):
            raise Refused(CHANGED_SINCE)
        owed = Notification.objects.filter(_is_owed_by(kept), request__in=pks)
        if any(notice.tries for notice in owed.select_for_update()):  # the worker has just taken it
            raise Refused(TOO_LATE)
        owed.delete()
        events = Event.objects.filter(request__in=pks, at=kept.at, by=by, kind=kept.event.kind)
        undone = {event.request_id: event for event in events}
        for row in rows:
            CallbackRequest.objects.filter(pk=row.pk).update(**_as_it_was(row, kept.columns[str(row.pk)]))
        took_back(rows, undone, by=by, now=now)
        kept.delete()


def _is_owed_by(kept: Undo) -> Q:
    """What the outcome made us owe: it waits until it can no longer be taken back, or is to be said."""
    return Q(created_at=kept.at) & (Q(try_again_at__gte=kept.until) | Q(failed_at=kept.at))


def took_back(
    rows: Sequence[CallbackRequest], events: Mapping[int | None, Event], *, by: User, now: datetime
) -> None:
    """Put on record that this person took back, of each request, the event named here."""
    Event.objects.bulk_create(
        Event(
            request=row,
            kind=EventKind.UNDONE,
            actor=Actor.STAFF,
            by=by,
            at=now,
            was_at=row.due_at,
            undoes=events[row.pk],
        )
        for row in rows
    )


def forget(*, now: datetime) -> None:
    """Delete what can be taken back no more."""
    Undo.objects.filter(until__lt=now).delete()


def _as_it_was(row: CallbackRequest, kept: dict[str, Any]) -> dict[str, Any]:
    """The columns to put back."""
    sets = {
        name: parse_datetime(value) if value and name in _MOMENTS else value for name, value in kept.items()
    }
    place = {"wanted_at": sets["wanted_at"], "place": sets["place"]}
    taken = CallbackRequest.objects.filter(**place).exclude(pk=row.pk)
    if sets["place"] and taken.exists():
        sets["place"] = None
    return {_column(name): value for name, value in sets.items()} | {"edits": F("edits") + 1}


def _column(name: str) -> str:
    """The attribute that holds the plain value, a key where it is one."""
    return f"{name}_id" if name in {"claimed_by", "solicitor"} else name
