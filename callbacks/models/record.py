"""What happened to a request, what was written about it, and what is owed for it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from callbacks.models.complaint import DataComplaint
from callbacks.models.request import CallbackRequest
from callbacks.states import NOT_VIABLE, Outcome, Status


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
    THEY_RANG = "they_rang", "took their call"
    RESEMBLES = "resembles", "held: somebody in it resembles a party"
    CLEARED = "cleared", "found no conflict"
    CLINIC_SAID = "clinic_said", "wrote down who carried it out"
    ANSWERED = "answered", "wrote down what they said"
    SAID = "said", "told them that we are not acting"
    HANDED_OVER = "handed_over", "handed it over to the case system"
    SEEN = "seen", "looked at it"
    EXPORTED = "exported", "exported it"
    DISCLOSED = "disclosed", "made a file of all that we hold on them"
    FORGOTTEN = "forgotten", "what they told us was deleted, as its time had come"
    ERASED = "erased", "erased what they told us"


class Ground(models.TextChoices):
    """Why somebody was erased: a code, since words about them would be what is to go."""

    ASKED = "asked", "They asked for it"
    MISTAKE = "mistake", "It was collected by mistake"
    LAW = "law", "The law asks for it, or a court"
    RESTORED = "restored", "It came back with an older backup"


ENDS = [EventKind.CLOSED, EventKind.GAVE_UP]  # these say with what outcome
CALLS = [EventKind.CALLING, EventKind.THEY_RANG]  # these begin an attempt


class EventQuerySet(models.QuerySet["Event"]):
    def that_stand(self) -> "EventQuerySet":
        """Without what was taken back, and without the taking back."""
        return self.filter(undone_by__isnull=True).exclude(kind=EventKind.UNDONE)

    def of_the_record(self) -> "EventQuerySet":
        """What happened; who looked at it is another list."""
        return self.exclude(kind=EventKind.SEEN)


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
    ground = models.CharField(
        "why it was erased", max_length=10, choices=Ground, blank=True, default="", db_default=""
    )
    held_by = models.ForeignKey(  # whose claim it took
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    undoes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="undone_by")

    objects = EventQuerySet.as_manager()

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
            models.CheckConstraint(
                condition=Q(undoes__isnull=True) | Q(kind=EventKind.UNDONE),
                name="only_taking_back_undoes",
            ),
            models.CheckConstraint(
                condition=(Q(ground="") & ~Q(kind=EventKind.ERASED))
                | Q(ground__in=Ground.values, kind=EventKind.ERASED),
                name="an_erasure_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["request", "at"], name="event_time_line"),
            # Whoever had a request that somebody took is told.
            models.Index(
                fields=["held_by", "at"], condition=Q(held_by__isnull=False), name="event_took_from"
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


def that_stand(events: Iterable[Event]) -> list[Event]:
    """Of events that have been read already, as the QuerySet's word of this name has it."""
    events = list(events)
    undone = {event.undoes_id for event in events}
    return [event for event in events if event.pk not in undone and event.kind != EventKind.UNDONE]


class NoteKind(models.TextChoices):
    NOTE = "note", "Note"
    REASON = "reason", "Reason"
    ANSWER = "answer", "Answer"
    ADDITION = "addition", "Addition"  # by the visitor, on their own page


class Note(models.Model):
    """Words about a request that can be erased: a remark, a reason, an answer to the script.

    An answer is saved as it is typed, and `edits` counts how often; the others stay as they are.
    """

    request = models.ForeignKey(CallbackRequest, on_delete=models.PROTECT, null=True, related_name="notes")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, null=True, blank=True, related_name="notes")
    kind = models.CharField(max_length=10, choices=NoteKind, default=NoteKind.NOTE)
    question = models.CharField(max_length=200, blank=True)  # as it was asked, or the code of one of ours
    text = models.TextField(max_length=4000)
    edits = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=NoteKind.values), name="a_note_is_of_a_known_kind"),
            models.CheckConstraint(condition=~Q(text=""), name="a_note_says_something"),
            models.CheckConstraint(
                condition=Q(request__isnull=False) | Q(kind=NoteKind.REASON, event__isnull=False),
                name="only_the_reason_of_an_export_is_about_no_request",
            ),
            models.CheckConstraint(
                condition=Q(kind=NoteKind.ANSWER) & ~Q(question="")
                | ~Q(kind=NoteKind.ANSWER) & Q(question=""),
                name="an_answer_names_its_question",
            ),
            models.UniqueConstraint(
                fields=["request", "question"],
                condition=Q(kind=NoteKind.ANSWER),
                name="a_question_has_one_answer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.request_id}"


class NotificationKind(models.TextChoices):
    # To the visitor
    RECEIPT = "receipt", "we have your request"
    CHANGED = "changed", "the time is another"
    CANCELLED = "cancelled", "cancelled, as you asked"
    UNREACHED = "unreached", "we could not reach you"
    NOT_VIABLE = "not_viable", "we are not acting"
    DECLINED = "declined", "we are not acting, as you chose"
    COMPLAINT = "complaint", "we have your complaint"
    # To the partners
    RESEMBLANCE = "resemblance", "a request may name somebody we act for"
    # To the desk. An arrival is owed with its request, and goes out gathered with others.
    ARRIVAL = "arrival", "a request has come"
    ARRIVALS = "arrivals", "requests have come"
    UNCLAIMED = "unclaimed", "requests are nearly due and nobody has claimed them"


ABOUT_MANY = [NotificationKind.ARRIVALS, NotificationKind.UNCLAIMED]
TO_THE_DESK = [NotificationKind.ARRIVAL, *ABOUT_MANY]
TO_US = [*TO_THE_DESK, NotificationKind.RESEMBLANCE]
# Nobody is left without these: whom no e-mail reaches is told by telephone.
MUST_BE_SAID = [NotificationKind.NOT_VIABLE, NotificationKind.DECLINED]


def says_not_acting(outcome: str) -> NotificationKind | None:
    """What somebody is told with whose request it ended so; None where the firm acts, or nobody waits."""
    if outcome in NOT_VIABLE:
        return NotificationKind.NOT_VIABLE
    return NotificationKind.DECLINED if outcome == Outcome.CLIENT_DECLINED else None


LONGEST_DELAY = timedelta(minutes=5)  # before the first try of a notice: ten times as long as one may undo
LONGEST_PAUSE = timedelta(hours=1)  # between two tries


class NotificationQuerySet(models.QuerySet["Notification"]):
    def due(self, now: datetime) -> "NotificationQuerySet":
        """What is to be sent `now`. Nothing is owed for a later time than LONGEST_DELAY at first, or put off
        for longer than LONGEST_PAUSE: what seems to be was, by a clock that was ahead."""
        new = Q(tries=0, try_again_at__gt=now + LONGEST_DELAY)
        return self.filter(Q(try_again_at__lte=now) | Q(try_again_at__gt=now + LONGEST_PAUSE) | new)

    def to_tell_by_telephone(self) -> "NotificationQuerySet":
        """What could not be sent to somebody who waits for us, and with whom nobody has spoken since;
        and that we are not acting, for which there was no e-mail address, until it has been said."""
        since = Event.objects.filter(request=OuterRef("request"), at__gte=OuterRef("failed_at")).that_stand()
        spoken = Exists(since.filter(kind=EventKind.SPOKE))
        failed = self.filter(failed_at__isnull=False)
        waits = failed.filter(~spoken, request__due_at__isnull=False).exclude(kind__in=TO_US + MUST_BE_SAID)
        # Once it is said it is owed no more: see callbacks.actions.owing.
        unsaid = failed.filter(kind__in=MUST_BE_SAID, request__status=Status.CLOSED)
        # Each by an index of its own: what once failed is mostly about what is closed since.
        return self.filter(pk__in=waits.values("pk").union(unsaid.values("pk")))

    def lost_to_the_desk(self, *, since: datetime) -> "NotificationQuerySet":
        """The desk's own e-mails that could not be sent since then."""
        return self.filter(kind__in=ABOUT_MANY, failed_at__gte=since)


class Notification(models.Model):
    """An e-mail that we owe: the outbox. The worker sends what is due and marks it."""

    request = models.ForeignKey(
        CallbackRequest, on_delete=models.PROTECT, null=True, blank=True, related_name="notices"
    )
    complaint = models.ForeignKey(
        DataComplaint, on_delete=models.PROTECT, null=True, blank=True, related_name="notices"
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
                | Q(request__isnull=True, kind=NotificationKind.COMPLAINT)
                | Q(request__isnull=False) & ~Q(kind__in=[*ABOUT_MANY, NotificationKind.COMPLAINT]),
                name="a_notice_names_its_request_unless_it_is_about_many",
            ),
            models.CheckConstraint(
                condition=Q(complaint__isnull=False, kind=NotificationKind.COMPLAINT)
                | Q(complaint__isnull=True) & ~Q(kind=NotificationKind.COMPLAINT),
                name="a_notice_names_its_complaint_where_it_is_of_one",
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
            # The desk: that we are not acting, which nobody has said yet.
            models.Index(
                fields=["failed_at"],
                condition=Q(failed_at__isnull=False, kind__in=MUST_BE_SAID),
                name="notification_to_say",
            ),
            # When the desk was last told of many.
            models.Index(
                fields=["kind", "created_at"],
                condition=Q(kind__in=ABOUT_MANY),
                name="notification_about_many",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.request_id})"

    def drop(self) -> None:
        """Owe it no more, nor what is gathered in it."""
        self.gathers.all().delete()
        self.delete()


class Undo(models.Model):
    """How things stood before something that can be taken back for half a minute."""

    request = models.ForeignKey(CallbackRequest, on_delete=models.CASCADE, related_name="undos")
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    until = models.DateTimeField()
    columns = models.JSONField()  # of each request that moved, by its primary key

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("at")), name="an_undo_is_for_a_while"),
        ]
        indexes = [models.Index(fields=["until"], name="undo_by_age")]  # the old ones are deleted

    def __str__(self) -> str:
        return f"Undo on {self.request_id}"


class Notice(models.Model):
    """A wording of the short privacy notice beside the form's button, and when it first showed."""

    number = models.PositiveIntegerField(primary_key=True)
    text = models.TextField(unique=True)
    first_shown = models.DateTimeField()

    class Meta:
        verbose_name = "privacy notice"

    def __str__(self) -> str:
        return f"Privacy notice {self.number}"
