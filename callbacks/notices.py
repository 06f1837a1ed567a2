"""The e-mails we owe: written here, sent by the worker, neutral to whoever sees a locked screen."""

import logging
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from callbacks.models import Notification, NotificationKind
from callbacks.receipt import receipt_of
from firm_site.details import details

TRY_FOR = timedelta(days=1)
FIRST_PAUSE = timedelta(minutes=1)  # doubled with each try, an hour at most
LONGEST_PAUSE = timedelta(hours=1)

logger = logging.getLogger(__name__)


def send_owed(*, now: datetime) -> int:
    """Send every notice that is due `now` (aware), each in a transaction of its own; return how many.

    Workers side by side take different ones. One that cannot be sent is tried again after a pause,
    for a day; then it is marked as failed.
    """
    sent = 0
    while (outcome := _send_next(now)) is not None:
        sent += outcome
    return sent


def _send_next(now: datetime) -> bool | None:
    """Send one notice: True when it went, False when it did not, None when none is due."""
    with transaction.atomic():
        notice = (
            Notification.objects.filter(try_again_at__lte=now)
            .select_for_update(skip_locked=True)
            .order_by("try_again_at", "pk")
            .first()
        )
        if notice is None:
            return None
        try:
            message_for(notice, now=now).send()
        except Exception as error:  # whatever the mail server says, the notice stays owed
            logger.warning("Notice %s was not sent: %s", notice.pk, type(error).__name__)
            _put_off(notice, now)
            return False
        Notification.objects.filter(pk=notice.pk).update(sent_at=now, try_again_at=None)
        return True


def _put_off(notice: Notification, now: datetime) -> None:
    pause = min(FIRST_PAUSE * 2**notice.tries, LONGEST_PAUSE)
    gives_up = now + pause > notice.created_at + TRY_FOR
    Notification.objects.filter(pk=notice.pk).update(
        tries=notice.tries + 1,
        try_again_at=None if gives_up else now + pause,
        failed_at=now if gives_up else None,
    )


def message_for(notice: Notification, *, now: datetime) -> EmailMessage:
    """The e-mail of a notice, as things stand `now`. It names neither the firm nor a procedure
    where a passer-by might read it, and the desk's holds nothing of the person."""
    firm = details.now()
    host = urlsplit(settings.SITE_URL).hostname
    sender = firm.email or f"callback-desk@{host}"
    request = notice.request
    if request is None:
        raise ValueError(f"Notice {notice.pk} belongs to no request")
    context = {"firm": firm, "request": request, "receipt": receipt_of(request, now=now)}
    if notice.kind == NotificationKind.RECEIPT:
        to, subject = [request.email], "Your call"
        context["link"] = settings.SITE_URL + request.get_absolute_url()
    else:
        to, subject = settings.NOTIFY, f"New request {request.reference}"
        page = reverse("admin:callbacks_callbackrequest_change", args=[request.pk])
        context["link"] = settings.SITE_URL + page
    return EmailMessage(
        subject,
        render_to_string(f"callbacks/mail/{notice.kind}.txt", context),
        f"{firm.sender_name} <{sender}>",
        to,
        # The same for every try, so that a mail program shows it once
        headers={"Message-ID": f"<{notice.kind}.{notice.pk}.{request.reference}@{host}>"},
    )
