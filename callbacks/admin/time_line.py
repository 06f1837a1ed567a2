"""What happened to a request, day by day, in plain words."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.utils import timezone

from callbacks import hours
from callbacks.actions.desk import WAITS_BEFORE_GIVING_UP
from callbacks.models import Actor, CallbackRequest, Event, EventKind, Note, NoteKind
from callbacks.states import Outcome

Kind = EventKind

# An event of staff follows the person's name: "Anna Bell got no answer".
_WORDS = {
    Kind.NO_ANSWER: "got no answer",
    Kind.WRONG_NUMBER: "reached a wrong number",
    Kind.LAPSED: "the claim ran out",
    Kind.GAVE_UP: "closed, because nobody could be reached",
    Kind.RESEMBLES: "held: somebody named in it resembles a party we act for",
}
# What a visitor does is said otherwise than when staff do it: "They cancelled".
_WORDS_OF_VISITORS = {
    Kind.OTHER_TIME: "chose another time",
    Kind.CLOSED: "cancelled",
}
# What is due after one of these, whatever was due before.
_SETS_DUE_ANEW = {Kind.CLOSED, Kind.REOPENED, Kind.MADE_REAL, Kind.GAVE_UP}


@dataclass(frozen=True)
class Entry:
    """One thing that happened: its time in London, a sentence, and what was written about it."""

    time: str
    words: str
    notes: list[Note]


@dataclass(frozen=True)
class Day:
    words: str
    entries: list[Entry]


def ended(outcome: str) -> str:
    """An outcome, in a sentence."""
    return str(Outcome(outcome).label).lower()


def time_line(
    callback: CallbackRequest,
    *,
    also: Sequence[CallbackRequest] = (),
    with_notes: bool,
    folded: bool = False,
    today: date | None = None,
    outcome_in_words: Callable[[str], str] = ended,
) -> list[Day]:
    """The days on which something happened, oldest first; to the other requests of the person (`also`)
    as well, what happened to all of them once. One of them is "Today"; on paper, without `today`, none is.

    Reads `events` of each with `by` and `notes`: prefetch them. Without `with_notes` what staff
    wrote stays out, for eyes that may not read the story; `folded`, what the person has added.
    """
    unseen = {NoteKind.ADDITION} if folded else set()
    entries = [
        (
            timezone.localdate(event.at),
            Entry(
                hours.clock(event.at),
                _sentence(event, callback, due_after, outcome_in_words),
                [note for note in event.notes.all() if with_notes and note.kind not in unseen],
            ),
        )
        for event, due_after in _with_what_was_due(callback, _once([*also, callback]))
    ]
    return [
        Day(_heading(day, today), [entry for _, entry in found])
        for day, found in groupby(entries, key=lambda pair: pair[0])
    ]


def _once(requests: Sequence[CallbackRequest]) -> list[Event]:
    """The events of all these requests: one that is on record of each counts once, and of a second
    request it is enough that they asked again."""
    found: dict[tuple[object, ...], Event] = {}
    for event in sorted(
        (event for request in requests for event in request.events.all()),
        key=lambda event: (event.at, event.kind != Kind.ASKED_AGAIN, not event.notes.all(), event.pk),
    ):
        kind = Kind.ASKED if event.kind == Kind.ASKED_AGAIN else event.kind
        found.setdefault((event.at, kind, event.by_id), event)
    return sorted(found.values(), key=lambda event: (event.at, event.pk))


def _with_what_was_due(
    callback: CallbackRequest, events: list[Event]
) -> Iterator[tuple[Event, datetime | None]]:
    """Each event with what was due after it: what the next one to move it replaced, else what is."""
    due = callback.due_at and timezone.localtime(callback.due_at)
    pairs = []
    for event in reversed(events):
        pairs.append((event, due))
        if event.was_at or event.kind in _SETS_DUE_ANEW:
            due = event.was_at and timezone.localtime(event.was_at)
    return reversed(pairs)


def _sentence(
    event: Event, callback: CallbackRequest, due: datetime | None, outcome_in_words: Callable[[str], str]
) -> str:
    words = _WORDS.get(Kind(event.kind), event.get_kind_display())
    match event.actor:
        case Actor.STAFF if event.kind == Kind.ASKED:
            words = f"{event.by} entered it ({callback.get_channel_display().lower()})"
        case Actor.STAFF:
            words = f"{event.by} {words}"
        case Actor.VISITOR:
            words = f"They {_WORDS_OF_VISITORS.get(Kind(event.kind), words)}"
        case _:
            words = words[0].upper() + words[1:]
    if event.kind == Kind.CLOSED and event.actor != Actor.VISITOR:
        return f"{words}: {outcome_in_words(event.outcome)}"
    return words + _what_followed(event, callback, due)


def _what_followed(event: Event, callback: CallbackRequest, due: datetime | None) -> str:
    """The time that an event set: the whole window while it is the one that holds, else its end."""
    if event.kind == Kind.ERASED:
        return f": {event.get_ground_display().lower()}"
    if due is None or event.kind == Kind.CLOSED:
        return ""
    if due == callback.due_at and callback.due_from and callback.due_from < due:
        when = hours.window_words(callback.due_from, due, event.at)
    else:
        when = hours.promise_words(due, event.at)
    match event.kind:
        case Kind.ASKED | Kind.ASKED_AGAIN | Kind.REOPENED | Kind.MADE_REAL:
            return f" – due {when}"
        case Kind.NO_ANSWER | Kind.LEFT_MESSAGE | Kind.WRONG_NUMBER if event.was_at:
            if due - event.at == WAITS_BEFORE_GIVING_UP:
                return f" – they have until {hours.date_words(due)} to ring us"
            return f" – will try again {when}"
        case Kind.CALL_AGAIN | Kind.OTHER_TIME:
            return f": {when}"
        case Kind.TO_SOLICITOR:
            return f" – to decide {when}"
    return ""


def _heading(day: date, today: date | None) -> str:
    if day == today:
        return "Today"
    return f"{day:%A} {day.day} {day:%B %Y}"
