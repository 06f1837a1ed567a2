"""Makes plausible requests for trials: some hundreds that are open, and as many closed ones as one likes."""

import random
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone

from callbacks.actions import desk
from callbacks.actions.asking import Answers, Shown, submit
from callbacks.actions.booking import free_times
from callbacks.models import CallbackRequest
from callbacks.opening import hours_in_force
from callbacks.reference import ALPHABET
from callbacks.states import Outcome
from firm_site.models import User

MARK = "made-up-"  # begins the token of each, which no token of a real request does
BATCH = 20_000
BAR = 40  # characters

FIRST = "Ada Amelia Ava Chloe Daisy Ella Erin Esme Eva Evie Fatima Freya Grace Hana Isla Ivy Jess Layla "
FIRST += "Lily Lucy Maya Megan Mia Nadia Niamh Olivia Poppy Priya Rosie Ruby Sana Sophie Tia Willow Zara Zoë"
LAST = "Adams Ahmed Baker Begum Brown Carter Clarke Davies Dixon Evans Foster Gill Green Hall Hughes Iqbal "
LAST += "Jones Kaur Khan King Lewis Moore Nolan O’Neill Owen Patel Quinn Reid Shah Smith Taylor Turner Wood"
PROCEDURES = "Thread lift|Lip filler|Rhinoplasty|Liposuction|Eyelid surgery|Breast surgery|Tummy tuck|Laser|"
CLINICS = "Fern Street|Oak Lane Aesthetics|The Willow Rooms|Dr A. Penrose|Bright Face|"
MESSAGES = "It is still swollen after six weeks.|The two sides are different.|I can feel the threads.|"
WRITTEN = "March 2024|12/3/2025|2023|last summer|June 2025|"
PAGES = ["/guides/botched-thread-lift/", "/", "/request-a-callback/", "/people/michael-saul/"]

_COLUMNS = """
id reference token full_name phone phone_typed say_who leave_message email message procedure procedure_date
clinic call_needs channel page status set_apart_because attempts outcome closed_at created_at promised_by
edits case_number
"""
COLUMNS = _COLUMNS.split()


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
        if CallbackRequest.objects.exclude(token__startswith=MARK).exists():
            raise CommandError("This database holds requests that people made. Nothing was added to it.")
        chance, now = random.Random(options["seed"]), timezone.now()  # noqa: S311 (nothing here is a secret)
        closed = many - open_ones
        for done in range(0, closed, BATCH):
            _copy_closed(chance, now, first=_next_id(), many=min(BATCH, closed - done))
            self._bar(min(done + BATCH, closed), many)
        _make_open(chance, now, open_ones)
        self._bar(many, many)
        self.tidy()
        self.stdout.write(f"{many:,} requests made, {open_ones:,} of them open.")

    def tidy(self) -> None:
        """Let the planner know what there is now."""
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE) callbacks_callbackrequest, callbacks_event")

    def _bar(self, done: int, many: int) -> None:
        if not sys.stderr.isatty():
            self.stderr.write(f"{100 * done // many} %")
            return
        full = BAR * done // many
        self.stderr.write(f"\r[{'#' * full}{' ' * (BAR - full)}] {done:,} of {many:,}", ending="")
        if done == many:
            self.stderr.write("")


def _next_id() -> int:
    last = CallbackRequest.objects.order_by("-pk").first()
    return last.pk + 1 if last else 1


def _copy_closed(chance: random.Random, now: datetime, *, first: int, many: int) -> None:
    """Closed requests of the last three years, each with its events, straight into their tables."""
    rows = [_closed(chance, now, pk) for pk in range(first, first + many)]
    with transaction.atomic(), connection.cursor() as cursor:
        _copy(cursor, "callbacks_callbackrequest", COLUMNS, ([row[name] for name in COLUMNS] for row in rows))
        _copy(
            cursor,
            "callbacks_event",
            ["request_id", "kind", "actor", "at", "outcome"],
            (event for row in rows for event in _events(row)),
        )
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('callbacks_callbackrequest', 'id'), max(id)) "
            "FROM callbacks_callbackrequest"
        )


def _copy(cursor: Any, table: str, columns: list[str], rows: Iterator[list[Any]]) -> None:
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _closed(chance: random.Random, now: datetime, pk: int) -> dict[str, Any]:
    asked = now - timedelta(minutes=chance.randrange(60 * 24, 60 * 24 * 365 * 3))
    closed = min(asked + timedelta(hours=chance.randrange(1, 24 * 9)), now)
    letters = "".join(chance.choices(ALPHABET, k=10))
    outcome = chance.choice(Outcome.values)
    return {
        "id": pk,
        "reference": f"{letters[:2]}-{letters[2:6]}-{letters[6:]}",
        "token": f"{MARK}{pk}",
        "message": chance.choice(MESSAGES.split("|")),
        "channel": "web",
        "page": chance.choice(PAGES),
        "status": "closed",
        "set_apart_because": "",
        "attempts": chance.randrange(4),
        "outcome": outcome,
        "closed_at": closed,
        "created_at": asked,
        "promised_by": asked + timedelta(hours=chance.randrange(1, 30)),
        "edits": 4,
        "case_number": f"{asked:%Y}/{pk}" if outcome == Outcome.TAKEN_ON else "",
        "call_needs": "",
        **_person(chance, pk),
    }


def _person(chance: random.Random, pk: int) -> dict[str, Any]:
    """Who asks. Ofcom keeps too few numbers for fiction: these have a digit too few to be dialled."""
    name = f"{chance.choice(FIRST.split())} {chance.choice(LAST.split())}"
    return {
        "full_name": name,
        "phone": f"+4400{pk % 10**8:08}",
        "phone_typed": f"00{pk % 10**8:08}",
        "say_who": chance.random() < 0.2,
        "leave_message": chance.random() < 0.2,
        "email": f"person{pk}@example.com" if chance.random() < 0.5 else "",
        "procedure": chance.choice(PROCEDURES.split("|")),
        "procedure_date": chance.choice(WRITTEN.split("|")),
        "clinic": chance.choice(CLINICS.split("|")),
    }


def _events(row: dict[str, Any]) -> Iterator[list[Any]]:
    asked, closed = row["created_at"], row["closed_at"]
    called = asked + (closed - asked) / 2
    yield [row["id"], "asked", "visitor", asked, ""]
    yield [row["id"], "gave_up", "system", closed, row["outcome"]]
    if row["attempts"]:
        yield [row["id"], "lapsed", "system", called, ""]


def _make_open(chance: random.Random, now: datetime, many: int) -> None:
    """Open requests, made by the verbs as people make them: slots, as soon as possible, called in vain, with
    a solicitor, set apart."""
    by, _ = User.objects.get_or_create(username="made-up", defaults={"is_active": False})
    for number in range(many):
        asked = now - timedelta(minutes=chance.randrange(1, 60 * 24 * 3))
        person = _person(chance, 90_000_000 + number)
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
