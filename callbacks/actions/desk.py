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
from django.db.models import Case, F, Q, When

from callbacks import hours, telephone
from callbacks.actions import Refused, checking, person
from callbacks.actions.booking import UNKNOWN_HOURS, as_soon_as_possible, in_slot
from callbacks.actions.moving import (
    AS_NEW,
    AS_WAITING,
    CLOSING,
    LET_GO,
    UNCLAIMED,
    UNDECIDED,
    change,
    claim_lapsed,
    is_anothers,
    is_call_of,
    is_claim_of,
    is_held_by,
    is_idle_claim_of,
    locked,
    may_decide,
    record,
    refusal,
    update,
)
from callbacks.actions.owing import owe_no_more
from callbacks.actions.undoing import UNDO_LASTS
from callbacks.models import CallbackRequest, EventKind, NotificationKind
from callbacks.models.record import says_not_acting
from callbacks.opening import hours_in_force
from callbacks.sight import seen_by
from callbacks.states import NOT_VIABLE, Outcome, Status, may_come_from
from firm_site.locks import queue_for
from firm_site.models import User

CLAIM_LASTS = timedelta(minutes=10)
LAST_ATTEMPT = 3
WAITS_BEFORE_GIVING_UP = timedelta(days=14)
OPEN_DAYS_TO_DECIDE = 2


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
        rows = locked(pk)
        if update(rows, claim_lapsed(now), taken):
            record(rows, EventKind.LAPSED, now=now)
        elif not update(rows, free, taken):
            if CallbackRequest.objects.filter(is_held_by(by, now), pk=pk).exists():
                return
            raise refusal(pk, by=by, now=now)
        record(rows, EventKind.CLAIMED, by=by, now=now)


def claim_next(*, by: User, now: datetime) -> int | None:
    """Claim the most urgent request that this person may take, in the order of the desk and never
    before its time; return its pk, or None when nobody is to be called now. Whoever has one already is
    led back to that: one at a time.

    Whoever presses at the same moment takes another: what somebody is just taking is passed over.
    """
    passed: list[int] = []
    with transaction.atomic():
        queue_for(f"next for {by.pk}")  # a second click must not claim a second person
        if mine := held(by=by, now=now):
            return mine.pk
        while True:
            free = seen_by(by).to_call(now).in_desk_order(now).exclude(pk__in=passed)
            taken = free.select_for_update(skip_locked=True, of=("self",)).first()
            if taken is None:
                return None
            together = CallbackRequest.objects.of_person(taken)
            # Never waits for a lock while it holds one: with two of one person that could last.
            if len(together.select_for_update(skip_locked=True)) == together.count():
                claim(pk=taken.pk, by=by, now=now)
                return taken.pk
            passed.append(taken.pk)


def held(*, by: User, now: datetime) -> CallbackRequest | None:
    """The request that this person has already, the one claimed first; None without one."""
    mine = CallbackRequest.objects.one_a_person().filter(is_held_by(by, now))
    return mine.order_by("claimed_at", "pk").first()


def they_rang(*, pk: int, by: User, now: datetime) -> None:
    """Take the call of somebody who rings us: it is an attempt, and theirs who took it, whoever had
    claimed the request; but never from a call in progress."""
    idle = Q(status=Status.CLAIMED, claim_ends_at__isnull=False)
    free = Q(status__in=[Status.NEW, Status.WAITING, Status.CONFLICT_CHECK, Status.WITH_SOLICITOR])
    sets = {
        "status": Status.CLAIMED,
        "claimed_by": by,
        "claimed_at": now,
        "claim_ends_at": None,
        "attempts": F("attempts") + 1,
    }
    with transaction.atomic():
        rows = locked(pk)
        before = rows[-1]
        if before.claimed_by == by and before.claim_ends_at is None:
            return  # the call that this person is in
        if before.claim_ends_at and before.claim_ends_at <= now:
            record(rows, EventKind.LAPSED, now=now)
        change(pk, EventKind.THEY_RANG, idle | free, sets, by, now, takes_from=True)


def release(*, pk: int, by: User, now: datetime) -> None:
    """Let a claim go: the request stands where it stood, still due when it was."""
    change(pk, EventKind.RELEASED, is_claim_of(by), {"status": LET_GO, **UNCLAIMED}, by, now)


def take_over(*, pk: int, by: User, now: datetime, reason: str) -> None:
    """Take for ten minutes what somebody else has, even with a call in progress. For managers."""
    if not reason:
        raise Refused("Say why you take it over.")
    sets = {"claimed_by": by, "claimed_at": now, "claim_ends_at": now + CLAIM_LASTS}
    change(pk, EventKind.TAKEN_OVER, is_anothers(by, now), sets, by, now, reason=reason, takes_from=True)


def call(*, pk: int, by: User, now: datetime) -> None:
    """Begin an attempt: from now until it ends nobody else is handed this request."""
    with transaction.atomic():
        rows = locked(pk)
        if update(
            rows,
            is_claim_of(by) & Q(claim_ends_at__gt=now),
            {"claimed_at": now, "claim_ends_at": None, "attempts": F("attempts") + 1},
        ):
            record(rows, EventKind.CALLING, by=by, now=now)
        elif not CallbackRequest.objects.filter(is_call_of(by), pk=pk).exists():
            raise refusal(pk, by=by, now=now)


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
    """End the attempt: we have spoken. The claim goes on for ten minutes, to say what follows. Whom we
    had nearly given up is due as soon as possible again: nobody waits for them any more."""
    sets: dict[str, Any] = {"claim_ends_at": now + CLAIM_LASTS, "claimed_at": now}
    with transaction.atomic():
        if locked(pk)[-1].gives_up_at:
            sets |= _due_again(now)
        change(pk, EventKind.SPOKE, is_call_of(by), sets, by, now, undo=True)


def call_again(*, pk: int, by: User, now: datetime, at: datetime) -> None:
    """Set when to call again: from `at`, for half an hour. What the visitor was promised stays."""
    start, end = _open_half_hour(at, now)
    sets = {
        "status": AS_WAITING,
        "place": None,
        "due_from": start,
        "due_at": end,
        "gives_up_at": None,
        **UNCLAIMED,
        **UNDECIDED,
    }
    allowed = (is_idle_claim_of(by) | Q(status=Status.WITH_SOLICITOR)) & may_decide(by)
    change(pk, EventKind.CALL_AGAIN, allowed, sets, by, now, undo=True)


def agree_another_time(*, pk: int, by: User, now: datetime, at: datetime) -> None:
    """Move the request to the half hour from `at`, as if the visitor had chosen it: it takes a
    place there, and the promise moves with it."""
    start, _ = _open_half_hour(at, now)
    unclaimed = Q(status__in=[Status.NEW, Status.WAITING, Status.CONFLICT_CHECK])
    allowed = (unclaimed | is_idle_claim_of(by)) & Q(decide_by__isnull=True)
    with transaction.atomic():
        first = person.first_of(CallbackRequest.objects.get(pk=pk))
        time = in_slot(hours_in_force(), start, instead_of=first)
        if time.place is None:
            raise Refused("That time is full. Choose another.")
        sets = {
            "status": Case(When(status=Status.CLAIMED, then=LET_GO), default=F("status")),
            **time.columns(),
            "gives_up_at": None,
            **UNCLAIMED,
        }
        rows = change(pk, EventKind.OTHER_TIME, allowed, sets, by, now, undo=True)
        person.hold(rows, time.place)
        _owe(rows, NotificationKind.CHANGED, now)


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
    allowed = is_idle_claim_of(by) & may_decide(by)
    change(pk, EventKind.TO_SOLICITOR, allowed, sets, by, now, undo=True)


def close(*, pk: int, by: User, now: datetime, outcome: Outcome, reason: str = "") -> None:
    """Close with an outcome. What is with a solicitor only a partner closes. Where the firm does not
    act, the person is told so."""
    unclaimed = Q(status__in=may_come_from(Status.CLOSED) - {Status.CLAIMED})
    allowed = (unclaimed | is_idle_claim_of(by) | claim_lapsed(now)) & may_decide(by)
    sets = {**CLOSING, "outcome": outcome, "closed_at": now}
    with transaction.atomic():
        rows = change(pk, EventKind.CLOSED, allowed, sets, by, now, reason=reason, undo=True)
        if (kind := says_not_acting(outcome)) and rows[-1].status != Status.SUSPECTED_SPAM:
            _owe(rows, kind, now)


def hand_over(*, pk: int, by: User, now: datetime, case_number: str) -> None:
    """Note the number that somebody taken on has in the case system; to be corrected the same way, when
    the old one goes into a note."""
    if not case_number:
        raise Refused("Write the case number.")
    with transaction.atomic():
        before = locked(pk)[-1].case_number
        note = f"The case number was {before}." if before not in {"", case_number} else ""
        sets = {"case_number": case_number}
        change(pk, EventKind.HANDED_OVER, Q(outcome=Outcome.TAKEN_ON), sets, by, now, note=note)


def say_not_acting(*, pk: int, by: User, now: datetime) -> None:
    """Put on record that somebody without an e-mail address was told that we are not acting."""
    with transaction.atomic():
        change(pk, EventKind.SAID, Q(outcome__in=[*NOT_VIABLE, Outcome.CLIENT_DECLINED]), {}, by, now)
        owe_no_more(pk)


def reopen(*, pk: int, by: User, now: datetime, reason: str) -> None:
    """Take a closed request up again, due as soon as possible from now."""
    if not reason:
        raise Refused("Say why it is reopened.")
    sets = {
        "status": AS_NEW,
        "attempts": 0,
        "outcome": "",
        "closed_at": None,
        "set_apart_because": "",
        "wanted_at": None,
        "case_number": "",
    }
    allowed = Q(status=Status.CLOSED) & ~Q(phone="")  # an erased one has nobody to call
    with transaction.atomic():
        checking.while_parties_stay()
        if others := person.asked_besides(pk, now=now):
            raise Refused(f"They have asked again: {others[-1]} is open. Work on that one.")
        sets["due_at"] = as_soon_as_possible(hours_in_force(), now).due_at
        change(pk, EventKind.REOPENED, allowed, sets, by, now, reason=reason)
        checking.look_again(locked(pk), now=now)
        owe_no_more(pk)


def add_note(*, pk: int, by: User, now: datetime, text: str) -> None:
    """Write something down about a request, in any state."""
    if not text:
        raise Refused("Write the note first.")
    change(pk, EventKind.NOTED, Q(), {}, by, now, note=text)


def correct_number(*, pk: int, by: User, now: datetime, typed: str) -> None:
    """Put another number in the place of the one given, in any writing; the old one goes into a
    note. A request that had nothing left but to be given up is due as soon as possible again."""
    try:
        number = telephone.parse(typed)
    except ValueError as error:
        raise Refused(str(error)) from error
    with transaction.atomic():
        rows = locked(pk)
        before = rows[-1]
        sets: dict[str, Any] = {"phone": number.e164, "phone_typed": typed}
        if before.gives_up_at:
            sets |= _due_again(now)
        numbers = ", ".join(dict.fromkeys(row.phone_typed or row.phone for row in rows))
        was = f"The number was {numbers}."
        allowed = ~Q(status=Status.CLOSED) & ~is_anothers(by, now)
        change(pk, EventKind.NUMBER_CORRECTED, allowed, sets, by, now, note=was)


# What stands behind the verbs


def _end_in_vain(pk: int, kind: EventKind, by: User, now: datetime, *, last: bool = False) -> None:
    """End an attempt without having spoken, and say when the next one is due."""
    with transaction.atomic():
        rows = locked(pk)
        request = rows[-1]
        last = last and len({row.phone for row in rows}) == 1  # they may have given another
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
        rows = change(pk, kind, is_call_of(by), sets, by, now, undo=True)
        if gives_up and any(row.email for row in rows):
            _owe(rows, NotificationKind.UNREACHED, now)


def _due_again(now: datetime) -> dict[str, Any]:
    """The columns of somebody who had nothing left but to be given up, and is to be called after all."""
    due_at = as_soon_as_possible(hours_in_force(), now).due_at
    return {"due_from": None, "due_at": due_at, "gives_up_at": None}


def _owe(rows: Sequence[CallbackRequest], kind: NotificationKind, now: datetime) -> None:
    """Owe the visitor a notice of what can still be taken back: it waits until it cannot."""
    person.tell(rows, kind, now=now, after=UNDO_LASTS)


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
