"""The owner's role migrates; the site's own runs the site, and can do no more than that."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import psycopg
import pytest

from tests.faults.running import Site, until
from tests.faults.visitors import PATH, TYPED, ask


@pytest.fixture
def sockets(site: Site) -> str:
    """Where the server of a running site listens: here for a database of two roles."""
    environment = Path(f"/proc/{site.process_of('gunicorn')}/environ").read_text()
    return unquote(re.search(r"DATABASE_URL=\S+@(\S+?):", environment)[1])


@pytest.fixture
def of_two_roles(site: Site, sockets: str, data: Path) -> Iterator[Site]:
    with psycopg.connect(host=sockets, user="postgres", dbname="firm", autocommit=True) as admin:
        admin.execute("CREATE ROLE firm_owner LOGIN")
        admin.execute("CREATE ROLE firm_web LOGIN")
        admin.execute("CREATE DATABASE two_roles OWNER firm_owner")
    place = f"@{sockets.replace('/', '%2F')}:5432/two_roles"
    shutil.copytree(data / "static", data.with_name("two roles") / "static")  # else collected again
    running = Site(
        data.with_name("two roles"),
        DATABASE_URL=f"postgresql://firm_web{place}",
        OWNER_DATABASE_URL=f"postgresql://firm_owner{place}",
    )
    try:
        until(running.serves)
        yield running
    finally:
        running.end(2)


def test_a_site_of_two_roles_serves_and_stores_and_changes_no_event(of_two_roles: Site, sockets: str):
    assert of_two_roles.status("/guides/botched-thread-lift/") == 200
    assert of_two_roles.status("/readyz") == 200
    assert (
        "<h1>Your call</h1>" in ask(of_two_roles, "GET", ask(of_two_roles, "POST", PATH, TYPED).location).page
    )

    with psycopg.connect(host=sockets, user="firm_web", dbname="two_roles", autocommit=True) as web:
        assert web.execute("SELECT kind FROM callbacks_event").fetchall() == [("asked",)]
        for forbidden in (
            "UPDATE callbacks_event SET kind = 'noted'",
            "DELETE FROM callbacks_event",
            "TRUNCATE callbacks_event CASCADE",
            "CREATE TABLE more (id int)",
            "ALTER TABLE callbacks_note DROP COLUMN text",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                web.execute(forbidden)


def test_with_the_embedded_database_web_and_worker_are_the_lesser_role(site: Site, sockets: str):
    until(lambda: site.process_of("procrastinate worker"))
    for program in ("gunicorn", "procrastinate worker"):
        environment = Path(f"/proc/{site.process_of(program)}/environ").read_text().split("\0")
        urls = [each for each in environment if each.split("=")[0].endswith("DATABASE_URL")]
        assert [re.sub("@.*", "", each) for each in urls] == ["DATABASE_URL=postgresql://site"]
    assert "<h1>Your call</h1>" in ask(site, "GET", ask(site, "POST", PATH, TYPED).location).page
    connected = (
        "SELECT DISTINCT usename FROM pg_stat_activity "
        "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    with psycopg.connect(host=sockets, user="postgres", dbname="firm", autocommit=True) as admin:
        until(lambda: len(admin.execute(connected).fetchall()) > 0)
        assert admin.execute(connected).fetchall() == [("site",)]
