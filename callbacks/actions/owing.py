"""Notes what we owe people, in the transaction that makes us owe it; `callbacks.notices` sends it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from callbacks.models import CallbackRequest, Notification, NotificationKind
from callbacks.models.record import MUST_BE_SAID
from firm_site import prepared


def owe(
    request: CallbackRequest, *kinds: NotificationKind, now: datetime, after: timedelta = timedelta()
) -> None:
    """Owe these notices about a request: to the visitor if there is an e-mail address, to the desk
    if it has one. They are not sent before `after` has passed.

    What must be said, and has no address to go to, stands from the start as what no e-mail reaches:
    the desk tells it by telephone.
    """
    owed = []
    for kind in kinds:
        notice = Notification(request=request, kind=kind, created_at=now, try_again_at=now + after)
        if kind in MUST_BE_SAID and not request.email:
            notice.try_again_at, notice.failed_at = None, now
        elif not (settings.NOTIFY if kind == NotificationKind.ARRIVAL else _has_reader(notice)):
            continue
        owed.append(notice)
    prepared.insert(owed)


def owe_no_more(request_pk: int) -> None:
    """Drop what was still to be told about a request, or what the same person asked with it, that we are
    not acting: it has been said, or does not hold any more."""
    request = CallbackRequest.objects.get(pk=request_pk)
    first = request.earlier_id or request.pk
    owed = Notification.objects.filter(Q(request=first) | Q(request__earlier=first), sent_at__isnull=True)
    owed.filter(kind__in=MUST_BE_SAID).delete()


def _has_reader(notice: Notification) -> bool:
    assert notice.request is not None  # noqa: S101 (these are each about one)
    return notice.kind == NotificationKind.RESEMBLANCE or bool(notice.request.email)


def sending_about(request_pk: int | None) -> str:
    """The name that is held while an e-mail about a request is on its way (None: about many)."""
    return f"sending about {request_pk}"
