"""deploy/roles.sh makes of a new cluster what the site can migrate, and serve from."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
import pytest

from firm_site.embedded_postgres import find_programs
from tests.faults.running import ROOT

NAMES = {"owner": "roles_owner", "site": "roles_site"}
DATABASE = "roles"


@pytest.fixture
def server() -> str:
    """Where the tests' own server listens."""
    return urlsplit(os.environ["DATABASE_URL"]).netloc.rpartition("@")[2]


@pytest.fixture
def admin(server: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(f"postgresql://postgres@{server}/postgres", autocommit=True) as connection:
        yield connection
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} (FORCE)")
        for name in NAMES.values():
            connection.execute(f"DROP ROLE IF EXISTS {name}")


@pytest.fixture
def secrets(tmp_path: Path, server: str) -> dict[str, str]:
    """The two addresses, as files."""
    for name, password in (("owner", "anOwners1"), ("site", "theSites2")):
        (tmp_path / name).write_text(f"postgres://{NAMES[name]}:{password}@{server}/{DATABASE}\n")
    return {"OWNER_DATABASE_URL_FILE": str(tmp_path / "owner"), "DATABASE_URL_FILE": str(tmp_path / "site")}


def roles(secrets: dict[str, str], server: str) -> "subprocess.CompletedProcess[str]":
    """Run the script as PostgreSQL's image does: beside the server, as its superuser."""
    host, _, port = server.rpartition(":")
    psql = {"PATH": f"{find_programs('psql')}:{os.environ['PATH']}", "PGHOST": unquote(host), "PGPORT": port}
    command = [ROOT / "deploy/roles.sh"]
    return subprocess.run(command, env=psql | secrets, capture_output=True, text=True, check=False)


def test_the_owner_migrates_and_the_site_serves(admin: psycopg.Connection, secrets, server):
    made = roles(secrets, server)
    assert (made.returncode, made.stdout, made.stderr) == (0, "", "")
    stored = "SELECT rolname, rolcanlogin, rolsuper, rolpassword LIKE 'SCRAM-SHA-256$%%' FROM pg_authid"
    found = admin.execute(f"{stored} WHERE rolname = ANY(%s) ORDER BY 1", [list(NAMES.values())]).fetchall()
    assert found == [("roles_owner", True, False, True), ("roles_site", True, False, True)]

    unset = {"DATABASE_URL", "OWNER_DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
    environment = {name: value for name, value in os.environ.items() if name not in unset} | secrets
    migrate = [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity=0"]
    subprocess.run(migrate, cwd=ROOT, env=environment, check=True)
    with psycopg.connect(Path(secrets["DATABASE_URL_FILE"]).read_text().strip()) as site:
        assert site.execute("SELECT count(*) FROM callbacks_callbackrequest").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            site.execute("DROP TABLE callbacks_callbackrequest")


@pytest.mark.parametrize("address", ["", "postgres://roles_site@database/roles", "postgres://a:p@ss@h/roles"])
def test_an_address_that_cannot_be_read_makes_nothing_and_says_so(admin, secrets, server, address):
    Path(secrets["DATABASE_URL_FILE"]).write_text(address)
    made = roles(secrets, server)
    said = "roles.sh: write postgres://role:password@host:5432/database into both URL files\n"
    assert (made.returncode, made.stderr) == (1, said)
    assert admin.execute("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'roles%'").fetchone() == (0,)
