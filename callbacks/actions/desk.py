"""What staff do with a request. Each verb is one conditional UPDATE and its event, of all open
requests of the same person, which are one (callbacks.actions.person).

Every verb takes the request's `pk`, who acts (`by`) and the moment (`now`, aware), and raises
`Refused` with a sentence when the table of states (callbacks.states) or another person's claim
stands against it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from callbacks import hours, telephone
from callbacks.actions import Refused, person
from callbacks.actions.booking import UNKNOWN_HOURS, Time, as_soon_as_possible, in_slot
from callbacks.actions.owing import owe
from callbacks.models import Actor, CallbackRequest, Event, EventKind, Note, NoteKind, NotificationKind
from callbacks.opening import hours_in_force
from callbacks.states import MOVES, Outcome, Status, may_come_from
from firm_site.models import User

CLAIM_LASTS = timedelta(minutes=10)
LAST_ATTEMPT = 3
WAITS_BEFORE_GIVING_UP = timedelta(days=14)
OPEN_DAYS_TO_DECIDE = 2
UNDO_SPAM = timedelta(hours=1)

UNCLAIMED = {"claimed_by": None, "claimed_at": None, "claim_ends_at": None}
_UNDECIDED = {"decide_by": None, "solicitor": None}

# What ends with closing, whoever or whatever closes.
CLOSING: dict[str, Any] = {
    **UNCLAIMED,
    **_UNDECIDED,
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
_NEW = Case(
    When(conflict_since__isnull=False, then=Value(Status.CONFLICT_CHECK)),
    default=Value(Status.NEW),
)

# A request that waits for a call again, unless a resemblance holds it.
_WAIT = Case(
    When(conflict_since__isnull=False, then=Value(Status.CONFLICT_CHECK)),
    default=Value(Status.WAITING),
)


def claim(*, pk: int, by: User, now: datetime) -> None:
    """Take a request for ten minutes. One that this person has already is simply kept."""
    taken = {
        "status": Status.CLAIMED,
        "claimed_by": by,
        "claimed_at": now,
        "claim_ends_at": now + CLAIM_LASTS,
    }
    free = Q(status__in=may_come_from(Status.CLAIMED) - {Status.CLAIMED})
    with transaction.atomic():
        rows = _locked(pk)
        if _update(rows, _claim_lapsed(now), taken):
            _record(rows, EventKind.LAPSED, now=now)
        elif not _update(rows, free, taken):
            if CallbackRequest.objects.filter(_held_by(by, now), pk=pk).exists():
                return
            raise _refusal(pk, by=by, now=now)
        _record(rows, EventKind.CLAIMED, by=by, now=now)


def release(*, pk: int, by: User, now: datetime) -> None:
    """Let a claim go: the request stands where it stood, still due when it was."""
    _change(pk, EventKind.RELEASED, _is_claim_of(by), {"status": LET_GO, **UNCLAIMED}, by, now)


def take_over(*, pk: int, by: User, now: datetime, reason: str) -> None:
    """Take for ten minutes what somebody else has, even with a call in progress. For managers."""
    if not reason:
        raise Refused("Say why you take it over.")
    sets = {"claimed_by": by, "claimed_at": now, "claim_ends_at": now + CLAIM_LASTS}
    _change(pk, EventKind.TAKEN_OVER, _is_anothers(by, now), sets, by, now, reason=reason)


def call(*, pk: int, by: User, now: datetime) -> None:
    """Begin an attempt: from now until it ends nobody else is handed this request."""
    with transaction.atomic():
        rows = _locked(pk)
        if _update(
            rows,
            _is_claim_of(by) & Q(claim_ends_at__gt=now),
            {"claim_ends_at": None, "attempts": F("attempts") + 1},
        ):
            _record(rows, EventKind.CALLING, by=by, now=now)
        elif not CallbackRequest.objects.filter(_is_call_of(by), pk=pk).exists():
            raise _refusal(pk, by=by, now=now)


def no_answer(*, pk: int, by: User, now: datetime) -> None:
    """End the attempt: nobody answered. The next one is in another part of the day; after the
    third the person has 14 days to get in touch."""
    _end_in_vain(pk, EventKind.NO_ANSWER, by, now)


def left_message(*, pk: int, by: User, now: datetime) -> None:
    """End the attempt: a message was left. Refused where the person has not allowed one."""
    if CallbackRequest.objects.filter(pk=pk, leave_message=False).exists():
        raise Refused(
            "They asked us to leave no message. If one was left by mistake, record “No answer” "
            "and say so in a note."
        )
    _end_in_vain(pk, EventKind.LEFT_MESSAGE, by, now)


def wrong_number(*, pk: int, by: User, now: datetime) -> None:
    """End the attempt: the number is not theirs. Without another there is no further one."""
    _end_in_vain(pk, EventKind.WRONG_NUMBER, by, now, last=True)


def spoke(*, pk: int, by: User, now: datetime) -> None:
    """End the attempt: we have spoken. The claim goes on for ten minutes, to say what follows."""
    sets = {"claim_ends_at": now + CLAIM_LASTS, "claimed_at": now}
    _change(pk, EventKind.SPOKE, _is_call_of(by), sets, by, now)


def call_again(*, pk: int, by: User, now: datetime, at: datetime) -> None:
    """Set when to call again: from `at`, for half an hour. What the visitor was promised stays."""
    start, end = _open_half_hour(at, now)
    sets = {
        "status": _WAIT,
        "place": None,
        "due_from": start,
        "due_at": end,
        "gives_up_at": None,
        **UNCLAIMED,
        **_UNDECIDED,
    }
    allowed = (_is_idle_claim_of(by) | Q(status=Status.WITH_SOLICITOR)) & _may_decide(by)
    _change(pk, EventKind.CALL_AGAIN, allowed, sets, by, now)


def agree_another_time(*, pk: int, by: User, now: datetime, at: datetime) -> None:
    """Move the request to the half hour from `at`, as if the visitor had chosen it: it takes a
    place there, and the promise moves with it."""
    start, _ = _open_half_hour(at, now)
    unclaimed = Q(status__in=[Status.NEW, Status.WAITING, Status.CONFLICT_CHECK])
    allowed = (unclaimed | _is_idle_claim_of(by)) & Q(decide_by__isnull=True)
    with transaction.atomic():
        time = in_slot(hours_in_force(), start, instead_of=person.together(pk))
        if time.place is None:
            raise Refused("That time is full. Choose another.")
        sets = {
            "status": Case(When(status=Status.CLAIMED, then=LET_GO), default=F("status")),
            **time.columns(),
            "gives_up_at": None,
            **UNCLAIMED,
        }
        rows = _change(pk, EventKind.OTHER_TIME, allowed, sets, by, now)
        person.hold(rows, time.place)
        person.tell(rows, NotificationKind.CHANGED, now=now)


def pass_to_solicitor(
    *,
    pk: int,
    by: User,
    now: datetime,
    solicitor: User | None = None,
    decide_by: datetime | None = None,
) -> None:
    """Hand it to a solicitor (a partner; None for any of them) to decide, within two open days
    unless `decide_by` says otherwise."""
    in_force = hours_in_force()
    decide_by = decide_by or hours.open_days_after(in_force, now, OPEN_DAYS_TO_DECIDE) or now + UNKNOWN_HOURS
    if decide_by <= now:
        raise Refused("The day to decide by must be in the future.")
    sets = {
        "status": Status.WITH_SOLICITOR,
        "solicitor": solicitor,
        "decide_by": decide_by,
        "place": None,
        "due_from": None,
        "due_at": decide_by,
        "gives_up_at": None,
        **UNCLAIMED,
    }
    _change(pk, EventKind.TO_SOLICITOR, _is_idle_claim_of(by) & _may_decide(by), sets, by, now)


def close(*, pk: int, by: User, now: datetime, outcome: Outcome, reason: str = "") -> None:
    """Close with an outcome. What is with a solicitor only a partner closes."""
    unclaimed = Q(status__in=may_come_from(Status.CLOSED) - {Status.CLAIMED})
    allowed = (unclaimed | _is_idle_claim_of(by) | _claim_lapsed(now)) & _may_decide(by)
    sets = {**CLOSING, "outcome": outcome, "closed_at": now}
    _change(pk, EventKind.CLOSED, allowed, sets, by, now, reason=reason)


def reopen(*, pk: int, by: User, now: datetime, reason: str) -> None:
    """Take a closed request up again, due as soon as possible from now."""
    if not reason:
        raise Refused("Say why it is reopened.")
    sets = {
        "status": _NEW,
        "attempts": 0,
        "outcome": "",
        "closed_at": None,
        "set_apart_because": "",
        "wanted_at": None,
    }
    allowed = Q(status=Status.CLOSED) & ~Q(phone="")  # an erased one has nobody to call
    with transaction.atomic():
        if others := _asked_besides(pk):
            raise Refused(f"They have asked again: {others[-1]} is open. Work on that one.")
        sets["due_at"] = as_soon_as_possible(hours_in_force(), now).due_at
        _change(pk, EventKind.REOPENED, allowed, sets, by, now, reason=reason)


def make_real(*, pk: int, by: User, now: datetime) -> None:
    """Put a request that was set apart among those to call: in the slot that it asked for, with a
    place if one is free, else due when its arrival promised. What the same person asked besides
    goes on as one with it, at the time of whichever was asked last."""
    apart = Q(status=Status.SUSPECTED_SPAM)
    with transaction.atomic():
        others = _asked_besides(pk)
        request = CallbackRequest.objects.get(pk=pk)
        time = Time(wanted_at=None, place=None, due_from=None, due_at=request.promised_by)
        if request.wanted_at:
            time = in_slot(hours_in_force(), request.wanted_at, instead_of=[row.pk for row in others])
        sets = {"status": _NEW, "set_apart_because": "", **time.columns()}
        (request,) = _change(pk, EventKind.MADE_REAL, apart, sets, by, now)
        joined = person.join(others, request, place=time.place)
        _record(joined, EventKind.ASKED_AGAIN, now=now)
        owe(request, NotificationKind.RECEIPT, now=now)


def close_as_spam(*, pks: Sequence[int], by: User, now: datetime) -> int:
    """Close those of these requests that are still set apart as spam; return how many they were."""
    sets = {**CLOSING, "outcome": Outcome.SPAM, "closed_at": now}
    with transaction.atomic():
        apart = CallbackRequest.objects.filter(pk__in=pks, status=Status.SUSPECTED_SPAM)
        rows = list(apart.select_for_update().order_by("pk"))
        closed = _update(rows, Q(), sets)
        _record(rows, EventKind.CLOSED, now=now, by=by, sets={"outcome": Outcome.SPAM})
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
        own = Event.objects.filter(kind=EventKind.CLOSED, at=closed_at, by=by).values("request")
        rows = list(closed.filter(pk__in=own).select_for_update().order_by("pk"))
        taken_back = _update(rows, Q(), sets)
        _record(rows, EventKind.UNDONE, now=now, by=by)
    return taken_back


def add_note(*, pk: int, by: User, now: datetime, text: str) -> None:
    """Write something down about a request, in any state."""
    if not text:
        raise Refused("Write the note first.")
    _change(pk, EventKind.NOTED, Q(), {}, by, now, note=text)


def correct_number(*, pk: int, by: User, now: datetime, typed: str) -> None:
    """Put another number in the place of the one given, in any writing; the old one goes into a
    note. A request that had nothing left but to be given up is due as soon as possible again."""
    try:
        number = telephone.parse(typed)
    except ValueError as error:
        raise Refused(str(error)) from error
    with transaction.atomic():
        before = _locked(pk)[-1]
        sets: dict[str, Any] = {"phone": number.e164, "phone_typed": typed}
        if before.gives_up_at:
            due = as_soon_as_possible(hours_in_force(), now).due_at
            sets |= {"due_from": None, "due_at": due, "gives_up_at": None}
        was = f"The number was {before.phone_typed or before.phone}."
        allowed = ~Q(status=Status.CLOSED) & ~_is_anothers(by, now)
        _change(pk, EventKind.NUMBER_CORRECTED, allowed, sets, by, now, note=was)


# What stands behind the verbs

_CALL_FIRST = "Press “Calling now” first, so that nobody else is handed this request meanwhile."
_END_THE_CALL = "Say first how the call went."
_CLAIM_ENDED = "Your claim has ended. Claim the request again."


def _is_claim_of(user: User) -> Q:
    """Claimed by this person; lapsed or not, nobody else has taken it."""
    return Q(status=Status.CLAIMED, claimed_by=user)


def _is_idle_claim_of(user: User) -> Q:
    """A claim with no call in progress: while one is, how it went must be said first."""
    return _is_claim_of(user) & Q(claim_ends_at__isnull=False)


def _is_call_of(user: User) -> Q:
    return _is_claim_of(user) & Q(claim_ends_at__isnull=True)


def _held_by(user: User, now: datetime) -> Q:
    return _is_claim_of(user) & (Q(claim_ends_at__isnull=True) | Q(claim_ends_at__gt=now))


def _is_anothers(user: User, now: datetime) -> Q:
    running = Q(claim_ends_at__isnull=True) | Q(claim_ends_at__gt=now)
    return Q(status=Status.CLAIMED) & ~Q(claimed_by=user) & running


def _claim_lapsed(now: datetime) -> Q:
    return Q(status=Status.CLAIMED, claim_ends_at__lte=now)


def _may_decide(user: User) -> Q:
    """What a solicitor is deciding, only a partner moves on."""
    if user.has_perm("callbacks.decide_callbackrequest"):
        return Q()
    return Q(decide_by__isnull=True)


def _locked(pk: int) -> list[CallbackRequest]:
    try:
        return person.locked(pk)
    except CallbackRequest.DoesNotExist as error:
        raise Refused("There is no such request.") from error


def _update(rows: Sequence[CallbackRequest], allowed: Q, sets: dict[str, Any]) -> int:
    sets = {"edits": F("edits") + 1} | sets
    return CallbackRequest.objects.filter(allowed, pk__in=[row.pk for row in rows]).update(**sets)


def _record(
    rows: Sequence[CallbackRequest],
    kind: EventKind,
    *,
    now: datetime,
    by: User | None = None,
    sets: dict[str, Any] | None = None,
) -> None:
    """Write an event of each request; the time that `sets` replaced goes on record with it."""
    sets = sets or {}
    Event.objects.bulk_create(
        Event(
            request=row,
            kind=kind,
            actor=Actor.STAFF if by else Actor.SYSTEM,
            by=by,
            at=now,
            was_at=row.due_at if "due_at" in sets else None,
            outcome=sets.get("outcome", ""),
        )
        for row in rows
    )


def _change(
    pk: int,
    kind: EventKind,
    allowed: Q,
    sets: dict[str, Any],
    by: User,
    now: datetime,
    *,
    reason: str = "",
    note: str = "",
) -> list[CallbackRequest]:
    """Make one move, its event, and the words that go with it; refuse when no row changed. Returns
    the requests that moved, the oldest first, as they were."""
    with transaction.atomic():
        rows = _locked(pk)
        if not _update(rows, allowed, sets):
            raise _refusal(pk, by=by, now=now)
        _record(rows, kind, now=now, by=by, sets=sets)
        for text, sort in ((reason, NoteKind.REASON), (note, NoteKind.NOTE)):
            if text:
                event = Event.objects.filter(request=pk, kind=kind).latest("pk")
                Note.objects.create(request_id=pk, event=event, kind=sort, text=text, by=by, at=now)
        return rows


def _asked_besides(pk: int) -> list[CallbackRequest]:
    """What the person of a closed request, or of one set apart, has open besides it."""
    request = CallbackRequest.objects.filter(pk=pk).first() or CallbackRequest()
    asked = person.asked_before(full_name=request.full_name, phone=request.phone, email=request.email)
    return [row for row in asked if row.pk != pk]


def _end_in_vain(pk: int, kind: EventKind, by: User, now: datetime, *, last: bool = False) -> None:
    """End an attempt without having spoken, and say when the next one is due."""
    with transaction.atomic():
        request = _locked(pk)[-1]
        sets: dict[str, Any] = {"status": LET_GO, **UNCLAIMED}
        # What a solicitor decides by stays; and who was rung before the time they chose is rung then.
        chosen = request.wanted_at if request.wanted_at == request.due_from else None
        agreed_is_ahead = chosen is not None and chosen > now
        stays = request.decide_by or (agreed_is_ahead and not last)
        gives_up = not stays and (last or request.attempts >= LAST_ATTEMPT)
        if gives_up:
            ends = now + WAITS_BEFORE_GIVING_UP
            sets |= {"place": None, "due_from": ends, "due_at": ends, "gives_up_at": ends}
        elif not stays:
            later = now + UNKNOWN_HOURS
            start, end = hours.next_attempt(hours_in_force(), now) or (later, later)
            sets |= {"place": None, "due_from": start, "due_at": end, "gives_up_at": None}
        rows = _change(pk, kind, _is_call_of(by), sets, by, now)
        if gives_up:
            person.tell(rows, NotificationKind.UNREACHED, now=now)


def _open_half_hour(at: datetime, now: datetime) -> tuple[datetime, datetime]:
    half_hour = hours.slot(hours_in_force(), at)
    if at <= now:
        raise Refused("That time has passed. Choose a later one.")
    if half_hour is None:
        raise Refused(
            "We are closed then, or it is not on the half hour. "
            "Choose a time like 10:00 or 10:30 within our opening hours."
        )
    return half_hour


def _refusal(pk: int, *, by: User, now: datetime) -> Refused:
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
