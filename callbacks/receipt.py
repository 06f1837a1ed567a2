"""What a visitor's own page says about their request: never their name, message, procedure or clinic.

It tells of the events of this request alone, though the time is the same for all open requests of
one person: whoever knows a name and a number learns nothing of calls made before they asked.
"""

from dataclasses import dataclass
from datetime import datetime, time

from callbacks import hours, telephone
from callbacks.actions.desk import LAST_ATTEMPT
from callbacks.actions.visiting import IS_CLOSED, why_not_another_time
from callbacks.hours import LONDON, SLOT, Span, clock, date_words
from callbacks.models import Actor, CallbackRequest, Event, EventKind
from callbacks.models.record import that_stand
from callbacks.states import Status

IN_VAIN = {EventKind.NO_ANSWER, EventKind.LEFT_MESSAGE, EventKind.WRONG_NUMBER}
CHANGES_TIME = {EventKind.OTHER_TIME, EventKind.ASKED_AGAIN}
NOON, EVENING = time(12), time(17)
NEXT_TRY = {1: "the second of three tries", 2: "the third of three tries"}


@dataclass(frozen=True)
class Receipt:
    """The visitor's page, in words. Times in London; marked so for whoever is abroad.

    What is said in `state_words` counts from now ("tomorrow"); `time_words` are the same by the
    date, and stay true on paper. They are empty when no call is agreed.
    """

    reference: str
    state: str
    state_words: str
    time_words: str
    was_words: str  # by when it was due before the visitor, or we, chose another time
    last_digits: str
    may_say_who: bool
    may_leave_message: bool
    first_call_to_come: bool
    is_closed: bool
    may_change_time: bool
    has_calendar_entry: bool


def receipt_of(request: CallbackRequest, *, now: datetime) -> Receipt:
    """The receipt of a request as it stands `now` (aware)."""
    stands = _Standing(request, now)
    return Receipt(
        reference=request.reference,
        state=stands.state(),
        state_words=stands.words(),
        time_words=stands.time_words(),
        was_words=stands.was_words(),
        last_digits=telephone.last_three(request.phone),
        may_say_who=request.say_who,
        may_leave_message=request.leave_message,
        first_call_to_come=not (stands.is_closed or stands.last_call or request.decide_by),
        is_closed=stands.is_closed,
        may_change_time=not why_not_another_time(request),
        has_calendar_entry=window_of(request, now) is not None,
    )


def window_of(request: CallbackRequest, now: datetime) -> Span | None:
    """From when to when we call, where that is agreed and not over; what is set apart looks as if
    it had its slot."""
    if request.status == Status.SUSPECTED_SPAM and request.wanted_at:
        window = request.wanted_at, request.wanted_at + SLOT
    elif request.due_from and request.due_at and not request.gives_up_at:
        window = request.due_from, request.due_at
    else:
        return None
    return window if now <= window[1] else None


class _Standing:
    """Where a request stands `now`, as its own events tell it since it was last reopened."""

    def __init__(self, request: CallbackRequest, now: datetime) -> None:
        self.request, self.now = request, now
        self.events = _since_reopened(that_stand(request.events.all()))
        calls = [event for event in self.events if event.kind in IN_VAIN | {EventKind.SPOKE}]
        self.last_call = calls[-1] if calls else None
        self.tries = sum(event.kind in IN_VAIN for event in calls)
        self.is_closed = request.status == Status.CLOSED
        self.is_cancelled = self.is_closed and any(
            event.kind == EventKind.CLOSED and event.actor == Actor.VISITOR for event in self.events
        )
        self.have_spoken = self.last_call is not None and self.last_call.kind == EventKind.SPOKE
        self.is_late = self._due() < now

    def state(self) -> str:
        """In a word or two."""
        if self.is_closed:
            return "Cancelled" if self.is_cancelled else "Closed"
        if self.request.decide_by:
            return "With a solicitor"
        if self.have_spoken:
            return "We have spoken"
        return "We tried" if self.last_call else "Waiting"

    def words(self) -> str:
        """In a sentence or two."""
        spoken = "We have spoken. " if self.have_spoken else ""
        if self.is_closed:
            return "You cancelled this request. Nobody will call you." if self.is_cancelled else IS_CLOSED
        if self.request.decide_by:
            until = date_words(self.request.decide_by)
            if self.request.decide_by < self.now:
                return f"{spoken}A solicitor is still looking at what you told us. We are sorry for the wait."
            return f"{spoken}A solicitor is looking at what you told us, and you hear from us by {until}."
        if self.request.gives_up_at:
            return self._given_up_words()
        if self._has_nothing_due():
            return "We have spoken."
        if self.is_late:
            return f"{spoken}We meant to have called you by now, and we are sorry. Please ring us if you can."
        if self.last_call and not spoken:
            tried = self._tried_words(self.last_call.at)
            return f"We tried {tried} and will try again {self._next_try_words()}."
        return f"{spoken}We will call you {'again ' if spoken else ''}{self._next_call_words()}."

    def time_words(self) -> str:
        """When we call, by the date: "Tuesday 24 November, between 10:00 and 10:30"."""
        nothing_due = self.is_closed or self.request.decide_by or self.request.gives_up_at
        if nothing_due or self.is_late or self._has_nothing_due():
            return ""
        return f"{date_words(self._due())}, {self._hours_words()}"

    def was_words(self) -> str:
        """By when we should have called before another time was chosen; once a call was made,
        nobody asks any more."""
        changes = [event for event in self.events if event.kind in CHANGES_TIME]
        was_at = changes[-1].was_at if changes else None
        if self.last_call or not self.time_words() or was_at is None or was_at == self._due():
            return ""
        return f"{date_words(was_at)}, before {clock(was_at)}"

    def _has_nothing_due(self) -> bool:
        """Whether we have spoken, and nothing was agreed since: what is due then is for us to sort out."""
        agreed = CHANGES_TIME | {EventKind.CALL_AGAIN}
        last = [event for event in self.events if event == self.last_call or event.kind in agreed][-1:]
        return self.have_spoken and last == [self.last_call]

    def _given_up_words(self) -> str:
        until = date_words(self._due())
        if self.last_call and self.last_call.kind == EventKind.WRONG_NUMBER:
            digits = telephone.last_three(self.request.phone)
            return (
                f"We rang the number that ends in {digits} and did not reach you there. "
                f"Correct the number, or ring us, until {until}."
            )
        tried = "We tried to reach you and could not."
        if self.tries == LAST_ATTEMPT:
            tried = "We tried three times and could not reach you."
        return f"{tried} Choose a time that suits you, or ring us, until {until}."

    def _next_try_words(self) -> str:
        """ "this afternoon, between 14:00 and 15:00: the second of three tries"; uncounted where
        this request does not know of every try."""
        window = window_of(self.request, self.now) or (self._due() - SLOT, self._due())
        begins = window[0].astimezone(LONDON)
        day = hours.day_words(begins.date(), self.now.astimezone(LONDON).date())
        if day == "today" and begins.time() < EVENING:
            day = "this morning" if begins.time() < NOON else "this afternoon"
        in_a_call = self.request.status == Status.CLAIMED and self.request.claim_ends_at is None
        knows_all = self.tries == self.request.attempts - in_a_call
        count = f": {NEXT_TRY[self.tries]}" if knows_all and self.tries in NEXT_TRY else ""
        return f"{day}, {self._hours_words()}{count}"

    def _tried_words(self, at: datetime) -> str:
        """ "at 10:12", "on Friday 20 November at 10:12"."""
        is_today = at.astimezone(LONDON).date() == self.now.astimezone(LONDON).date()
        return f"at {clock(at)}" if is_today else f"on {date_words(at)} at {clock(at)}"

    def _next_call_words(self) -> str:
        """ "today, before 11:00", "tomorrow between 10:00 and 10:30"."""
        if window := window_of(self.request, self.now):
            words = hours.window_words(*window, self.now)
        else:
            words = hours.promise_words(self._due(), self.now)
        return words + self._uk_time()

    def _hours_words(self) -> str:
        if window := window_of(self.request, self.now):
            words = f"between {clock(window[0])} and {clock(window[1])}"
        else:
            words = f"before {clock(self._due())}"
        return words + self._uk_time()

    def _uk_time(self) -> str:
        return " (UK time)" if telephone.is_foreign(self.request.phone) else ""

    def _due(self) -> datetime:
        """By when the next call is due; what is set apart has only its promise."""
        return self.request.due_at or self.request.promised_by


def _since_reopened(events: list[Event]) -> list[Event]:
    reopened = [index for index, event in enumerate(events) if event.kind == EventKind.REOPENED]
    return events[reopened[-1] :] if reopened else events
