"""What time does: requests that nobody answered are closed."""

from datetime import datetime

from django.db import transaction

from callbacks.actions.desk import CLOSING
from callbacks.models import CallbackRequest, Event
from callbacks.models.record import Actor
from callbacks.states import Outcome, Status


def give_up(*, now: datetime) -> int:
    """Close the waiting requests whose `gives_up_at` has come, as not reached; return how many."""
    with transaction.atomic():
        overdue = (
            CallbackRequest.objects.filter(status=Status.WAITING, gives_up_at__lte=now)
            .select_for_update(skip_locked=True)
            .values_list("pk", flat=True)
        )
        ids = list(overdue)
        CallbackRequest.objects.filter(pk__in=ids).update(
            **CLOSING, outcome=Outcome.NOT_REACHED, closed_at=now
        )
        Event.objects.bulk_create(
            Event(request_id=pk, kind=Event.Kind.GAVE_UP, actor=Actor.SYSTEM, at=now) for pk in ids
        )
    return len(ids)
