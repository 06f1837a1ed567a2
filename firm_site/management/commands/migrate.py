"""Django's own `migrate`, beside a site that serves, by the role that owns the tables unless another database
is named.

Whoever waits for a table's lock has everybody wait who comes after. So it waits for a moment only, lets them
all through, and tries again; what got no lock has changed nothing.
"""

import re
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import chain, repeat
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import DatabaseError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.errors import DeadlockDetected, LockNotAvailable
from psycopg.pq import TransactionStatus

# Milliseconds: less than visitors wait (deadline.STATEMENT), and less than the second after which PostgreSQL
# ends one of two who wait for each other, so that it is not the visitor.
A_MOMENT = 800
PATIENCE = 300  # seconds
LONGEST = 60  # characters of a statement that name its table
GAVE_UP = (
    "It was not to be had within {} s. Nothing is half done: each migration is there as a whole or not "
    "at all. RUNBOOK.md, “Migrations”, says how to find who holds it; then run this again."
)

TABLES_OF = """
    SELECT DISTINCT coalesce(indrelid, pg_class.oid)::regclass::text
    FROM pg_class LEFT JOIN pg_index ON indexrelid = pg_class.oid
    WHERE relname = ANY(%s) AND relkind IN ('r', 'i') AND relnamespace = 'public'::regnamespace
"""


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
        with Impatient(connections[options["database"]]) as asking:
            for longest in chain([1, 2], repeat(4)):  # seconds
                try:
                    super().handle(*arguments, **options)
                except OperationalError as problem:
                    if not isinstance(problem.__cause__, LockNotAvailable | DeadlockDetected):
                        raise
                    held = f"Others hold a lock that is needed here: {asking.refused[:LONGEST]} …"
                    pause = min(longest, ends - time.monotonic())
                    if pause <= 0:
                        raise LocksHeld(f"{held} {GAVE_UP.format(wait)}") from None
                    if options["verbosity"]:
                        self.stdout.write()  # after "Applying …"
                    self.stderr.write(f"{held} Trying again in {pause:.0f} s.")
                    asking.remember()
                    time.sleep(pause)
                else:
                    return


class Impatient:
    """A connection that, for as long as the block lasts, gives up a statement whose lock is not to be had.

    What is built CONCURRENTLY waits in nobody's way, for as long as it takes, and would be left half built.
    """

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.refused = ""  # the last statement that failed
        self.first: list[str] = []  # tables to be locked before any other, as SQL names them

    def __enter__(self) -> "Impatient":
        self._limit(A_MOMENT)
        self.connection.execute_wrappers.append(self._execute)
        return self

    def __exit__(self, *broken: object) -> None:
        self.connection.execute_wrappers.remove(self._execute)
        with suppress(DatabaseError), self.connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")

    def remember(self) -> None:
        """Of the statement that was refused: ask for its tables first, from now on.

        Visitors lock the requests and then the events. Who holds the events and asks for the requests will
        never get them while visitors come: each waits for the other.
        """
        if not self.refused.startswith(("ALTER", "CREATE", "DROP", "SET")):
            return
        with self.connection.cursor() as cursor:
            cursor.execute(TABLES_OF, [re.findall(r'"(\w+)"', self.refused)])
            tables = [row[0] for row in cursor.fetchall()]
        self.first = tables + [table for table in self.first if table not in tables]

    def _execute(self, ask: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if self.first and self._is_beginning() and not sql.startswith("LOCK"):
            with self.connection.cursor() as cursor:
                cursor.execute(f"LOCK {', '.join(self.first)} IN ACCESS EXCLUSIVE MODE")
        concurrently = "CONCURRENTLY" in sql
        try:
            if concurrently:
                self._limit(0)
            return ask(sql, *rest)
        except OperationalError:
            self.refused = " ".join(sql.split())
            raise
        finally:
            if concurrently:
                self._limit(A_MOMENT)

    def _is_beginning(self) -> bool:
        """Whether the next statement is the first of a transaction."""
        status = self.connection.connection.info.transaction_status
        return self.connection.in_atomic_block and status == TransactionStatus.IDLE

    def _limit(self, milliseconds: int) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = {milliseconds}")
