"""A database that is gone, or there and yet of no use: what a visitor sees meanwhile, and that it is over at
once. (Under load: test_under_load.)"""

import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.faults.conftest import served
from tests.faults.postgres import Postgres
from tests.faults.running import Site, until
from tests.faults.visitors import GUIDE, PATH, TITLE, TYPED, Said, ask, keeps

CUT_OFF = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'site'"
OFFERED = re.compile(r'name="when"\s+value="(2[^"]+)"')
LONGEST = 3  # seconds to the answer, whatever the database does
OLD = 2.1  # seconds, until a kept page is asked for anew


@contextmanager
def only_read(postgres: Postgres) -> Iterator[None]:
    postgres.set("default_transaction_read_only", "on")
    try:
        yield
    finally:
        postgres.set("default_transaction_read_only", "off")


@contextmanager
def out_of_connections(postgres: Postgres) -> Iterator[None]:
    postgres.do("ALTER ROLE site CONNECTION LIMIT 0", CUT_OFF)
    try:
        yield
    finally:
        postgres.do("ALTER ROLE site CONNECTION LIMIT -1")


TROUBLES: dict[str, Callable[[Postgres], AbstractContextManager[None]]] = {
    "only read": only_read,
    "out of connections": out_of_connections,
    "frozen": Postgres.frozen,
    "gone": Postgres.away,
}


@pytest.fixture(scope="module")
def site(data: Path) -> Iterator[Site]:
    yield from served(Site(data, "--no-worker", TRUSTED_PROXIES="127.0.0.1"))


@pytest.fixture
def postgres(site: Site) -> Iterator[Postgres]:
    server = Postgres(site)
    yield server
    server.forget_requests()


def post(site: Site, name: str, when: str) -> Said:
    return ask(site, "POST", PATH, TYPED | {"full_name": name, "when": when})


def a_slot(site: Site) -> str:
    """A time on offer, once the form has some: not before its process has found the database again."""
    found: list[str] = []
    until(lambda: found.extend(OFFERED.findall(ask(site, "GET", PATH).page)) or found)
    return found[0]


def log_in(site: Site) -> Said:
    """Somebody of the staff tries to."""
    token = "a" * 32
    given = {"csrfmiddlewaretoken": token, "username": "nobody", "password": "a long enough password"}
    return ask(site, "POST", "/admin/login/", given, Cookie=f"csrftoken={token}")


@pytest.mark.parametrize("trouble", TROUBLES)
def test_while_the_database_is(trouble: str, site: Site, postgres: Postgres):
    until(lambda: ask(site, "GET", GUIDE).status == 200)
    slot = a_slot(site)
    for number in range(8):  # every thread has its connection
        post(site, f"Before {number}", "asap")

    with TROUBLES[trouble](postgres):
        for when in ("asap", slot):
            said = post(site, f"Amid {trouble}", when)
            assert said.status == 503
            assert "We could not save your request just now." in said.page
            assert 'href="tel:+448081897703"' in said.page
            assert keeps(said.page, f"Amid {trouble}", when), said.page
            assert 'value="asap"' in said.page
            assert said.seconds < LONGEST
        time.sleep(OLD)
        guides = [ask(site, "GET", GUIDE) for _ in range(6)]  # whichever worker answers
        assert {(said.status, TITLE in said.page) for said in guides} == {(200, True)}
        assert max(said.seconds for said in guides) < LONGEST
        staff = log_in(site)
        assert (staff.status, staff.seconds < LONGEST) == (503, True)
        assert "We cannot show this page just now" in staff.page
        assert [ask(site, "GET", path).status for path in ("/livez", "/readyz", PATH)] == [200, 503, 200]
        if trouble != "only read":
            search = ask(site, "GET", "/search/")
            assert (search.status, "0808 189 7703" in search.page) == (503, True)
    until(lambda: post(site, f"Amid {trouble}", slot).status == 303)
    named = f"SELECT full_name FROM callbacks_callbackrequest WHERE full_name = 'Amid {trouble}'"
    assert postgres.do(named) == [(f"Amid {trouble}",)]


def test_a_database_that_was_started_again_while_nobody_asked_is_used_as_if_nothing_had_been(
    site: Site, postgres: Postgres
):
    for number in range(8):
        post(site, f"Before {number}", "asap")
    postgres.end(signal.SIGINT)
    assert [post(site, f"After {number}", "asap").status for number in range(12)] == [303] * 12
