"""`manage.py migrate` beside a site that serves: who holds a lock has it wait, and nobody else."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import LockNotAvailable, UndefinedTable

from firm_site import deadline
from tests.faults.running import ROOT, until
from tests.faults.test_backups import Database, administer
from tests.faults.visitors import Crowd
from tests.migrated_once import kept

BACK = ["callbacks", "0009"]  # undoing a migration alters its tables, too, whatever came after it
TABLE = "callbacks_notification"
APPLIED = "SELECT count(*) FROM django_migrations WHERE app = 'callbacks' AND name >= '0010'"
HELD = f'Others hold a lock that is needed here: (ALTER TABLE "{TABLE}"|LOCK {TABLE}) '  # at first; later
ALL = "SELECT app, name FROM django_migrations ORDER BY 1, 2"
READING = f"LOCK {TABLE} IN ACCESS SHARE MODE"  # as a dump holds it, or a long report
WAITING = """SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()
    AND application_name = ''"""


@pytest.fixture
def lesser_role() -> Iterator[str]:
    """The name of a role that serves, in a database that another owns."""
    made = (
        "CREATE ROLE migrating_site LOGIN; EXCEPTION WHEN duplicate_object THEN NULL"  # a run was broken off
    )
    administer(f"DO $$ BEGIN {made}; END $$")
    yield "migrating_site"
    administer("DROP ROLE migrating_site")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    administer("DROP DATABASE IF EXISTS migrating")
    administer(f"CREATE DATABASE migrating TEMPLATE {kept(os.environ['DATABASE_URL'])}")
    yield Database("migrating", tmp_path)
    administer("DROP DATABASE migrating WITH (FORCE)")


@contextmanager
def held(database: Database, lock: str) -> Iterator[psycopg.Connection]:
    """Somebody who holds a lock, and lets it go at the end without having changed anything."""
    with psycopg.connect(database.url) as session:
        session.execute(lock)
        yield session
        session.rollback()


class Writers(Crowd):
    """Three who write to these tables without pause, one after the other in a transaction of a moment,
    and wait as long as web requests do; until a table is dropped."""

    def __init__(self, database: Database, *tables: str) -> None:
        super().__init__(3)
        self.url, self.tables = database.url, tables
        self.failed: list[psycopg.Error] = []
        self.times = 0

    def come(self, lane: int) -> None:
        limit = f"-c lock_timeout={int(deadline.STATEMENT * 1000)}"
        with psycopg.connect(self.url, options=limit, autocommit=True) as session, suppress(UndefinedTable):
            while not self.over.is_set():
                try:
                    with session.transaction():
                        for table in self.tables:
                            session.execute(f"UPDATE {table} SET id = id WHERE id = 0")
                            time.sleep(0.1)
                    self.times += 1
                except LockNotAvailable as problem:
                    self.failed.append(problem)


def started(database: Database, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
    """A `migrate` that runs; returns once it waits for a lock."""
    command = database.command("migrate", "--skip-checks", *arguments, **environment)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command, cwd=ROOT, env=database.environment, text=True, **pipes)
    until(lambda: database.says(WAITING) != [] or process.poll() is not None)
    return process


def test_it_tries_again_until_the_lock_is_let_go_and_visitors_notice_nothing(database: Database):
    with Writers(database, TABLE) as visitors:
        with held(database, READING):
            migrate = started(database, *BACK)
            time.sleep(deadline.STATEMENT + 1)  # seconds: longer than visitors would wait
            assert database.says(APPLIED) != [(0,)]
        said, errors = migrate.communicate()
    assert (migrate.returncode, visitors.failed, visitors.times > 10) == (0, [], True)
    tried = errors.splitlines()
    assert [line for line in tried if not re.match(HELD, line)] == []
    assert tried[0].endswith("… Trying again in 1 s.")
    assert "Unapplying callbacks.0010_complaints_about_data_protection... OK" in said
    assert database.says(APPLIED) == [(0,)]


def test_it_gets_the_locks_that_visitors_take_in_another_order(database: Database):
    with Writers(database, TABLE, "callbacks_datacomplaint") as visitors:
        until(lambda: visitors.times > 0)
        migrated = database.run("migrate", "--skip-checks", "-v0", "--wait", "40", *BACK)
    assert (migrated.returncode, visitors.failed) == (0, []), migrated.stderr
    assert re.match(HELD, migrated.stderr)
    assert database.says(APPLIED) == [(0,)]


def test_out_of_patience_or_broken_off_it_ends_with_nothing_half_done(database: Database):
    before = database.says(ALL)
    with held(database, READING):
        gave_up = database.run("migrate", "--skip-checks", "-v0", "--wait", "1", *BACK)
        broken_off = started(database, "-v0", *BACK)
        broken_off.send_signal(signal.SIGINT)
        said = broken_off.communicate()
    assert database.says(ALL) == before
    assert (gave_up.returncode, gave_up.stdout) == (1, "")
    *tried, last = gave_up.stderr.splitlines()
    assert [line for line in tried if not re.match(HELD, line)] == []
    assert re.match(f"LocksHeld: {HELD}", last)
    assert "It was not to be had within 1 s. Nothing is half done" in last
    assert (broken_off.returncode, "Traceback" in said[1]) == (130, False)


def test_what_comes_after_the_migrations_is_tried_again_as_well(lesser_role: str, database: Database):
    database.says("DELETE FROM auth_group_permissions")
    of_the_site = re.sub(r"//[^@]*@", f"//{lesser_role}@", database.url)
    roles = {"DATABASE_URL": of_the_site, "OWNER_DATABASE_URL": database.url}
    with held(database, "LOCK auth_group_permissions IN SHARE MODE"):
        migrate = started(database, "-v0", **roles)
        until(lambda: database.says(WAITING) == [])
    with held(database, f"GRANT SELECT ON callbacks_note TO {lesser_role}"):
        until(lambda: database.says(WAITING) != [])
        until(lambda: database.says(WAITING) == [])
    errors = migrate.communicate()[1]
    assert (migrate.returncode, [line.split("here: ")[1][:11] for line in errors.splitlines()]) == (
        0,
        ["INSERT INTO", "REVOKE ALL "],
    )
    written = f"SELECT count(*) > 0, has_table_privilege('{lesser_role}', 'callbacks_note', 'UPDATE')"
    assert database.says(f"{written} FROM auth_group_permissions") == [(True, True)]
