"""What a visitor's own page says about their request: never their name, message, procedure or clinic."""

from dataclasses import dataclass
from datetime import datetime

from callbacks import hours, telephone
from callbacks.models import CallbackRequest, EventKind
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
    is_closed: bool


def receipt_of(request: CallbackRequest, *, now: datetime) -> Receipt:
    """The receipt of a request as it stands `now` (aware)."""
    return Receipt(
        reference=request.reference,
        promise=_promise(request, now),
        state_words=_state_words(request, now),
        last_digits=telephone.last_three(request.phone),
        may_say_who=request.say_who,
        may_leave_message=request.leave_message,
        is_closed=request.status == Status.CLOSED,
    )


def _promise(request: CallbackRequest, now: datetime) -> str:
    if request.wanted_at:
        words = hours.window_words(request.wanted_at, request.promised_by, now)
    else:
        words = hours.promise_words(request.promised_by, now)
    return words + _uk_time(request)


def _state_words(request: CallbackRequest, now: datetime) -> str:
    """One sentence about where the request stands."""
    last_call = request.events.filter(kind__in=[*IN_VAIN, EventKind.SPOKE]).last()
    if request.status == Status.CLOSED:
        return "This request is closed. Ring us, or ask again, if you still need us."
    if request.status == Status.WITH_SOLICITOR:
        return "We have spoken. A solicitor is looking at what you told us."
    if request.gives_up_at and request.due_at == request.gives_up_at:
        return "We tried to reach you and could not. Please ring us at a time that suits you."
    if last_call and last_call.kind in IN_VAIN and request.due_from and request.due_at:
        tried = hours.promise_words(last_call.at, now).replace(", before", " at")
        again = hours.window_words(request.due_from, request.due_at, now)
        return f"We tried {tried} and will try again {again}{_uk_time(request)}."
    if last_call and request.due_from and request.due_at:
        again = hours.window_words(request.due_from, request.due_at, now)
        return f"We have spoken. We will call you again {again}{_uk_time(request)}."
    if last_call:
        return "We have spoken."
    if request.promised_by < now:
        return "We meant to have called you by now, and we are sorry. Please ring us if you can."
    return f"We will call you {_promise(request, now)}."


def _uk_time(request: CallbackRequest) -> str:
    return " (UK time)" if telephone.is_foreign(request.phone) else ""
