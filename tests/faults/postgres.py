"""The PostgreSQL of a running site in the hands of a trial: killed, frozen, started again."""

import fcntl
import os
import signal
import subprocess
from pathlib import Path

import psycopg

from tests.faults.running import Site, until


class Postgres:
    """The server that `site` started, found by its process, and started as it was."""

    def __init__(self, site: Site) -> None:
        self.site = site
        process = Path(f"/proc/{site.process_of('/postgres')}")
        self.command = (process / "cmdline").read_text().rstrip("\0").split("\0")
        self.folder = Path(self.command[self.command.index("-D") + 1])
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

    def freeze(self) -> None:
        for pid in self.processes():  # the server first, so that it has no more children
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        for pid in self.processes():
            os.kill(pid, signal.SIGCONT)

    def end(self, by: signal.Signals) -> None:
        """End it; return once all of it is gone."""
        mine = self.processes()
        os.kill(mine[0], by)
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in mine))

    def start(self) -> None:
        """Start it as it was started, with the lock by which `make run` knows it; return once it answers."""
        lock = os.open(self.folder, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        owner = self.folder.stat().st_uid
        subprocess.run(
            ["/bin/sh", "-c", '"$@" >/dev/null 2>&1 &', "sh", *self.command],  # nobody's child, as it was
            cwd="/",
            env={"LC_ALL": "C.UTF-8", "TZ": "UTC"},
            user=None if owner == os.geteuid() else owner,
            start_new_session=True,
            pass_fds=[lock],
            check=True,
        )
        os.close(lock)
        until(self.answers)

    def answers(self) -> bool:
        try:
            return self.do("SELECT 1") == [(1,)]
        except psycopg.OperationalError:
            return False
