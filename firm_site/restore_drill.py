"""Proves that a backup can be restored: makes a fresh one, restores it into a PostgreSQL of its own, and
deletes both.

It runs the very commands that people run, each as a process of its own. What it proves is the commands, this
code and today's data; not the file that is kept elsewhere, nor the secret key that opens that one.
"""

import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import close_old_connections, connection

from firm_site import embedded_postgres
from firm_site.backup import new_key
from firm_site.embedded_postgres import CannotStart
from firm_site.models import RestoreDrill
from firm_site.proof import Proof, Unusable, proof_of

SCRATCH = "restore-drill"  # in the data folder; gone when nothing goes on
LONGEST = 60 * 60  # seconds, for all of it
LOOKS_UP_EVERY = 1  # second, whether it must stop
TO_END = 5  # seconds

# How much room it needs, in bytes, at most: the file, the tables once more, and the log of writing them, each
# no larger than the database; and a cluster with nothing in it. The site must not run out of room meanwhile.
TIMES_THE_DATABASE = 3
OF_AN_EMPTY_CLUSTER = 150_000_000
LEFT_FREE = 500_000_000  # under which /readyz wakes somebody

OF_THE_SITE = {"DATABASE_URL", "OWNER_DATABASE_URL"}


class NotWhole(Exception):
    """What was wrong, in a sentence that names no person and no secret."""


class Busy(Exception):
    """Another drill is going on in this data folder."""


class Stopped(Exception):
    """Somebody wanted it to stop before its end."""


class Steps:
    """The commands of one drill, one after the other, until its time is over or it `must_stop`."""

    def __init__(self, must_stop: Callable[[], bool]) -> None:
        self.must_stop, self.ends = must_stop, time.monotonic() + LONGEST

    def do(self, *arguments: object, without: set[str], **given: str) -> None:
        """Run a command of `manage.py`. It has our environment without some variables, and with what is
        `given`. Raises NotWhole and Stopped."""
        kept = {name: os.environ[name] for name in os.environ if name.removesuffix("_FILE") not in without}
        with subprocess.Popen(
            [sys.executable, "manage.py", *map(str, arguments)],
            cwd=settings.BASE_DIR,
            env=kept | given,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as command:
            try:
                complained = self._complaints_of(command)
            finally:
                _end(command)
        if command.returncode != 0:
            raise NotWhole(_last_words(complained) or f"{arguments[0]} ended with code {command.returncode}.")

    def _complaints_of(self, command: "subprocess.Popen[str]") -> str:
        while True:
            try:
                return command.communicate(timeout=LOOKS_UP_EVERY)[1]
            except subprocess.TimeoutExpired:
                if self.must_stop():
                    raise Stopped from None
                if time.monotonic() > self.ends:
                    raise NotWhole(f"It took longer than {LONGEST // 60} minutes, and was stopped.") from None


def _end(command: "subprocess.Popen[str]") -> None:
    """End a command that still runs, and the program of PostgreSQL's that it runs: kindly, so that each
    calls back what it has asked a server for; then firmly."""
    for kind in (signal.SIGINT, signal.SIGKILL):
        if command.poll() is None:
            os.killpg(command.pid, kind)
            with suppress(subprocess.TimeoutExpired):
                command.wait(TO_END)


def drill(
    *, now: datetime, left_free: int = LEFT_FREE, must_stop: Callable[[], bool] = lambda: False
) -> RestoreDrill:
    """Make a backup, restore it, compare, delete both; return the result, which is stored.

    `left_free` are the bytes that must stay free on the disk; `must_stop` is asked every second. Raises
    Busy and Stopped, of which nothing is stored.
    """
    began = time.monotonic()
    result = RestoreDrill(began_at=now)
    try:
        with _scratch() as folder:
            _refuse_without_room(folder, left_free)
            proof = _restored(folder, Steps(must_stop))
        result.tables, result.size = len(proof.tables), proof.size
        result.rows = sum(table.rows for table in proof.tables.values())
    except OSError as problem:
        result.trouble = f"{problem.filename or SCRATCH} cannot be used: {problem.strerror}."
    except (NotWhole, Unusable, CannotStart) as problem:
        result.trouble = str(problem)
    result.seconds = round(time.monotonic() - began)
    close_old_connections()  # ours may have been lost meanwhile
    result.save()
    return result


def _restored(folder: Path, steps: Steps) -> Proof:
    """Make a backup, sealed to a key for this once, and restore it, which proves itself; return its proof."""
    file, key = folder / "backup", folder / "key"
    sealed_for = new_key(key)
    steps.do("backup", file, without={"OWNER_DATABASE_URL", "BACKUP_KEY"}, BACKUP_KEY=sealed_for)
    # No database is named, so the folder's own is made and started, and stops with the command.
    steps.do("restore", file, "--identity", key, without=OF_THE_SITE, DATA=str(folder))
    return Proof.read(proof_of(file))


def _refuse_without_room(folder: Path, left_free: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        size = cursor.fetchone()[0]
    needed = size * TIMES_THE_DATABASE + OF_AN_EMPTY_CLUSTER + left_free
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise NotWhole(
            f"There is not enough room on the disk of {folder.parent}: {_megabytes(needed)} MB should be "
            f"free, and {_megabytes(free)} MB are."
        )


@contextmanager
def _scratch() -> Iterator[Path]:
    """An empty folder that only we can read, and nothing of it afterwards. What a drill left that was killed
    is cleared away first, its server too. Raises Busy."""
    folder = settings.DATA_DIR / SCRATCH
    turn = os.open(settings.DATA_DIR, os.O_RDONLY)  # a lock that ends with us, and leaves no file
    try:
        _take(turn)
        _clear(folder)
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            _clear(folder)
    finally:
        os.close(turn)


def _take(turn: int) -> None:
    try:
        fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Busy(f"Another drill is going on in {settings.DATA_DIR}.") from None


def _clear(folder: Path) -> None:
    if folder.exists():
        embedded_postgres.remove(folder / "pg")
        shutil.rmtree(folder)


def _last_words(complained: str) -> str:
    """What a command said last, without what PostgreSQL quotes, since that may be anybody's; of a fault of
    ours its kind alone."""
    lines = [line for line in complained.splitlines() if line.strip()]
    if not lines:
        return ""
    if any(line.startswith("Traceback ") for line in lines):
        return f"It ended with a fault: {lines[-1].partition(':')[0]}."
    return re.sub('"[^"]*"', "…", lines[-1].removeprefix("CommandError: "))


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.0f}"
