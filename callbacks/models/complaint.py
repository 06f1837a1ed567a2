"""Complaints about how the firm uses what it knows of somebody (Data Protection Act 2018, s.164A)."""

from datetime import date, datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from callbacks.reference import new_reference

# "Within the period of 30 days beginning when the complaint is received": that day is the first of them.
TO_ACKNOWLEDGE = timedelta(days=29)


class DataComplaintQuerySet(models.QuerySet["DataComplaint"]):
    def to_acknowledge(self) -> Self:
        """Those that nobody has acknowledged yet."""
        return self.filter(acknowledged_at__isnull=True, closed_at__isnull=True)

    def open(self) -> Self:
        return self.filter(closed_at__isnull=True)


class DataComplaint(models.Model):
    """What somebody complains of, when it must be acknowledged, and what came of it."""

    reference = models.CharField(max_length=12, unique=True, default=new_reference, editable=False)
    full_name = models.CharField("name", max_length=120, blank=True)
    email = models.EmailField("e-mail", blank=True)
    reach = models.TextField("telephone or postal address", max_length=400, blank=True)
    happened = models.TextField("what happened", max_length=4000, blank=True)
    about = models.CharField("reference that they gave", max_length=40, blank=True)
    # An HMAC over the above: an equal one of the last quarter of an hour is the same complaint
    fingerprint = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001 (as in requests)
    set_apart_because = models.CharField("why it may not be a person’s", max_length=300, blank=True)

    received_at = models.DateTimeField("received")
    acknowledge_by = models.DateField()
    acknowledged_at = models.DateTimeField("acknowledged", null=True, blank=True)
    acknowledged_by = models.ForeignKey(  # null also when it was our e-mail
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    outcome = models.TextField(
        max_length=4000, blank=True, help_text="What was found, what was done, and what they were told."
    )
    closed_at = models.DateTimeField("closed", null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = DataComplaintQuerySet.as_manager()

    class Meta:
        verbose_name = "data-protection complaint"
        default_permissions = ["view", "change"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=False) | ~Q(happened="") & (~Q(email="") | ~Q(reach="")),
                name="an_open_complaint_says_what_happened_and_whom_to_answer",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_by__isnull=True) | Q(acknowledged_at__isnull=False),
                name="who_acknowledged_a_complaint_did_so_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="a_complaint_is_closed_by_somebody",
            ),
        ]
        indexes = [
            # The desk counts these for managers each time that it is opened.
            models.Index(
                fields=["acknowledge_by"], condition=Q(closed_at__isnull=True), name="complaint_open"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def is_late(self, today: date) -> bool:
        """Whether its time to be acknowledged is over, on that day in London."""
        return self.acknowledged_at is None and self.closed_at is None and today > self.acknowledge_by


def acknowledged_until(received_at: datetime) -> date:
    """The last day, in London, on which a complaint that came then (aware) may be acknowledged."""
    return timezone.localdate(received_at) + TO_ACKNOWLEDGE
