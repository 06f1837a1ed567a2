"""The counts of posts at the very same moment, and while they cannot be kept: against a real Postgres."""

from html import unescape

import psycopg
import pytest
from django.db import connection

from callbacks import limits
from callbacks.models import CallbackRequest, PostCount
from tests.conftest import MONDAY
from tests.faults.test_races import at_once

HOME = "192.0.2.7"

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_ninety_posts_at_once_sixty_go_on():
    def thrice(number: int) -> list[int]:
        return [limits.count(HOME, asks=False, now=MONDAY).seconds_to_wait for _ in range(3)]

    waits = [wait for each in at_once(thrice, 30) for wait in each]
    assert (waits.count(0), waits.count(60)) == (60, 30)
    assert PostCount.objects.get().posts == 90


def test_of_thirty_requests_at_once_twenty_are_doubtful():
    often = at_once(lambda number: limits.count(HOME, asks=True, now=MONDAY).asks_often, 30)
    assert (often.count(False), often.count(True)) == (10, 20)


def test_a_post_that_cannot_be_counted_loses_nothing(client):
    typed = {
        "full_name": "Zoë Example",
        "phone": "07700 900 982",
        "when": "2026-11-24T10:30:00+00:00",
        "message": "Two\nlines",
    }
    client.get("/request-a-callback/")
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as other:
        other.execute("LOCK TABLE callbacks_postcount")
        response = client.post("/request-a-callback/", typed)
    connection.close()  # and with it the limit
    page = unescape(response.content.decode())
    assert response.status_code == 503
    assert "We could not save your request just now." in page
    for kept in ('value="Zoë Example"', 'value="07700 900 982"', ">\nTwo\nlines</textarea>"):
        assert kept in page
    assert page.count('name="when"') == 2  # as soon as possible, and what was chosen
    chosen = page[page.index('value="2026-11-24T10:30:00+00:00"') :]
    assert "checked" in chosen[: chosen.index(">")]
    assert page.count("checked") == 1
    assert "10:30" in page
    assert "Tuesday 24 November" in page
    assert "There is no free time" not in page
    assert CallbackRequest.objects.count() == 0
