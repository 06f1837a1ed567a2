"""A million requests: made, backed up, restored, and the desk among them."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from firm_site import embedded_postgres
from tests.bench.desk import PAGES, Among
from tests.drill.report import Report, folder_of_its_own
from tests.faults.running import ROOT

SHOWN = ("the desk", "list of what is open", "search: a name", "one request")


def try_it(report: Report) -> None:
    """A million requests are backed up, and restored into an empty database (`make drill ROWS=…`: fewer)."""
    rows = int(os.environ.get("ROWS") or 1_000_000)
    folder = folder_of_its_own()
    url = embedded_postgres.url(folder / "pg")  # as it runs: every commit is on the disk
    trial = Rows(report, rows, folder, url)
    trial.make()
    trial.back_up()
    trial.restore()


class Rows:
    def __init__(self, report: Report, rows: int, folder: Path, url: str) -> None:
        self.report, self.rows, self.folder, self.url = report, rows, folder, url
        self.empty = re.sub(r"/[^/]*$", "/restored", url)
        self.file, self.key = folder / "backup", folder / "key"

    def make(self) -> None:
        site = self.timed(f"{self.rows:,} requests made", lambda: Among(self.url, self.rows))
        for page in SHOWN:
            site.ask(PAGES[page])
            self.report.line(f"{page}: {site.ask(PAGES[page]):.0f} ms")
        site.end()
        size = self.sql(self.url, "SELECT pg_size_pretty(pg_database_size(current_database()))")
        self.report.line(f"the database is {size[0][0]}")

    def back_up(self) -> None:
        public = self.manage(self.url, "backup", "--new-key", self.key).strip().removeprefix("BACKUP_KEY=")
        self.timed("a sealed backup", lambda: self.manage(self.url, "backup", self.file, BACKUP_KEY=public))
        self.report.line(f"it is {self.file.stat().st_size / 1e6:.0f} MB")

    def restore(self) -> None:
        self.sql(self.url, "CREATE DATABASE restored")
        said = self.timed(
            "restored, with its proof",
            lambda: self.manage(self.empty, "restore", self.file, "--identity", self.key),
        ).splitlines()
        self.report.line(said[-1])
        differ = [line for line in said[1:-1] if line.split()[-1] != "same"]
        self.report.found("every table is what the backup says", not differ, f"{len(said) - 2} tables")
        counted = "SELECT count(*) FROM callbacks_callbackrequest"
        there = self.sql(self.empty, counted)[0][0]
        self.report.found(
            "as many requests are there", there == self.sql(self.url, counted)[0][0], f"{there:,}"
        )

    def timed[T](self, words: str, do: Callable[[], T]) -> T:
        began = time.monotonic()
        done = do()
        took = time.monotonic() - began
        self.report.line(f"{words}: {took:.0f} s, {took * 1e6 / self.rows:.0f} s per million rows")
        return done

    def manage(self, url: str, *arguments: object, **environment: str) -> str:
        """What the command says; it ends well, or this raises."""
        known = os.environ | {"DATABASE_URL": url, "DATA": str(self.folder / "data"), **environment}
        command = [sys.executable, "manage.py", *map(str, arguments)]
        ended = subprocess.run(command, cwd=ROOT, env=known, capture_output=True, text=True, check=False)
        if ended.returncode:
            raise RuntimeError(f"manage.py {arguments[0]}: {ended.stdout[-2000:]}{ended.stderr[-2000:]}")
        return ended.stdout

    def sql(self, url: str, statement: str) -> list[tuple]:
        with psycopg.connect(url, autocommit=True) as session:
            found = session.execute(statement)
            return found.fetchall() if found.description else []
