"""What the desk is told by e-mail, and how seldom: gathered, so that forty requests of a weekend are not
forty e-mails."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from callbacks import hours
from callbacks.models import CallbackRequest, Notification, NotificationKind
from callbacks.opening import hours_in_force
from firm_site.locks import queue_for

BETWEEN_ARRIVALS = timedelta(minutes=5)
BETWEEN_WARNINGS = timedelta(minutes=15)

Kind = NotificationKind


def owe_desk_mail(*, now: datetime) -> None:
    """Gather the requests that have come into one e-mail, and warn of those that are nearly due and
    in nobody's hands; only while the desk is there to read it, from a quarter of an hour before it
    opens, and neither oftener than it should be."""
    in_force = hours_in_force()
    if not settings.NOTIFY or not hours.desk_reads_mail(in_force, now):
        return
    with transaction.atomic():
        queue_for("desk mail")  # two workers would both find that none was sent lately
        # Before opening there is one digest; who asks after it is told of once we are open.
        pause = BETWEEN_ARRIVALS if hours.status(in_force, now).is_open else hours.FIRST_MAIL
        if not _told(Kind.ARRIVALS, pause, now):
            _gather(now)
        if not _told(Kind.UNCLAIMED, BETWEEN_WARNINGS, now) and nearly_due(in_force, now):
            Notification.objects.create(kind=Kind.UNCLAIMED, created_at=now, try_again_at=now)


def nearly_due(in_force: hours.Hours, now: datetime) -> list[CallbackRequest]:
    """The requests in nobody's hands of whose time three quarters are over, or all of it."""
    waiting = CallbackRequest.objects.to_call(now).with_promised_since().in_desk_order(now)
    return [each for each in waiting if is_nearly_due(in_force, each, now)]


def is_nearly_due(in_force: hours.Hours, request: CallbackRequest, now: datetime) -> bool:
    """Whether three quarters of a request's time are over. Reads `promised_since`, with which
    CallbackRequestQuerySet.with_promised_since() annotates it."""
    if request.due_at is None:
        return False
    start = request.due_from or request.promised_since  # type: ignore[attr-defined]
    return hours.is_nearly_due(in_force, start, request.due_at, now)


def _told(kind: NotificationKind, lately: timedelta, now: datetime) -> bool:
    """Whether they were told so lately. (What seems to have been told later than now was, while the clock
    was wrong, and counts for nothing.)"""
    created = Notification.objects.filter(kind=kind, created_at__gt=now - lately, created_at__lte=now)
    return created.exists()


def _gather(now: datetime) -> None:
    arrivals = Notification.objects.due(now).filter(kind=Kind.ARRIVAL)
    if arrivals.exists():
        together = Notification.objects.create(kind=Kind.ARRIVALS, created_at=now, try_again_at=now)
        arrivals.update(gathered_in=together, try_again_at=None)
