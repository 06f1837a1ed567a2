"""How a request moves, whoever moves it: one conditional UPDATE of all open requests of a person, an
event of each, and a sentence for whoever came too late.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from callbacks.actions import Refused, person
from callbacks.actions.undoing import remember
from callbacks.models import Actor, CallbackRequest, Event, EventKind, Note, NoteKind
from callbacks.states import MOVES, Status
from firm_site import prepared
from firm_site.models import User

UNCLAIMED = {"claimed_by": None, "claimed_at": None, "claim_ends_at": None}
UNDECIDED = {"decide_by": None, "solicitor": None}

# What ends with closing, whoever or whatever closes.
CLOSING: dict[str, Any] = {
    **UNCLAIMED,
    **UNDECIDED,
    "status": Status.CLOSED,
    "due_from": None,
    "due_at": None,
    "gives_up_at": None,
    "place": None,
    "fingerprint": None,
    "edits": F("edits") + 1,
}

# Where a claim goes back to when it is let go.
LET_GO = Case(
    When(conflict_since__isnull=False, then=Value(Status.CONFLICT_CHECK)),
    When(decide_by__isnull=False, then=Value(Status.WITH_SOLICITOR)),
    When(attempts__gt=0, then=Value(Status.WAITING)),
    default=Value(Status.NEW),
)

# One that nobody has called yet, unless a resemblance holds it.
AS_NEW = Case(
    When(conflict_since__isnull=False, then=Value(Status.CONFLICT_CHECK)),
    default=Value(Status.NEW),
)

# A request that waits for a call again, unless a resemblance holds it.
AS_WAITING = Case(
    When(conflict_since__isnull=False, then=Value(Status.CONFLICT_CHECK)),
    default=Value(Status.WAITING),
)


def is_claim_of(user: User) -> Q:
    """Claimed by this person; lapsed or not, nobody else has taken it."""
    return Q(status=Status.CLAIMED, claimed_by=user)


def is_idle_claim_of(user: User) -> Q:
    """A claim with no call in progress: while one is, how it went must be said first."""
    return is_claim_of(user) & Q(claim_ends_at__isnull=False)


def is_call_of(user: User) -> Q:
    """This person's, with a call in progress."""
    return is_claim_of(user) & Q(claim_ends_at__isnull=True)


def is_held_by(user: User, now: datetime) -> Q:
    """This person's, and not lapsed."""
    return is_claim_of(user) & _runs(now)


def is_anothers(user: User, now: datetime) -> Q:
    """Somebody else's, and not lapsed."""
    return Q(status=Status.CLAIMED) & ~Q(claimed_by=user) & _runs(now)


def claim_lapsed(now: datetime) -> Q:
    """Claimed, with no call in progress, and the time is over."""
    return Q(status=Status.CLAIMED, claim_ends_at__lte=now)


def _runs(now: datetime) -> Q:
    return Q(claim_ends_at__isnull=True) | Q(claim_ends_at__gt=now)


def may_decide(user: User) -> Q:
    """What a solicitor is deciding, only a partner moves on."""
    if user.has_perm("callbacks.decide_callbackrequest"):
        return Q()
    return Q(decide_by__isnull=True)


def locked(pk: int) -> list[CallbackRequest]:
    """The requests that move with this one, the oldest first, as `person.locked` has them."""
    try:
        rows = person.locked(pk)
    except CallbackRequest.DoesNotExist as error:
        raise Refused("There is no such request.") from error
    if rows[-1].erased_at:
        raise Refused("What they told us has been deleted: there is nothing to work with any more.")
    return rows


def update(rows: Sequence[CallbackRequest], allowed: Q, sets: dict[str, Any]) -> int:
    """Set these columns where the requests stand as `allowed`; return how many moved."""
    sets = {"edits": F("edits") + 1} | sets
    return CallbackRequest.objects.filter(allowed, pk__in=[row.pk for row in rows]).update(**sets)


def record(
    rows: Sequence[CallbackRequest],
    kind: EventKind,
    *,
    now: datetime,
    by: User | None = None,
    actor: Actor = Actor.SYSTEM,
    moves: bool = False,
    outcome: str = "",
    held_by: User | None = None,
) -> Sequence[Event]:
    """Write an event of each request: of staff with `by`, else of `actor`. When it `moves` what is
    due, the time that was replaced goes on record; to a visitor that was their promise, if nothing
    else was due. `held_by` is whose claim it took."""
    events = [
        Event(
            request=row,
            kind=kind,
            actor=Actor.STAFF if by else actor,
            by=by,
            at=now,
            was_at=(row.due_at or (row.promised_by if actor == Actor.VISITOR else None)) if moves else None,
            outcome=outcome,
            held_by=held_by,
        )
        for row in rows
    ]
    return prepared.insert(events)


def change(
    pk: int,
    kind: EventKind,
    allowed: Q,
    sets: dict[str, Any],
    by: User,
    now: datetime,
    *,
    reason: str = "",
    note: str = "",
    takes_from: bool = False,
    undo: bool = False,
) -> list[CallbackRequest]:
    """Make one move of staff, its event, and the words that go with it; refuse when no row changed.
    Returns the requests that moved, the oldest first, as they were. A move that `takes_from` somebody
    says from whom; one with `undo` can be taken back for half a minute."""
    with transaction.atomic():
        rows = locked(pk)
        if not update(rows, allowed, sets):
            raise refusal(pk, by=by, now=now)
        outcome = sets.get("outcome", "")
        held_by = _holder(rows[-1], by, now) if takes_from else None
        moves = "due_at" in sets
        events = record(rows, kind, now=now, by=by, moves=moves, outcome=outcome, held_by=held_by)
        event = next(event for event in events if event.request_id == pk)
        if undo:
            remember(rows, event, by=by, now=now)
        for text, sort in ((reason, NoteKind.REASON), (note, NoteKind.NOTE)):
            if text:
                Note.objects.create(request_id=pk, event=event, kind=sort, text=text, by=by, at=now)
        return rows


def _holder(request: CallbackRequest, by: User, now: datetime) -> User | None:
    """Who else had it, and not lapsed."""
    runs = request.claim_ends_at is None or request.claim_ends_at > now
    return request.claimed_by if runs and request.claimed_by != by else None


_CALL_FIRST = "Press “Calling now” first, so that nobody else is handed this request meanwhile."
_END_THE_CALL = "Say first how the call went."
_CLAIM_ENDED = "Your claim has ended. Claim the request again."


def refusal(pk: int, *, by: User, now: datetime) -> Refused:
    """Why a move was not possible, in a sentence that names who or what stands against it."""
    request = CallbackRequest.objects.select_related("claimed_by").get(pk=pk)
    if request.status == Status.CLAIMED and request.claimed_by != by:
        since = timezone.localtime(request.claimed_at)
        return Refused(f"{request.claimed_by} has had this request since {since:%-H:%M}.")
    if request.status == Status.CLOSED:
        closed = timezone.localtime(request.closed_at)
        return Refused(f"This request was closed on {closed:%-d %B at %-H:%M}.")
    if request.decide_by and not by.has_perm("callbacks.decide_callbackrequest"):
        return Refused("A solicitor is deciding this one: only a partner can move it on.")
    if request.status == Status.CLAIMED:
        ends = request.claim_ends_at
        if ends is None:
            return Refused(_END_THE_CALL)
        return Refused(_CALL_FIRST if ends > now else _CLAIM_ENDED)
    state = f"“{request.get_status_display().lower()}”"
    if Status.CLAIMED in MOVES[Status(request.status)]:
        return Refused(f"The request is {state} now: claim it first.")
    return Refused(f"That is not possible: the request is {state}.")
