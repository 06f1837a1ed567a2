"""A database that is there and yet of no use: what a visitor sees meanwhile, and that it is over at once.
(One that is gone: test_database_away.)"""

import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.faults.conftest import served
from tests.faults.postgres import Postgres
from tests.faults.running import Site, until
from tests.faults.visitors import PATH, Said, ask

GUIDE = "/guides/botched-thread-lift/"
TYPED = {
    "phone": "07700 900 982",
    "say_who": "yes",
    "email": "zoe@example.com",
    "message": "Two\nlines & more",
    "clinic": "Some Clinic",
}
CUT_OFF = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'site'"
OFFERED = re.compile(r'name="when"\s+value="(2[^"]+)"')
LONGEST = 3  # seconds to the answer, whatever the database does
OLD = 2.1  # seconds, until a kept page is asked for anew


class Trouble(NamedTuple):
    begin: Callable[[Postgres], object]
    end: Callable[[Postgres], object]


TROUBLES = {
    "frozen": Trouble(Postgres.freeze, Postgres.thaw),
    "only read": Trouble(
        lambda postgres: postgres.set("default_transaction_read_only", "on"),
        lambda postgres: postgres.set("default_transaction_read_only", "off"),
    ),
    "out of connections": Trouble(
        lambda postgres: postgres.do("ALTER ROLE site CONNECTION LIMIT 0", CUT_OFF),
        lambda postgres: postgres.do("ALTER ROLE site CONNECTION LIMIT -1"),
    ),
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


def keeps(page: str, name: str, when: str) -> bool:
    """Whether everything typed is in it, with both times, and the one that was chosen marked."""
    fields = TYPED | {"full_name": name}
    kept = [
        f'name="{each}" value="{fields[each]}"' in page for each in ("full_name", "phone", "email", "clinic")
    ]
    marked = re.findall(r"<input[^>]*\bchecked\b[^>]*>", page)
    values = [re.search(r'value="([^"]*)"', each)[1] for each in marked]
    return all(kept) and ">\nTwo\nlines & more</textarea>" in page and sorted(values) == sorted(["yes", when])


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

    TROUBLES[trouble].begin(postgres)
    try:
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
        assert {said.status for said in guides} == {200}
        assert all("Signs of a Botched Thread Lift Gone Wrong" in said.page for said in guides)
        assert max(said.seconds for said in guides) < LONGEST
        staff = log_in(site)
        assert (staff.status, staff.seconds < LONGEST) == (503, True)
        assert "We cannot show this page just now" in staff.page
        assert [ask(site, "GET", path).status for path in ("/livez", "/readyz")] == [200, 503]
    finally:
        TROUBLES[trouble].end(postgres)
    until(lambda: post(site, f"Amid {trouble}", slot).status == 303)
    named = f"SELECT full_name FROM callbacks_callbackrequest WHERE full_name = 'Amid {trouble}'"
    assert postgres.do(named) == [(f"Amid {trouble}",)]


def test_a_database_that_was_started_again_while_nobody_asked_is_used_as_if_nothing_had_been(
    site: Site, postgres: Postgres
):
    for number in range(8):
        post(site, f"Before {number}", "asap")
    postgres.end(signal.SIGINT)
    postgres.start()
    assert [post(site, f"After {number}", "asap").status for number in range(12)] == [303] * 12
