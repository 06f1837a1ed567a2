"""Requests as a CSV file, streamed: it is stored nowhere."""

import csv
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from callbacks import telephone
from callbacks.actions import Refused
from callbacks.actions.exporting import export
from callbacks.admin.in_words import wishes
from callbacks.admin.questions import ProseField
from callbacks.admin.staff import member
from callbacks.hours import LONDON
from callbacks.models import Event
from callbacks.models.record import CALLS
from callbacks.sight import may_read_story, message_is_folded, seen_by
from firm_site.models import User

REPORTS = "admin:callbacks_callbackrequest_reports"
FORMULAS = ("=", "+", "-", "@", "\t", "\r")  # with these a spreadsheet takes a cell for a formula
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


class DayInput(forms.DateInput):
    """A day, as browsers choose one."""

    def __init__(self) -> None:
        super().__init__({"type": "date"}, format="%Y-%m-%d")


class ExportForm(forms.Form):
    since = forms.DateField(label="From", widget=DayInput())
    until = forms.DateField(label="To, and with", widget=DayInput())
    reason = ProseField(label="What it is for", error_messages={"required": "Say what the export is for."})


@require_POST
def export_requests(request: HttpRequest) -> HttpResponseBase:
    """The file; or back to the reports with what was wrong."""
    user, now = member(request, "export_callbackrequest"), timezone.now()
    form = ExportForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Give both days, and say what the export is for.")
        return redirect(REPORTS)
    try:
        export(by=user, now=now, **form.cleaned_data)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(REPORTS)
    lines = _lines(user, form.cleaned_data["since"], form.cleaned_data["until"])
    headers = {
        "Content-Disposition": f'attachment; filename="requests-{timezone.localdate(now)}.csv"',
        "Cache-Control": "no-store",
    }
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


class _Line:
    """What csv writes to: it gives each line back."""

    def write(self, line: str) -> str:
        return line


def _lines(user: User, since: date, until: date) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow(HEADINGS)  # by this mark spreadsheets know UTF-8
    for callback in _asked_between(user, since, until):
        yield writer.writerow([safe(cell) for cell in _cells(user, callback)])


def _asked_between(user: User, since: date, until: date) -> Iterable[Any]:
    """Requests by their number, some hundreds at a time: nothing is held open for a slow reader."""
    begins = datetime.combine(since, time(), LONDON)
    ends = datetime.combine(until + timedelta(days=1), time(), LONDON)
    calls = Event.objects.filter(request=OuterRef("pk"), kind__in=CALLS).that_stand().order_by("at")
    asked = seen_by(user).filter(created_at__gte=begins, created_at__lt=ends).order_by("pk")
    asked = asked.annotate(first_call=Subquery(calls.values("at")[:1]))
    last = 0
    while rows := list(asked.filter(pk__gt=last)[:AT_A_TIME]):
        yield from rows
        last = rows[-1].pk


def _cells(user: User, callback: Any) -> list[str]:
    told: list[str] = [callback.procedure, callback.procedure_date, callback.clinic, callback.message]
    limit = f"{callback.limitation_day or ''}"
    if not may_read_story(user, callback):
        told, limit = [HIDDEN] * len(told), HIDDEN
    elif callback.message and message_is_folded(user, callback):
        told[-1] = FOLDED
    return [
        callback.reference,
        _moment(callback.created_at),
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
    """A number as people dial it from here, with 00 for the plus that a spreadsheet would reckon with."""
    readable = telephone.readable(phone)
    return f"00{readable[1:]}" if readable.startswith("+") else readable


def safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULAS) else cell


def _moment(at: datetime | None) -> str:
    return timezone.localtime(at).isoformat(" ", "minutes") if at else ""
