"""Requests as the lines of a CSV file, made while they are sent: it is stored nowhere."""

import csv
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from callbacks import telephone
from callbacks.admin.in_words import wishes
from callbacks.admin.questions import ProseField
from callbacks.hours import LONDON
from callbacks.models import Event
from callbacks.models.record import CALLS
from callbacks.sight import may_read_story, message_is_folded, seen_by
from firm_site.fresh_code import FreshCode
from firm_site.models import User

# With these a spreadsheet takes a cell for a formula; the wide ones where people write Japanese (OWASP,
# "CSV Injection").
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
YEARS = (date(2000, 1, 1), date(2099, 12, 31))  # others are hand-made
AT_A_TIME = 500
HIDDEN = "hidden: conflict check"
FOLDED = "folded: who carried it out is not known"

HEADINGS = [
    "Reference",
    "Asked",
    "Channel",
    "Name",
    "Telephone",
    "E-mail",
    "Procedure",
    "When",
    "Carried out by",
    "Message",
    "Wishes",
    "Status",
    "Outcome",
    "Promised by",
    "First call",
    "Closed",
    "Case number",
    "Time limit",
]


class DayField(forms.DateField):
    """A day, as browsers choose one."""

    default_error_messages = {"required": "Choose a day", "invalid": "Choose a day"}

    def __init__(self, label: str) -> None:
        super().__init__(
            label=label,
            widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            validators=[MinValueValidator(YEARS[0]), MaxValueValidator(YEARS[1])],
        )


class ExportForm(FreshCode):
    since = DayField("First day")
    until = DayField("Last day")
    reason = ProseField(label="What it is for", error_messages={"required": "Say what the export is for."})


class _Line:
    """What csv writes to: it gives each line back."""

    def write(self, line: str) -> str:
        return line


def lines(user: User, since: date, until: date) -> Iterator[str]:
    """The file, line by line, for this person: what came on these days in London, both of them with."""
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow(HEADINGS)  # by this mark spreadsheets know UTF-8
    for callback in _asked_between(user, since, until):
        yield writer.writerow([safe(cell) for cell in _cells(user, callback)])


def _asked_between(user: User, since: date, until: date) -> Iterator[Any]:
    """The requests in their order, some hundreds at a time, each found by its index where the last ended.

    A cursor on the server would hold a transaction open for as long as the slowest reader takes, and give
    a story that has been held meanwhile; a short query each time holds nothing, and sees that.
    """
    begins = datetime.combine(since, time(), LONDON)
    ends = datetime.combine(until + timedelta(days=1), time(), LONDON)
    calls = Event.objects.filter(request=OuterRef("pk"), kind__in=CALLS).that_stand().order_by("at")
    asked = seen_by(user).filter(created_at__gte=begins, created_at__lt=ends).order_by("created_at", "pk")
    asked = asked.annotate(first_call=Subquery(calls.values("at")[:1]))
    rows = list(asked[:AT_A_TIME])
    while rows:
        yield from rows
        last = rows[-1]
        behind = Q(created_at__gt=last.created_at) | Q(created_at=last.created_at, pk__gt=last.pk)
        # That they came no earlier says nothing new, but is what the index understands.
        rows = list(asked.filter(behind, created_at__gte=last.created_at)[:AT_A_TIME])


def _cells(user: User, callback: Any) -> list[str]:
    told: list[str] = [callback.procedure, callback.procedure_date, callback.clinic, callback.message]
    limit = f"{callback.limitation_day or ''}"
    if not may_read_story(user, callback):
        told, limit = [HIDDEN] * len(told), HIDDEN
    elif callback.message and message_is_folded(user, callback):
        told[-1] = FOLDED
    return [
        callback.reference,
        _moment(callback.rang_at or callback.created_at),
        callback.get_channel_display(),
        callback.full_name,
        dialled(callback.phone),
        callback.email,
        *told,
        wishes(callback),
        callback.get_status_display(),
        callback.get_outcome_display() if callback.outcome else "",
        _moment(callback.promised_by),
        _moment(callback.first_call),
        _moment(callback.closed_at),
        callback.case_number,
        limit,
    ]


def dialled(phone: str) -> str:
    """A number as people dial it from here, with 00 for the plus that a spreadsheet would reckon with, and
    with a space at least: what is all digits, it takes for an amount and drops the noughts."""
    readable = telephone.readable(phone)
    if readable.startswith("+"):
        readable = f"00{readable[1:]}"
    return f"{readable[:5]} {readable[5:]}" if readable.isdigit() else readable


def safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULAS) else cell


def _moment(at: datetime | None) -> str:
    return timezone.localtime(at).isoformat(" ", "minutes") if at else ""
