"""What a database holds, in numbers: the rows of each table and a checksum over them. A backup is written
with its proof, and a restored database must come to the same.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder

# A row's text must not depend on who asks.
_AS_EVERYWHERE = """
SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'; SET LOCAL intervalstyle = 'postgres';
SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; SET LOCAL search_path = public
"""

_TABLES = """
SELECT relname FROM pg_class AS made WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = made.oid AND deptype = 'e') ORDER BY relname
"""

# A sum of hashes heeds every row and no order. SHA-256 is the same in every version and on every machine.
_COUNT = """
SELECT count(*), coalesce(sum(('x' || left(encode(sha256(convert_to(each_row::text, 'UTF8')), 'hex'), 16))
    ::bit(64)::bigint), 0)
FROM {table} AS each_row
"""

type Progress = Callable[[str], None]


class Unusable(Exception):
    """A backup cannot be made, or used: why, in a sentence for the person at the terminal."""


@dataclass(frozen=True)
class Table:
    """How many rows a table has, and the sum of their hashes, in digits."""

    rows: int
    checksum: str


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What stands beside a backup. `size` (bytes) and `sha256` are of the file as it was written;
    `server` is a number like 180001; `made_at` is ISO 8601 in UTC; `migrations` are those applied, by app."""

    made_at: str
    server: int
    is_sealed: bool
    size: int
    sha256: str
    migrations: dict[str, list[str]]
    tables: dict[str, Table]

    def as_text(self) -> str:
        return json.dumps(asdict(self), indent=1) + "\n"

    @classmethod
    def read(cls, file: Path) -> Self:
        """The proof in this file. Raises Unusable."""
        try:
            found = json.loads(file.read_text())
            tables = {name: Table(**table) for name, table in found.pop("tables").items()}
            return cls(tables=tables, **found)
        except FileNotFoundError:
            raise Unusable(f"{file} is missing: it was written beside the backup, and proves it.") from None
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            raise Unusable(f"{file} is not what a backup writes beside itself.") from None

    @property
    def when(self) -> str:
        return f"{datetime.fromisoformat(self.made_at):%-d %B %Y, %H:%M} UTC"


def proof_of(file: Path) -> Path:
    """Where the proof of a backup stands."""
    return file.with_name(f"{file.name}.json")


def count(connection: BaseDatabaseWrapper, progress: Progress) -> dict[str, Table]:
    """Every table of the database, as the transaction sees it that must be open."""
    found = {}
    names = table_names(connection)
    with connection.cursor() as cursor:
        cursor.execute(_AS_EVERYWHERE)
        for number, name in enumerate(names, 1):
            progress(f"Counting {number} of {len(names)} tables: {name}")
            cursor.execute(_COUNT.format(table=connection.ops.quote_name(name)))
            rows, checksum = cursor.fetchone()
            found[name] = Table(rows, str(checksum))
    return found


def table_names(connection: BaseDatabaseWrapper) -> list[str]:
    """The tables that are somebody's, in order: not those of extensions."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        return [name for (name,) in cursor.fetchall()]


def applied(connection: BaseDatabaseWrapper) -> dict[str, list[str]]:
    """The migrations that the database has, by app."""
    found: dict[str, list[str]] = {}
    for app, name in sorted(MigrationRecorder(connection).applied_migrations()):
        found.setdefault(app, []).append(name)
    return found


def server_version(connection: BaseDatabaseWrapper) -> int:
    """A number like 180001."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0])
