"""What visitors do: ask to be called."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.crypto import salted_hmac

from callbacks import spam
from callbacks.actions import checking, person
from callbacks.actions.answering import know_time_limit
from callbacks.actions.booking import Time, as_soon_as_possible, chosen_slot
from callbacks.actions.owing import owe
from callbacks.models import Actor, CallbackRequest, Event, EventKind, Notice, NotificationKind
from callbacks.opening import hours_in_force
from callbacks.states import Channel, Status
from firm_site.locks import queue_for
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
        if same := _same_again(fingerprint, now):
            return same
        checking.while_parties_stay()
        before = person.asked_before(full_name=answers.full_name, phone=answers.phone, email=answers.email)
        doubts = [set_apart_because] if set_apart_because else []
        doubts += spam.signs(answers.full_name, answers.phone, answers.message, now=now) if not by else []
        time = _time_for(answers, now, instead_of=[row.pk for row in before])
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
        events = [Event(request=request, kind=EventKind.ASKED, actor=_actor(by), by=by, at=now)]
        others: list[CallbackRequest] = []  # what may be a robot is joined to nobody
        if doubts:
            request.status = Status.SUSPECTED_SPAM
            request.set_apart_because = " ".join(doubts)[:LONGEST_DOUBTS]
            request.due_from = request.due_at = None
            request.save(force_insert=True)
            events.append(Event(request=request, kind=EventKind.SET_APART, actor=Actor.SYSTEM, at=now))
        else:
            request.save(force_insert=True)
            others = person.join(before, request, place=time.place)
            events += [_asked_again(other, by, now) for other in others]
            owe(request, NotificationKind.RECEIPT, NotificationKind.ARRIVAL, now=now)
            elsewhere = [other for other in others if other.email.lower() != request.email.lower()]
            if elsewhere:
                person.tell(elsewhere, NotificationKind.CHANGED, now=now)
        Event.objects.bulk_create(events)
        rows = [*others, request]
        know_time_limit(rows, now=now)
        checking.compare(rows, request.clinic, request.message, now=now)
        request.refresh_from_db()
        return request


def _actor(by: User | None) -> Actor:
    return Actor.STAFF if by else Actor.VISITOR


def _asked_again(other: CallbackRequest, by: User | None, now: datetime) -> Event:
    """What goes on record of an earlier request: they asked again, and the time changed."""
    again = EventKind.ASKED_AGAIN
    return Event(request=other, kind=again, actor=_actor(by), by=by, at=now, was_at=other.due_at)


def _time_for(answers: Answers, now: datetime, *, instead_of: list[int]) -> Time:
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


def _same_again(fingerprint: str, now: datetime) -> CallbackRequest | None:
    """The equal request of the last quarter of an hour; an older one gives its fingerprint up.

    Equal requests queue, so that two at once are two in turn.
    """
    queue_for(f"fingerprint {fingerprint}")
    same = CallbackRequest.objects.filter(fingerprint=fingerprint)
    if same.filter(created_at__lt=now - SAME_AGAIN).update(fingerprint=None):
        return None
    return same.first()


def _known_notice(number: int | None) -> int | None:
    if number is not None and Notice.objects.filter(number=number).exists():
        return number
    return None
