"""Notes what we owe people, in the transaction that makes us owe it; `callbacks.notices` sends it."""

from datetime import datetime, timedelta

from django.conf import settings

from callbacks.models import CallbackRequest, Notification, NotificationKind


def owe(
    request: CallbackRequest, *kinds: NotificationKind, now: datetime, after: timedelta = timedelta()
) -> None:
    """Owe these notices about a request: to the visitor if there is an e-mail address, to the desk
    if it has one. They are not sent before `after` has passed."""
    Notification.objects.bulk_create(
        Notification(request=request, kind=kind, created_at=now, try_again_at=now + after)
        for kind in kinds
        if (settings.NOTIFY if kind == NotificationKind.ARRIVAL else request.email)
    )
