"""What visitors do: ask to be called."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils.crypto import salted_hmac

from callbacks import hours
from callbacks.models import Actor, CallbackRequest, EventKind, Notice, NotificationKind
from callbacks.opening import hours_in_force
from callbacks.states import Channel, Status
from firm_site.models import User

SAME_AGAIN = timedelta(minutes=15)  # an equal request this soon is the same one
UNKNOWN_HOURS = timedelta(days=7)  # the promise of a firm that is closed for months


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
) -> CallbackRequest:
    """Store a request with its event and the notices we owe for it, in one transaction.

    An equal one at most 15 minutes old is the same request, and is returned instead: a double
    click or a retry after a lost answer asks once. `by` is the member of staff who typed it in,
    None for a visitor. With `set_apart_because` it is kept apart as suspected spam.
    """
    fingerprint = fingerprint_of(answers)
    with transaction.atomic():
        if same := _same_again(fingerprint, now):
            return same
        set_apart = bool(set_apart_because)
        promised_by = asap_promise(now)
        request = CallbackRequest.objects.create(
            **asdict(answers),
            page=shown.page,
            page_version=shown.page_version,
            notice_version=_known_notice(shown.notice_version),
            channel=channel,
            fingerprint=fingerprint,
            status=Status.SUSPECTED_SPAM if set_apart else Status.NEW,
            set_apart_because=set_apart_because,
            created_at=now,
            promised_by=promised_by,
            due_at=None if set_apart else promised_by,
        )
        actor = Actor.STAFF if by else Actor.VISITOR
        request.events.create(kind=EventKind.ASKED, actor=actor, by=by, at=now)
        if set_apart:
            request.events.create(kind=EventKind.SET_APART, actor=Actor.SYSTEM, at=now)
        else:
            _owe_notices(request, now)
        return request


def asap_promise(now: datetime) -> datetime:
    """By when somebody who asks now for "as soon as possible" is called (facts.md, pace and order
    of arrival): aware, in London."""
    hour = timedelta(hours=1)
    due = CallbackRequest.objects.open().filter(due_at__gt=now - hour).values_list("due_at", flat=True)
    taken = [at for at in due if at]

    def due_between(start: datetime, end: datetime) -> int:
        return sum(start < at <= end for at in taken)

    return hours.asap_promise(hours_in_force(), now, due=due_between) or now + UNKNOWN_HOURS


def fingerprint_of(answers: Answers) -> str:
    """An HMAC over what the person gave: equal for equal answers, and telling nothing about them."""
    given = asdict(answers)
    del given["phone_typed"]  # the same number in another writing is the same answer
    words = json.dumps(given, sort_keys=True, default=str)
    return salted_hmac("callbacks.fingerprint", words, algorithm="sha256").hexdigest()


def _same_again(fingerprint: str, now: datetime) -> CallbackRequest | None:
    """The equal request of the last quarter of an hour; an older one gives its fingerprint up.

    Equal requests queue on a lock, so that two at once are two in turn.
    """
    key = int(fingerprint[:15], 16)  # 60 bits: fits PostgreSQL's bigint
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
    same = CallbackRequest.objects.filter(fingerprint=fingerprint)
    if same.filter(created_at__lt=now - SAME_AGAIN).update(fingerprint=None):
        return None
    return same.first()


def _known_notice(number: int | None) -> int | None:
    if number is not None and Notice.objects.filter(number=number).exists():
        return number
    return None


def _owe_notices(request: CallbackRequest, now: datetime) -> None:
    owed = [NotificationKind.RECEIPT] if request.email else []
    if settings.NOTIFY:
        owed.append(NotificationKind.ARRIVAL)
    for kind in owed:
        request.notices.create(kind=kind, created_at=now, try_again_at=now)
