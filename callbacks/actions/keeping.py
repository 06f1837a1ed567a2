"""What time does: requests that nobody answered are closed."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from callbacks.actions.moving import CLOSING, claim_lapsed
from callbacks.models import Actor, CallbackRequest, Event, EventKind, Note
from callbacks.states import Outcome, Status

NOTHING = {"full_name": "", "phone": "", "phone_typed": "", "email": "", "message": "", "procedure": ""}
NOTHING |= {"procedure_date": "", "clinic": "", "call_needs": "", "set_apart_because": ""}


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


def erase_again(ids: Iterable[int], now: datetime) -> int:
    """Erase once more what an older backup has brought back; return how many that were. Without effect on
    what holds nothing already."""
    with transaction.atomic():
        found = CallbackRequest.objects.filter(pk__in=set(ids)).exclude(full_name="")
        pks = list(found.select_for_update().order_by("pk").values_list("pk", flat=True))
        Note.objects.filter(request__in=pks).delete()
        CallbackRequest.objects.filter(pk__in=pks).update(
            **CLOSING | NOTHING, outcome=Outcome.WITHDRAWN, closed_at=now
        )
    return len(pks)


def erased_since(moment: datetime) -> list[tuple[int, datetime]]:
    """Which requests were erased at that moment (aware) or later, and when: what a backup made then would
    bring back."""
    erased = CallbackRequest.objects.filter(full_name="", closed_at__gte=moment).order_by("closed_at", "pk")
    return [(pk, at) for pk, at in erased.values_list("pk", "closed_at") if at]
