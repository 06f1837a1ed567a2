"""What was promised when, and which call could keep it: read back from the events of a request. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from callbacks.models import Actor, EventKind
from callbacks.models.record import CALLS


@dataclass(frozen=True)
class Step:
    """As much of an event as tells what was promised."""

    kind: str
    at: datetime
    was_at: datetime | None = None
    actor: str = Actor.STAFF

    @property
    def promises(self) -> bool:
        """Whether it told the visitor another time, and did not only give the desk one."""
        match self.kind:
            case EventKind.OTHER_TIME | EventKind.ASKED_AGAIN:
                return self.was_at is not None
            case EventKind.NUMBER_CORRECTED:
                return self.was_at is not None and self.actor == Actor.VISITOR
        return False


def first_call(steps: Sequence[Step], promised_by: datetime) -> tuple[datetime | None, datetime]:
    """When the first call began, if one has, and what was promised then. `steps` are in their order;
    `promised_by` is what is promised now.

    Each step that moves what is due says what it replaced. What was promised, on asking or since, is due
    until something moves it: so the promise at the call is what the first move after it replaced; and it
    is what is promised now, where none has been made since the call.
    """
    call = next((place for place, step in enumerate(steps) if step.kind in CALLS), None)
    if call is None:
        return None, promised_by
    before, after = steps[: call + 1], steps[call + 1 :]
    if not any(step.promises for step in after):
        return steps[call].at, promised_by
    promise = max((place for place, step in enumerate(before) if step.promises), default=-1)
    moved = (step.was_at for step in steps[promise + 1 :] if step.was_at)
    return steps[call].at, next(moved, promised_by)


def that_can_keep(steps: Sequence[Step], wanted_at: datetime | None) -> Sequence[Step]:
    """Without the calls in vain before the half hour that was chosen last: a slot is kept when the call
    starts within it, and who was rung before it is rung then."""
    if wanted_at is None:
        return steps
    chosen = max((place for place, step in enumerate(steps) if step.promises), default=-1)
    return [
        step
        for place, step in enumerate(steps)
        if place <= chosen or step.at >= wanted_at or not _is_in_vain(steps[place:])
    ]


def promised_before(steps: Iterable[Step]) -> list[datetime]:
    """What had been promised, each until the visitor was told another time; the oldest first. What only
    the desk was due by is none of them."""
    found = []
    replaced: datetime | None = None  # by the first move since the last promise: that promise
    for step in steps:
        replaced = replaced or step.was_at
        if step.promises and replaced:
            found.append(replaced)
            replaced = None
    return found


def _is_in_vain(steps: Sequence[Step]) -> bool:
    """Whether the first of these began a call of ours that reached nobody."""
    call, *after = steps
    ended = next((step.kind for step in after if step.kind in {*CALLS, EventKind.SPOKE}), "")
    return call.kind == EventKind.CALLING and ended != EventKind.SPOKE
