"""What happened to a request, what was written about it, and what is owed for it."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from callbacks.models.request import CallbackRequest
from callbacks.states import RESTING, Outcome


class Actor(models.TextChoices):
    VISITOR = "visitor", "Visitor"
    STAFF = "staff", "Staff"
    SYSTEM = "system", "System"


class EventKind(models.TextChoices):
    ASKED = "asked", "asked to be called"
    ASKED_AGAIN = "asked_again", "asked again"
    SET_APART = "set_apart", "set apart as suspected spam"
    MADE_REAL = "made_real", "made a real request"
    CLAIMED = "claimed", "claimed it"
    LAPSED = "lapsed", "the claim lapsed"
    TAKEN_OVER = "taken_over", "took it over"
    RELEASED = "released", "let it go"
    CALLING = "calling", "began a call"
    NO_ANSWER = "no_answer", "no answer"
    LEFT_MESSAGE = "left_message", "left a message"
    WRONG_NUMBER = "wrong_number", "wrong number"
    SPOKE = "spoke", "spoke with them"
    CALL_AGAIN = "call_again", "set a time to call again"
    OTHER_TIME = "other_time", "agreed another time"
    TO_SOLICITOR = "to_solicitor", "passed it to a solicitor"
    CLOSED = "closed", "closed it"
    REOPENED = "reopened", "reopened it"
    NOTED = "noted", "wrote a note"
    NUMBER_CORRECTED = "number_corrected", "corrected the number"
    ADDED = "added", "added something"
    GAVE_UP = "gave_up", "closed: could not be reached"
    UNDONE = "undone", "took that back"


ENDS = [EventKind.CLOSED, EventKind.GAVE_UP]  # these say with what outcome


class Event(models.Model):
    """Something that happened, in codes and never in words: appended, never edited.

    A trigger (migration 0002) refuses UPDATE and DELETE.
    """

    request = models.ForeignKey(CallbackRequest, on_delete=models.PROTECT, null=True, related_name="events")
    kind = models.CharField(max_length=20, choices=EventKind)
    actor = models.CharField(max_length=7, choices=Actor)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    was_at = models.DateTimeField("the time it replaced", null=True)
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)  # outlives a reopening

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=EventKind.values), name="an_event_is_of_a_known_kind"
            ),
            models.CheckConstraint(condition=Q(actor__in=Actor.values), name="an_event_has_a_known_actor"),
            models.CheckConstraint(
                condition=Q(actor=Actor.STAFF, by__isnull=False)
                | (~Q(actor=Actor.STAFF) & Q(by__isnull=True)),
                name="an_event_of_staff_says_who",
            ),
            models.CheckConstraint(
                condition=(Q(outcome="") & ~Q(kind__in=ENDS)) | Q(outcome__in=Outcome.values, kind__in=ENDS),
                name="an_event_that_closes_says_how_it_ended",
            ),
        ]
        indexes = [models.Index(fields=["request", "at"], name="event_time_line")]

    def __str__(self) -> str:
        return self.get_kind_display()


class NoteKind(models.TextChoices):
    NOTE = "note", "Note"
    REASON = "reason", "Reason"
    ANSWER = "answer", "Answer"
    ADDITION = "addition", "Addition"  # by the visitor, on their own page


class Note(models.Model):
    """Words about a request that can be erased: a remark, a reason, an answer to the script."""

    request = models.ForeignKey(CallbackRequest, on_delete=models.PROTECT, related_name="notes")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, null=True, blank=True, related_name="notes")
    kind = models.CharField(max_length=10, choices=NoteKind, default=NoteKind.NOTE)
    text = models.TextField(max_length=4000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=NoteKind.values), name="a_note_is_of_a_known_kind"),
            models.CheckConstraint(condition=~Q(text=""), name="a_note_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.request_id}"


class NotificationKind(models.TextChoices):
    # To the visitor
    RECEIPT = "receipt", "we have your request"
    CHANGED = "changed", "the time is another"
    CANCELLED = "cancelled", "cancelled, as you asked"
    UNREACHED = "unreached", "we could not reach you"
    # To the desk. An arrival is owed with its request, and goes out gathered with others.
    ARRIVAL = "arrival", "a request has come"
    ARRIVALS = "arrivals", "requests have come"
    UNCLAIMED = "unclaimed", "requests are nearly due and nobody has claimed them"


ABOUT_MANY = [NotificationKind.ARRIVALS, NotificationKind.UNCLAIMED]
TO_THE_DESK = [NotificationKind.ARRIVAL, *ABOUT_MANY]


class NotificationQuerySet(models.QuerySet["Notification"]):
    def to_tell_by_telephone(self) -> "NotificationQuerySet":
        """What could not be sent to somebody who waits for us, and with whom nobody has spoken since."""
        spoken = Event.objects.filter(
            request=OuterRef("request"), kind=EventKind.SPOKE, at__gte=OuterRef("failed_at")
        )
        failed = self.filter(failed_at__isnull=False).exclude(kind__in=TO_THE_DESK)
        return failed.exclude(request__status__in=RESTING).filter(~Exists(spoken))

    def lost_to_the_desk(self, *, since: datetime) -> "NotificationQuerySet":
        """The desk's own e-mails that could not be sent since then."""
        return self.filter(kind__in=ABOUT_MANY, failed_at__gte=since)


class Notification(models.Model):
    """An e-mail that we owe: the outbox. The worker sends what is due and marks it."""

    request = models.ForeignKey(
        CallbackRequest, on_delete=models.PROTECT, null=True, blank=True, related_name="notices"
    )
    kind = models.CharField(max_length=20, choices=NotificationKind)
    created_at = models.DateTimeField()
    gathered_in = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="gathers"
    )
    try_again_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=NotificationKind.values), name="a_notice_is_of_a_known_kind"
            ),
            models.CheckConstraint(
                condition=Q(request__isnull=True, kind__in=ABOUT_MANY)
                | Q(request__isnull=False) & ~Q(kind__in=ABOUT_MANY),
                name="a_notice_names_its_request_unless_it_is_about_many",
            ),
            models.CheckConstraint(
                condition=Q(try_again_at__isnull=False, sent_at__isnull=True, failed_at__isnull=True)
                | Q(try_again_at__isnull=True, sent_at__isnull=False, failed_at__isnull=True)
                | Q(try_again_at__isnull=True, sent_at__isnull=True, failed_at__isnull=False)
                | Q(
                    try_again_at__isnull=True,
                    sent_at__isnull=True,
                    failed_at__isnull=True,
                    gathered_in__isnull=False,
                ),
                name="a_notice_is_owed_or_gathered_or_sent_or_failed",
            ),
            models.CheckConstraint(
                condition=Q(gathered_in__isnull=True) | Q(kind=NotificationKind.ARRIVAL),
                name="only_arrivals_are_gathered",
            ),
        ]
        indexes = [
            # The worker: what is owed, the longest owed first.
            models.Index(
                fields=["try_again_at"],
                condition=Q(try_again_at__isnull=False),
                name="notification_owed",
            ),
            # The desk: what could not be sent is work.
            models.Index(
                fields=["failed_at"],
                condition=Q(failed_at__isnull=False),
                name="notification_failed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.request_id})"

    def drop(self) -> None:
        """Owe it no more, nor what is gathered in it."""
        self.gathers.all().delete()
        self.delete()


class Notice(models.Model):
    """A wording of the short privacy notice beside the form's button, and when it first showed."""

    number = models.PositiveIntegerField(primary_key=True)
    text = models.TextField(unique=True)
    first_shown = models.DateTimeField()

    class Meta:
        verbose_name = "privacy notice"

    def __str__(self) -> str:
        return f"Privacy notice {self.number}"
