"""Django's own `migrate`, beside a site that serves, by the role that owns the tables unless another database
is named.

Whoever waits for a table's lock has everybody wait who comes after. So it waits for a moment only, lets them
all through, and tries again; what got no lock has changed nothing.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain, repeat
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import DatabaseError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.errors import DeadlockDetected, LockNotAvailable

# Milliseconds: less than visitors wait (deadline.STATEMENT), and less than the second after which PostgreSQL
# ends one of two who wait for each other, so that it is not the visitor.
A_MOMENT = 800
PATIENCE = 300  # seconds
LONGEST = 60  # characters of a statement that name its table
GAVE_UP = (
    "It was not to be had within {} s. Nothing is half done: each migration is there as a whole or not "
    "at all. RUNBOOK.md, “Migrations”, says how to find who holds it; then run this again."
)


class LocksHeld(CommandError):
    """Others held a lock for as long as there was patience."""


class Command(migrate.Command):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database=settings.OWNER_DATABASE)
        parser.add_argument(
            "--wait",
            type=int,
            default=PATIENCE,
            metavar="SECONDS",
            help=f"how long to try again for a lock that others hold ({PATIENCE})",
        )

    def handle(self, *arguments: Any, wait: int, **options: Any) -> None:
        ends = time.monotonic() + wait
        with _waiting_for_a_moment(connections[options["database"]]) as refused:
            for longest in chain([1, 2, 4], repeat(8)):  # seconds
                try:
                    super().handle(*arguments, **options)
                except OperationalError as problem:
                    if not isinstance(problem.__cause__, LockNotAvailable | DeadlockDetected):
                        raise
                    pause = min(longest, ends - time.monotonic())
                    if pause <= 0:
                        raise LocksHeld(f"{_held(refused[-1])} {GAVE_UP.format(wait)}") from None
                    if options["verbosity"]:
                        self.stdout.write()  # after "Applying …"
                    self.stderr.write(f"{_held(refused[-1])} Trying again in {pause:.0f} s.")
                    time.sleep(pause)
                else:
                    return


def _held(statement: str) -> str:
    return f"Others hold a lock that is needed here: {statement} …"


@contextmanager
def _waiting_for_a_moment(connection: BaseDatabaseWrapper) -> Iterator[list[str]]:
    """Give up a statement whose lock is not to be had; into the list goes how each that failed begins.

    What is built CONCURRENTLY waits in nobody's way, for as long as it takes, and would be left half built.
    """
    failed: list[str] = []

    def limit(milliseconds: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = {milliseconds}")

    def execute(ask: Callable[..., Any], sql: str, *rest: Any) -> Any:
        concurrently = "CONCURRENTLY" in sql
        try:
            if concurrently:
                limit(0)
            return ask(sql, *rest)
        except OperationalError:
            failed.append(" ".join(sql.split())[:LONGEST])
            raise
        finally:
            if concurrently:
                limit(A_MOMENT)

    limit(A_MOMENT)
    try:
        with connection.execute_wrapper(execute):
            yield failed
    finally:
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
