"""Sends the e-mails we owe: each at least once, under one Message-ID, tried again for a day."""

import logging
import time
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused

from django.db import transaction
from django.db.models import Min, Q

from callbacks.actions import complaining
from callbacks.actions.owing import sending_about
from callbacks.letters import letter_for
from callbacks.models import Notification, NotificationKind
from callbacks.models.record import LONGEST_PAUSE
from firm_site.locks import holding

TRY_FOR = timedelta(days=1)
FIRST_PAUSE = timedelta(minutes=1)  # doubled with each try, LONGEST_PAUSE at most
LEASE = timedelta(minutes=5)  # for one try: longer than a run and a mail server that answers slowly
LONGEST_RUN = 60  # seconds; then the next minute's run goes on

NO_SUCH_MAILBOX = {550, 551, 553}  # RFC 5321, 4.2.3: to try again would be of no use

logger = logging.getLogger(__name__)


def send_owed(*, now: datetime) -> int:
    """Send every notice that is due `now` (aware); return how many went.

    Workers side by side take different ones. One that cannot be sent is tried again after a pause,
    for a day; then it is marked as failed. While one is being sent no transaction is open: it is
    leased before, and marked afterwards, so that a worker which dies in between sends it once more.
    """
    sent = 0
    ends = time.monotonic() + LONGEST_RUN
    while time.monotonic() < ends and (notice := _lease_next(now)):
        sent += _send(notice, now)
    return sent


def seconds_owed(*, now: datetime) -> float | None:
    """How long the oldest e-mail that is still to go out has been owed; None where none is. An arrival is
    none yet: it waits to be gathered."""
    owed = Notification.objects.filter(try_again_at__isnull=False).exclude(kind=NotificationKind.ARRIVAL)
    since = owed.aggregate(since=Min("created_at"))["since"]
    return (now - since).total_seconds() if since else None


def _lease_next(now: datetime) -> Notification | None:
    """The notice that has been owed longest, which for some minutes nobody else is handed."""
    owed = Notification.objects.due(now).exclude(kind=NotificationKind.ARRIVAL)
    with transaction.atomic():
        notice = owed.select_for_update(skip_locked=True).order_by("try_again_at", "pk").first()
        if notice:
            leased = Notification.objects.filter(pk=notice.pk)
            leased.update(tries=notice.tries + 1, try_again_at=now + LEASE)
        return notice


def _send(notice: Notification, now: datetime) -> bool:
    """Whether an e-mail went out. `notice` is as it was before this try."""
    try:
        with holding(sending_about(notice.request_id)):  # whoever is erased now is not written to
            letter = letter_for(notice, now=now)
            if letter is None:
                notice.drop()
                return False
            letter.send()
    except Exception as error:  # whatever the mail server says, the notice stays owed
        logger.warning("Notice %s was not sent: %s", notice.pk, type(error).__name__)
        _put_off(notice, now, for_good=_is_for_good(error))
        return False
    _mark(notice, sent_at=now, try_again_at=None)
    if notice.complaint_id:
        complaining.acknowledge(pk=notice.complaint_id, by=None, now=now)
    return True


def _put_off(notice: Notification, now: datetime, *, for_good: bool) -> None:
    pause = min(FIRST_PAUSE * 2**notice.tries, LONGEST_PAUSE)
    if for_good or now + pause > notice.created_at + TRY_FOR:
        _mark(notice, failed_at=now, try_again_at=None)
    else:
        Notification.objects.filter(pk=notice.pk).update(try_again_at=now + pause)


def _mark(notice: Notification, **marks: datetime | None) -> None:
    """Mark the notice, and what is gathered in it."""
    Notification.objects.filter(Q(pk=notice.pk) | Q(gathered_in=notice)).update(**marks)


def _is_for_good(error: Exception) -> bool:
    """Whether no later try can go better: there is no such mailbox, or the letter cannot be written."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code in NO_SUCH_MAILBOX for code, _ in error.recipients.values())
    return isinstance(error, ValueError)
