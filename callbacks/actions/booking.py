"""Finds a time for a call: as soon as the pace allows, or a place in the slot that was chosen."""

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q

from callbacks import hours
from callbacks.actions import TimeGone, TimeRefused
from callbacks.actions.person import NOBODY
from callbacks.hours import Hours, Span
from callbacks.models import CallbackRequest
from callbacks.models.request import CallbackRequestQuerySet
from firm_site import prepared
from firm_site.locks import queue_for

UNKNOWN_HOURS = timedelta(days=7)  # the promise of a firm that is closed for months
PLACES_OF_A_NUMBER = 2
NOT_ON_OFFER = "That time is not on offer. Choose another"
HAS_ITS_PLACES = (
    "Two calls are booked for this number already. Choose “As soon as possible”, or ring us to change one"
)

# All of one person are due at the same time: they count once.
_DUE = """
SELECT DISTINCT coalesce(earlier_id, id), due_at FROM callbacks_callbackrequest
WHERE due_at > %s AND coalesce(earlier_id, id) <> %s ORDER BY due_at
"""


@dataclass(frozen=True, kw_only=True)
class Time:
    """When a call is to be made, as the columns of a request have it."""

    wanted_at: datetime | None
    place: int | None
    due_from: datetime | None
    due_at: datetime

    def columns(self) -> dict[str, Any]:
        """The columns, without the place, which of one person's requests only the newest holds.
        What a visitor is told is what is due."""
        return {
            "wanted_at": self.wanted_at,
            "due_from": self.due_from,
            "due_at": self.due_at,
            "promised_by": self.due_at,
            "place": None,
        }


def as_soon_as_possible(in_force: Hours, now: datetime, *, instead_of: int = NOBODY) -> Time:
    """The time of somebody who asks now to be called as soon as possible: by the pace, in order of
    arrival (facts.md). What the same person asked before takes up no room: `instead_of` was its first."""
    taken = [at for (_, at) in prepared.ask(_DUE, [now - timedelta(hours=1), instead_of])]

    def due_between(start: datetime, end: datetime) -> int:
        return bisect_right(taken, end) - bisect_right(taken, start)

    promise = hours.asap_promise(in_force, now, due=due_between) or now + UNKNOWN_HOURS
    return Time(wanted_at=None, place=None, due_from=None, due_at=promise)


def free_times(in_force: Hours, now: datetime, *, instead_of: int = NOBODY) -> list[Span]:
    """The slots that may be chosen now and have a place free, in London time."""
    held = _but(instead_of, CallbackRequest.objects.with_a_place().filter(wanted_at__gt=now))
    taken = Counter(at.astimezone(UTC) for at in held.values_list("wanted_at", flat=True) if at)
    return [span for span in hours.slots(in_force, now) if taken[span[0].astimezone(UTC)] < in_force.capacity]


def nearest(wanted_at: datetime, free: list[Span], many: int = 3) -> list[Span]:
    """Of the free times those nearest to the one that is gone, in their order."""
    by_distance = sorted(free, key=lambda span: abs(span[0].timestamp() - wanted_at.timestamp()))
    return sorted(by_distance[:many], key=lambda span: span[0].timestamp())


def chosen_slot(
    in_force: Hours, start: datetime, *, phone: str, now: datetime, instead_of: int = NOBODY
) -> Time:
    """A place in the slot that a visitor has chosen; within a transaction, which holds the place.

    Raises TimeGone when it was on offer once: it is past, too soon, on a day that has been closed
    meanwhile, or full; TimeRefused when it never was, or the number has its two places.
    """
    offered = {begins.astimezone(UTC) for begins, _ in hours.slots(in_force, now)}
    if start.astimezone(UTC) not in offered:
        if hours.may_have_been_a_slot(in_force, start, now):
            raise TimeGone(start)
        raise TimeRefused(NOT_ON_OFFER)
    queue_for(f"phone {phone}")
    of_number = CallbackRequest.objects.with_a_place().filter(phone=phone, wanted_at__gt=now)
    if _but(instead_of, of_number).count() >= PLACES_OF_A_NUMBER:
        raise TimeRefused(HAS_ITS_PLACES)
    time = in_slot(in_force, start, instead_of=instead_of)
    if time.place is None:
        raise TimeGone(start)
    return time


def in_slot(in_force: Hours, start: datetime, *, instead_of: int = NOBODY) -> Time:
    """The slot that begins at `start`, with its lowest free place, or none when it is full; within
    a transaction. Those who want the same slot queue here, so that no place is given twice."""
    queue_for_slot(start)
    held = _but(instead_of, CallbackRequest.objects.with_a_place().filter(wanted_at=start))
    taken = set(held.values_list("place", flat=True))
    numbers = range(1, in_force.capacity + 1)
    place = next((number for number in numbers if number not in taken), None)
    if len(taken) >= in_force.capacity:  # one may sit in a place that there is no more
        place = None
    return Time(wanted_at=start, place=place, due_from=start, due_at=start + hours.SLOT)


def queue_for_slot(start: datetime) -> None:
    """Wait until nobody else gives or takes a place in the slot that begins at `start`."""
    queue_for(name_of_slot(start))


def name_of_slot(start: datetime) -> str:
    """What those queue for who want the slot that begins at `start`."""
    return f"slot {start.astimezone(UTC).isoformat()}"


def to_be_moved(in_force: Hours, now: datetime) -> list[CallbackRequest]:
    """The open requests whose time cannot be kept: it lies where the desk is closed by `in_force`, or
    in a slot that was chosen by more than there is room for. In their order."""
    ahead = CallbackRequest.objects.open().one_a_person().filter(due_at__gt=now, gives_up_at__isnull=True)
    found = []
    seen: Counter[datetime] = Counter()
    # Whoever has no place is behind those who have one.
    for request in ahead.filter(decide_by__isnull=True).order_by("wanted_at", "place", "pk"):
        if request.wanted_at is None or request.wanted_at != request.due_from:
            if not _is_open_at(in_force, request.due_at):
                found.append(request)
            continue
        seen[request.wanted_at] += 1
        if hours.slot(in_force, request.wanted_at) is None or seen[request.wanted_at] > in_force.capacity:
            found.append(request)
    return found


def _is_open_at(in_force: Hours, due_at: datetime | None) -> bool:
    """Whether a call can be made by then on that day."""
    if due_at is None:
        return True
    times = hours.opening(in_force, due_at.astimezone(hours.LONDON).date())
    return times is not None and times[0] < due_at <= times[1]


def _but(first: int, requests: CallbackRequestQuerySet) -> CallbackRequestQuerySet:
    """These requests without those of which `first` was the first."""
    return requests.exclude(Q(pk=first) | Q(earlier=first)) if first else requests
