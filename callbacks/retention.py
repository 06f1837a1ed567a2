"""How long what people told us is kept: by the class of the outcome, for so many days after closing.

It says what is to be forgotten; `callbacks.actions.keeping` forgets it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from callbacks.models import CallbackRequest, Event, EventKind, RetentionPeriods
from callbacks.models.request import CallbackRequestQuerySet
from callbacks.states import Outcome, Status

# Each class is a column of RetentionPeriods, and each outcome is in one class.
CLASSES: Mapping[str, list[Outcome]] = {
    "spam_and_duplicates": [Outcome.SPAM, Outcome.DUPLICATE],
    "taken_on": [Outcome.TAKEN_ON],
    "not_reached_and_withdrawn": [Outcome.NOT_REACHED, Outcome.WITHDRAWN],
    "all_others": [
        Outcome.OUT_OF_TIME,
        Outcome.NO_BREACH,
        Outcome.LOW_VALUE,
        Outcome.OTHER_JURISDICTION,
        Outcome.CLIENT_DECLINED,
        Outcome.INSTRUCTED_ELSEWHERE,
        Outcome.CONFLICT,
    ],
}
UNTOUCHED_FOR = timedelta(days=180)  # and somebody should ask whether it is to be closed


def periods() -> RetentionPeriods:
    """The row, which holds before anybody has saved it."""
    return RetentionPeriods.objects.filter(pk=1).first() or RetentionPeriods(pk=1)


def name_of(name: str) -> str:
    """A class in words: "Could not be reached, and withdrawn"."""
    words = str(RetentionPeriods._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    return words[0].upper() + words[1:]


def in_force() -> list[tuple[str, int]]:
    """Each class in words, and for how many days after closing it is kept; what was taken on, after it was
    handed over to the case system."""
    row = periods()
    return [(name_of(name), getattr(row, name)) for name in CLASSES]


def to_forget(name: str, now: datetime, kept: RetentionPeriods | None = None) -> CallbackRequestQuerySet:
    """The requests of a class whose time has come `now` (aware), by the periods in force or by those that
    somebody would set (`kept`)."""
    days = timedelta(days=getattr(kept or periods(), name))
    closed = CallbackRequest.objects.filter(status=Status.CLOSED, erased_at__isnull=True)
    over = closed.filter(outcome__in=CLASSES[name], closed_at__lte=now - days)
    if name != "taken_on":
        return over
    # Until it is in the case system, this is the only place that holds it.
    handed_over = Event.objects.filter(request=OuterRef("pk"), kind=EventKind.HANDED_OVER).that_stand()
    since = Coalesce(Subquery(handed_over.order_by("-at").values("at")[:1]), "closed_at")
    return over.exclude(case_number="").alias(since=since).filter(since__lte=now - days)


def how_many_to_forget(now: datetime, kept: RetentionPeriods | None = None) -> int:
    """How many requests that is, of all classes."""
    return sum(to_forget(name, now, kept).count() for name in CLASSES)


def forgets_more(kept: RetentionPeriods, now: datetime) -> bool:
    """Whether periods that somebody would set forget `now` what those in force would keep. Each class for
    itself: a longer one makes up for nothing."""
    row = periods()
    return any(to_forget(name, now, kept).count() > to_forget(name, now, row).count() for name in CLASSES)


def untouched(requests: CallbackRequestQuerySet, now: datetime) -> CallbackRequestQuerySet:
    """Of these, whoever is not closed and to whom nothing has happened for half a year, but that somebody
    looked; one a person."""
    lately = now - UNTOUCHED_FOR
    happened = Event.objects.of_the_record().filter(request=OuterRef("pk"), at__gt=lately)
    not_closed = Q(due_at__isnull=False) | Q(status=Status.SUSPECTED_SPAM)  # as their indexes have it
    return requests.filter(not_closed, ~Exists(happened), created_at__lte=lately).one_a_person()
