"""What visitors do with a request of theirs, from their own page: choose another time, correct the
number, add something, cancel.

Each verb is one conditional UPDATE, of all open requests of the same person, and an event of each.
`by` is None: a visitor. Every one may be sent twice, and does nothing the second time; all raise
`Refused` with a sentence for the visitor.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Q, When

from callbacks import telephone
from callbacks.actions import Refused, checking, person
from callbacks.actions.answering import know_time_limit
from callbacks.actions.booking import Time, as_soon_as_possible, chosen_slot
from callbacks.actions.moving import CLOSING, LET_GO, UNCLAIMED, record
from callbacks.models import Actor, CallbackRequest, Event, EventKind, Note, NoteKind, NotificationKind
from callbacks.opening import hours_in_force
from callbacks.states import Outcome, Status

MOST_ADDITIONS = 20

IS_CLOSED = "This request is closed. Ring us, or ask again, if you still need us."
IN_A_CALL = "We are calling you at this moment. If we miss you, choose another time in a few minutes."
WITH_A_SOLICITOR = (
    "A solicitor is looking at what you told us, and there is no call to move. "
    "Please ring us if you would like to speak to somebody sooner."
)
ENOUGH_ADDED = "You have added twenty things, and we have them all. Please tell us the rest when we speak."

_IS_OPEN = ~Q(status=Status.CLOSED)
_IN_A_CALL = Q(status=Status.CLAIMED, claim_ends_at__isnull=True)


def choose_time(*, pk: int, by: None, now: datetime, wanted_at: datetime | None) -> None:
    """Move the call to the half hour that begins at `wanted_at` (aware), or to as soon as possible
    (None). Whoever had claimed it lets it go, but not in the middle of a call.

    Raises TimeGone or TimeRefused when the time cannot be had.
    """
    with transaction.atomic():
        request = CallbackRequest.objects.get(pk=pk)
        if reason := why_not_another_time(request):
            raise Refused(reason)
        if _is_at(request, wanted_at):
            return
        time = _time_for(request, wanted_at, now)
        rows = person.locked(pk)
        if all(_is_at(row, wanted_at) for row in rows):
            return  # the same at the same moment, and it came first
        sets: dict[str, Any] = time.columns()
        if is_set_apart := rows[-1].status == Status.SUSPECTED_SPAM:
            # To the visitor it looks the same, and nothing is due.
            sets = {name: sets[name] for name in ("wanted_at", "promised_by")}
        else:
            status = Case(When(status=Status.CLAIMED, then=LET_GO), default=F("status"))
            sets |= {"status": status, "gives_up_at": None, **UNCLAIMED}
        _update(rows, _IS_OPEN & ~_IN_A_CALL & Q(decide_by__isnull=True), sets)
        record(rows, EventKind.OTHER_TIME, now=now, actor=Actor.VISITOR, moves=True)
        if not is_set_apart:
            person.hold(rows, time.place)
            person.tell(rows, NotificationKind.CHANGED, now=now)


def correct_number(*, pk: int, by: None, now: datetime, typed: str) -> None:
    """Put another number in the place of the one given, in any writing; the old one goes into a
    note. A request that had nothing left but to be given up is due as soon as possible again.

    Only this request gets the number: who knows another's name and number could ask, be taken for
    them, and have us ring a number of their own. The desk sees both.
    """
    try:
        number = telephone.parse(typed)
    except ValueError as error:
        raise Refused(str(error)) from error
    with transaction.atomic():
        rows = person.locked(pk)
        own = next(row for row in rows if row.pk == pk)
        if own.phone == number.e164:
            return
        moved: dict[str, Any] = {}
        if is_given_up := own.gives_up_at is not None:
            moved = as_soon_as_possible(hours_in_force(), now).columns() | {"gives_up_at": None}
        _update([own], _IS_OPEN, {"phone": number.e164, "phone_typed": number.typed} | moved)
        others = [row for row in rows if row != own]
        if is_given_up and others:
            _update(others, _IS_OPEN, moved)
        changed = rows if is_given_up else [own]
        kind = EventKind.NUMBER_CORRECTED
        events = record(changed, kind, now=now, actor=Actor.VISITOR, moves=is_given_up)
        was = f"The number was {own.phone_typed}."
        Note.objects.create(request_id=pk, event=_of(pk, events), text=was, by=by, at=now)
        if is_given_up:
            person.tell(rows, NotificationKind.CHANGED, now=now)


def add(*, pk: int, by: None, now: datetime, text: str) -> None:
    """Keep what the visitor adds, cleaned and not empty, in a note of its own kind."""
    with transaction.atomic():
        checking.while_parties_stay()
        rows = person.locked(pk)
        added = Note.objects.filter(request__in=rows, kind=NoteKind.ADDITION)
        last = added.filter(request=pk).last()
        if last and last.text == text:
            return
        if added.count() >= MOST_ADDITIONS:
            raise Refused(ENOUGH_ADDED)
        _update(rows, _IS_OPEN, {})
        event = _of(pk, record(rows, EventKind.ADDED, now=now, actor=Actor.VISITOR))
        Note.objects.create(request_id=pk, event=event, kind=NoteKind.ADDITION, text=text, by=by, at=now)
        checking.compare(rows, text, now=now)
        know_time_limit(rows, now=now)


def cancel(*, pk: int, by: None, now: datetime) -> None:
    """Close it as withdrawn, at whatever point it stands; what is closed stays as it is."""
    sets = {**CLOSING, "outcome": Outcome.WITHDRAWN, "closed_at": now}
    with transaction.atomic():
        rows = person.locked(pk)
        if rows[-1].status == Status.CLOSED:
            return
        _update(rows, _IS_OPEN, sets)
        outcome = Outcome.WITHDRAWN
        record(rows, EventKind.CLOSED, now=now, actor=Actor.VISITOR, moves=True, outcome=outcome)
        if rows[-1].status != Status.SUSPECTED_SPAM:
            person.tell(rows, NotificationKind.CANCELLED, now=now)


def why_not_another_time(request: CallbackRequest) -> str:
    """Why the visitor cannot move the call of this request, in a sentence; empty if they can."""
    if request.status == Status.CLOSED:
        return IS_CLOSED
    if request.decide_by:
        return WITH_A_SOLICITOR
    if request.status == Status.CLAIMED and request.claim_ends_at is None:
        return IN_A_CALL
    return ""


# What stands behind the verbs


def _is_at(request: CallbackRequest, wanted_at: datetime | None) -> bool:
    """Whether this is the time that the request has: chosen, and still what is due."""
    is_due = request.due_from == wanted_at or request.status == Status.SUSPECTED_SPAM
    return request.wanted_at == wanted_at and is_due


def _time_for(request: CallbackRequest, wanted_at: datetime | None, now: datetime) -> Time:
    """The time, and the place if it is a slot; before any row is locked, since people queue for it."""
    in_force, instead_of = hours_in_force(), person.first_of(request)
    if wanted_at is None:
        return as_soon_as_possible(in_force, now, instead_of=instead_of)
    return chosen_slot(in_force, wanted_at, phone=request.phone, now=now, instead_of=instead_of)


def _update(rows: Sequence[CallbackRequest], allowed: Q, sets: dict[str, Any]) -> None:
    """Move these requests; refuse when none moved."""
    pks = [row.pk for row in rows]
    if not CallbackRequest.objects.filter(allowed, pk__in=pks).update(**{"edits": F("edits") + 1} | sets):
        stands = CallbackRequest.objects.get(pk=pks[-1])
        raise Refused(why_not_another_time(stands) or IS_CLOSED)


def _of(pk: int, events: Sequence[Event]) -> Event:
    """The event of this request, of those that were written of all."""
    return next(event for event in events if event.request_id == pk)
