"""The reports of the desk, drawn: bars whose lengths are worked out here, and a table of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from callbacks.admin.export import ExportForm
from callbacks.admin.staff import member
from callbacks.models import Note
from callbacks.opening import hours_in_force
from callbacks.reports import Count, report

PERIODS = {7: "7 days", 28: "28 days", 90: "90 days", 365: "12 months"}
USUAL = 28
OF_WHOM = "Of those whose time has come, by the week in which they asked."
WIDTH = 320  # of a drawing, in units of its own, the names beside it
LINE, THICK = 26, 16
EXPORTS_SHOWN = 20


@dataclass(frozen=True)
class Bar:
    """A bar, its place, and the words at its end."""

    name: str
    words: str
    y: int
    length: float


@dataclass(frozen=True)
class Figure:
    """A drawing and its table."""

    name: str
    title: str
    remark: str
    bars: list[Bar]
    headings: tuple[str, str]

    @property
    def height(self) -> int:
        return LINE * len(self.bars)


@require_safe
def show_reports(request: HttpRequest) -> HttpResponse:
    """How the desk did in the last 7, 28 or 90 days, or 12 months (`?days=`)."""
    user = member(request, "report_callbackrequest")
    now = timezone.now()
    days = _asked_for(request.GET.get("days", ""))
    found = report(hours_in_force(), days=days, now=now)
    today = timezone.localdate(now)
    context = {
        "title": "Reports",
        "days": days,
        "period": PERIODS[days],
        "periods": PERIODS.items(),
        "report": found,
        "middle": _span(found.middle),
        "ninth_of_ten": _span(found.ninth_of_ten),
        "figures": [
            _shares(
                "in-time",
                "Called in time",
                "Of those whose time has come, by the week they asked.",
                found.in_time,
            ),
            _shares(
                "first-call", "Time to the first call", "In opening time, from asking.", found.first_call
            ),
            _numbers("outcomes", "Outcomes", "What became of those who asked.", found.outcomes),
            _numbers("pages", "By guide", "The page they asked on.", found.pages),
            _numbers("hours", "By hour", "When they asked, in London.", found.by_hour),
            _load("load", "The next 7 days", "Calls due, of those that the pace has room for.", found.load),
        ],
        "may_export": user.has_perm("callbacks.export_callbackrequest"),
        "export": ExportForm(initial={"since": today - timedelta(days=days), "until": today}),
        "exports": _exports(),
    }
    page = "admin/callbacks/callbackrequest/reports.html"
    return render(request, page, admin.site.each_context(request) | context)


def _exports() -> QuerySet[Note]:
    """What was exported lately, by whom and what for."""
    return Note.objects.filter(request__isnull=True).select_related("by").order_by("-at")[:EXPORTS_SHOWN]


def _asked_for(days: str) -> int:
    known = {str(each): each for each in PERIODS}
    return known.get(days, USUAL)


def _shares(name: str, title: str, remark: str, counts: Sequence[Count]) -> Figure:
    """Bars of shares: the whole width is all of them."""
    bars = [
        _bar(place, each, each.percent / 100, f"{each.percent} % ({each.many} of {each.of})")
        for place, each in enumerate(counts)
    ]
    return Figure(name, title, remark, bars, ("", "Share"))


def _numbers(name: str, title: str, remark: str, counts: Sequence[Count]) -> Figure:
    """Bars of numbers: the longest is the most."""
    most = max((each.many for each in counts), default=0) or 1
    bars = [_bar(place, each, each.many / most, str(each.many)) for place, each in enumerate(counts)]
    return Figure(name, title, remark, bars, ("", "People"))


def _load(name: str, title: str, remark: str, counts: Sequence[Count]) -> Figure:
    """Bars of what is due, of the room there is."""
    bars = [
        _bar(place, each, min(each.many / each.of, 1) if each.of else 0, f"{each.many} of {each.of}")
        for place, each in enumerate(counts)
    ]
    return Figure(name, title, remark, bars, ("", "Calls"))


def _bar(place: int, count: Count, share: float, words: str) -> Bar:
    return Bar(count.name, words, LINE * place, round(share * WIDTH, 1))


def _span(span: timedelta | None) -> str:
    """ "25 min", "3 h 5 min"; "" for none."""
    if span is None:
        return ""
    minutes = round(span / timedelta(minutes=1))
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
