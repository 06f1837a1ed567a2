"""What the same person asked before. Their open requests are one: they stand at the same point, are
due at the same time, and every verb moves all of them.

Linked is only what has the same number or e-mail address, and a near name. What a solicitor is
deciding is left alone: a new request of that person stands for itself.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import CharField, Q

from callbacks import names
from callbacks.actions.owing import owe
from callbacks.models import CallbackRequest, NotificationKind
from callbacks.spam import A_DAY, REQUESTS_OF_A_NUMBER
from callbacks.states import Status
from firm_site import prepared
from firm_site.locks import queue_for

# Where a request stands and when it is due, which is the same for all of one person.
TIME = ["wanted_at", "due_from", "due_at", "promised_by"]
STANDING = ["status", "conflict_since", "attempts", "claimed_by_id", "claimed_at", "claim_ends_at"]
NOBODY = 0  # no request has this number

# A column of so many letters may be made longer at any time. A prepared statement outlives that where what it
# returns is a text.
_COLUMNS = {
    field.attname: f"request.{field.column}{'::text' if isinstance(field, CharField) else ''}"
    for field in CallbackRequest._meta.concrete_fields
}

# Each part by an index of its own. Of the last day's as many as it takes to say that they are many. With each
# whether it was changed while somebody waited for its lock.
_KNOWN = f"""
SELECT request.edits <> seen.edits, {", ".join(_COLUMNS.values())}
FROM callbacks_callbackrequest AS request JOIN (
    SELECT id, edits FROM callbacks_callbackrequest WHERE fingerprint = %(fingerprint)s
    UNION
    (SELECT id, edits FROM callbacks_callbackrequest
    WHERE phone = %(phone)s AND created_at > %(since)s LIMIT {REQUESTS_OF_A_NUMBER})
    UNION
    SELECT other.id, other.edits
    FROM callbacks_callbackrequest AS own JOIN callbacks_callbackrequest AS other
    ON coalesce(other.earlier_id, other.id) = coalesce(own.earlier_id, own.id) AND other.due_at IS NOT NULL
    WHERE own.due_at IS NOT NULL
    AND (own.phone = %(phone)s OR own.email <> '' AND lower(own.email) = %(email)s)
) AS seen ON seen.id = request.id ORDER BY request.id
"""  # noqa: S608 (names and a number of ours)
_LOCKED = _KNOWN + "FOR UPDATE OF request"

# Nobody's statement takes as long as somebody's (`known`).
_JOIN = """
UPDATE callbacks_callbackrequest SET {}, place = NULL, edits = edits + 1 WHERE id = ANY(%(others)s)
"""


def locked(pk: int) -> list[CallbackRequest]:
    """The open requests that are one with this one, itself among them, the oldest first; a closed
    one or one set apart is alone. Their rows are locked until the transaction ends.

    Raises CallbackRequest.DoesNotExist.
    """
    request = CallbackRequest.objects.get(pk=pk)
    rows = _all_locked(_one(first_of(request)) | Q(pk=pk))
    this = next(row for row in rows if row.pk == pk)
    return [this] if this.due_at is None else rows


def names_of(*, phone: str, email: str) -> list[str]:
    """What to queue for before asking what this person asked: who asks twice at once, asks in turn."""
    return [f"phone {phone}", *([f"email {email.lower()}"] if email else [])]


def known(
    *, phone: str, email: str, now: datetime, fingerprint: str = "", lock: bool = False
) -> list[CallbackRequest]:
    """What is stored of whoever has this number or e-mail address, the oldest first: what is open, with
    whatever goes on as one with it; what the number asked in the last day, three at most; and the request
    with this fingerprint. Within a transaction that queued for `names_of` them.

    A first and a second request ask the same of the database: nobody learns by the clock that there is one.
    """
    given = {"phone": phone, "email": email.lower(), "fingerprint": fingerprint, "since": now - A_DAY}
    statement = _LOCKED if lock else _KNOWN
    found = prepared.ask(statement, given)
    # Whoever waited for a lock may find that the person has asked again meanwhile, by another number.
    while any(was_changed for was_changed, *_ in found):
        found = prepared.ask(statement, given)
    return [CallbackRequest.from_db(DEFAULT_DB_ALIAS, list(_COLUMNS), row) for _, *row in found]


def asked_before(
    known: Sequence[CallbackRequest], *, full_name: str, phone: str, email: str
) -> list[CallbackRequest]:
    """Of what is `known` the open requests of the person who asks now, the oldest first; those with the
    newest where there are two such people. What is with a solicitor stands for itself."""
    undecided = [row for row in known if row.due_at and not row.decide_by]
    theirs = (row for row in reversed(undecided) if _has(row, phone, email))
    near = next((row for row in theirs if names.are_near(row.full_name, full_name)), None)
    return [row for row in undecided if near and first_of(row) == first_of(near)]


def _has(request: CallbackRequest, phone: str, email: str) -> bool:
    return request.phone == phone or (email != "" and request.email.lower() == email.lower())


def asked_besides(pk: int, *, now: datetime) -> list[CallbackRequest]:
    """What the person of a closed request, or of one set apart, has open besides it: linked to it
    once, or found to be the same person's now."""
    request = CallbackRequest.objects.filter(pk=pk).first() or CallbackRequest(pk=NOBODY)
    phone, email = request.phone, request.email
    queue_for(*names_of(phone=phone, email=email))
    rows_known = known(phone=phone, email=email, now=now)
    asked = asked_before(rows_known, full_name=request.full_name, phone=phone, email=email)
    linked = CallbackRequest.objects.filter(_one(first_of(request)))
    rows = {row.pk: row for row in [*asked, *linked] if row.pk != pk}
    return [rows[each] for each in sorted(rows)]


def others_now(pk: int, first: int) -> list[CallbackRequest]:
    """The open requests of which `first` was the first, but for this one, read again and locked: something
    may have happened to them meanwhile. The oldest first; this one is locked in its turn, so that nobody
    waits for us who has one that we wait for."""
    rows = _all_locked(_one(first) & Q(decide_by__isnull=True) | Q(pk=pk))
    return [row for row in rows if row.pk != pk]


def _all_locked(one: Q) -> list[CallbackRequest]:
    """The requests that are `one`, the oldest first, locked until the transaction ends: with what came among
    them while we waited for a lock, since the person may have asked again meanwhile, and without what was
    closed."""
    queued = CallbackRequest.objects.filter(one).select_for_update().order_by("pk")
    rows: list[CallbackRequest] = []
    while len(found := list(queued.all())) > len(rows):
        rows = found
    return rows


def join(
    others: Sequence[CallbackRequest],
    request: CallbackRequest,
    *,
    place: int | None,
    limitation_day: date | None,
) -> None:
    """Make one of these, whose rows are locked, and an open request, which whoever calls stores afterwards.
    All get the standing of what was there and the time of the newest, which alone holds a place (`place`, if
    the newest is `request`). The stricter wish for discretion wins."""
    older = [row for row in others if request.pk is None or row.pk < request.pk]
    rows = [*older, request, *others[len(older) :]]
    standing, newest = (others or rows)[-1], rows[-1]
    shared = {
        **{name: getattr(standing, name) for name in STANDING} | _held(rows, standing),
        **{name: getattr(newest, name) for name in TIME},
        "gives_up_at": None if newest is request else newest.gives_up_at,
        "limitation_day": limitation_day,
        "say_who": all(row.say_who for row in rows),
        "leave_message": all(row.leave_message for row in rows),
    }
    sets = ", ".join(f"{name} = %({name})s" for name in shared)
    prepared.ask(_JOIN.format(sets), shared | {"others": stored(others)})
    for name, value in shared.items():
        setattr(request, name, value)
    request.place = place if newest is request else None
    if others:
        request.earlier_id = first_of(others[0])
        request.edits += 1
    if newest is not request:
        hold(rows, newest.place)


def stored(rows: Sequence[CallbackRequest]) -> list[int]:
    """The numbers by which the database knows these: nobody's for what is not stored yet."""
    return [row.pk or NOBODY for row in rows] or [NOBODY]


def _held(rows: Sequence[CallbackRequest], standing: CallbackRequest) -> dict[str, Any]:
    """A resemblance in one of the requests holds them all."""
    since = min((row.conflict_since for row in rows if row.conflict_since), default=None)
    if since is None or standing.status not in (Status.NEW, Status.WAITING):
        return {"conflict_since": since}
    return {"conflict_since": since, "status": Status.CONFLICT_CHECK}


def hold(rows: Sequence[CallbackRequest], place: int | None) -> None:
    """Give the newest of these requests the place; the others hold none."""
    CallbackRequest.objects.filter(pk=rows[-1].pk).update(place=place)


def tell(
    rows: Sequence[CallbackRequest], kind: NotificationKind, *, now: datetime, after: timedelta = timedelta()
) -> None:
    """Owe the visitor a notice at each address that they gave: who asked under another's name must
    not be the only one to learn what became of it. One with no address at all is owed it once."""
    reached = {row.email.lower(): row for row in rows if row.email}
    for row in reached.values() or rows[-1:]:
        owe(row, kind, now=now, after=after)


def first_of(request: CallbackRequest) -> int:
    """The number of the first of the requests that are one with this one; its own where it stands alone."""
    return request.earlier_id or request.pk


def _one(first: int) -> Q:
    """The open requests of which `first` was the first. A condition on each row itself: PostgreSQL asks it
    again once it has waited for a row's lock, which it does of no subquery."""
    is_open = Q(due_at__isnull=False)
    return Q(pk=first) & is_open | Q(earlier=first) & is_open
