"""Where a request stands, in the few words that a row of the list or the head of its page has room for."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from callbacks import hours
from callbacks.limitation import WARN_AT
from callbacks.models import CallbackRequest, EventKind
from callbacks.models.record import that_stand
from callbacks.states import Status
from firm_site.models import User

_MOVED_BY_THEM = {EventKind.ASKED_AGAIN, EventKind.OTHER_TIME}


@dataclass(frozen=True)
class Due:
    """When something is due, and by how much that is past ("" while it is not)."""

    words: str
    late: str = ""


def due(callback: CallbackRequest, now: datetime) -> Due:
    """By when, or between when: "by 11:30", "call 12:00–12:30", "Monday, by 10:00". London time."""
    due_at, due_from = callback.due_at, callback.due_from
    if due_at is None:
        return Due("")
    day = _day_words(due_at, now)
    if callback.gives_up_at:
        return Due(f"until {day or 'today'}")
    if callback.decide_by == due_at:
        words = f"decide by {hours.clock(due_at)}"
    elif due_from:
        words = f"call {hours.clock(due_from)}–{hours.clock(due_at)}"
    else:
        words = f"by {hours.clock(due_at)}"
    return Due(f"{day}, {words}" if day else words, _late(now - due_at))


def countdown(callback: CallbackRequest, now: datetime) -> str:
    """How long until somebody is called, or may still be: "in 48 min", "18 min left", "12 min late"."""
    due_at, due_from = callback.due_at, callback.due_from
    if due_at is None:
        return ""
    if late := _late(now - due_at):
        return late
    if due_from and due_from <= now:
        return f"{_span(due_at - now)} left"
    return f"in {_span((due_from or due_at) - now)}"


def limitation(callback: CallbackRequest, today: date) -> str:
    """The day at court, from the first of the days on at which to warn; "" before."""
    day = callback.limitation_day
    if day is None or callback.due_at is None or (day - today).days > max(WARN_AT):
        return ""
    if day < today:
        return "limit may have passed"
    return f"limit {day.day} {day:%b %Y}"


def changed_from(callback: CallbackRequest, now: datetime) -> str:
    """What had been promised before the person chose another time, or asked again; "" if nothing.

    Reads `callback.events`: prefetch them.
    """
    stand = that_stand(callback.events.all())
    moved = [event for event in stand if event.kind in _MOVED_BY_THEM and event.was_at]
    if not moved or callback.due_at is None or (callback.due_from and callback.attempts):
        return ""
    was = moved[-1].was_at
    return f"{_day_words(was, now) or 'today'}, {hours.clock(was)}" if was else ""


def wishes(callback: CallbackRequest) -> str:
    """What to heed, shortly: "name only · no message", then what the call needs."""
    said = "may say who" if callback.say_who else "name only"
    left = "may leave a message" if callback.leave_message else "no message"
    return " · ".join(filter(None, [said, left, callback.call_needs]))


def waived(callback: CallbackRequest) -> str:
    """What the desk has room for: where discretion is waived, and what the call needs."""
    said = "may say who" if callback.say_who else ""
    left = "may leave a message" if callback.leave_message else ""
    return " · ".join(filter(None, [said, left, callback.call_needs]))


def wishes_in_full(callback: CallbackRequest) -> str:
    """What to say, and to whom, when somebody picks up."""
    name = callback.full_name or "them"
    others = "You may say who is calling." if callback.say_who else "Say nothing to anyone else."
    left = "You may leave a message." if callback.leave_message else "Leave no message."
    return f"Ask for {name} by name. {others} {left}"


def state_name(callback: CallbackRequest, user: User, now: datetime) -> str:
    """The state as the style sheet names it: a status, or "mine" or "lapsed" for a claim."""
    if callback.status == Status.CLAIMED:
        if callback.claim_ends_at and callback.claim_ends_at <= now:
            return "lapsed"
        return "mine" if callback.claimed_by_id == user.pk else "claimed"
    return callback.status.replace("_", "-")


def state(callback: CallbackRequest, user: User, now: datetime) -> str:
    """Where it stands and who has it: "You have it until 10:22", "Waiting, 2nd try"."""
    match callback.status:
        case Status.CLAIMED:
            return _claim(callback, user, now)
        case Status.WAITING if callback.gives_up_at:
            return "Waiting for them"
        case Status.WAITING:
            return f"Waiting, {_ordinal(callback.attempts + 1)} try"
        case Status.WITH_SOLICITOR if callback.solicitor:
            return f"With {callback.solicitor}"
        case Status.CLOSED:
            return f"Closed: {callback.get_outcome_display()}"
    return callback.get_status_display()


def _claim(callback: CallbackRequest, user: User, now: datetime) -> str:
    mine = callback.claimed_by_id == user.pk
    ends = callback.claim_ends_at
    if ends is None:
        return "You are calling" if mine else f"{callback.claimed_by} is calling"
    if ends <= now:
        return f"Claim lapsed: {'yours' if mine else callback.claimed_by}"
    who = "You have it" if mine else f"Claimed by {callback.claimed_by}"
    return f"{who} until {hours.clock(ends)}"


def _day_words(moment: datetime, now: datetime) -> str:
    """The day of `moment`, "" for today: a list says the day only where it is another."""
    day, today = timezone.localdate(moment), timezone.localdate(now)
    if day == today:
        return ""
    if day < today:
        return "yesterday" if (today - day).days == 1 else f"{day.day} {day:%B}"
    return hours.day_words(day, today)


def _late(by: timedelta) -> str:
    """How late in the largest unit that says enough: "12 min late", "3 h late", "2 days late"."""
    minutes = by // timedelta(minutes=1)
    if by <= timedelta():
        return ""
    if minutes < 60:
        return f"{max(minutes, 1)} min late"
    if by < timedelta(days=1):
        return f"{minutes // 60} h late"
    return "1 day late" if by.days == 1 else f"{by.days} days late"


def _span(span: timedelta) -> str:
    """In the largest units that say enough: "18 min", "3 h 18 min", "2 days"."""
    minutes = max(span // timedelta(minutes=1), 1)
    if minutes < 60:
        return f"{minutes} min"
    if span < timedelta(days=1):
        return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"
    return "1 day" if span.days == 1 else f"{span.days} days"


def _ordinal(number: int) -> str:
    return {1: "1st", 2: "2nd", 3: "3rd"}.get(number, f"{number}th")
