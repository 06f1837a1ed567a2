"""While people ask to be called, what serves them is killed, or others flood the form: whoever was told that
we have the request is there, once."""

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults.conftest import served
from tests.faults.postgres import Postgres
from tests.faults.running import Site, until
from tests.faults.visitors import PATH, Visitors, ask

STORED = "SELECT full_name, '/callback/' || token || '/' FROM callbacks_callbackrequest"
ROBOTS = "192.0.2.7"
MORE = 12  # visitors, who are served before the next death


def started(data: Path) -> Site:
    """Behind a proxy, so that each visitor comes from an address of their own."""
    return Site(data, "--no-worker", TRUSTED_PROXIES="127.0.0.1")


@pytest.fixture(scope="module")
def site(data: Path) -> Iterator[Site]:
    yield from served(started(data))


@pytest.fixture
def postgres(site: Site) -> Iterator[Postgres]:
    server = Postgres(site)
    yield server
    if site.process.poll() is None:
        server.forget_requests()


@pytest.fixture
def after_another(data: Path) -> Iterator[Callable[[Site], Site]]:
    """Start the site again once the first has ended, as whatever watches over it would."""
    running: list[Site] = []

    def start(first: Site) -> Site:
        first.ended()
        running.append(started(data))
        until(running[0].serves)
        return running[0]

    yield start
    for again in running:
        Postgres(again).forget_requests()
        again.end(signal.SIGTERM)


def stored(postgres: Postgres, visitors: Visitors) -> list[tuple[str, str]]:
    """Of the visitors' requests the name and the address of the receipt, a line for each row."""
    return [row for row in postgres.do(STORED) if row[0].startswith(visitors.called)]


def each_is_kept_once(postgres: Postgres, visitors: Visitors) -> None:
    assert sorted(stored(postgres, visitors)) == sorted(visitors.receipts.items())


def web_workers(site: Site) -> list[int]:
    master = site.process_of("gunicorn")
    return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]


def test_while_web_workers_are_killed(site: Site, postgres: Postgres):
    with Visitors(site, "Worker") as visitors:
        for _ in range(3):
            visitors.until_served(MORE)
            os.kill(web_workers(site)[0], signal.SIGKILL)
            until(lambda: len(web_workers(site)) == 2)
        visitors.until_served(MORE)
    each_is_kept_once(postgres, visitors)
    assert set(visitors.answers) <= {303, 0}


def kill(postgres: Postgres, visitors: Visitors) -> None:
    postgres.end(signal.SIGKILL)
    postgres.start()


def freeze(postgres: Postgres, visitors: Visitors) -> None:
    postgres.freeze()
    until(lambda: visitors.answers[503] > 0)
    postgres.thaw()


@pytest.mark.parametrize(
    ("befalls", "times"),
    [pytest.param(kill, 3, id="killed three times"), pytest.param(freeze, 1, id="frozen for a while")],
)
def test_while_the_database_is(
    befalls: Callable[[Postgres, Visitors], None], times: int, site: Site, postgres: Postgres
):
    with Visitors(site, f"Database {befalls.__name__}") as visitors:
        for _ in range(times):
            visitors.until_served(MORE)
            befalls(postgres, visitors)
        visitors.until_served(MORE)
    each_is_kept_once(postgres, visitors)
    assert set(visitors.answers) <= {303, 503}


def test_while_robots_flood_the_form(site: Site, postgres: Postgres):
    def flood(robot: int) -> Counter[int]:
        typed = {"full_name": "Cheap at www.example.com", "phone": "01632 960 001", "when": "asap"}
        posts = (typed | {"message": f"{robot} {number}"} for number in range(30))
        return Counter(ask(site, "POST", PATH, each, X_Forwarded_For=ROBOTS).status for each in posts)

    with ThreadPoolExecutor(3) as robots, Visitors(site, "Amid", at_once=1, pause=0.5) as visitors:
        answered = sum(robots.map(flood, range(3)), Counter())
    each_is_kept_once(postgres, visitors)
    assert set(visitors.answers) == {303}
    apart = "SELECT status, full_name LIKE 'Amid %', count(*) FROM callbacks_callbackrequest GROUP BY 1, 2"
    people, robots_stored = len(visitors.receipts), answered[303]
    assert set(postgres.do(apart)) == {("new", True, people), ("suspected_spam", False, robots_stored)}
    assert set(answered) <= {303, 429}
    assert people > 3


def test_while_the_whole_web_server_is_killed_and_started_again(
    site: Site, postgres: Postgres, after_another: Callable[[Site], Site]
):
    with Visitors(site, "Server") as visitors:
        visitors.until_served(MORE)
        os.kill(site.process_of("gunicorn"), signal.SIGKILL)
        visitors.site = after_another(site)
        visitors.until_served(MORE)
    each_is_kept_once(Postgres(visitors.site), visitors)
