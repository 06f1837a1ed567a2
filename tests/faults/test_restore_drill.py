"""Restore drills, by the role that serves the site, with real dumps and real servers: what is whole is whole,
what is not is said so, and of either nothing is left."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from firm_site import embedded_postgres
from firm_site.restore_drill import SCRATCH, NotWhole, Steps
from tests.faults.running import PATIENCE, ROOT, parent_of, processes_of, until
from tests.faults.test_backups import Database, administer, made

SITE = "drilled_site"
RESULT = "SELECT tables, rows, size > 50000, trouble FROM firm_site_restoredrill ORDER BY id DESC LIMIT 1"


@dataclass
class Drilled(Database):
    """A database whose data folder is the worker's, and which the site's own role reaches."""

    def as_site(self) -> dict[str, str]:
        return {"DATABASE_URL": re.sub("//.*?@", f"//{SITE}:drill@", self.url)}

    def drill(self, *options: str) -> "subprocess.CompletedProcess[str]":
        """By hand, where the owner's role and the key of the backups are set: it needs neither."""
        of_others = {"OWNER_DATABASE_URL": "postgres://owner@127.0.0.1:1/none", "BACKUP_KEY": "none"}
        command = self.command("restore_drill", *options, **self.as_site() | of_others)
        known = {"cwd": ROOT, "env": self.environment, "timeout": PATIENCE, "check": False}
        return subprocess.run(command, capture_output=True, text=True, **known)

    @contextmanager
    def running(self, *arguments: str, **environment: str) -> Iterator["subprocess.Popen[bytes]"]:
        command = self.command(*arguments, **self.as_site() | environment)
        with subprocess.Popen(command, cwd=ROOT, env=self.environment) as process:
            try:
                yield process
            finally:
                process.kill()

    def does(self, task: str) -> None:
        """Have the worker do this task next."""
        self.says(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args) "
            f"VALUES ('default', '{task}', '{{\"timestamp\": 0}}')"
        )

    def clusters(self) -> list[Path]:
        """Where a drill may have its server: in its folder, or where `nobody` reaches it."""
        cluster = (self.data / SCRATCH / "pg").resolve()
        return [cluster, embedded_postgres._home_of(cluster) / "pg"]

    def servers(self) -> list[int]:
        """The servers of its drills that run; a child of one is named like it until it has its own title."""
        wanted = [f"-D {cluster} -c " for cluster in self.clusters()]
        found = {pid: said for cluster in self.clusters() for pid, said in processes_of(cluster).items()}
        named = {pid for pid, said in found.items() if any(each in said for each in wanted)}
        return [pid for pid in named if (parent := parent_of(pid)) and parent not in named]

    def what_is_left(self) -> list[object]:
        folders = [cluster.parent for cluster in self.clusters() if cluster.parent.exists()]
        return [*self.servers(), *processes_of(self.data).values(), *folders]


@pytest.fixture(scope="module")
def used(tmp_path_factory) -> Iterator[Drilled]:
    """A database in use, of two roles."""
    administer("DROP DATABASE IF EXISTS drilled WITH (FORCE)")
    administer(f"DROP ROLE IF EXISTS {SITE}")
    administer(f"CREATE ROLE {SITE} LOGIN PASSWORD 'drill'")
    for database in made("drilled", tmp_path_factory.mktemp("drilled")):
        drilled = Drilled(database.name, database.data)
        roles = {"OWNER_DATABASE_URL": drilled.url} | drilled.as_site()
        assert drilled.run("migrate", "-v0", **roles).stderr == ""
        assert drilled.run("make_requests", "20").returncode == 0
        yield drilled
    administer(f"DROP ROLE {SITE}")


def test_what_a_killed_drill_left_goes_with_the_next_which_is_whole(used):
    with used.running("restore_drill") as killed:
        until(used.servers)
        (server,) = used.servers()
        said = Path(f"/proc/{server}/cmdline").read_text()
        sockets = Path(re.search(r"unix_socket_directories=([^\0]+)", said)[1])
        for pid in {killed.pid, *processes_of(used.data)} - {server}:
            os.kill(pid, signal.SIGKILL)
    with psycopg.connect(host=str(sockets), user="postgres", dbname="firm") as half_restored:
        half_restored.execute("CREATE TABLE left_behind ()")
    assert (used.servers(), sockets.exists()) == ([server], True)
    assert (used.data / SCRATCH).stat().st_mode & 0o777 == 0o700

    drilled = used.drill()
    assert drilled.stderr == ""
    assert re.fullmatch(
        rf"A backup of \d\.\d MB was restored and is whole: {used.tables()} tables, \d{{3}} rows, "
        r"in \d+ seconds\.\n",
        drilled.stdout,
    )
    ((tables, rows, is_much, trouble),) = used.says(RESULT)
    assert (tables, rows > 100, is_much, trouble) == (used.tables(), True, True, "")
    assert (used.what_is_left(), sockets.exists()) == ([], False)


def test_what_comes_back_otherwise_than_it_was_is_found(used):
    used.says(
        "CREATE FUNCTION here() RETURNS text LANGUAGE sql IMMUTABLE RETURN current_database()::text;"
        "CREATE TABLE otherwise (id int, at text GENERATED ALWAYS AS (here()) STORED);"
        f"INSERT INTO otherwise VALUES (1); GRANT SELECT ON otherwise TO {SITE}"
    )
    drilled = used.drill()
    used.says("DROP TABLE otherwise; DROP FUNCTION here")
    trouble = "What was restored is not what was backed up: otherwise. Do not use it."
    assert (drilled.returncode, drilled.stdout) == (1, "")
    assert drilled.stderr == f"CommandError: A backup could not be restored: {trouble}\n"
    assert used.says(RESULT) == [(0, 0, False, trouble)]
    assert used.what_is_left() == []


def test_a_table_that_the_role_may_not_read_is_found(used):
    used.says(f"REVOKE SELECT ON callbacks_note FROM {SITE}")
    drilled = used.drill()
    used.says(f"GRANT SELECT ON callbacks_note TO {SITE}")
    assert (drilled.returncode, used.what_is_left()) == (1, [])
    assert used.says(RESULT) == [(0, 0, False, "permission denied for table callbacks_note")]


def test_without_room_none_is_begun(used):
    drilled = used.drill("--left-free", "1000000000")
    ((*nothing, trouble),) = used.says(RESULT)
    assert (drilled.returncode, nothing) == (1, [0, 0, False])
    assert re.fullmatch(
        rf"There is not enough room on the disk of {used.data}: 1,000,000,\d+ MB should be free, "
        r"and [\d,]+ MB are\.",
        trouble,
    )
    assert used.what_is_left() == []


def test_a_drill_holds_no_e_mail_back_and_ends_with_its_worker(used, tmp_path):
    used.says("DELETE FROM callbacks_notification")
    used.does("firm_site.tasks.drill_a_restore")
    waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'callbacks_callscript'::regclass"
    with (
        psycopg.connect(used.url) as holder,
        holder.transaction(),
        used.running("procrastinate", "worker", EMAIL_URL=f"file://{tmp_path}") as worker,
    ):
        holder.execute("LOCK TABLE callbacks_callscript")  # which the drill waits for, and nothing else
        until(lambda: used.says(waits) == [(1,)])
        used.says(
            "INSERT INTO callbacks_notification (request_id, kind, created_at, try_again_at, tries) "
            "SELECT id, 'receipt', now(), now(), 0 FROM callbacks_callbackrequest WHERE email <> '' LIMIT 1"
        )
        used.does("callbacks.tasks.send_owed_notices")
        until(lambda: used.says("SELECT count(sent_at) FROM callbacks_notification") == [(1,)])
        assert (len(list(tmp_path.iterdir())), used.says(waits)) == (1, [(1,)])
        another = used.drill()
        assert another.stderr == f"CommandError: Another drill is going on in {used.data}.\n"
        worker.terminate()
        assert worker.wait(PATIENCE) == 0
        assert used.what_is_left() == []
        until(lambda: used.says(waits) == [(0,)])  # and it asks for nothing any more


def test_what_takes_too_long_is_stopped(tmp_path):
    steps = Steps(must_stop=lambda: False)
    steps.ends = 0
    with pytest.raises(NotWhole, match=r"^It took longer than 60 minutes, and was stopped\.$"):
        steps.do("shell", "-v0", "-c", "import time; time.sleep(30)", without=set(), DATA=str(tmp_path))
    assert processes_of(tmp_path) == {}
