"""The reports of the desk: each a sentence, a drawing and a table of the same numbers; how the last backup
was restored; and the export."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from callbacks.actions import Refused
from callbacks.actions.exporting import export
from callbacks.admin.backups import told_of_backups
from callbacks.admin.drawing import Bar, Column, Drawing, Part, bars, columns
from callbacks.admin.export import ExportForm, lines
from callbacks.admin.staff import member
from callbacks.models import Note
from callbacks.opening import hours_in_force
from callbacks.reports import Load, Report, Wait, Week, report
from firm_site.models import User

PERIODS = {7: "7 days", 28: "28 days", 90: "90 days", 365: "12 months"}
USUAL = 28
EXPORTS_SHOWN = 20
LABELLED = 7  # columns at most that each have their words
NAMED = 5  # of more than that
HOURS_NAMED = range(0, 24, 6)


@dataclass(frozen=True)
class Figure:
    """A drawing with its title and what it says, and its table: names first, then numbers."""

    name: str
    title: str
    says: str
    drawing: Drawing
    headings: tuple[str, ...]
    rows: Sequence[tuple[object, ...]]
    remark: str = ""


@require_safe
def show_reports(request: HttpRequest) -> HttpResponse:
    """How the desk did in the last 7, 28 or 90 days, or 12 months (`?days=`)."""
    user = member(request, "report_callbackrequest")
    return _page(request, _export_form(user))


@require_POST
def export_requests(request: HttpRequest) -> HttpResponseBase:
    """The file; or the reports once more, with what was wrong about the answers."""
    user, now = member(request, "export_callbackrequest"), timezone.now()
    form = ExportForm(request.POST, user=user)
    if not form.is_valid():
        return _page(request, form)
    try:
        export(by=user, now=now, **form.cleaned_data)
    except Refused as refused:
        form.add_error("until", str(refused))
        return _page(request, form)
    headers = {
        "Content-Disposition": f'attachment; filename="requests-{timezone.localdate(now)}.csv"',
        "Cache-Control": "no-store",
    }
    found = lines(user, form.cleaned_data["since"], form.cleaned_data["until"])
    return StreamingHttpResponse(found, content_type="text/csv; charset=utf-8", headers=headers)


def _page(request: HttpRequest, form: ExportForm) -> HttpResponse:
    known = {str(days): days for days in PERIODS}
    days = known.get(request.GET.get("days", ""), USUAL)
    found = report(hours_in_force(), days=days, now=timezone.now())
    context = {
        "title": "Reports",
        "days": days,
        "period": PERIODS[days],
        "periods": PERIODS.items(),
        "report": found,
        "middle": _span(found.middle),
        "ninth_of_ten": _span(found.ninth_of_ten),
        "figures": [*(_of_who_asked(found) if found.people else []), _ahead(found.overdue, found.load)],
        "backups": told_of_backups(),
        "may_export": request.user.has_perm("callbacks.export_callbackrequest"),
        "export": form,
        "exports": _exports(),
    }
    return render(
        request,
        "admin/callbacks/callbackrequest/reports.html",
        admin.site.each_context(request) | context,
        status=422 if form.is_bound else 200,
    )


def _export_form(user: User) -> ExportForm:
    today = timezone.localdate()
    return ExportForm(initial={"since": today - timedelta(days=USUAL - 1), "until": today}, user=user)


def _exports() -> QuerySet[Note]:
    """What was exported lately, by whom and what for."""
    return Note.objects.filter(request__isnull=True).select_related("by").order_by("-at")[:EXPORTS_SHOWN]


def _of_who_asked(found: Report) -> list[Figure]:
    return [
        _in_time(found),
        _first_call(found),
        _outcomes(found),
        _pages(found),
        _by_hour(found),
    ]


def _in_time(found: Report) -> Figure:
    title, weeks = "Called in time", found.weeks
    every = 1 if len(weeks) <= LABELLED else -(-len(weeks) // NAMED)
    most = max(weeks, key=lambda week: week.judged)
    drawn = [
        Column(
            [Part("in-time", week.in_time), Part("late", week.late)],
            above=_above(week, is_most=week == most, together=len(weeks)),
            below="" if place % every else _day(week.monday, "%b"),
        )
        for place, week in enumerate(weeks)
    ]
    return Figure(
        "in-time",
        title,
        _in_time_words(found),
        columns(f"{title}, by the week in which they asked", drawn),
        ("Week from", "In time", "Late", "Share"),
        [
            (_day(week.monday, "%B %Y"), week.in_time, week.late, _share(week.in_time, week.judged))
            for week in weeks
        ],
        "By the week in which they asked, the first and the last in part. In time: the first call began by "
        "what was then promised, and in the half hour that they chose, or reached them before it. Late are "
        "also those whom nobody had called by then.",
    )


def _above(week: Week, *, is_most: bool, together: int) -> str:
    """The words above the column of a week: its share; among many, of the highest alone how high it is."""
    if together <= LABELLED:
        return _share(week.in_time, week.judged)
    return f"{week.judged}" if is_most and week.judged else ""


def _in_time_words(found: Report) -> str:
    if not found.judged:
        return "Nobody’s time has come yet."
    share = _share(found.in_time, found.judged)
    words = f"{found.in_time} of the {found.judged} whose time has come were called in time: {share}."
    worst = min((week for week in found.weeks if week.judged), key=lambda week: week.in_time / week.judged)
    if len(found.weeks) > LABELLED and worst.late:
        share = _share(worst.in_time, worst.judged)
        words += f" The worst week began on {_day(worst.monday, '%B')}: {share} of {worst.judged}."
    return words


def _first_call(found: Report) -> Figure:
    title = "Time to the first call"
    made = found.waits[:-1]
    drawn = [Column([Part("plain", wait.people)], str(wait.people or ""), _short(wait)) for wait in made]
    drawn.append(Column([Part("none", found.waits[-1].people)], str(found.waits[-1].people or ""), "none"))
    says = "Nobody has been called yet."
    if found.middle is not None:
        says = f"Half within {_span(found.middle)}, nine in ten within {_span(found.ninth_of_ten)}."
    return Figure(
        "first-call",
        title,
        says,
        columns(title, drawn),
        ("Opening time", "People"),
        [(_in_words(wait), wait.people) for wait in found.waits],
        "From when they asked, rang or came, in opening time. Who has had no call is not in the sentence.",
    )


def _outcomes(found: Report) -> Figure:
    title, closed = "Outcomes", found.people - found.still_open
    drawn = [Bar(count.name, str(count.people), [Part("plain", count.people)]) for count in found.outcomes]
    rows = [(count.name, count.people, _share(count.people, found.people)) for count in found.outcomes]
    if found.still_open:
        drawn.append(Bar("Still open", str(found.still_open), [Part("none", found.still_open)]))
        rows.append(("Still open", found.still_open, _share(found.still_open, found.people)))
    says = f"{closed} of {found.people} are closed."
    return Figure("outcomes", title, says, bars(title, drawn), ("Outcome", "People", "Share"), rows)


def _pages(found: Report) -> Figure:
    title, first = "By guide", found.pages[0]
    drawn = [Bar(count.name, str(count.people), [Part("plain", count.people)]) for count in found.pages]
    rows = [(count.name, count.people, _share(count.people, found.people)) for count in found.pages]
    says = f"{first.people} of {found.people} asked on {first.name}."
    if not first.name.startswith("/"):
        says = f"{found.pages_known} of {found.people} asked on a page."
    headings = ("Page they asked on", "People", "Share")
    return Figure("pages", title, says, bars(title, drawn), headings, rows)


def _by_hour(found: Report) -> Figure:
    title = "By the hour they asked"
    most = max(found.by_hour)
    drawn = [
        Column(
            [Part("plain", people)],
            above=str(people) if people == most and hour == found.by_hour.index(most) else "",
            below=f"{hour}:00" if hour in HOURS_NAMED else "",
            shaded=hour in found.open_hours,
        )
        for hour, people in enumerate(found.by_hour)
    ]
    closed = sum(people for hour, people in enumerate(found.by_hour) if hour not in found.open_hours)
    says = f"{closed} of {found.people} asked at an hour in which the desk is never open."
    return Figure(
        "hours",
        title,
        says,
        columns(title, drawn),
        ("From", "People"),
        [(f"{hour}:00", people) for hour, people in enumerate(found.by_hour)],
        "London time. Shaded: the hours in which the desk is open on some day of the week.",
    )


def _ahead(overdue: int, load: Sequence[Load]) -> Figure:
    title = "The next 7 days"
    due, room = sum(each.due for each in load), sum(each.room for each in load)
    says = f"{_calls(due)} due, with room for {room}."
    drawn: list[Bar] = []
    rows: list[tuple[object, ...]] = []
    if overdue:
        says = f"{_calls(overdue)} overdue; {due} more due, with room for {room}."
        drawn.append(Bar("Overdue", str(overdue), [Part("late", overdue)], kind="late"))
        rows.append(("Overdue", overdue, ""))
    for each in load:
        day, room_words = f"{each.day:%A} {_day(each.day, '%B')}", str(each.room or "closed")
        value = f"{each.due} of {each.room}" if each.room else f"{each.due}, closed" if each.due else "closed"
        drawn.append(Bar(day, value, [Part("plain", each.due)], room=each.room))
        rows.append((day, each.due, room_words))
    remark = "As it stands now, whatever the period: open calls by the day on which they fall due, against "
    remark += "the room that the pace leaves, today from now on."
    return Figure("load", title, says, bars(title, drawn), ("Day", "Calls due", "Room"), rows, remark)


def _day(day: date, rest: str) -> str:
    return f"{day.day} {day.strftime(rest)}"


def _share(many: int, of: int) -> str:
    """ "88 %"; "" of none. Never "100 %" of not quite all."""
    if not of:
        return ""
    return f"{100 if many == of else min(round(100 * many / of), 99)} %"


def _short(wait: Wait) -> str:
    if wait.within is None:
        return f"> {_hours(wait.above)} h"
    minutes = wait.within // timedelta(minutes=1)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h"


def _in_words(wait: Wait) -> str:
    if wait.within is None:
        return f"more than {_span(wait.above)}" if wait.above else "no call yet"
    return (
        f"up to {_span(wait.within)}"
        if wait.above is None
        else f"{_span(wait.above)} to {_span(wait.within)}"
    )


def _hours(span: timedelta | None) -> int:
    return (span or timedelta()) // timedelta(hours=1)


def _span(span: timedelta | None) -> str:
    """ "25 min", "3 h", "3 h 5 min", at least "a minute"; "" for none."""
    if span is None:
        return ""
    found = divmod(round(span / timedelta(minutes=1)), 60)
    words = [f"{many} {unit}" for many, unit in zip(found, ("h", "min"), strict=True) if many]
    return " ".join(words) or "a minute"


def _calls(many: int) -> str:
    return "One call is" if many == 1 else f"{many or 'No'} calls are"
