"""A request to be called back: what the person gave, where it stands, and what is due."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Case, Exists, F, Func, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Lower, Replace, TruncDate, Upper
from django.urls import reverse
from django.utils import timezone

from callbacks.reference import new_reference, new_token
from callbacks.states import RESTING, Channel, Outcome, Status
from firm_site.models import User


class PlainName(Func):
    """A name as it is searched: small letters, without accents (a function of migration 0006, which indexes
    may use: `unaccent` itself depends on a dictionary that could change)."""

    function = "callbacks_plain_name"
    output_field = models.TextField()


class Spent(Func):
    """The token of a request that holds nothing any more, as `reference.spent` has it: the address that
    somebody kept still leads there, and nobody can make it from what is left."""

    template = "left('spent-' || encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex'), 40)"
    output_field = models.CharField()


LETTERS_OF_REFERENCE = Replace("reference", Value("-"), Value(""))
LONGEST_CALL = timedelta(minutes=60)
PRESSES_WITHIN = timedelta(days=30)  # of a day at court

# What becomes of a request that is forgotten or erased (firm_site.personal names every column).
NOTHING: dict[str, str | bool | None] = {
    "fingerprint": None,
    "full_name": "",
    "phone": "",
    "phone_typed": "",
    "say_who": False,
    "leave_message": False,
    "email": "",
    "message": "",
    "procedure": "",
    "procedure_date": "",
    "clinic": "",
    "call_needs": "",
    "page": "",  # a guide is about a procedure
    "page_version": None,
    "set_apart_because": "",
    "conflict_since": None,
    "case_number": "",
    "limitation_day": None,  # reckoned from the story
}


class CallbackRequestQuerySet(models.QuerySet["CallbackRequest"]):
    def open(self) -> "CallbackRequestQuerySet":
        """Those on which somebody still owes something: as a constraint has it, those with a due
        time, which an index knows without reading what is closed."""
        return self.filter(due_at__isnull=False)

    def of_person(self, request: "CallbackRequest") -> "CallbackRequestQuerySet":
        """The open requests that are one with this one: they move together."""
        first = request.earlier_id or request.pk
        return self.open().filter(Q(pk=first) | Q(earlier=first))

    def one_a_person(self) -> "CallbackRequestQuerySet":
        """Of the open requests of one person only the newest."""
        newer = (
            CallbackRequest.objects.open()
            .alias(first=Coalesce("earlier_id", "pk"))
            .filter(first=Coalesce(OuterRef("earlier_id"), OuterRef("pk")), pk__gt=OuterRef("pk"))
        )
        return self.filter(Q(status__in=RESTING) | ~Exists(newer))

    def with_a_place(self) -> "CallbackRequestQuerySet":
        """Those that hold a place in a slot."""
        return self.filter(place__isnull=False)

    def due_a_call(self) -> "CallbackRequestQuerySet":
        """Everybody whom somebody is to call, now or later, in whoever's hands: one line a person."""
        statuses = [Status.NEW, Status.WAITING, Status.CONFLICT_CHECK, Status.CLAIMED]
        ours = self.open().one_a_person().filter(status__in=statuses)
        return ours.filter(gives_up_at__isnull=True, decide_by__isnull=True)

    def to_call(self, now: datetime) -> "CallbackRequestQuerySet":
        """Those that somebody may be handed `now`: in nobody's hands, not before their time, and not what
        a solicitor is deciding."""
        free = Q(status__in=[Status.NEW, Status.WAITING, Status.CONFLICT_CHECK])
        lapsed = Q(status=Status.CLAIMED, claim_ends_at__lte=now)
        in_time = Q(due_from__isnull=True) | Q(due_from__lte=now)
        ours = self.one_a_person().filter(gives_up_at__isnull=True, decide_by__isnull=True)
        return ours.filter(free | lapsed, in_time)

    def in_a_call_with(self, user: User) -> "CallbackRequestQuerySet":
        """Those whose call this member of staff has in progress."""
        return self.filter(claimed_by=user, claim_ends_at__isnull=True)

    def calls_still_open(self, now: datetime) -> "CallbackRequestQuerySet":
        """Those with a call in progress for so long that somebody should ask whether it is."""
        began = Q(claimed_at__lte=now - LONGEST_CALL)
        return self.filter(began, status=Status.CLAIMED, claim_ends_at__isnull=True)

    def undecided_in_time(self, now: datetime) -> "CallbackRequestQuerySet":
        """Those with a solicitor who should have decided by now, whoever has them claimed meanwhile."""
        return self.filter(decide_by__isnull=False, due_at__lt=now)

    def to_hand_over(self) -> "CallbackRequestQuerySet":
        """Those taken on that have no number in the case system yet."""
        return self.filter(outcome=Outcome.TAKEN_ON, case_number="", erased_at__isnull=True)

    def with_promised_since(self) -> "CallbackRequestQuerySet":
        """With `promised_since`: when what is due now was promised, on arrival or when it was last moved."""
        moved = Q(events__was_at__isnull=False) | Q(events__kind__in=["reopened", "made_real"])
        moved &= Q(events__undoes__isnull=True, events__undone_by__isnull=True)
        last = CallbackRequest.objects.filter(moved, pk=OuterRef("pk")).order_by("-events__at")
        return self.annotate(promised_since=Coalesce(Subquery(last.values("events__at")[:1]), "created_at"))

    def in_desk_order(self, now: datetime) -> "CallbackRequestQuerySet":
        """The most pressing first: agreed times that are running, by their end; then what is late,
        then what is due, by when, and who asked first. Whose claim must be at court within 30 days goes
        before the rest of the day. Those with nothing due come last, newest first."""
        is_running = Q(due_from__lte=now, due_at__gt=now, gives_up_at__isnull=True)
        today = timezone.localdate(now)
        soon_at_court = Q(limitation_day__range=(today, today + PRESSES_WITHIN))
        return self.order_by(
            Case(When(is_running, then=0), default=1),
            TruncDate("due_at", tzinfo=timezone.get_default_timezone()).asc(nulls_last=True),
            Case(When(soon_at_court & ~is_running, then=0), default=1),
            F("due_at").asc(nulls_last=True),
            Case(When(due_at__isnull=False, then=F("created_at"))).asc(nulls_last=True),
            "-created_at",
            "-pk",
        )


class CallbackRequest(models.Model):
    """One request. Only `callbacks.actions` writes to it."""

    # How people and the address of the receipt name it
    reference = models.CharField(max_length=12, unique=True, default=new_reference, editable=False)
    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    # HMAC of the answers, while a second sending of the same may still get this receipt
    fingerprint = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001 (null, so that erased ones do not collide)

    # What the person gave
    full_name = models.CharField("name", max_length=120, blank=True)
    phone = models.CharField("telephone", max_length=16, blank=True)  # E.164
    phone_typed = models.CharField("telephone as typed", max_length=200, blank=True)
    say_who = models.BooleanField("may say who is calling", default=False)
    leave_message = models.BooleanField("may leave a message", default=False)
    email = models.EmailField("e-mail", blank=True)
    message = models.TextField(max_length=4000, blank=True)
    procedure = models.CharField(max_length=120, blank=True)
    procedure_date = models.CharField("date of the procedure", max_length=200, blank=True)
    clinic = models.CharField("who carried it out", max_length=200, blank=True)
    call_needs = models.CharField("for the call", max_length=300, blank=True)
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.WEB)
    rang_at = models.DateTimeField("rang, or came", null=True, blank=True)  # when staff entered it later

    # What they were shown: plain values, so that nothing there can stop a request here
    page = models.CharField("asked on", max_length=200, blank=True)
    page_version = models.PositiveBigIntegerField(null=True, blank=True)
    notice_version = models.PositiveIntegerField("privacy notice", null=True, blank=True)
    earlier = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="later",
        verbose_name="first request of the same person",  # of those still open when this one came
    )

    # Where it stands
    status = models.CharField(max_length=14, choices=Status, default=Status.NEW)
    set_apart_because = models.CharField("set apart because", max_length=300, blank=True)
    conflict_since = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="claimed_requests",
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    claim_ends_at = models.DateTimeField(null=True, blank=True)  # null while a call is running
    solicitor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="requests_to_decide",
    )
    decide_by = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    case_number = models.CharField(max_length=40, blank=True)  # in the case system, once taken on
    # When it was forgotten, as its time had come, or erased: since then it holds NOTHING
    erased_at = models.DateTimeField("erased", null=True, blank=True)

    # When
    created_at = models.DateTimeField("asked")
    wanted_at = models.DateTimeField(null=True, blank=True)  # null: as soon as possible
    place = models.PositiveSmallIntegerField(null=True, blank=True)
    promised_by = models.DateTimeField("promised by")
    due_from = models.DateTimeField("not before", null=True, blank=True)
    due_at = models.DateTimeField("due", null=True, blank=True)
    gives_up_at = models.DateTimeField(null=True, blank=True)
    # By when the claim form should be at court, as far as anybody can tell (callbacks.limitation)
    limitation_day = models.DateField(null=True, blank=True)

    # How often anything above was changed: two people who save over each other are told
    edits = models.PositiveIntegerField(default=0)

    objects = CallbackRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "request"
        permissions = [
            ("work_callbackrequest", "Can work requests"),
            ("enter_callbackrequest", "Can enter requests that came by telephone"),
            ("take_over_callbackrequest", "Can take over or reassign another's request"),
            ("report_callbackrequest", "Can see the reports"),
            ("export_callbackrequest", "Can export requests"),
            ("erase_callbackrequest", "Can erase a person"),
            ("clear_conflict_callbackrequest", "Can clear a conflict and read a hidden story"),
            ("decide_callbackrequest", "Can decide what is with a solicitor"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=Status.values), name="a_request_has_a_known_status"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=Channel.values), name="a_request_came_by_a_known_channel"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["", *Outcome.values]), name="an_outcome_is_a_known_one"
            ),
            models.CheckConstraint(
                condition=Q(phone="") | Q(phone__regex=r"^\+[1-9][0-9]{6,14}$"),
                name="a_telephone_number_is_e164",
            ),
            models.CheckConstraint(
                condition=Q(status__in=RESTING, due_at__isnull=True)
                | (~Q(status__in=RESTING) & Q(due_at__isnull=False)),
                name="due_exactly_when_somebody_owes_a_call",
            ),
            models.CheckConstraint(
                condition=Q(phone="", phone_typed="") | ~Q(phone="") & ~Q(phone_typed=""),
                name="a_number_stands_beside_what_was_typed",
            ),
            models.CheckConstraint(
                condition=Q(due_from__isnull=True) | Q(due_from__lte=F("due_at")),
                name="not_before_comes_before_due",
            ),
            models.CheckConstraint(
                condition=Q(due_from__isnull=True) | Q(due_at__isnull=False),
                name="not_before_needs_a_due_time",
            ),
            models.CheckConstraint(
                condition=Q(gives_up_at__isnull=True)
                | Q(due_from__isnull=False, due_from=F("gives_up_at"), due_at=F("gives_up_at")),
                name="giving_up_is_what_is_due",
            ),
            models.CheckConstraint(
                condition=Q(gives_up_at__isnull=True)
                | Q(status__in=[Status.WAITING, Status.CLAIMED, Status.CONFLICT_CHECK]),
                name="only_what_waits_is_given_up",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.CLOSED, closed_at__isnull=False) & ~Q(outcome="")
                | (~Q(status=Status.CLOSED) & Q(closed_at__isnull=True, outcome="")),
                name="closed_has_an_outcome_and_a_time",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.CLAIMED, claimed_by__isnull=False, claimed_at__isnull=False)
                | (
                    ~Q(status=Status.CLAIMED)
                    & Q(
                        claimed_by__isnull=True,
                        claimed_at__isnull=True,
                        claim_ends_at__isnull=True,
                    )
                ),
                name="claimed_has_a_holder_and_nothing_else_has",
            ),
            models.CheckConstraint(
                condition=Q(claim_ends_at__isnull=True) | Q(claim_ends_at__gt=F("claimed_at")),
                name="a_claim_ends_after_it_began",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.CLAIMED, claim_ends_at__isnull=True) | Q(attempts__gte=1),
                name="a_running_call_is_an_attempt",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.WITH_SOLICITOR)
                | Q(decide_by__isnull=False, due_at=F("decide_by")),
                name="with_a_solicitor_the_decision_is_due",
            ),
            models.CheckConstraint(
                condition=Q(solicitor__isnull=True) | Q(decide_by__isnull=False),
                name="a_named_solicitor_has_a_decision_date",
            ),
            models.CheckConstraint(
                condition=Q(decide_by__isnull=True)
                | Q(status__in=[Status.WITH_SOLICITOR, Status.CLAIMED, Status.CONFLICT_CHECK]),
                name="a_decision_date_goes_when_it_is_decided",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.CONFLICT_CHECK) | Q(conflict_since__isnull=False),
                name="conflict_check_has_an_open_resemblance",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[Status.NEW, Status.WAITING]) | Q(conflict_since__isnull=True),
                name="new_and_waiting_have_no_open_resemblance",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.NEW) | Q(attempts=0), name="new_means_no_attempt_yet"
            ),
            models.CheckConstraint(
                condition=Q(status=Status.CLOSED)
                | Q(status=Status.SUSPECTED_SPAM) & ~Q(set_apart_because="")
                | ~Q(status=Status.SUSPECTED_SPAM) & Q(set_apart_because=""),
                name="set_apart_says_why",
            ),
            models.CheckConstraint(
                condition=Q(place__isnull=True)
                | Q(place__gte=1, wanted_at__isnull=False) & ~Q(status__in=RESTING),
                name="a_place_is_held_for_a_wanted_time",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.CLOSED) | Q(fingerprint__isnull=True),
                name="closing_forgets_the_fingerprint",
            ),
            models.CheckConstraint(
                condition=Q(channel=Channel.WEB, rang_at__isnull=True)
                | ~Q(channel=Channel.WEB) & Q(rang_at__isnull=False, rang_at__lte=F("created_at")),
                name="who_rang_or_came_did_so_before_it_was_entered",
            ),
            models.CheckConstraint(
                condition=Q(case_number="") | Q(outcome=Outcome.TAKEN_ON),
                name="a_case_is_of_somebody_taken_on",
            ),
            models.CheckConstraint(
                condition=Q(earlier__isnull=True) | ~Q(earlier=F("pk")),
                name="a_request_is_not_its_own_earlier_one",
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(status=Status.CLOSED, **NOTHING),
                name="an_erased_request_is_closed_and_holds_nothing",
            ),
            models.UniqueConstraint(
                fields=["wanted_at", "place"],
                condition=Q(place__isnull=False),
                name="a_place_is_taken_once",
            ),
        ]
        indexes = [
            # The desk: what is open, by when it is due.
            models.Index(
                fields=["due_at"],
                condition=Q(due_at__isnull=False),
                name="request_open_by_due",
            ),
            # The open requests of one person, by the first of them.
            models.Index(
                Coalesce("earlier_id", "id"),
                "id",
                condition=Q(due_at__isnull=False),
                name="request_open_by_person",
            ),
            # The list, newest first, and how long ago somebody asked.
            models.Index(fields=["-created_at"], name="request_newest_first"),
            # The list narrowed down, the newest first, and what is rare found at once.
            models.Index(fields=["status", "-created_at"], name="request_by_status"),
            models.Index(fields=["channel", "-created_at"], name="request_by_channel"),
            models.Index(
                fields=["outcome", "-closed_at", "-id"],
                condition=Q(status=Status.CLOSED),
                name="request_closed_by_outcome",
            ),
            models.Index(
                fields=["channel", "-closed_at", "-id"],
                condition=Q(status=Status.CLOSED),
                name="request_closed_by_channel",
            ),
            models.Index(
                fields=["-closed_at", "-id"], condition=Q(status=Status.CLOSED), name="request_last_closed"
            ),
            # The search, whose words may stand anywhere in each of these.
            GinIndex(OpClass(PlainName("full_name"), "gin_trgm_ops"), name="request_find_name"),
            GinIndex(OpClass(Upper("email"), "gin_trgm_ops"), name="request_find_email"),
            GinIndex(OpClass(LETTERS_OF_REFERENCE, "gin_trgm_ops"), name="request_find_reference"),
            GinIndex(OpClass(F("phone"), "gin_trgm_ops"), name="request_find_phone"),
            # "They ring us": the same number again.
            models.Index(fields=["phone"], name="request_by_phone"),
            # The same person again, by e-mail.
            models.Index(Lower("email"), condition=~Q(email=""), name="request_by_email"),
            # Taken on, and not yet in the case system.
            models.Index(
                fields=["closed_at"],
                condition=Q(outcome=Outcome.TAKEN_ON, case_number="", erased_at__isnull=True),
                name="request_to_hand_over",
            ),
            # Each night: what is to be forgotten, by its outcome.
            models.Index(
                fields=["outcome", "closed_at"],
                condition=Q(status=Status.CLOSED, erased_at__isnull=True),
                name="request_to_forget",
            ),
            # Erased since a backup was made.
            models.Index(fields=["erased_at"], condition=Q(erased_at__isnull=False), name="request_erased"),
            # Whose story may not be read, until a partner has looked.
            models.Index(
                fields=["conflict_since"],
                condition=Q(conflict_since__isnull=False),
                name="request_held",
            ),
            # The slots: who holds a place when.
            models.Index(fields=["wanted_at"], condition=Q(place__isnull=False), name="request_by_slot"),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        """The visitor's receipt."""
        return reverse("receipt", args=[self.token])
