"""A release, as deploy/release.sh makes it: while visitors ask through nginx without pause, the code from
before is given the new tables, and then it is replaced, one web server after the other. Nobody notices."""

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from firm_site import deadline
from tests.faults.nginx import NAME, Nginx, free_port
from tests.faults.running import ROOT, until
from tests.faults.test_backups import Database, made
from tests.faults.test_migrating import held, lesser_role  # noqa: F401 (a fixture)
from tests.faults.test_under_load import STORED
from tests.faults.visitors import GUIDE, Readers, Visitors, ask

MORE = 8  # visitors, who are served before the next step
BEHIND_NGINX = {
    "SITE_URL": f"http://{NAME}",
    "TRUSTED_PROXIES": "127.0.0.1",
    "DJANGO_SETTINGS_MODULE": "tests.settings",  # with static files by their own names
}
PREPARE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("load_first_content", verbosity=0)
"""
# As a dump holds all that people use, and so that any migration meets it.
LOCKS = """
DO $$ BEGIN
    EXECUTE (SELECT 'LOCK ' || string_agg(quote_ident(tablename), ', ') || ' IN ACCESS SHARE MODE'
             FROM pg_tables WHERE schemaname = 'public');
    LOCK django_migrations IN SHARE MODE;
END $$
"""
WAITING = """SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = database
    WHERE NOT granted AND locktype = 'relation' AND datname = current_database()"""


def git(*arguments: str) -> bytes:
    """What git says of this checkout's history; without it the trial is left out."""
    try:
        said = subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError) as problem:
        pytest.skip(f"the history of the checkout is needed, back to the newest migration: {problem}")
    return said.stdout


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """A folder with the code as it was before the newest migration."""
    newest = git("log", "-1", "--format=%H", "--diff-filter=A", "--", "*/migrations/0*.py").decode().strip()
    folder = tmp_path / "before"
    folder.mkdir()
    subprocess.run(["tar", "-x", "-C", folder], input=git("archive", f"{newest}^"), check=True)
    return folder


@pytest.fixture
def database(lesser_role: str, tmp_path: Path) -> Iterator[Database]:  # noqa: F811
    yield from made("released", tmp_path / "data")


class Web:
    """gunicorn, with the code of one folder and then of another."""

    def __init__(self, code: Path, environment: dict[str, str]) -> None:
        self.port, self.environment = free_port(), environment
        self.start(code)

    def start(self, code: Path) -> None:
        settings = [
            "--config",
            "deploy/gunicorn.conf.py",
            "--bind",
            f"127.0.0.1:{self.port}",
            "--workers",
            "1",
        ]
        command = [sys.executable, "-m", "gunicorn", *settings, "firm_site.wsgi"]
        self.process = subprocess.Popen(command, cwd=code, env=self.environment, stderr=subprocess.DEVNULL)

    def is_alive(self) -> bool:
        assert self.process.poll() is None, "the web server ended"
        return ask(self, "GET", "/livez").status == 200

    def end(self) -> None:
        self.process.terminate()
        assert self.process.wait() == 0


def past_every_copy(nginx: Nginx) -> Readers:
    """Who look at the guide as the web servers make it: of whoever has a cookie nginx keeps nothing."""

    def look() -> tuple[int, str]:
        answer = nginx.ask(GUIDE, secure=False, Cookie="a=b")
        return answer.status, answer.text

    return Readers(look)


@pytest.fixture
def web(before: Path, database: Database, lesser_role: str) -> Iterator[list[Web]]:  # noqa: F811
    """Two web servers with the code from before, on the tables from before."""
    served = re.sub(r"//[^@]*@", f"//{lesser_role}@", database.url)
    roles = {"DATABASE_URL": served, "OWNER_DATABASE_URL": database.url}
    environment = os.environ | roles | BEHIND_NGINX
    subprocess.run([sys.executable, "-c", PREPARE], cwd=before, env=environment, check=True)
    servers = [Web(before, environment) for _ in range(2)]
    try:
        for server in servers:
            until(server.is_alive)
        yield servers
    finally:
        for server in servers:
            server.process.terminate()
        for server in servers:
            server.process.wait()


@pytest.fixture
def nginx(programs_of_nginx, web: list[Web]) -> Iterator[Nginx]:
    running = Nginx(*(server.port for server in web))
    yield running
    running.end()


def test_nobody_notices_a_release(nginx: Nginx, web: list[Web], database: Database):
    door = SimpleNamespace(port=nginx.plain)
    visiting = Visitors(door, "Release", at_once=2, pause=0.1, through_nginx=True)
    with past_every_copy(nginx) as readers, visiting as visitors:
        visitors.until_served(MORE)
        with held(database, LOCKS):
            command = [sys.executable, "manage.py", "migrate", "-v0", "--skip-checks"]
            migrate = subprocess.Popen(
                command, cwd=ROOT, env=web[0].environment, stderr=subprocess.PIPE, text=True
            )
            until(lambda: database.says(WAITING) != [] or migrate.poll() is not None)
            time.sleep(deadline.STATEMENT + 1)  # seconds: longer than visitors would wait
        said = migrate.communicate()[1]
        assert (migrate.returncode, "Others hold a lock" in said) == (0, True), said
        visitors.until_served(MORE)
        for server in web:
            server.end()
            visitors.until_served(MORE)
            server.start(ROOT)
            until(server.is_alive)
            visitors.until_served(MORE)
    assert sorted(database.says(STORED)) == sorted(visitors.receipts.items())
    assert visitors.answers == Counter({303: len(visitors.receipts)})
    assert set(readers.saw) == {(200, True)}
