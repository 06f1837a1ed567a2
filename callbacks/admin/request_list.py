"""The list of requests: its columns, its filters and its search."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import and_, or_
from typing import Any

from django.contrib import admin
from django.db.models import Q, Value
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from callbacks import telephone
from callbacks.admin import in_words
from callbacks.admin.marks import Marks, marks_of
from callbacks.admin.paginator import MOST_COUNTED
from callbacks.models import CallbackRequest
from callbacks.models.request import LETTERS_OF_REFERENCE, CallbackRequestQuerySet, PlainName
from callbacks.reference import ALPHABET
from callbacks.retention import untouched
from callbacks.sight import may_read_story, seen_by
from callbacks.states import Channel, Outcome, Status
from firm_site import words
from firm_site.models import User

LONGEST_OPENING_WORDS = 100  # characters of a message that was set apart
SHORTEST_INDEXED = 3  # letters or digits
FEWEST_LETTERS = 4  # of a reference: one of its groups, read out over the telephone

# As people read it out: "Ref AB-CDEF-GHIJ"
_REF = re.compile(r"^(our |my |your )?ref(erence)?( no| number)?\b[\s.:]*", re.IGNORECASE)

_THREE_IN_A_ROW = re.compile(r"[^\W_]{3}")

NOT_CLOSED = Q(due_at__isnull=False) | Q(status=Status.SUSPECTED_SPAM)  # as their indexes have it

type Column = Callable[[CallbackRequest], str]


def columns(user: User, now: datetime, marks: Marks) -> list[Column]:
    """What a row says, to this person at this moment."""

    @admin.display(description="Due", empty_value="")
    def due(callback: CallbackRequest) -> str:
        said = in_words.due(callback, now)
        if said.late:
            return format_html('{} <strong class="late">{}</strong>', said.words, said.late)
        if callback.pk in marks.soon:
            return format_html('{} <span class="soon">soon</span>', said.words)
        return said.words

    @admin.display(description="Who")
    def who(callback: CallbackRequest) -> str:
        return callback.full_name or "(erased)"

    @admin.display(description="What", empty_value="")
    def what(callback: CallbackRequest) -> str:
        return callback.procedure if may_read_story(user, callback) else "hidden"

    @admin.display(description="For the call")
    def wishes(callback: CallbackRequest) -> str:
        return in_words.wishes(callback)

    @admin.display(description="State")
    def state(callback: CallbackRequest) -> SafeString:
        said = tags(callback, marks, can_read=may_read_story(user, callback), now=now)
        return format_html(
            '<span class="state {}">{}</span>{}',
            in_words.state_name(callback, user, now),
            in_words.state(callback, user, now),
            format_html_join("", ' <span class="tag">{}</span>', ((tag,) for tag in said)),
        )

    @admin.display(description="Reference")
    def reference(callback: CallbackRequest) -> str:
        return callback.reference

    return [due, who, what, wishes, state, reference]


def tags(callback: CallbackRequest, marks: Marks, *, can_read: bool, now: datetime) -> list[str]:
    """What stands out about a request, in a word or two each; the time limit only for whoever may read
    the story that it follows from."""
    many = marks.how_many(callback)
    said = [
        (many > 1 and callback.due_at is not None, f"{many} requests"),
        (callback.pk in marks.to_be_moved, "to be moved"),
        (callback.pk in marks.to_tell, "e-mail failed"),
        (can_read, in_words.limitation(callback, timezone.localdate(now))),
    ]
    return [tag for holds, tag in said if holds and tag]


def columns_apart(user: User, token: str) -> list[Column]:
    """What a row says of a request that was set apart; `token` lets its button post."""

    @admin.display(description="Who")
    def who(callback: CallbackRequest) -> str:
        return callback.full_name or "(erased)"

    @admin.display(description="Why it is set apart")
    def why(callback: CallbackRequest) -> str:
        return callback.set_apart_because

    @admin.display(description="What they wrote", empty_value="")
    def wrote(callback: CallbackRequest) -> str:
        if not may_read_story(user, callback):
            return "hidden"
        return Truncator(callback.message).chars(LONGEST_OPENING_WORDS)

    @admin.display(description="Came")
    def came(callback: CallbackRequest) -> str:
        return date_format(timezone.localtime(callback.created_at), "j F, H:i")

    @admin.display(description="Real?")
    def real(callback: CallbackRequest) -> SafeString:
        return format_html(
            '<form method="post" action="{}">'
            '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'
            '<input type="hidden" name="edits" value="{}">'
            '<input type="hidden" name="back" value="set-apart">'
            '<button type="submit" aria-label="Real: {}">Real</button></form>',
            reverse("admin:callbacks_callbackrequest_verb", args=[callback.pk, "make-real"]),
            token,
            callback.edits,
            callback.full_name,
        )

    return [who, why, wrote, came, real]


class Show(admin.SimpleListFilter):
    """The tabs above the list. The first is what somebody still owes a call."""

    title = "show"
    parameter_name = "show"
    template = "admin/callbacks/callbackrequest/tabs.html"

    TABS = {
        None: "Open",
        "mine": "Mine",
        "still-open": "Call still open?",
        "held": "Conflict check",
        "no-date": "No limitation date",
        "waiting-for-them": "Waiting for them",
        "with-solicitor": "With a solicitor",
        "to-hand-over": "No case number",
        "to-be-moved": "To be moved",
        "mail-failed": "To be told",
        "untouched": "To be closed?",
        "set-apart": "Set apart",
        "closed": "Closed",
        "all": "All",
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.marks = marks_of(request)
        seen, now = seen_by(request.user), timezone.now()  # type: ignore[arg-type]
        found: dict[str, Any] = {
            "to-be-moved": self.marks.to_be_moved,
            "mail-failed": self.marks.to_tell,
            "still-open": seen.calls_still_open(now)[:1],
            "to-hand-over": seen.to_hand_over().order_by("closed_at")[:1],  # as the index has it
            "held": seen.filter(conflict_since__isnull=False)[:1],
            "untouched": may_close_old(request.user) and untouched(seen, now)[:1],
        }
        self.empty = {name for name, those in found.items() if not those}
        return [(name, words) for name, words in self.TABS.items() if name]

    def choices(self, changelist: Any) -> Any:
        for name, label in self.TABS.items():
            if name in self.empty and self.value() != name:
                continue
            yield {
                "selected": self.value() == name,
                "query_string": changelist.get_query_string({self.parameter_name: name}),
                "display": label,
            }

    def queryset(self, request: HttpRequest, queryset: Any) -> CallbackRequestQuerySet:
        requests: CallbackRequestQuerySet = queryset
        match self.value():
            case "mine":
                mine = Q(claimed_by=request.user.pk) | Q(solicitor=request.user.pk)
                return requests.filter(mine).one_a_person()
            case "to-be-moved":
                return requests.filter(pk__in=self.marks.to_be_moved)
            case "mail-failed":
                return requests.filter(pk__in=self.marks.to_tell)
            case "still-open":
                return requests.calls_still_open(timezone.now()).one_a_person()
            case "held":
                return requests.filter(conflict_since__isnull=False)
            case "no-date":
                # Whether a story that is held has a date is part of it.
                told = requests.filter(limitation_day__isnull=True, conflict_since__isnull=True)
                return told.open().one_a_person()
            case "waiting-for-them":
                return requests.open().one_a_person().filter(gives_up_at__isnull=False)
            case "with-solicitor":
                return requests.open().one_a_person().filter(decide_by__isnull=False)
            case "to-hand-over":
                return requests.to_hand_over()
            case "untouched":
                return untouched(requests, timezone.now())
            case "set-apart":
                return requests.filter(status=Status.SUSPECTED_SPAM)
            case "closed":
                return requests.filter(status=Status.CLOSED).order_by("-closed_at", "-pk")
            case "all" if request.GET.get("outcome"):  # which only what is closed has
                return requests.filter(status=Status.CLOSED).order_by("-closed_at", "-pk")
            case "all":
                return requests.order_by("-created_at", "-pk")
        return requests.open().one_a_person()


def may_close_old(user: Any) -> bool:
    """Whether what nobody has touched for half a year is for this person to look through."""
    return bool(user.has_perm("callbacks.report_callbackrequest"))


class _OfColumn(admin.SimpleListFilter):
    """A filter that offers every value of one column."""

    template = "admin/callbacks/callbackrequest/filter.html"
    values: list[tuple[str, str]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return self.values

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(Q((self.parameter_name, self.value()))) if self.value() else queryset


class OfStatus(_OfColumn):
    title = "state"
    parameter_name = "status"
    values = Status.choices


class OfChannel(_OfColumn):
    title = "channel"
    parameter_name = "channel"
    values = Channel.choices


class OfOutcome(_OfColumn):
    title = "outcome"
    parameter_name = "outcome"
    values = Outcome.choices


FILTERS: list[Any] = [Show, OfStatus, OfChannel, OfOutcome]


def search(requests: CallbackRequestQuerySet, term: str) -> CallbackRequestQuerySet:
    """Those with this name, number, reference or e-mail address, in any writing of each.

    All that are open or set apart, and of the others up to MOST_COUNTED and one that an index finds: what
    half the world is called is not read out of a million. The story is never searched: a hit would tell
    what is in it.
    """
    ways = _ways(term)
    if not ways:
        return requests
    found = _found(requests.filter(NOT_CLOSED), ways).values("pk")
    if by_index := [way for way in ways if way.is_indexed]:
        found = found.union(_found(requests, by_index).values("pk")[: MOST_COUNTED + 1])
    # Found once, for the count and for the page.
    return requests.filter(pk__in=[row["pk"] for row in found])


def search_open(requests: CallbackRequestQuerySet, term: str) -> CallbackRequestQuerySet:
    """The same, among what is open."""
    return _found(requests.open(), _ways(term))


def is_short(term: str) -> bool:
    """Whether a term is looked for among what is open or set apart only: an index knows three letters or
    digits in a row, and no fewer."""
    ways = _ways(term)
    return bool(ways) and not any(way.is_indexed for way in ways)


@dataclass(frozen=True)
class _Way:
    """A column that a term may be found in, and whether an index leads there."""

    condition: Q
    is_indexed: bool


def _found(requests: CallbackRequestQuerySet, ways: list[_Way]) -> CallbackRequestQuerySet:
    """Those that one of the ways leads to, in no order; none without a way."""
    given = requests.order_by().alias(plain_name=PlainName("full_name"), letters=LETTERS_OF_REFERENCE)
    return given.filter(reduce(or_, (way.condition for way in ways), Q(pk__in=[])))


def _ways(term: str) -> list[_Way]:
    """The ways to find a term; none for an empty one."""
    term = _REF.sub("", words.line(term))
    given = term.split()
    if not given:
        return []
    has_run = bool(_THREE_IN_A_ROW.search(term))
    named = reduce(and_, (Q(plain_name__contains=PlainName(Value(word))) for word in given))
    ways = [_Way(named, has_run), _Way(Q(email__icontains=term), has_run)]
    letters = "".join(filter(str.isalnum, term)).upper()
    if len(letters) >= FEWEST_LETTERS and set(letters) <= set(ALPHABET):
        ways.append(_Way(Q(letters__contains=letters), True))
    digits = telephone.digits_for_search(term)
    # "Zoë 2" is a name; "01632 960001 ext 12" is a number.
    if digits and (len(digits) >= telephone.FEWEST_DIGITS or not any(map(str.isalpha, term))):
        ways.append(_Way(Q(phone__endswith=digits), len(digits) >= SHORTEST_INDEXED))
    return ways
