"""What is done with a complaint about data protection: it comes, is acknowledged, and is closed."""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils.crypto import salted_hmac

from callbacks import mail_files
from callbacks.actions import Refused
from callbacks.actions.asking import SAME_AGAIN
from callbacks.models import DataComplaint, Notification, NotificationKind
from callbacks.models.complaint import DataComplaintQuerySet, acknowledged_until
from firm_site.locks import queue_for
from firm_site.models import User

KEPT = timedelta(days=365)  # after closing: for a year the Information Commissioner may ask about it
NOTHING = dict.fromkeys(
    ["full_name", "email", "reach", "happened", "about", "set_apart_because", "outcome"], ""
)

NOT_YOURS = "Only managers deal with complaints about data protection."
CLOSED = "This complaint is closed."


@dataclass(frozen=True, kw_only=True)
class Grievance:
    """What a person wrote, cleaned. One of `email` and `reach` is there."""

    full_name: str
    happened: str
    email: str = ""
    reach: str = ""
    about: str = ""


def complain(*, grievance: Grievance, by: None, now: datetime, set_apart_because: str = "") -> DataComplaint:
    """Store a complaint, and owe an e-mail that acknowledges it where there is an address, in one
    transaction. An equal one at most 15 minutes old is the same complaint, and is returned instead.
    What may be a robot's (`set_apart_because` says why) is listed with the others, and sent nothing.
    """
    fingerprint = _fingerprint_of(grievance)
    with transaction.atomic():
        queue_for(f"complaint {fingerprint}")
        same = DataComplaint.objects.filter(fingerprint=fingerprint)
        same.filter(received_at__lt=now - SAME_AGAIN).update(fingerprint=None)
        if before := same.first():
            return before
        complaint = DataComplaint.objects.create(
            **asdict(grievance),
            fingerprint=fingerprint,
            set_apart_because=set_apart_because,
            received_at=now,
            acknowledge_by=acknowledged_until(now),
        )
        if complaint.email and not set_apart_because:
            Notification.objects.create(
                complaint=complaint, kind=NotificationKind.COMPLAINT, created_at=now, try_again_at=now
            )
    return complaint


def acknowledge(*, pk: int, by: User | None, now: datetime) -> bool:
    """Note that it has been acknowledged, by somebody or by our e-mail (`by` None); False if it was."""
    _refuse_strangers(by)
    waiting = DataComplaint.objects.to_acknowledge().filter(pk=pk)
    return bool(waiting.update(acknowledged_at=now, acknowledged_by=by))


def write_outcome(*, pk: int, by: User, now: datetime, outcome: str) -> None:
    """Write down what came of it so far. Raises Refused once it is closed."""
    _refuse_strangers(by)
    if not DataComplaint.objects.open().filter(pk=pk).update(outcome=outcome):
        raise Refused(CLOSED)


def close(*, pk: int, by: User, now: datetime) -> None:
    """Close it, for good: it must have been acknowledged, and say what came of it. Raises Refused."""
    _refuse_strangers(by)
    answered = DataComplaint.objects.open().filter(pk=pk, acknowledged_at__isnull=False).exclude(outcome="")
    if not answered.update(closed_at=now, closed_by=by, fingerprint=None):
        raise Refused("It can be closed once it is acknowledged and its outcome is written down.")


def forget(*, now: datetime) -> int:
    """Empty the complaints that were closed long enough ago; return how many. What stays is the reference,
    the times and who answered; the letter that stands in a file goes too."""
    with transaction.atomic():
        references = dict(to_forget(now).select_for_update().values_list("pk", "reference"))
        DataComplaint.objects.filter(pk__in=references).update(**NOTHING)
        mail_files.delete_letters(references.values())
    return len(references)


def to_forget(now: datetime) -> DataComplaintQuerySet:
    """The complaints that hold something still, and were closed long enough ago."""
    return DataComplaint.objects.filter(closed_at__lt=now - KEPT).exclude(happened="")


def disclose(*, pks: Collection[int], by: User, now: datetime) -> None:
    """Put on record, in the log that keeps who changed a complaint, that this person makes a file of it."""
    _refuse_strangers(by)
    type_id = ContentType.objects.get_for_model(DataComplaint).pk
    LogEntry.objects.bulk_create(
        LogEntry(
            user=by,
            action_time=now,
            content_type_id=type_id,
            object_id=str(each.pk),
            object_repr=str(each),
            action_flag=CHANGE,
            change_message="Made a file of all that we hold on them.",
        )
        for each in DataComplaint.objects.filter(pk__in=pks).order_by("pk")
    )


def _refuse_strangers(by: User | None) -> None:
    if by and not by.has_perm("callbacks.change_datacomplaint"):
        raise Refused(NOT_YOURS)


def _fingerprint_of(grievance: Grievance) -> str:
    words = json.dumps(asdict(grievance), sort_keys=True)
    return salted_hmac("callbacks.complaint", words, algorithm="sha256").hexdigest()
