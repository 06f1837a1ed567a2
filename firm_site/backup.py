"""Writes a whole backup: what pg_dump says, sealed for whom BACKUP_KEY names, with its proof beside it."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO

import pyrage  # type: ignore[import-untyped]
from django.conf import settings
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.client import DatabaseClient

from firm_site.embedded_postgres import CannotStart, find_programs
from firm_site.proof import Progress, Proof, Unusable, applied, count, proof_of, server_version

AT_A_TIME = 1_000_000  # bytes
MAJOR = 10_000  # of a server's version number


class Measured:
    """A file being written: how much, and its checksum; it says how far it is."""

    def __init__(self, file: IO[bytes], progress: Progress) -> None:
        self.file, self.progress = file, progress
        self.size, self.sum = 0, hashlib.sha256()

    def write(self, some: bytes) -> int:
        self.file.write(some)
        self.sum.update(some)
        self.size += len(some)
        self.progress(f"Written {self.size / 1_000_000:.1f} MB")
        return len(some)

    def flush(self) -> None:
        self.file.flush()


def write(file: Path, *, now: datetime, progress: Progress) -> Proof:
    """Write a backup of the whole database to `file`, which must not exist, and its proof beside it.

    Both are of one moment, while the site goes on. Neither name is there before its file is whole and on
    the disk; only its owner can read it. Raises Unusable.
    """
    recipients = sealed_for(settings.BACKUP_KEY)
    if file.exists():
        raise Unusable(f"{file} exists already, and no backup is written over: choose another name.")
    connection = connections[settings.OWNER_DATABASE]
    try:
        # Of a backup that did not get its name. Not later: it may be of one that has just got it.
        proof_of(file).unlink(missing_ok=True)
        with transaction.atomic(using=connection.alias), _unfinished(file) as new:
            moment = _hold_the_moment(connection)
            tables, migrations = count(connection, progress), applied(connection)
            written = Measured(new, progress)
            _dump(connection, moment, written, recipients)
            proof = Proof(
                made_at=now.isoformat(),
                server=server_version(connection),
                is_sealed=bool(recipients),
                size=written.size,
                sha256=written.sum.hexdigest(),
                migrations=migrations,
                tables=tables,
            )
            with _unfinished(proof_of(file)) as beside:
                beside.write(proof.as_text().encode())
                _finish(beside, proof_of(file))
            _finish(new, file)
    except OSError as problem:
        raise Unusable(f"{file} cannot be written: {problem.strerror}.") from None
    return proof


def sealed_for(keys: str) -> list[pyrage.x25519.Recipient]:
    """The public keys of age in BACKUP_KEY. Raises Unusable."""
    try:
        return [pyrage.x25519.Recipient.from_str(key.strip()) for key in keys.split(",") if key.strip()]
    except pyrage.RecipientError:
        raise Unusable(
            "BACKUP_KEY is not a public key of age, like age1…: `manage.py backup --new-key FILE` makes one."
        ) from None


def new_key(file: Path) -> str:
    """Make a key pair: the secret half in `file`, which must not exist, the public half returned."""
    identity = pyrage.x25519.Identity.generate()
    public = str(identity.to_public())
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as secret:
            secret.write(f"# public key: {public}\n{identity}\n")
    except OSError as problem:
        raise Unusable(f"{file} cannot be written: {problem.strerror}.") from None
    return public


@contextmanager
def program_for(
    name: str,
    connection: BaseDatabaseWrapper,
    *arguments: str,
    stdin: int | None = None,
    stdout: int | None = None,
) -> Iterator["subprocess.Popen[bytes]"]:
    """A program of PostgreSQL's at work on this database, at least as new as its server; ended if we are.

    Raises Unusable with its last words when it fails.
    """
    server = server_version(connection) // MAJOR
    try:
        place = find_programs(name, oldest=server)
    except CannotStart:
        raise Unusable(
            f"The server is PostgreSQL {server}, and there is no {name} {server} or newer on this machine."
        ) from None
    psql, known = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    command = [str(place / name), "--no-password", *arguments, *psql[1:-1], "--dbname", psql[-1]]
    with tempfile.TemporaryFile() as said:
        program = subprocess.Popen(
            command, env=os.environ | (known or {}), stdin=stdin, stdout=stdout, stderr=said
        )
        try:
            yield program
        except BaseException:
            program.kill()
            raise
        finally:
            for pipe in (program.stdin, program.stdout):
                with suppress(OSError):
                    if pipe:
                        pipe.close()
            code = program.wait()
        if code != 0:
            said.seek(0)
            words = said.read().decode(errors="replace").strip().splitlines()
            raise Unusable(f"{name} failed: {words[0] if words else f'code {code}'}")


def _hold_the_moment(connection: BaseDatabaseWrapper) -> str:
    """From here on the transaction sees the database as it is now; return by what name pg_dump does too."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        return str(cursor.fetchone()[0])


def _dump(
    connection: BaseDatabaseWrapper,
    moment: str,
    written: Measured,
    recipients: Sequence[pyrage.x25519.Recipient],
) -> None:
    arguments = ["--format=custom", f"--snapshot={moment}", "--lock-wait-timeout=30s"]
    with program_for("pg_dump", connection, *arguments, stdout=subprocess.PIPE) as program:
        assert program.stdout  # noqa: S101
        if not recipients:
            shutil.copyfileobj(program.stdout, written, AT_A_TIME)
            return
        try:
            pyrage.encrypt_io(program.stdout, written, recipients)
        except pyrage.EncryptError as problem:  # what the file system said, in words
            raise Unusable(f"The backup cannot be written: {problem}.") from None


@contextmanager
def _unfinished(file: Path) -> Iterator[IO[bytes]]:
    """A new file beside `file` that only its owner can read; its own name goes with us."""
    with tempfile.NamedTemporaryFile(prefix=f".{file.name}.", dir=file.parent, delete=False) as new:
        try:
            yield new
        finally:
            Path(new.name).unlink(missing_ok=True)


def _finish(new: IO[bytes], file: Path) -> None:
    """Give what is whole, and on the disk, its name, which nobody may have taken meanwhile."""
    new.flush()
    os.fsync(new.fileno())
    try:
        os.link(new.name, file)
    except FileExistsError:
        raise Unusable(f"{file} exists already, and no backup is written over.") from None
    except OSError:  # a file system without links
        Path(new.name).rename(file)
    folder = os.open(file.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
