"""What time does: requests that nobody answered are closed."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from callbacks.actions.moving import CLOSING, claim_lapsed
from callbacks.models import Actor, CallbackRequest, Event, EventKind
from callbacks.states import Outcome, Status


def give_up(*, now: datetime) -> int:
    """Close the requests whose `gives_up_at` has come, but for those in somebody's hands, as not
    reached; return how many."""
    in_nobodys = Q(status__in=[Status.WAITING, Status.CONFLICT_CHECK]) | claim_lapsed(now)
    with transaction.atomic():
        overdue = CallbackRequest.objects.filter(in_nobodys, gives_up_at__lte=now)
        waited_until = dict(overdue.select_for_update(skip_locked=True).values_list("pk", "gives_up_at"))
        CallbackRequest.objects.filter(pk__in=waited_until).update(
            **CLOSING, outcome=Outcome.NOT_REACHED, closed_at=now
        )
        Event.objects.bulk_create(
            Event(
                request_id=pk,
                kind=EventKind.GAVE_UP,
                actor=Actor.SYSTEM,
                at=now,
                was_at=was,
                outcome=Outcome.NOT_REACHED,
            )
            for pk, was in waited_until.items()
        )
    return len(waited_until)
