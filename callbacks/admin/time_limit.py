"""What the page of a request says of the limitation clock: an alert, never advice, never "too late"."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from callbacks.actions.answering import clock_of
from callbacks.models import CallbackRequest


@dataclass(frozen=True)
class TimeLimit:
    """The sentence, what it rests on, and whether somebody should hurry."""

    words: str
    basis: str = ""
    warns: bool = False


def time_limit(requests: Sequence[CallbackRequest], today: date) -> TimeLimit:
    """What is known of the time limit on that day in London, from all that one person asked. It tells
    of the story: show it only to those who may read that."""
    reasons, clock = clock_of(requests, today=today)
    if reasons:
        return TimeLimit("A solicitor must look: there is no simple date.", "; ".join(reasons), warns=True)
    if clock is None:
        return TimeLimit("No date that can be read. Ask when it was.")
    day = f"{clock.court_day:%A} {clock.court_day.day} {clock.court_day:%B %Y}"
    left = clock.days_left(today)
    if left < 0:
        return TimeLimit(f"{day} may have passed: a solicitor must look.", clock.basis, warns=True)
    days = {0: "today", 1: "tomorrow"}.get(left, f"in {left} days")
    words = f"The claim form should be at court by {day}, {days}."
    return TimeLimit(words, clock.basis, warns=clock.warning(today) is not None)
