"""Fifty visitors want the same half hour at the same moment, through the running site."""

import re
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from html import unescape
from itertools import islice
from pathlib import Path
from threading import Barrier

import psycopg
import pytest

from callbacks import hours
from tests.faults.running import Site, until

VISITORS = 50
PLACES = 2


@pytest.fixture
def behind_a_proxy(data: Path) -> Iterator[Site]:
    """A site that believes us where each visitor comes from."""
    running = Site(data, TRUSTED_PROXIES="127.0.0.1")
    try:
        until(running.serves)
        yield running
    finally:
        running.end(15)


def slot() -> datetime:
    """The same free half hour for all: in the middle of what is on offer."""
    now = datetime.now(hours.LONDON)
    start, _ = next(islice(hours.slots(hours.DEFAULT, now + timedelta(days=1)), 5, None))
    return start


def answers(number: int, when: str) -> dict[str, str]:
    return {
        "full_name": f"Person {number}",
        "phone": f"07700 9{number:05}",
        "when": when,
        "message": f"In the words of person {number}",
    }


class Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer here."""

    def redirect_request(self, *arguments):
        return None


def post(site: Site, number: int, when: str) -> tuple[int, str, str]:
    """Status, where to go, and page; from an address of its own."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{site.port}/request-a-callback/",
        urllib.parse.urlencode(answers(number, when)).encode(),
        {"X-Forwarded-For": f"192.0.2.{number}"},
    )
    try:
        with urllib.request.build_opener(Stay).open(request, timeout=60) as answer:
            return answer.status, "", answer.read().decode()
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.headers.get("Location", ""), unescape(answer.read().decode())


def test_two_of_fifty_get_the_slot_and_the_others_keep_their_answers_and_three_times(behind_a_proxy):
    site = behind_a_proxy
    start = slot()
    when = start.isoformat()
    barrier = Barrier(VISITORS)

    def visit(number: int) -> tuple[int, str, str]:
        barrier.wait()
        return post(site, number, when)

    with ThreadPoolExecutor(VISITORS) as pool:
        results = list(pool.map(visit, range(VISITORS)))

    assert Counter(status for status, _, _ in results) == {303: PLACES, 409: VISITORS - PLACES}
    nearest = [start - hours.SLOT, start + hours.SLOT]
    for number, (status, _, page) in enumerate(results):
        if status == 303:
            continue
        assert "<h1" in page
        assert "That time has just gone" in page
        given = answers(number, when)
        assert f'value="{given["full_name"]}"' in page
        assert f'value="{given["phone"]}"' in page
        assert given["message"] in page
        offered = re.findall(r'name="when"\s+value="(2[^"]+)"', page)
        assert when not in offered
        assert {each.isoformat() for each in nearest} <= set(offered[:3])

    booked = database(site, "SELECT place FROM callbacks_callbackrequest WHERE wanted_at = %s", start)
    assert sorted(place for (place,) in booked) == [1, 2]
    assert database(
        site, "SELECT count(*) FROM callbacks_callbackrequest WHERE full_name LIKE %s", "Person %"
    ) == [(PLACES,)]

    # A double click of one who has a place is still one booking, with the same receipt.
    winner = next(number for number, (status, _, _) in enumerate(results) if status == 303)
    assert post(site, winner, when)[:2] == results[winner][:2]


def database(site: Site, query: str, *values: object) -> list[tuple]:
    environment = Path(f"/proc/{site.process_of('gunicorn')}/environ").read_text()
    url = re.search(r"DATABASE_URL=([^\0]+)", environment)
    with psycopg.connect(url[1]) as connection:
        return connection.execute(query, values).fetchall()
