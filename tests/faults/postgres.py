"""The PostgreSQL of a running site in the hands of a trial: killed, frozen, taken away. When it has ended,
`manage.py up` starts it again, as it does outside of trials."""

import fcntl
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.faults.running import Site, until


class Postgres:
    """The server that `site` started, found by its process."""

    def __init__(self, site: Site) -> None:
        self.site = site
        process = Path(f"/proc/{site.process_of('/postgres')}")
        command = (process / "cmdline").read_text().rstrip("\0").split("\0")
        self.folder = Path(command[command.index("-D") + 1])
        self.sockets = (self.folder / "postmaster.pid").read_text().splitlines()[4]

    @property
    def pid(self) -> int:
        return int((self.folder / "postmaster.pid").read_text().split()[0])

    def processes(self) -> list[int]:
        """The server's and those of its children."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [self.pid, *map(int, children.split())]

    def do(self, *statements: str) -> list[tuple]:
        """As the superuser, who may also where others only read; what the last statement found."""
        with psycopg.connect(host=self.sockets, user="postgres", dbname="firm", autocommit=True) as session:
            session.execute("SET default_transaction_read_only = off")
            for statement in statements:
                found = session.execute(statement)
            return found.fetchall() if found.description else []

    def set(self, name: str, value: str) -> None:
        """Change a setting for everybody, from their next transaction on."""
        self.do(f"ALTER SYSTEM SET {name} = {value}", "SELECT pg_reload_conf()")
        shown = f"SELECT setting FROM pg_file_settings WHERE name = '{name}' AND applied"
        until(lambda: (value,) in self.do(shown))

    def forget_requests(self) -> None:
        """Leave nothing of what visitors asked to the trials that share the data folder."""
        with_no_triggers = "SET session_replication_role = replica"
        self.do(with_no_triggers, "TRUNCATE callbacks_callbackrequest, callbacks_postcount CASCADE")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        for pid in self.processes():  # the server first, so that it has no more children
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in self.processes():
                os.kill(pid, signal.SIGCONT)

    def end(self, by: signal.Signals) -> None:
        """End it; return once all of it has gone, and another answers in its place."""
        with self.away(by):
            pass

    @contextmanager
    def away(self, by: signal.Signals = signal.SIGKILL) -> Iterator[None]:
        """End it, and keep whoever would start it again waiting for as long as the block lasts."""
        with (self.site.data / "pg.turn").open() as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            os.kill(self.pid, by)
            until(self.has_ended)
            yield
        if self.site.process.poll() is None:
            until(self.answers)

    def has_ended(self) -> bool:
        """Whether none of its processes is left: each holds a lock on the cluster's folder."""
        lock = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(lock)
        return True

    def answers(self) -> bool:
        try:
            return self.do("SELECT 1") == [(1,)]
        except psycopg.OperationalError:
            return False
