"""The day as a grid of places: who is in each, who has none, and how full each hour is."""

from datetime import datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from callbacks import hours
from callbacks.actions import desk
from callbacks.models import DeskCapacity, SpecialDay
from tests.client import Client
from tests.conftest import LONDON, MONDAY

pytestmark = pytest.mark.django_db

DAY = "/admin/callbacks/callbackrequest/day/"
TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=LONDON)
HALF_HOUR = timedelta(minutes=30)


@pytest.fixture
def at_desk(anna, client) -> Client:
    client.force_login(anna)
    return client


def grid(client: Client, day: str = "2026-11-24") -> dict[str, tuple[list[str], list[str]]]:
    """By time: who sits in the places ("" for free), and who besides, with the tag."""

    def said(seat) -> str:
        return f"{seat.callback.full_name} {seat.tag}".strip() if seat.callback else ""

    rows = client.get(DAY, {"day": day}).context["rows"]
    return {row.time: ([*map(said, row.places)], [*map(said, row.besides)]) for row in rows}


def loads(client: Client) -> list[tuple[str, int, int]]:
    return [
        (load.time, load.due, load.room) for load in client.get(DAY, {"day": "2026-11-24"}).context["loads"]
    ]


def test_every_half_hour_of_the_day_has_its_places(at_desk, asked):
    asked(full_name="Anna", wanted_at=TUESDAY)
    asked(full_name="Ben", wanted_at=TUESDAY)
    asked(full_name="Carol", wanted_at=TUESDAY + HALF_HOUR)
    found = grid(at_desk)
    times = list(found)
    assert (times[0], times[-1], len(times)) == ("9:00", "17:00", 17)
    assert found["9:00"] == (["", ""], [])
    assert found["10:00"] == (["Anna", "Ben"], [])
    assert found["10:30"] == (["Carol", ""], [])


def test_who_is_called_again_then_stands_beside_the_places(at_desk, asked, anna):
    request = asked(full_name="Again")
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    desk.call_again(pk=request.pk, by=anna, now=MONDAY, at=TUESDAY)
    assert grid(at_desk)["10:00"] == (["", ""], ["Again call again"])


def test_who_has_no_place_or_one_too_many_is_to_be_moved(at_desk, asked):
    start = next(start for start, _ in hours.slots(hours.DEFAULT, timezone.now() + timedelta(days=1)))
    for name in ("Anna", "Ben"):
        asked(full_name=name, at=timezone.now(), wanted_at=start)
    DeskCapacity.objects.create(pk=1, calls_in_a_slot=1)
    found = grid(at_desk, start.date().isoformat())
    assert found[hours.clock(start)] == (["Anna"], ["Ben to be moved"])


def test_closed_before_it_was_booked_it_says_why_and_shows_who_is_booked(at_desk, asked):
    asked(full_name="Anna", wanted_at=TUESDAY)
    SpecialDay.objects.create(day=TUESDAY.date(), reason="Staff day")
    response = at_desk.get(DAY, {"day": "2026-11-24"})
    assert "The desk is closed. Staff day" in unescape(response.content.decode())
    assert [(row.time, row.places, len(row.besides)) for row in response.context["rows"]] == [
        ("10:00", [], 1)
    ]


@pytest.mark.parametrize(
    ("day", "because"),
    [
        ("2026-12-25", "A bank holiday."),
        ("2026-11-28", "No opening hours on this weekday."),
    ],
)
def test_a_closed_day_says_why(at_desk, day, because):
    assert because in at_desk.get(DAY, {"day": day}).content.decode()


def test_each_hour_says_how_many_are_due_of_how_many(at_desk, asked):
    asked(full_name="Slot", wanted_at=TUESDAY)  # due 10:30
    for number in range(3):
        asked(full_name=f"Soon {number}", at=TUESDAY.replace(hour=8))  # by 10:00
    assert loads(at_desk)[:3] == [("9:00–10:00", 3, 8), ("10:00–11:00", 1, 8), ("11:00–12:00", 0, 8)]
    assert loads(at_desk)[-1] == ("17:00–17:30", 0, 4)


def test_a_person_is_one_in_the_grid(at_desk, asked):
    asked(wanted_at=TUESDAY)
    asked(at=MONDAY + timedelta(minutes=5), wanted_at=TUESDAY + HALF_HOUR)
    found = grid(at_desk)
    assert found["10:00"] == (["", ""], [])
    assert found["10:30"] == (["Zoë Example", ""], [])


def test_the_days_before_and_after_are_open_ones(at_desk):
    context = at_desk.get(DAY, {"day": "2026-12-24"}).context
    assert (context["before"].isoformat(), context["after"].isoformat()) == ("2026-12-23", "2026-12-29")


@pytest.mark.parametrize("day", ["", "x", "2026-13-01", "9999-12-31", "0001-01-01", "2026-11-24T10:00"])
def test_a_day_that_cannot_be_read_is_the_next_one_that_is_open(at_desk, day):
    response = at_desk.get(DAY, {"day": day})
    assert response.status_code == 200
    assert response.context["closed_because"] == ""


def test_the_desk_and_managers_see_the_day_and_partners_do_not(anna, maya, paula):
    for person, status in ((anna, 200), (maya, 200), (paula, 403)):
        client = Client()
        client.force_login(person)
        assert client.get(DAY).status_code == status
    assert Client().get(DAY).status_code == 302


@pytest.mark.parametrize("bookings", [1, 16])
def test_the_day_costs_the_same_however_many_are_booked(at_desk, asked, bookings):
    for number in range(bookings):
        asked(full_name=f"Person {number}", wanted_at=TUESDAY + number // 2 * HALF_HOUR)
    with CaptureQueriesContext(connection) as queries:
        page = at_desk.get(DAY, {"day": "2026-11-24"}).content.decode()
    assert page.count("/change/") == bookings
    assert len(queries) == 11
