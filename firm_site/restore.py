"""Puts a backup into an empty database, and proves that all of it is there."""

import hashlib
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pyrage  # type: ignore[import-untyped]
from django.conf import settings
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader

from firm_site.backup import AT_A_TIME, MAJOR, program_for
from firm_site.proof import Progress, Proof, Table, Unusable, count, proof_of, server_version, table_names

OURS = {"firm_site", "pages", "callbacks"}


@dataclass(frozen=True)
class Compared:
    """A table as it was when the backup was made, and as it is now; None where there is none."""

    name: str
    was: Table | None
    found: Table | None

    @property
    def is_same(self) -> bool:
        return self.was == self.found


def restore(file: Path, identity: Path | None, *, progress: Progress) -> list[Compared]:
    """Restore the backup in `file` into the owner's database, all of it or nothing; return each table beside
    its proof. `identity` is the file with the secret key, for a sealed one.

    Raises Unusable, before anything is written: for a file that is not as it was written, a database that
    is not empty, a secret key that does not fit, a backup of newer code or of a newer server.
    """
    connection = connections[settings.OWNER_DATABASE]
    proof = Proof.read(proof_of(file))
    identities = _identities(identity) if identity else []
    if proof.is_sealed and not identities:
        raise Unusable(f"{file} is sealed: name the file of its secret key, --identity FILE.")
    _refuse_what_does_not_fit(proof, connection)
    _refuse_what_was_changed(file, proof, progress)
    progress("Restoring")
    arguments = ["--no-owner", "--no-acl", "--exit-on-error", "--single-transaction"]
    with (
        file.open("rb") as source,
        program_for("pg_restore", connection, *arguments, stdin=subprocess.PIPE) as program,
    ):
        assert program.stdin  # noqa: S101
        _pour(source, program.stdin, identities if proof.is_sealed else [])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return list(_compare(proof, connection, progress))


def _refuse_what_does_not_fit(proof: Proof, connection: BaseDatabaseWrapper) -> None:
    if there := table_names(connection):
        name = connection.settings_dict["NAME"]
        raise Unusable(
            f"The database {name} is not empty: it has {len(there)} tables. "
            "A backup goes into an empty one only."
        )
    here = server_version(connection) // MAJOR
    if here < proof.server // MAJOR:
        raise Unusable(f"The backup is of PostgreSQL {proof.server // MAJOR}, and this server is {here}.")
    known = MigrationLoader(None).disk_migrations or {}
    for app, names in proof.migrations.items():
        for name in names:
            if app in OURS and (app, name) not in known:  # a library may have drawn its own together
                raise Unusable(f"The backup is of newer code than this: here is no migration {app}.{name}.")


def _refuse_what_was_changed(file: Path, proof: Proof, progress: Progress) -> None:
    try:
        with file.open("rb") as written:
            progress("Comparing the file with its checksum")
            found = hashlib.file_digest(written, "sha256").hexdigest()
    except OSError as problem:
        raise Unusable(f"{file} cannot be read: {problem.strerror}.") from None
    if found != proof.sha256:
        raise Unusable(f"{file} is not what was written on {proof.when}: its checksum differs.")


def _identities(file: Path) -> list[pyrage.x25519.Identity]:
    try:
        lines = [line.strip() for line in file.read_text().splitlines()]
        return [pyrage.x25519.Identity.from_str(line) for line in lines if line and line[0] != "#"]
    except OSError as problem:
        raise Unusable(f"{file} cannot be read: {problem.strerror}.") from None
    except (pyrage.IdentityError, UnicodeDecodeError):
        raise Unusable(f"{file} is not the secret key of a backup.") from None


def _pour(source: IO[bytes], target: IO[bytes], identities: Sequence[pyrage.x25519.Identity]) -> None:
    """Hand the dump over, opened on the way, so that no readable copy touches the disk."""
    try:
        if identities:
            pyrage.decrypt_io(source, target, identities)
        else:
            shutil.copyfileobj(source, target, AT_A_TIME)
        target.flush()
    except BrokenPipeError:
        pass  # it has ended, and says why
    except (pyrage.DecryptError, OSError) as problem:
        raise Unusable(f"The backup cannot be opened with this secret key: {problem}.") from None


def _compare(proof: Proof, connection: BaseDatabaseWrapper, progress: Progress) -> Iterator[Compared]:
    with transaction.atomic(using=connection.alias):
        found = count(connection, progress)
    for name in sorted(proof.tables.keys() | found.keys()):
        yield Compared(name, proof.tables.get(name), found.get(name))
