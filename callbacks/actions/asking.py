"""What visitors do: ask to be called."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.crypto import salted_hmac

from callbacks import notice, spam
from callbacks.actions import checking, person
from callbacks.actions.answering import court_day
from callbacks.actions.booking import Time, as_soon_as_possible, chosen_slot, name_of_slot
from callbacks.actions.owing import owe
from callbacks.actions.person import NOBODY
from callbacks.models import Actor, CallbackRequest, Event, EventKind, NotificationKind
from callbacks.opening import hours_in_force
from callbacks.states import Channel, Status
from firm_site import prepared
from firm_site.models import User

SAME_AGAIN = timedelta(minutes=15)  # an equal request this soon is the same one
LONGEST_DOUBTS = 300  # characters of the column


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What a person gave, cleaned. `phone` is E.164; `wanted_at` None means as soon as possible."""

    full_name: str
    phone: str
    phone_typed: str
    say_who: bool = False
    leave_message: bool = False
    wanted_at: datetime | None = None
    email: str = ""
    message: str = ""
    procedure: str = ""
    procedure_date: str = ""
    clinic: str = ""
    call_needs: str = ""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What the person was looking at: the page's path, its version, the privacy notice's number."""

    page: str = ""
    page_version: int | None = None
    notice_version: int | None = None


def submit(
    *,
    answers: Answers,
    shown: Shown,
    by: User | None,
    now: datetime,
    channel: Channel = Channel.WEB,
    set_apart_because: str = "",
    rang_at: datetime | None = None,
) -> CallbackRequest:
    """Store a request with its event and the notices we owe for it, in one transaction.

    An equal one at most 15 minutes old is the same request, and is returned instead: a double
    click or a retry after a lost answer asks once. Only then is the time judged: raises TimeGone or
    TimeRefused when it cannot be had. What the same person asked before, and is open, goes on as
    one with this. `by` is the member of staff who typed it in, None for a visitor, whose doubtful
    request is kept apart as suspected spam, as is one with `set_apart_because`. `rang_at` is when
    somebody rang or came whom staff enter (with a `channel` other than the web form).
    """
    fingerprint = fingerprint_of(answers)
    with transaction.atomic():
        phone, email = answers.phone, answers.email
        # Equal answers have the same number, so that two at once come in turn, too.
        checking.while_parties_stay(*person.names_of(phone=phone, email=email), *_slot(answers))
        known = person.known(phone=phone, email=email, now=now, fingerprint=fingerprint, lock=True)
        if same := _same_again(known, fingerprint, now):
            return same
        before = person.asked_before(known, full_name=answers.full_name, phone=phone, email=email)
        doubts = [set_apart_because] if set_apart_because else []
        if not by:
            doubts += spam.signs(answers.full_name, answers.phone, answers.message, known, now=now)
        time = _time_for(answers, now, instead_of=person.first_of(before[0]) if before else NOBODY)
        request = CallbackRequest(
            **asdict(answers) | time.columns(),
            page=shown.page,
            page_version=shown.page_version,
            notice_version=_known_notice(shown.notice_version),
            channel=channel,
            rang_at=rang_at,
            fingerprint=fingerprint,
            created_at=now,
        )
        others = [] if doubts else before  # what may be a robot is joined to nobody
        request.limitation_day = court_day([*others, request], now=now)
        if doubts:
            request.status = Status.SUSPECTED_SPAM
            request.set_apart_because = " ".join(doubts)[:LONGEST_DOUBTS]
            request.due_from = request.due_at = None
        else:
            person.join(others, request, place=time.place, limitation_day=request.limitation_day)
        prepared.insert([request])
        _put_on_record(request, others, by, now)
        if not doubts:
            _owe(request, others, now)
        if checking.compare([*others, request], request.clinic, request.message, now=now):
            request.refresh_from_db()
        return request


def _put_on_record(
    request: CallbackRequest, others: Sequence[CallbackRequest], by: User | None, now: datetime
) -> None:
    """That it came, and was set apart; or what else of the same person goes on with it, at another time."""
    actor = Actor.STAFF if by else Actor.VISITOR
    asked = {"actor": actor, "by": by, "at": now}
    events = [Event(request=request, kind=EventKind.ASKED, **asked)]
    if request.status == Status.SUSPECTED_SPAM:
        events.append(Event(request=request, kind=EventKind.SET_APART, actor=Actor.SYSTEM, at=now))
    events += [
        Event(request=other, kind=EventKind.ASKED_AGAIN, was_at=other.due_at, **asked) for other in others
    ]
    prepared.insert(events)


def _owe(request: CallbackRequest, others: Sequence[CallbackRequest], now: datetime) -> None:
    owe(request, NotificationKind.RECEIPT, NotificationKind.ARRIVAL, now=now)
    elsewhere = [other for other in others if other.email.lower() != request.email.lower()]
    if elsewhere:
        person.tell(elsewhere, NotificationKind.CHANGED, now=now)


def _time_for(answers: Answers, now: datetime, *, instead_of: int) -> Time:
    in_force = hours_in_force()
    if answers.wanted_at is None:
        return as_soon_as_possible(in_force, now, instead_of=instead_of)
    return chosen_slot(in_force, answers.wanted_at, phone=answers.phone, now=now, instead_of=instead_of)


def fingerprint_of(answers: Answers) -> str:
    """An HMAC over what the person gave: equal for equal answers, and telling nothing about them."""
    given = asdict(answers)
    del given["phone_typed"]  # the same number in another writing is the same answer
    words = json.dumps(given, sort_keys=True, default=str)
    return salted_hmac("callbacks.fingerprint", words, algorithm="sha256").hexdigest()


def _same_again(known: Sequence[CallbackRequest], fingerprint: str, now: datetime) -> CallbackRequest | None:
    """The equal request of the last quarter of an hour; an older one gives its fingerprint up."""
    same = next((row for row in known if row.fingerprint == fingerprint), None)
    if same and same.created_at < now - SAME_AGAIN:
        CallbackRequest.objects.filter(pk=same.pk).update(fingerprint=None)
        return None
    return same


def _slot(answers: Answers) -> list[str]:
    """What those queue for who want the same half hour: before any row is locked."""
    return [name_of_slot(answers.wanted_at)] if answers.wanted_at else []


def _known_notice(number: int | None) -> int | None:
    return number if number is not None and notice.is_known(number) else None
