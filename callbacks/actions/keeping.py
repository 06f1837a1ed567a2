"""What time does, and who asks for it: requests that nobody answered are closed; what people told us is
forgotten when its time has come, and erased when there is a reason.

What stays of a request is its reference, its times, how it ended and its events: nothing personal.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from callbacks import mail_files
from callbacks.actions import Refused
from callbacks.actions.moving import CLOSING, claim_lapsed, record, update
from callbacks.actions.owing import sending_about
from callbacks.models import (
    Actor,
    CallbackRequest,
    Event,
    EventKind,
    Ground,
    Note,
    Notification,
    Undo,
)
from callbacks.models.request import NOTHING, Spent
from callbacks.retention import CLASSES, to_forget
from callbacks.states import Outcome, Status
from firm_site.forgetting import forget_messages
from firm_site.locks import is_held
from firm_site.models import User

AT_A_TIME = 500  # requests, in one transaction

NOT_YOURS = "Only managers erase what somebody told us."
A_SOLICITOR_DECIDES = "A solicitor is deciding {}: a partner closes it first, since a claim may rest on it."
ON_ITS_WAY = "An e-mail about {} is on its way at this moment. Try again in a minute."


def give_up(*, now: datetime) -> int:
    """Close the requests whose `gives_up_at` has come, but for those in somebody's hands, as not
    reached; return how many."""
    in_nobodys = Q(status__in=[Status.WAITING, Status.CONFLICT_CHECK]) | claim_lapsed(now)
    with transaction.atomic():
        overdue = CallbackRequest.objects.filter(in_nobodys, gives_up_at__lte=now)
        waited_until = dict(overdue.select_for_update(skip_locked=True).values_list("pk", "gives_up_at"))
        CallbackRequest.objects.filter(pk__in=waited_until).update(
            **CLOSING, outcome=Outcome.NOT_REACHED, closed_at=now
        )
        Event.objects.bulk_create(
            Event(
                request_id=pk,
                kind=EventKind.GAVE_UP,
                actor=Actor.SYSTEM,
                at=now,
                was_at=was,
                outcome=Outcome.NOT_REACHED,
            )
            for pk, was in waited_until.items()
        )
    return len(waited_until)


def forget(*, now: datetime) -> Iterator[int]:
    """Empty the requests whose time has come, some hundreds in each transaction; after each, how many."""
    for name in CLASSES:
        while many := _forget_some(name, now):
            yield many


def _forget_some(name: str, now: datetime) -> int:
    with transaction.atomic():
        over = to_forget(name, now).order_by("closed_at", "pk")
        rows = list(over.select_for_update(skip_locked=True, of=("self",))[:AT_A_TIME])
        _empty(rows, now)
        record(rows, EventKind.FORGOTTEN, now=now)
    return len(rows)


def erase(*, pks: Collection[int], by: User, now: datetime, ground: Ground) -> int:
    """Erase what these requests hold, for good; return how many they were. What is open is closed as
    withdrawn first. What has been erased before stays as it is.

    Raises Refused when a solicitor is deciding one of them, or an e-mail about one is on its way.
    """
    if not by.has_perm("callbacks.erase_callbackrequest"):
        raise Refused(NOT_YOURS)
    with transaction.atomic():
        rows, others = _locked(pks)
        for row in rows:
            if row.decide_by:
                raise Refused(A_SOLICITOR_DECIDES.format(row))
            if is_held(sending_about(row.pk)):
                raise Refused(ON_ITS_WAY.format(row))
        _close(rows, others, by, now)
        _erase(rows, now=now, by=by, ground=ground)
    return len(rows)


def erase_again(ids: Iterable[int], now: datetime) -> int:
    """Erase once more what an older backup has brought back; return how many that were. Without effect on
    what holds nothing already."""
    many = 0
    pks = sorted(set(ids))
    for start in range(0, len(pks), AT_A_TIME):
        with transaction.atomic():
            rows, others = _locked(pks[start : start + AT_A_TIME])
            _close(rows, others, None, now)
            _erase(rows, now=now, by=None, ground=Ground.RESTORED)
            many += len(rows)
    return many


def erased_since(moment: datetime) -> list[tuple[int, datetime, datetime]]:
    """Which requests were forgotten or erased at that moment (aware) or later, when they were asked, and
    when they were erased: what a backup made then would bring back."""
    erased = CallbackRequest.objects.filter(erased_at__gte=moment).order_by("erased_at", "pk")
    found = erased.values_list("pk", "created_at", "erased_at")
    return [(pk, asked_at, erased_at) for pk, asked_at, erased_at in found if erased_at]


# What stands behind the verbs


def _locked(pks: Collection[int]) -> tuple[list[CallbackRequest], list[CallbackRequest]]:
    """These requests, without what holds nothing already; and what else the same people have open. All
    locked in one order, so that nobody waits for whoever waits for them."""
    chosen = CallbackRequest.objects.filter(pk__in=pks)
    firsts = list(chosen.values_list(Coalesce("earlier_id", "pk"), flat=True))
    besides = Q(due_at__isnull=False) & (Q(pk__in=firsts) | Q(earlier__in=firsts))
    found = CallbackRequest.objects.filter(Q(pk__in=pks) | besides, erased_at__isnull=True)
    locked = list(found.select_for_update().order_by("pk"))
    return (
        [row for row in locked if row.pk in set(pks)],
        [row for row in locked if row.pk not in set(pks)],
    )


def _close(
    rows: Sequence[CallbackRequest], others: Sequence[CallbackRequest], by: User | None, now: datetime
) -> None:
    """Close what is open; the place goes to what the same person has open besides, the newest of it."""
    standing = [row for row in rows if row.status != Status.CLOSED]
    outcome = Outcome.WITHDRAWN
    update(standing, Q(), {**CLOSING, "outcome": outcome, "closed_at": now})
    record(standing, EventKind.CLOSED, now=now, by=by, moves=True, outcome=outcome)
    for row in standing:
        left = [other for other in others if _first(other) == _first(row)]
        if row.place and left:
            CallbackRequest.objects.filter(pk=left[-1].pk).update(place=row.place, edits=F("edits") + 1)


def _first(request: CallbackRequest) -> int:
    return request.earlier_id or request.pk


def _erase(rows: Sequence[CallbackRequest], *, now: datetime, by: User | None, ground: Ground) -> None:
    _empty(rows, now)
    actor = Actor.STAFF if by else Actor.SYSTEM
    Event.objects.bulk_create(
        Event(request=row, kind=EventKind.ERASED, actor=actor, by=by, at=now, ground=ground) for row in rows
    )


def _empty(rows: Sequence[CallbackRequest], now: datetime) -> None:
    """Leave nothing personal of closed and locked requests, in the database or beside it."""
    if not rows:
        return
    pks = [row.pk for row in rows]
    Note.objects.filter(request__in=pks).delete()
    Undo.objects.filter(Q(request__in=pks) | Q(columns__has_any_keys=[str(pk) for pk in pks])).delete()
    Notification.objects.filter(request__in=pks, sent_at__isnull=True).delete()
    CallbackRequest.objects.filter(pk__in=pks).update(
        **NOTHING, token=Spent("token"), erased_at=now, edits=F("edits") + 1
    )
    forget_messages()
    mail_files.delete_letters([row.reference for row in rows])
