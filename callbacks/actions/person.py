"""What the same person asked before. Their open requests are one: they stand at the same point, are
due at the same time, and every verb moves all of them.

Linked is only what has the same number or e-mail address, and a near name. What a solicitor is
deciding is left alone: a new request of that person stands for itself.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Lower

from callbacks import names
from callbacks.actions.owing import owe
from callbacks.models import CallbackRequest, NotificationKind
from callbacks.models.request import CallbackRequestQuerySet
from callbacks.states import Status
from firm_site.locks import queue_for

# Where a request stands and when it is due, which is the same for all of one person.
TIME = ["wanted_at", "due_from", "due_at", "promised_by"]
STANDING = ["status", "conflict_since", "attempts", "claimed_by", "claimed_at", "claim_ends_at"]


def locked(pk: int) -> list[CallbackRequest]:
    """The open requests that are one with this one, itself among them, the oldest first; a closed
    one or one set apart is alone. Their rows are locked until the transaction ends.

    Raises CallbackRequest.DoesNotExist.
    """
    request = CallbackRequest.objects.get(pk=pk)
    one = Q(pk__in=_with(_first(request)).values("pk")) | Q(pk=pk)
    together = CallbackRequest.objects.filter(one).select_for_update().order_by("pk")
    rows: list[CallbackRequest] = []
    # Whoever waited for a lock may find that the person has asked again meanwhile.
    while len(found := list(together.all())) > len(rows):
        rows = found
    this = next(row for row in rows if row.pk == pk)
    return [this] if this.due_at is None else rows


def asked_before(*, full_name: str, phone: str, email: str) -> list[CallbackRequest]:
    """The open requests of the person who asks now, the oldest first; those with the newest where
    there are two such people. Within a transaction: who asks twice at once, asks in turn."""
    queue_for(f"phone {phone}", *([f"email {email.lower()}"] if email else []))
    same = Q(phone=phone)
    if email:
        same |= Q(lower=email.lower()) & ~Q(email="")  # as the index has it
    found = CallbackRequest.objects.open().alias(lower=Lower("email")).filter(same, decide_by__isnull=True)
    near = [row for row in found.order_by("-pk") if names.are_near(row.full_name, full_name)]
    return list(_with(_first(near[0]) if near else 0).order_by("pk"))


def asked_besides(pk: int) -> list[CallbackRequest]:
    """What the person of a closed request, or of one set apart, has open besides it: linked to it
    once, or found to be the same person's now."""
    request = CallbackRequest.objects.filter(pk=pk).first() or CallbackRequest(pk=0)
    asked = asked_before(full_name=request.full_name, phone=request.phone, email=request.email)
    rows = {row.pk: row for row in [*asked, *_with(_first(request))] if row.pk != pk}
    return [rows[each] for each in sorted(rows)]


def join(
    before: Sequence[CallbackRequest], request: CallbackRequest, *, place: int | None
) -> list[CallbackRequest]:
    """Make one of what the person asked before and a stored, open request. All get the standing of
    what was there, and the time of the newest, which alone holds a place (`place`, if the newest is
    `request`). The stricter wish for discretion wins. Returns the others as they were.

    Their rows are read again, locked, since something may have happened to them meanwhile. With none
    before the same is asked of the database: a second request takes no longer than a first.
    """
    first = _first(before[0] if before else request)
    own = Q(pk=request.pk)
    undecided = _with(first, own).filter(decide_by__isnull=True)  # it may be with a solicitor by now
    rows = list(undecided.select_for_update().order_by("pk"))
    others = [row for row in rows if row.pk != request.pk]
    standing, newest = (others or rows)[-1], rows[-1]
    one = CallbackRequest.objects.filter(pk__in=[row.pk for row in rows])
    one.update(
        **{name: getattr(standing, name) for name in STANDING} | _held(rows, standing),
        **{name: getattr(newest, name) for name in TIME},
        place=None,
        gives_up_at=None if newest.pk == request.pk else newest.gives_up_at,
        say_who=all(row.say_who for row in rows),
        leave_message=all(row.leave_message for row in rows),
        edits=F("edits") + (1 if others else 0),
    )
    one.exclude(pk=first).update(earlier=first if others else F("earlier"))
    hold(rows, place if newest.pk == request.pk else newest.place)
    return others


def _held(rows: Sequence[CallbackRequest], standing: CallbackRequest) -> dict[str, Any]:
    """A resemblance in one of the requests holds them all."""
    since = min((row.conflict_since for row in rows if row.conflict_since), default=None)
    if since is None or standing.status not in (Status.NEW, Status.WAITING):
        return {"conflict_since": since}
    return {"conflict_since": since, "status": Status.CONFLICT_CHECK}


def hold(rows: Sequence[CallbackRequest], place: int | None) -> None:
    """Give the newest of these requests the place; the others hold none."""
    CallbackRequest.objects.filter(pk=rows[-1].pk).update(place=place)


def tell(
    rows: Sequence[CallbackRequest], kind: NotificationKind, *, now: datetime, after: timedelta = timedelta()
) -> None:
    """Owe the visitor a notice at each address that they gave: who asked under another's name must
    not be the only one to learn what became of it. One with no address at all is owed it once."""
    reached = {row.email.lower(): row for row in rows if row.email}
    for row in reached.values() or rows[-1:]:
        owe(row, kind, now=now, after=after)


def together(pk: int) -> list[int]:
    """The open requests that are one with this one, itself among them, not locked."""
    return [row.pk for row in _with(_first(CallbackRequest.objects.get(pk=pk)), Q(pk=pk))]


def _first(request: CallbackRequest) -> int:
    return request.earlier_id or request.pk


def _with(first: int, also: Q | None = None) -> CallbackRequestQuerySet:
    """The open requests of which `first` was the first."""
    one = Q(pk=first) | Q(earlier=first)
    return CallbackRequest.objects.open().filter(one | also if also else one)
