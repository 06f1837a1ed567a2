"""What a visitor's own page says about their request: never their name, message, procedure or clinic."""

from dataclasses import dataclass
from datetime import datetime

from callbacks import hours, telephone
from callbacks.models import CallbackRequest, Event, EventKind
from callbacks.states import Status

IN_VAIN = {EventKind.NO_ANSWER, EventKind.LEFT_MESSAGE, EventKind.WRONG_NUMBER}


@dataclass(frozen=True)
class Receipt:
    """The visitor's page, in words. Times in London; marked so for whoever is abroad."""

    reference: str
    promise: str
    state_words: str
    last_digits: str
    may_say_who: bool
    may_leave_message: bool
    first_call_to_come: bool
    is_closed: bool


def receipt_of(request: CallbackRequest, *, now: datetime) -> Receipt:
    """The receipt of a request as it stands `now` (aware)."""
    last_call = _last_call(request)
    is_closed = request.status == Status.CLOSED
    return Receipt(
        reference=request.reference,
        promise=_next_call(request, now),
        state_words=_state_words(request, last_call, now),
        last_digits=telephone.last_three(request.phone),
        may_say_who=request.say_who,
        may_leave_message=request.leave_message,
        first_call_to_come=not (is_closed or last_call or request.decide_by),
        is_closed=is_closed,
    )


def _last_call(request: CallbackRequest) -> Event | None:
    """How the last call ended, of those since it was last reopened."""
    calls = request.events.filter(kind__in=[*IN_VAIN, EventKind.SPOKE])
    if reopened := request.events.filter(kind=EventKind.REOPENED).last():
        calls = calls.filter(pk__gt=reopened.pk)
    return calls.last()


def _state_words(request: CallbackRequest, last_call: Event | None, now: datetime) -> str:
    """Where the request stands, in a sentence or two."""
    if request.status == Status.CLOSED:
        return "This request is closed. Ring us, or ask again, if you still need us."
    spoken = "We have spoken. " if last_call and last_call.kind == EventKind.SPOKE else ""
    if request.decide_by:
        return f"{spoken}A solicitor is looking at what you told us."
    if request.gives_up_at:
        return "We tried to reach you and could not. Please ring us at a time that suits you."
    if last_call and spoken and not request.due_from:
        return spoken.strip()
    if _due(request) < now:
        return f"{spoken}We meant to have called you by now, and we are sorry. Please ring us if you can."
    if last_call and not spoken:
        tried = hours.moment_words(last_call.at, now)
        return f"We tried {tried} and will try again {_next_call(request, now)}."
    return f"{spoken}We will call you {'again ' if spoken else ''}{_next_call(request, now)}."


def _due(request: CallbackRequest) -> datetime:
    """By when the next call is due; what is set apart has only its promise."""
    return request.due_at or request.promised_by


def _next_call(request: CallbackRequest, now: datetime) -> str:
    """When the next call is due, in words."""
    if request.due_from and request.due_at:
        words = hours.window_words(request.due_from, request.due_at, now)
    else:
        words = hours.promise_words(_due(request), now)
    return words + (" (UK time)" if telephone.is_foreign(request.phone) else "")
