"""The desk: what staff open in the morning. One sentence, one button, and who is to be called when."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from callbacks import hours
from callbacks.actions import Refused, desk
from callbacks.admin import in_words
from callbacks.admin.backups import lines_of_backups
from callbacks.admin.day import day_of, rows_of
from callbacks.admin.marks import LIST, Line, Marks, lines, lines_of_managers, marks_of
from callbacks.admin.request_list import may_close_old, tags
from callbacks.admin.staff import member
from callbacks.hours import Hours
from callbacks.models import CallbackRequest
from callbacks.retention import UNTOUCHED_FOR, untouched
from callbacks.sight import may_read_story, seen_by
from callbacks.states import Status
from firm_site.models import User

NOW_WITHIN = timedelta(minutes=15)  # of what is due by a time
MOST_ROWS = 200
DESK = "enter_callbackrequest"
PAGE = "admin:callbacks_callbackrequest_change"


@dataclass(frozen=True)
class Row:
    """A line of the desk: whom to call when, and what to heed."""

    callback: CallbackRequest
    due: in_words.Due
    countdown: str
    what: str
    wishes: str
    state: str
    state_name: str
    tags: list[str]
    is_soon: bool


@dataclass(frozen=True)
class Group:
    """Rows under one heading."""

    name: str
    rows: list[Row]


@dataclass(frozen=True)
class Tab:
    """A part of the work, how much of it there is, and where it is."""

    words: str
    many: int
    query: str = ""


@require_safe
def show_desk(request: HttpRequest) -> HttpResponse:
    """The front page of the desk and of managers."""
    user, now = member(request, DESK), timezone.now()
    marks = marks_of(request)
    waiting = list(CallbackRequest.objects.due_a_call().select_related("claimed_by").in_desk_order(now))
    next_one = CallbackRequest.objects.to_call(now).in_desk_order(now).first()
    day = day_of(marks.in_force, now)
    context = {
        "title": "The desk",
        "many": len(waiting),
        "headline": headline(waiting, now),
        "stands": how_it_stands(marks.in_force, waiting, now),
        "next": next_one,
        "mine": desk.held(by=user, now=now),
        "next_words": _next_words(next_one, user, now),
        "next_at": _next_at(waiting, now),
        "lines": [
            *lines(marks, now),
            *_to_be_closed(user, now),
            *_complaints(user, now),
            *_backups(user, now),
        ],
        "groups": _grouped(waiting[:MOST_ROWS], user, marks, now),
        "more": max(len(waiting) - MOST_ROWS, 0),
        "tabs": _tabs(len(waiting), user),
        "list": LIST,
        "day": day,
        "is_today": day == timezone.localdate(now),
        "slots": [row for row in rows_of(marks.in_force, day, now) if not row.is_past],
        "places": range(marks.in_force.capacity),
    }
    return render(request, "admin/callbacks/desk.html", admin.site.each_context(request) | context)


def _to_be_closed(user: User, now: datetime) -> list[Line]:
    """For managers: how many requests nobody has touched for half a year."""
    many = untouched(CallbackRequest.objects.all(), now).count() if may_close_old(user) else 0
    if not many:
        return []
    words = f"{many} request{'' if many == 1 else 's'} untouched for {UNTOUCHED_FOR.days} days: to be closed?"
    return [Line(words, f"{reverse(LIST)}?show=untouched")]


@require_POST
def claim_next(request: HttpRequest) -> HttpResponse:
    """Claim the most urgent request and open it. Whoever was named on the button may be gone by now."""
    user, now = member(request, DESK), timezone.now()
    try:
        pk = desk.claim_next(by=user, now=now)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("admin:index")
    if pk is None:
        messages.info(request, "Nobody is to be called at this moment.")
        return redirect("admin:index")
    if request.POST.get("named") not in {"", None, str(pk)}:
        messages.info(request, "That one has just gone to somebody else, or you had this one still.")
    return redirect(PAGE, pk)


def headline(waiting: Sequence[CallbackRequest], now: datetime) -> str:
    """How many wait, since when, and how they asked: "40 waiting since Friday: 12 chose a time, 28 as soon
    as possible"."""
    if not waiting:
        return "Nobody is waiting."
    since = _since(min(request.rang_at or request.created_at for request in waiting), now)
    chose = sum(request.wanted_at is not None for request in waiting)
    soon = len(waiting) - chose
    asked = []
    if chose:
        asked.append(f"{chose} chose a time")
    if soon:
        asked.append(f"{soon} as soon as possible")
    return f"{len(waiting)} waiting{since}: {', '.join(asked)}"


def how_it_stands(in_force: Hours, waiting: Sequence[CallbackRequest], now: datetime) -> str:
    """When they are all called, at the pace of the desk, and how many are late; with nobody waiting, the
    next slot that people can choose."""
    if not waiting:
        first = next(hours.slots(in_force, now), None)
        if first is None:
            return ""
        day = hours.day_words(first[0].date(), timezone.localdate(now))
        return f"Next slot {'' if day == 'today' else f'{day} at '}{hours.clock(first[0])}."
    late = sum(request.due_at is not None and request.due_at < now for request in waiting)
    said = {0: "nobody is late", 1: "one is late"}.get(late, f"{late} are late")
    last = day_of(in_force, now)
    starts = [request.due_from or now for request in waiting]
    ours = [start for start in starts if timezone.localdate(start) <= last]
    done = hours.done_by(in_force, now, ours) if ours else None
    if len(ours) < len(starts):
        said += f"; {len(starts) - len(ours)} not before another day"
    if done is None:
        return said[0].upper() + said[1:] + "."
    day = hours.day_words(done.date(), timezone.localdate(now))
    when = hours.clock(done) if day == "today" else f"{day}, {hours.clock(done)}"
    return f"At this pace done by {when}; {said}."


def _since(oldest: datetime, now: datetime) -> str:
    """ " since Friday"; nothing for today."""
    day, today = timezone.localdate(oldest), timezone.localdate(now)
    if day == today:
        return ""
    ago = (today - day).days
    if ago == 1:
        return " since yesterday"
    return f" since {day:%A}" if ago < 7 else f" since {day.day} {day:%B}"


def _next_words(callback: CallbackRequest | None, user: User, now: datetime) -> str:
    """When and what, under the name on the button."""
    if callback is None:
        return ""
    due = in_words.due(callback, now)
    what = callback.procedure if may_read_story(user, callback) else "conflict check"
    return " · ".join(filter(None, [due.words, due.late, what.lower() if what else ""]))


def _complaints(user: User, now: datetime) -> list[Line]:
    return lines_of_managers(now) if user.has_perm("callbacks.view_datacomplaint") else []


def _backups(user: User, now: datetime) -> list[Line]:
    return lines_of_backups(now) if user.has_perm("callbacks.report_callbackrequest") else []


def _next_at(waiting: Sequence[CallbackRequest], now: datetime) -> str:
    """When somebody is to be called again, while nobody is now."""
    starts = [request.due_from for request in waiting if request.due_from and request.due_from > now]
    return hours.moment_words(min(starts), now) if starts else ""


def _grouped(waiting: Sequence[CallbackRequest], user: User, marks: Marks, now: datetime) -> list[Group]:
    names = ["Now", "Next hour", "Later today", "Later"]
    found: dict[str, list[Row]] = {name: [] for name in names}
    for callback in waiting:
        found[_group_of(callback, now)].append(_row(callback, user, marks, now))
    return [Group(name, rows) for name, rows in found.items() if rows]


def _group_of(callback: CallbackRequest, now: datetime) -> str:
    due_at = callback.due_at or now
    begins = callback.due_from or due_at - NOW_WITHIN
    if begins <= now:
        return "Now"
    if begins <= now + timedelta(hours=1):
        return "Next hour"
    return "Later today" if timezone.localdate(due_at) == timezone.localdate(now) else "Later"


def _row(callback: CallbackRequest, user: User, marks: Marks, now: datetime) -> Row:
    can_read = may_read_story(user, callback)
    return Row(
        callback=callback,
        due=in_words.due(callback, now),
        countdown=in_words.countdown(callback, now),
        what=callback.procedure if can_read else "hidden",
        wishes=in_words.waived(callback),
        state=in_words.state(callback, user, now),
        state_name=in_words.state_name(callback, user, now),
        tags=tags(callback, marks, can_read=can_read, now=now),
        is_soon=callback.pk in marks.soon,
    )


def _tabs(to_call: int, user: User) -> list[Tab]:
    """What else there is, by one look at what is open."""
    held = CallbackRequest.objects.open().one_a_person()
    found: Counter[str] = Counter()
    apart = CallbackRequest.objects.filter(status=Status.SUSPECTED_SPAM)
    mine = Q(claimed_by=user) | Q(solicitor=user)
    for gives_up, decides in held.values_list("gives_up_at", "decide_by"):
        if decides:
            found["solicitor"] += 1
        elif gives_up:
            found["waiting"] += 1
    return [
        Tab("To call", to_call),
        Tab("Mine", held.filter(mine).count(), "?show=mine"),
        Tab("Waiting for them", found["waiting"], "?show=waiting-for-them"),
        Tab("With a solicitor", found["solicitor"], "?show=with-solicitor"),
        Tab("Set apart", apart.count(), "?show=set-apart"),
    ]


def requests_that_wait(request: HttpRequest) -> dict[str, Any]:
    """What partners find on their front page: the requests that wait for them."""
    user, now = member(request, "decide_callbackrequest"), timezone.now()
    waiting = seen_by(user).open().one_a_person().select_related("claimed_by", "solicitor").order_by("due_at")
    return {"rows": [(each, in_words.due(each, now), _why(each, user)) for each in waiting[:MOST_ROWS]]}


def _why(callback: CallbackRequest, user: User) -> str:
    """Why it waits for partners."""
    if callback.conflict_since:
        return "Conflict check: look at it, and clear it or close it"
    if callback.solicitor_id in {None, user.pk}:
        return "To decide"
    return f"With {callback.solicitor}"
