"""Makes plausible requests for trials: some hundreds that are open, and as many closed ones as one likes.

The open ones are made by the verbs, as people make them. A million closed ones would take the verbs a
night: those go straight into their tables, with their record and their notices, and the constraints of the
database see to it that they are what the verbs might have left.
"""

import random
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, count, islice
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections, transaction
from django.utils import timezone

from callbacks.actions import desk
from callbacks.actions.asking import Answers, Shown, submit
from callbacks.actions.booking import free_times
from callbacks.models import CallbackRequest, EventKind, NotificationKind
from callbacks.opening import hours_in_force
from callbacks.reference import ALPHABET
from callbacks.states import NOT_VIABLE, Channel, Outcome, Status
from firm_site.models import User

MARK = "made-up-"  # begins the token of each, which no token of a real request does
OLDEST, NEWEST = timedelta(days=3 * 365), timedelta(days=1)  # ago, what is closed
MINUTE = timedelta(minutes=1)
BATCH = 10_000  # requests, in one transaction
BAR = 40  # characters

FIRST = "Ada Amelia Ava Chloe Daisy Ella Erin Esme Eva Evie Fatima Freya Grace Hana Isla Ivy Jess Layla "
FIRST += "Lily Lucy Maya Megan Mia Nadia Niamh Olivia Poppy Priya Rosie Ruby Sana Sophie Tia Willow Zara Zoë"
LAST = "Adams Ahmed Baker Begum Brown Carter Clarke Davies Dixon Evans Foster Gill Green Hall Hughes Iqbal "
LAST += "Jones Kaur Khan King Lewis Moore Nolan O’Neill Owen Patel Quinn Reid Shah Smith Taylor Turner Wood"
PROCEDURES = "Thread lift|Lip filler|Rhinoplasty|Liposuction|Eyelid surgery|Breast surgery|Tummy tuck|Laser|"
CLINICS = "Fern Street|Oak Lane Aesthetics|The Willow Rooms|Dr A. Penrose|Bright Face|"
MESSAGES = "It is still swollen after six weeks.|The two sides are different.|I can feel the threads.|"
WRITTEN = "March 2024|12/3/2025|2023|last summer|June 2025|"
NEEDS = ["", "", "", "", "Relay UK, please", "A woman to speak to", "Only after school, if you can"]
PAGES = ["/guides/botched-thread-lift/", "/", "/request-a-callback/", "/people/michael-saul/"]

# How often each comes.
CHANNELS = {Channel.WEB: 80, Channel.TELEPHONE: 14, Channel.VOICEMAIL: 5, Channel.VISIT: 1}
OUTCOMES = {
    Outcome.TAKEN_ON: 12,
    Outcome.OUT_OF_TIME: 8,
    Outcome.NO_BREACH: 15,
    Outcome.LOW_VALUE: 10,
    Outcome.OTHER_JURISDICTION: 4,
    Outcome.CLIENT_DECLINED: 8,
    Outcome.INSTRUCTED_ELSEWHERE: 5,
    Outcome.CONFLICT: 1,
    Outcome.DUPLICATE: 4,
    Outcome.SPAM: 10,
    Outcome.NOT_REACHED: 15,
    Outcome.WITHDRAWN: 8,
}
HAS_AN_ADDRESS = 0.5  # of those who ask
DOES_NOT_ARRIVE = 0.01  # of e-mails

_COLUMNS = """
id reference token full_name phone phone_typed say_who leave_message email message procedure procedure_date
clinic call_needs channel rang_at page status set_apart_because attempts outcome closed_at created_at
promised_by edits case_number
"""
REQUEST = _COLUMNS.split()
EVENT = ["request_id", "kind", "actor", "by_id", "at", "outcome"]
NOTICE = ["request_id", "kind", "created_at", "sent_at", "failed_at", "tries"]

type Row = list[Any]


@dataclass(frozen=True)
class Closed:
    """A closed request with its record and its notices, as rows of their tables."""

    request: Row
    events: list[Row]
    notices: list[Row]


class Command(BaseCommand):
    help = "Make N plausible requests for trials, only in a database that holds no real one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("requests", type=int, metavar="N")
        parser.add_argument("--open", type=int, default=300, help="how many of them are open (300)")
        parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same requests (1)")

    def handle(self, *args: Any, **options: Any) -> None:
        many, open_ones = options["requests"], min(options["open"], options["requests"])
        if many < 1:
            raise CommandError("Say how many requests to make: a number from 1 on.")
        real = CallbackRequest.objects.filter(erased_at__isnull=True).exclude(token__startswith=MARK)
        if real.exists():
            raise CommandError("This database holds requests that people made. Nothing was added to it.")
        now, seed = timezone.now(), options["seed"]
        by, _ = User.objects.get_or_create(username="made-up", defaults={"is_active": False})
        closed = many - open_ones
        chance = random.Random(f"{seed}, closed")  # noqa: S311 (nothing here is a secret)
        step = (OLDEST - NEWEST) / max(closed, 1)
        for done in range(0, closed, BATCH):
            moments = [now - OLDEST + step * each for each in range(done, min(done + BATCH, closed))]
            _store_closed(chance, by, moments)
            self._bar(done + len(moments), many)
        # With chance of their own: the same ones, however many are closed.
        _make_open(random.Random(f"{seed}, open"), by, now, open_ones)  # noqa: S311
        self._bar(many, many)
        self.tidy()
        self.stdout.write(f"{many:,} requests made, {open_ones:,} of them open.")

    def tidy(self) -> None:
        """Let the planner know what there is now. The tables are their owner's to tidy."""
        with connections[settings.OWNER_DATABASE].cursor() as cursor:
            cursor.execute(
                "VACUUM (ANALYZE) callbacks_callbackrequest, callbacks_event, callbacks_notification"
            )

    def _bar(self, done: int, many: int) -> None:
        if not sys.stderr.isatty():
            self.stderr.write(f"{100 * done // many} %")
            return
        full = BAR * done // many
        self.stderr.write(f"\r[{'#' * full}{' ' * (BAR - full)}] {done:,} of {many:,}", ending="")
        if done == many:
            self.stderr.write("")


def _store_closed(chance: random.Random, by: User, moments: list[datetime]) -> None:
    """Closed requests that were asked at these moments."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('callbacks_callbackrequest', 'id')) "
            "FROM generate_series(1, %s)",
            [len(moments)],
        )
        pks = [pk for (pk,) in cursor.fetchall()]
        made = [_closed(chance, pk, by.pk, asked) for pk, asked in zip(pks, moments, strict=True)]
        _copy(cursor, "callbacks_callbackrequest", REQUEST, (each.request for each in made))
        _copy(cursor, "callbacks_event", EVENT, (row for each in made for row in each.events))
        _copy(cursor, "callbacks_notification", NOTICE, (row for each in made for row in each.notices))


def _copy(cursor: Any, table: str, columns: list[str], rows: Iterable[Row]) -> None:
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _closed(chance: random.Random, pk: int, by: int, asked: datetime) -> Closed:
    channel = _one_of(chance, CHANNELS)
    outcome = _one_of(chance, OUTCOMES)
    calls = _calls(chance, outcome)
    moments = [asked + timedelta(hours=hours) for hours in sorted(chance.uniform(0.1, 12) for _ in calls)]
    closed_at = (moments or [asked])[-1] + timedelta(minutes=chance.randrange(5, 20))
    by_whom = None if channel == Channel.WEB else by
    person = _person(chance, _unassigned_number(pk))
    letters = _reference(pk)
    row = {
        **person,
        "id": pk,
        "reference": f"{letters[:2]}-{letters[2:6]}-{letters[6:]}",
        "token": f"{MARK}{pk}",
        "message": chance.choice(MESSAGES.split("|")),
        "call_needs": chance.choice(NEEDS),
        "channel": channel,
        "rang_at": asked if by_whom else None,
        "page": "" if by_whom else chance.choice(PAGES),
        "status": "closed",
        "set_apart_because": "Made up." if outcome == Outcome.SPAM else "",
        "attempts": len(calls),
        "outcome": outcome,
        "closed_at": closed_at,
        "created_at": asked,
        "promised_by": asked + timedelta(hours=chance.randrange(1, 30)),
        "edits": len(calls) + 1,
        "case_number": f"{asked:%Y}/{pk}" if outcome == Outcome.TAKEN_ON else "",
    }
    return Closed(
        request=[row[name] for name in REQUEST],
        events=list(_events(row, by, moments, calls)),
        notices=list(_notices(chance, row)),
    )


def _calls(chance: random.Random, outcome: str) -> list[EventKind]:
    """How each attempt ended."""
    if outcome in {Outcome.SPAM, Outcome.WITHDRAWN, Outcome.DUPLICATE}:
        return []
    in_vain = [EventKind.NO_ANSWER] * (
        3 if outcome == Outcome.NOT_REACHED else chance.choice([0, 0, 0, 1, 2])
    )
    return in_vain if outcome == Outcome.NOT_REACHED else [*in_vain, EventKind.SPOKE]


def _events(row: dict[str, Any], by: int, moments: list[datetime], calls: list[EventKind]) -> Iterator[Row]:
    """What happened, in its order. What must be said, and had no address to go to, was said."""
    pk, asked, closed_at, outcome = row["id"], row["created_at"], row["closed_at"], row["outcome"]
    by_staff = ["staff", by]
    yield [pk, EventKind.ASKED, *(by_staff if row["rang_at"] else ["visitor", None]), asked, ""]
    if outcome == Outcome.SPAM:
        yield [pk, EventKind.SET_APART, "system", None, asked, ""]
    for at, ended in zip(moments, calls, strict=True):
        yield [pk, EventKind.CLAIMED, *by_staff, at, ""]
        yield [pk, EventKind.CALLING, *by_staff, at + MINUTE, ""]
        yield [pk, ended, *by_staff, at + 4 * MINUTE, ""]
    match outcome:
        case Outcome.NOT_REACHED:
            yield [pk, EventKind.GAVE_UP, "system", None, closed_at, outcome]
        case Outcome.WITHDRAWN:
            yield [pk, EventKind.CLOSED, "visitor", None, closed_at, outcome]
        case _:
            yield [pk, EventKind.CLOSED, *by_staff, closed_at, outcome]
    if _not_acting(outcome) and not row["email"]:
        yield [pk, EventKind.SAID, *by_staff, closed_at + MINUTE, ""]


def _notices(chance: random.Random, row: dict[str, Any]) -> Iterator[Row]:
    """What was sent, and now and then did not arrive. What was said instead is owed no more."""
    pk, asked, closed_at = row["id"], row["created_at"], row["closed_at"]
    yield [pk, NotificationKind.ARRIVAL, asked, asked, None, 1]
    if not row["email"]:
        return
    did_arrive = chance.random() > DOES_NOT_ARRIVE
    yield [pk, NotificationKind.RECEIPT, asked, *([asked, None] if did_arrive else [None, asked]), 1]
    if kind := _not_acting(row["outcome"]):
        yield [pk, kind, closed_at, closed_at, None, 1]


def _not_acting(outcome: str) -> NotificationKind | None:
    if outcome in NOT_VIABLE:
        return NotificationKind.NOT_VIABLE
    return NotificationKind.DECLINED if outcome == Outcome.CLIENT_DECLINED else None


def _person(chance: random.Random, phone: str) -> dict[str, Any]:
    first, last = chance.choice(FIRST.split()), chance.choice(LAST.split())
    address = f"{first}.{last}{phone[-6:]}@example.com".replace("’", "")
    return {
        "full_name": f"{first} {last}",
        "phone": phone,
        "phone_typed": f"0{phone.removeprefix('+44')}",
        "say_who": chance.random() < 0.2,
        "leave_message": chance.random() < 0.2,
        "email": address if chance.random() < HAS_AN_ADDRESS else "",
        "procedure": chance.choice(PROCEDURES.split("|")),
        "procedure_date": chance.choice(WRITTEN.split("|")),
        "clinic": chance.choice(CLINICS.split("|")),
    }


def _free_numbers() -> Iterator[str]:
    """Numbers that nobody has who waits: the two thousand that Ofcom keeps for drama, and then others."""
    taken = set(CallbackRequest.objects.exclude(status=Status.CLOSED).values_list("phone", flat=True))
    drama = (f"{area}{line:03}" for area in ("+447700900", "+441632960") for line in range(1000))
    return (number for number in chain(drama, map(_unassigned_number, count())) if number not in taken)


def _unassigned_number(pk: int) -> str:
    """One of a million that ring nowhere: no place has the area code 01632, of which Ofcom keeps a thousand
    for drama. They are too few here, where the last six digits should tell people apart."""
    return f"+441632{pk * 600_011 % 10**6:06}"


def _reference(pk: int) -> str:
    """The ten letters of a reference: another for each, without looking which are taken, and unlike its
    neighbour's. The factor shares no divisor with the number of all references."""
    number = pk * 11_111_111_111_117 % len(ALPHABET) ** 10
    letters = ""
    for _ in range(10):
        number, rest = divmod(number, len(ALPHABET))
        letters += ALPHABET[rest]
    return letters


def _one_of[Value](chance: random.Random, weighed: dict[Value, int]) -> Value:
    return chance.choices(list(weighed), list(weighed.values()))[0]


def _make_open(chance: random.Random, by: User, now: datetime, many: int) -> None:
    """Open requests, made by the verbs as people make them: slots, as soon as possible, called in vain, with
    a solicitor, set apart."""
    for number, phone in enumerate(islice(_free_numbers(), many)):
        asked = now - timedelta(minutes=chance.randrange(1, 60 * 24 * 3))
        person = _person(chance, phone)
        free = free_times(hours_in_force(), now)
        wanted_at = chance.choice(free)[0] if free and number % 3 == 0 else None
        answers = Answers(**person, message=chance.choice(MESSAGES.split("|")), wanted_at=wanted_at)
        at = now if wanted_at else asked
        apart = "Made up." if number % 25 == 0 else ""
        request = submit(answers=answers, shown=Shown(), by=by, now=at, set_apart_because=apart)
        CallbackRequest.objects.filter(pk=request.pk).update(token=f"{MARK}{request.pk}")
        if number % 10 == 1:
            desk.they_rang(pk=request.pk, by=by, now=now)
            desk.no_answer(pk=request.pk, by=by, now=now)
        elif number % 10 == 2:
            desk.claim(pk=request.pk, by=by, now=now)
            desk.pass_to_solicitor(pk=request.pk, by=by, now=now)
