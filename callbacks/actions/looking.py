"""Who looked at a request is on record: once an hour for each person."""

from datetime import datetime, timedelta

from django.db import transaction

from callbacks.models import Actor, Event, EventKind
from firm_site.locks import queue_for
from firm_site.models import User

ONCE_IN = timedelta(hours=1)


def look(*, pk: int, by: User, now: datetime, again: bool = False) -> None:
    """Put on record that this person saw a request, unless that is there from within the hour; or from
    whenever, where they have it before them and their page only keeps itself current (`again`)."""
    with transaction.atomic():
        queue_for(f"seen {pk} {by.pk}")
        looks = Event.objects.filter(request=pk, kind=EventKind.SEEN, by=by)
        if not (looks if again else looks.filter(at__gt=now - ONCE_IN)).exists():
            Event.objects.create(request_id=pk, kind=EventKind.SEEN, actor=Actor.STAFF, by=by, at=now)
