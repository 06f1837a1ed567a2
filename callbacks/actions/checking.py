"""The conflict check: what is written in a request is compared with the parties the firm acts for, and
its story is held until a partner has looked."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Case, F, Q, Value, When

from callbacks import conflicts
from callbacks.actions import Refused
from callbacks.actions.answering import know_time_limit
from callbacks.actions.moving import change, is_anothers, locked, record, update
from callbacks.actions.owing import owe
from callbacks.actions.undoing import UNDO_SPAM
from callbacks.models import CallbackRequest, EventKind, Note, NoteKind, NotificationKind, Party
from callbacks.states import Status
from firm_site import prepared
from firm_site.locks import queue_for
from firm_site.models import User

PARTIES = "parties"
NOT_KNOWN = "not known"  # they cannot say who it was: asked, and nothing to compare

# Where a request stands once the resemblance is cleared.
_CLEARED = Case(
    When(Q(status=Status.CONFLICT_CHECK, decide_by__isnull=False), then=Value(Status.WITH_SOLICITOR)),
    When(Q(status=Status.CONFLICT_CHECK, attempts__gt=0), then=Value(Status.WAITING)),
    When(status=Status.CONFLICT_CHECK, then=Value(Status.NEW)),
    default=F("status"),
)
_HELD = Case(
    When(status__in=[Status.NEW, Status.WAITING], then=Value(Status.CONFLICT_CHECK)), default=F("status")
)


def while_parties_stay(*names: str) -> None:
    """Let nobody add a party until this transaction ends, and queue for these names: what comes at the same
    moment as a party is not missed. Before any row is locked."""
    queue_for(*names, beside=PARTIES)


def compare(rows: Sequence[CallbackRequest], *texts: str, now: datetime) -> bool:
    """Compare what was written with every party, and hold these requests, which are one person's, if it
    resembles one. Whether they are held now. Within a transaction, `while_parties_stay`."""
    names = [name for (name,) in prepared.ask("SELECT name::text FROM callbacks_party")]
    if not names or not conflicts.resembling(names, texts):
        return False
    _hold(rows, now)
    return True


def compare_all(rows: Sequence[CallbackRequest], *, now: datetime) -> bool:
    """Compare everything that these requests of one person hold."""
    return compare(rows, *(text for told in _told(rows).values() for text in told), now=now)


def look_again(rows: Sequence[CallbackRequest], *, now: datetime) -> None:
    """Compare what comes among those to call again; where it is held still, tell the partners of it."""
    if any(row.conflict_since for row in rows):
        owe(rows[-1], NotificationKind.RESEMBLANCE, now=now)
    else:
        compare_all(rows, now=now)


def add_party(party: Party, *, now: datetime) -> int:
    """Save a party, new or with another name, and compare with it every request that is not closed, or may
    be open again by an undo; return how many more are held."""
    with transaction.atomic():
        queue_for(PARTIES)  # until those are stored who are compared without it
        party.save()
    held = 0
    here = ~Q(status=Status.CLOSED) | Q(closed_at__gt=now - UNDO_SPAM)
    rows = list(CallbackRequest.objects.filter(here, conflict_since__isnull=True))
    texts = [(pk, text) for pk, told in _told(rows).items() for text in told]
    found = {texts[place][0] for place in conflicts.resembling([party.name], [text for _, text in texts])}
    for pk in sorted(found):
        with transaction.atomic():
            held += _hold(locked(pk), now)
    return held


def clear(*, pk: int, by: User, now: datetime) -> None:
    """Find that there is no conflict: the story may be read again. For partners."""
    if not by.has_perm("callbacks.clear_conflict_callbackrequest"):
        raise Refused("Only a partner clears a conflict.")
    sets = {"status": _CLEARED, "conflict_since": None}
    change(pk, EventKind.CLEARED, Q(conflict_since__isnull=False), sets, by, now)


def write_clinic(*, pk: int, by: User, now: datetime, clinic: str) -> None:
    """Write down who carried it out, as the person says it; empty when they cannot say. What stood there
    goes into a note, and what is written is compared before anybody reads the story."""
    with transaction.atomic():
        while_parties_stay()
        before = ", ".join(dict.fromkeys(row.clinic for row in locked(pk) if row.clinic))
        note = f"Who carried it out was: {before}." if before else ""
        given = clinic or NOT_KNOWN
        allowed = ~Q(status=Status.CLOSED) & ~is_anothers(by, now)
        rows = change(pk, EventKind.CLINIC_SAID, allowed, {"clinic": given}, by, now, note=note)
        compare(rows, given, now=now)
        know_time_limit(locked(pk), now=now)  # a place may be abroad


def _hold(rows: Sequence[CallbackRequest], now: datetime) -> int:
    """Hide the story of these requests, and tell the partners; return how many were not held before."""
    free = Q(conflict_since__isnull=True)
    newly = [row for row in rows if row.conflict_since is None]
    held = update(newly, free, {"status": _HELD, "conflict_since": now})
    if held:
        record(newly, EventKind.RESEMBLES, now=now)
        if rows[-1].due_at is not None:  # of what was set apart they are told once it is real
            owe(rows[-1], NotificationKind.RESEMBLANCE, now=now)
    return held


def _told(rows: Collection[CallbackRequest]) -> dict[int, list[str]]:
    """What each request says of somebody: clinic, message, and what was added since."""
    told = {row.pk: [row.clinic, row.message] for row in rows}
    additions = Note.objects.filter(kind=NoteKind.ADDITION, request__in=told)
    for pk, text in additions.values_list("request", "text"):
        told[pk].append(text)
    return {pk: [text for text in texts if text] for pk, texts in told.items()}
