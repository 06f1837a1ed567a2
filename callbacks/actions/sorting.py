"""What staff do with requests that were set apart as suspected spam. The verbs are as those of `desk`."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from callbacks.actions import Refused, checking, person
from callbacks.actions.answering import court_day
from callbacks.actions.booking import Time, in_slot
from callbacks.actions.moving import AS_NEW, CLOSING, change, record, update
from callbacks.actions.owing import owe
from callbacks.actions.undoing import UNDO_SPAM, took_back
from callbacks.models import CallbackRequest, Event, EventKind, NotificationKind
from callbacks.opening import hours_in_force
from callbacks.states import Outcome, Status
from firm_site.models import User


def make_real(*, pk: int, by: User, now: datetime) -> None:
    """Put a request that was set apart among those to call: in the slot that it asked for, with a
    place if one is free, else due when its arrival promised. What the same person asked besides
    goes on as one with it, at the time of whichever was asked last."""
    apart = Q(status=Status.SUSPECTED_SPAM)
    with transaction.atomic():
        checking.while_parties_stay()
        before = person.asked_besides(pk, now=now)
        request = CallbackRequest.objects.get(pk=pk)
        first = person.first_of(before[0] if before else request)
        time = Time(wanted_at=None, place=None, due_from=None, due_at=request.promised_by)
        if request.wanted_at:
            time = in_slot(hours_in_force(), request.wanted_at, instead_of=first)
        sets = {"status": AS_NEW, "set_apart_because": "", **time.columns()}
        joined = person.others_now(pk, first)
        change(pk, EventKind.MADE_REAL, apart, sets, by, now)
        request.refresh_from_db()
        day = court_day([*joined, request], now=now)
        person.join(joined, request, place=time.place, limitation_day=day)
        request.save()
        is_newest = all(row.pk < pk for row in joined)
        record(joined, EventKind.ASKED_AGAIN, now=now, moves=is_newest)
        if is_newest:
            person.tell(joined, NotificationKind.CHANGED, now=now)
        checking.look_again(person.locked(pk), now=now)
        owe(request, NotificationKind.RECEIPT, now=now)


def close_as_spam(*, pks: Sequence[int], by: User, now: datetime) -> int:
    """Close those of these requests that are still set apart as spam; return how many they were."""
    sets = {**CLOSING, "outcome": Outcome.SPAM, "closed_at": now}
    with transaction.atomic():
        apart = CallbackRequest.objects.filter(pk__in=pks, status=Status.SUSPECTED_SPAM)
        rows = list(apart.select_for_update().order_by("pk"))
        closed = update(rows, Q(), sets)
        record(rows, EventKind.CLOSED, now=now, by=by, outcome=Outcome.SPAM)
    return closed


def take_back_spam(*, closed_at: datetime, by: User, now: datetime) -> int:
    """Set apart again what this person closed as spam at that moment, an hour ago at most; return how
    many they were. The one move outside the table of states: it undoes a slip."""
    if now - closed_at > UNDO_SPAM:
        raise Refused("That was more than an hour ago. Reopen them one by one.")
    sets = {"status": Status.SUSPECTED_SPAM, "outcome": "", "closed_at": None}
    with transaction.atomic():
        closed = CallbackRequest.objects.filter(
            ~Q(set_apart_because=""), status=Status.CLOSED, outcome=Outcome.SPAM, closed_at=closed_at
        )
        own = Event.objects.filter(kind=EventKind.CLOSED, at=closed_at, by=by).that_stand()
        events = {event.request_id: event for event in own}
        rows = list(
            closed.filter(pk__in=list(own.values_list("request", flat=True)))
            .select_for_update()
            .order_by("pk")
        )
        taken_back = update(rows, Q(), sets)
        took_back(rows, events, by=by, now=now)
    return taken_back
