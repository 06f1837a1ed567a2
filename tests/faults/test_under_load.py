"""While people ask to be called, what serves them is killed, or others flood the form: whoever was told that
we have the request is there, once; and whoever reads the guide goes on reading."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from firm_site import deadline
from tests.faults.conftest import served
from tests.faults.nginx import BEHIND_NGINX, Nginx
from tests.faults.postgres import Postgres
from tests.faults.running import Site, until
from tests.faults.visitors import GUIDE, PATH, Readers, Visitors, ask

STORED = "SELECT full_name, '/callback/' || token || '/' FROM callbacks_callbackrequest"
MORE = 12  # visitors, who are served before the next death
ROBOTS = 3  # at once
SPAM = 110  # posts of each robot
LONGEST = 3  # seconds to an answer


def started(data: Path, port: int = 0) -> Site:
    """Behind a proxy, so that each visitor comes from an address of their own."""
    return Site(data, "--no-worker", port=port, **BEHIND_NGINX)


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
def nginx(programs_of_nginx, site: Site) -> Iterator[Nginx]:
    """In front of the site, and with a copy of the guide."""
    running = Nginx(site.port)
    assert running.ask(GUIDE).status == 200
    yield running
    running.end()


@pytest.fixture
def after_another(data: Path) -> Iterator[Callable[[Site], Site]]:
    """Start the site again once the first has ended, as whatever watches over it would."""
    running: list[Site] = []

    def start(first: Site) -> Site:
        first.ended()
        running.append(started(data, first.port))
        until(running[0].serves)
        return running[0]

    yield start
    for again in running:
        Postgres(again).forget_requests()
        again.end(signal.SIGTERM)


def through(nginx: Nginx) -> Readers:
    def look() -> tuple[int, str]:
        answer = nginx.ask(GUIDE)
        return answer.status, answer.text

    return Readers(look)


def stored(postgres: Postgres, visitors: Visitors) -> list[tuple[str, str]]:
    """Of the visitors' requests the name and the address of the receipt, a line for each row."""
    return [row for row in postgres.do(STORED) if row[0].startswith(visitors.called)]


def each_is_kept_once(postgres: Postgres, visitors: Visitors) -> None:
    assert sorted(stored(postgres, visitors)) == sorted(visitors.receipts.items())


def saw_the_guide(readers: Readers) -> None:
    assert set(readers.saw) == {(200, True)}
    assert readers.saw.total() > MORE


def web_workers(site: Site) -> list[int]:
    master = site.process_of("gunicorn")
    return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]


def test_while_web_workers_are_killed(site: Site, postgres: Postgres, nginx: Nginx):
    with through(nginx) as readers, Visitors(site, "Worker") as visitors:
        for _ in range(3):
            visitors.until_served(MORE)
            os.kill(web_workers(site)[0], signal.SIGKILL)
            until(lambda: len(web_workers(site)) == 2)
        visitors.until_served(MORE)
    each_is_kept_once(postgres, visitors)
    assert set(visitors.answers) <= {303, 0}
    saw_the_guide(readers)


def kill(postgres: Postgres, visitors: Visitors) -> None:
    postgres.end(signal.SIGKILL)


def freeze(postgres: Postgres, visitors: Visitors) -> None:
    with postgres.frozen():
        until(lambda: visitors.answers[503] > 0)
    time.sleep(deadline.PAUSE)  # until then a web worker asks nothing of a database that fell silent


@pytest.mark.parametrize(
    ("befalls", "times"),
    [pytest.param(kill, 3, id="killed three times"), pytest.param(freeze, 1, id="frozen for a while")],
)
def test_while_the_database_is(
    befalls: Callable[[Postgres, Visitors], None], times: int, site: Site, postgres: Postgres, nginx: Nginx
):
    with through(nginx) as readers, Visitors(site, f"Database {befalls.__name__}") as visitors:
        for _ in range(times):
            visitors.until_served(MORE)
            befalls(postgres, visitors)
        visitors.until_served(MORE)
    each_is_kept_once(postgres, visitors)
    assert set(visitors.answers) <= {303, 503}
    assert visitors.slowest < LONGEST
    saw_the_guide(readers)


def test_while_robots_flood_the_form(site: Site, postgres: Postgres, nginx: Nginx):
    def flood(robot: int) -> Counter[int]:
        """The first from one address, each of the others' posts from an address of its own."""
        answered: Counter[int] = Counter()
        for number in range(SPAM):
            typed = {"full_name": "Cheap at www.example.com", "phone": "01632 960 001", "when": "asap"}
            typed["message"] = f"{robot} {number}"
            address = "192.0.2.7" if robot == 0 else f"198.18.{robot}.{number}"
            told = {"X_Forwarded_For": address, "X_Forwarded_Proto": "https"}
            answered[ask(site, "POST", PATH, typed, **told).status] += 1
        return answered

    with (
        through(nginx) as readers,
        Visitors(site, "Amid", at_once=1, pause=2) as visitors,
        ThreadPoolExecutor(ROBOTS) as robots,
    ):
        answered = sum(robots.map(flood, range(ROBOTS)), Counter())
    each_is_kept_once(postgres, visitors)
    assert set(visitors.answers) <= {303, 503}  # 503 where the machine had no time for it, as it has for few
    apart = "SELECT status, full_name LIKE 'Amid %', count(*) FROM callbacks_callbackrequest GROUP BY 1, 2"
    people, robots_stored = len(visitors.receipts), answered[303]
    assert set(postgres.do(apart)) == {("new", True, people), ("suspected_spam", False, robots_stored)}
    assert (set(answered), answered.total()) == ({303, 429}, ROBOTS * SPAM)
    assert people > max(1, visitors.answers[503])
    saw_the_guide(readers)


def test_while_the_whole_web_server_is_killed_and_started_again(
    site: Site, postgres: Postgres, nginx: Nginx, after_another: Callable[[Site], Site]
):
    with through(nginx) as readers, Visitors(site, "Server") as visitors:
        visitors.until_served(MORE)
        os.kill(site.process_of("gunicorn"), signal.SIGKILL)
        visitors.site = after_another(site)
        visitors.until_served(MORE)
    each_is_kept_once(Postgres(visitors.site), visitors)
    saw_the_guide(readers)
