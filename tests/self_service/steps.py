"""A request in each state, and what a visitor does with it; by the verbs, and by the pages."""

from datetime import datetime, timedelta
from html import unescape

from django.utils import timezone

from callbacks import offer
from callbacks.actions import booking, desk, visiting
from callbacks.models import (
    CallbackRequest,
    Event,
    Note,
    Notification,
)
from callbacks.opening import hours_in_force
from callbacks.states import Outcome, Status
from tests.conftest import MONDAY

TUESDAY = MONDAY + timedelta(days=1)
LATER = MONDAY + timedelta(minutes=20)
HALF_HOUR = timedelta(minutes=30)
PAGES = ["time/", "number/", "add/", "cancel/"]
GOOD = {
    "time/": {"when": "asap"},
    "number/": {"phone": "01632 960001"},
    "add/": {"text": "It was the left side"},
    "cancel/": {},
}


def again(request: CallbackRequest) -> CallbackRequest:
    return CallbackRequest.objects.get(pk=request.pk)


def page_of(response) -> str:
    return unescape(response.content.decode())


def call(request, by, end=desk.no_answer, now=MONDAY) -> None:
    desk.claim(pk=request.pk, by=by, now=now)
    desk.call(pk=request.pk, by=by, now=now)
    end(pk=request.pk, by=by, now=now)


def new(asked, anna):
    return asked()


def claimed(asked, anna):
    request = asked()
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    return request


def in_a_call(asked, anna):
    request = claimed(asked, anna)
    desk.call(pk=request.pk, by=anna, now=MONDAY)
    return request


def spoken(asked, anna):
    request = asked()
    call(request, anna, desk.spoke)
    return request


def waiting(asked, anna):
    request = asked()
    call(request, anna)
    return request


def given_up(asked, anna):
    request = asked()
    for _ in range(3):
        call(request, anna)
    return request


def in_conflict(asked, anna):
    request = asked()
    CallbackRequest.objects.filter(pk=request.pk).update(status=Status.CONFLICT_CHECK, conflict_since=MONDAY)
    return request


def with_solicitor(asked, anna):
    request = spoken(asked, anna)
    desk.pass_to_solicitor(pk=request.pk, by=anna, now=MONDAY)
    return request


def set_apart(asked, anna):
    return asked(set_apart_because="Because.")


def closed(asked, anna):
    request = asked()
    desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.NO_BREACH)
    return request


STATES = [
    new, claimed, in_a_call, spoken, waiting, given_up, in_conflict, with_solicitor, set_apart, closed
]  # fmt: skip
OPEN = [state for state in STATES if state is not closed]


def choose(request, wanted_at=TUESDAY, now=LATER) -> None:
    visiting.choose_time(pk=request.pk, by=None, now=now, wanted_at=wanted_at)


def correct(request, typed="01632 960001", now=LATER) -> None:
    visiting.correct_number(pk=request.pk, by=None, now=now, typed=typed)


def add(request, text="More", now=LATER) -> None:
    visiting.add(pk=request.pk, by=None, now=now, text=text)


def cancel(request, now=LATER) -> None:
    visiting.cancel(pk=request.pk, by=None, now=now)


def written(request) -> tuple:
    """All that a verb could have changed."""
    row = CallbackRequest.objects.filter(pk=request.pk).values().get()
    return row, Event.objects.count(), Note.objects.count(), Notification.objects.count()


def last_event(request) -> tuple:
    event = again(request).events.last()
    return event.kind, event.actor, event.by, event.at, event.was_at


def own(request, part: str = "") -> str:
    return request.get_absolute_url() + part


def start_at(index: int) -> datetime:
    return booking.free_times(hours_in_force(), timezone.now())[index][0]


def a_free_time(index: int = 0) -> str:
    return offer.value_of(start_at(index))
