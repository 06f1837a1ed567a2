"""Links that lead nowhere any more, and the entry for a calendar."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from django.utils import timezone
from icalendar import Calendar

from callbacks import hours
from callbacks.actions import desk, visiting
from callbacks.calendar_entry import calendar_entry
from callbacks.models import (
    SpecialDay,
)
from callbacks.receipt import receipt_of
from callbacks.states import Outcome
from tests.conftest import LONDON, MONDAY
from tests.self_service.steps import (
    GOOD,
    HALF_HOUR,
    LATER,
    PAGES,
    TUESDAY,
    again,
    cancel,
    choose,
    closed,
    given_up,
    new,
    own,
    page_of,
    spoken,
    start_at,
    with_solicitor,
    written,
)

pytestmark = pytest.mark.django_db

# Links that lead nowhere any more


@pytest.mark.parametrize("part", ["", *PAGES, "call.ics"])
def test_a_forged_link_says_what_to_do_and_nothing_else(part, client, asked):
    request = asked()
    for token in ("x", request.token[:-1], request.reference, request.token.swapcase(), "a b", "é"):
        response = client.get(f"/callback/{token}/{part}")
        page = page_of(response)
        assert response.status_code == 404
        assert re.search(r"<h1>\s+There is nothing at this link\s+</h1>", page)
        assert 'href="/request-a-callback/"' in page
        assert "0808 189 7703" in page
        assert request.reference not in page
        assert response["X-Robots-Tag"] == "noindex"
        assert "no-store" in response["Cache-Control"]
    if part in PAGES:
        assert client.post(f"/callback/x/{part}", GOOD[part]).status_code == 404


@pytest.mark.parametrize("part", ["", *PAGES])
@pytest.mark.parametrize("by_visitor", [True, False])
def test_a_closed_link_says_that_it_is_closed_and_shows_nothing(by_visitor, part, client, asked, anna):
    request = asked(wanted_at=TUESDAY)
    if by_visitor:
        cancel(request)
        words = "You cancelled this request. Nobody will call you."
    else:
        desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.WITHDRAWN)
        words = "This request is closed."
    response = client.get(own(request, part))
    page = page_of(response)
    assert response.status_code == 200
    assert words in page
    assert '<a class="button" href="/request-a-callback/">' in page
    for hidden in (request.reference, "982", "10:30", "24 November", "/cancel/", "/number/", "/time/"):
        assert hidden not in page


@pytest.mark.parametrize(
    ("part", "status"), [("time/", 409), ("number/", 409), ("add/", 409), ("cancel/", 303)]
)
def test_a_post_to_a_closed_request_changes_nothing(part, status, client, asked, anna):
    request = closed(asked, anna)
    before = written(request)
    response = client.post(own(request, part), GOOD[part])
    assert response.status_code == status
    assert written(request) == before
    if status == 409:
        assert "This request is closed." in page_of(response)


# The calendar


def entry_of(response_or_bytes) -> dict:
    calendar = Calendar.from_ical(response_or_bytes)
    (event,) = calendar.walk("VEVENT")
    return event


def test_the_calendar_entry_says_when_and_nothing_else(client, asked):
    start = start_at(0)
    request = asked(wanted_at=start, at=timezone.now(), procedure="Thread lift")
    response = client.get(own(request, "call.ics"))
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="call.ics"'
    text = response.content.decode()
    event = entry_of(response.content)
    assert event["summary"] == "Telephone call"
    assert (event["dtstart"].dt, event["dtend"].dt) == (start, start + HALF_HOUR)
    assert event["dtstart"].params["TZID"] == "Europe/London"
    assert "BEGIN:VTIMEZONE" in text
    assert set(event) == {"UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "CLASS"}
    for hidden in ("Solicitors", "hread", "Zoë", "http", "localhost", request.token, request.reference):
        assert hidden not in text


def test_the_entry_of_another_time_replaces_the_first(asked):
    request = asked(wanted_at=TUESDAY)
    before = entry_of(calendar_entry(again(request), now=MONDAY))
    choose(request, TUESDAY + HALF_HOUR)
    after = entry_of(calendar_entry(again(request), now=MONDAY))
    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]
    other = asked(full_name="Ann Other", wanted_at=TUESDAY)
    assert entry_of(calendar_entry(other, now=MONDAY))["uid"] != after["uid"]


@pytest.mark.parametrize(
    ("day", "opens_in_utc"), [(date(2027, 3, 26), 10), (date(2027, 3, 30), 9), (date(2027, 10, 29), 9),
                              (date(2027, 11, 1), 10)]
)  # fmt: skip
def test_the_entry_is_right_on_both_sides_of_a_clock_change(day, opens_in_utc, asked):
    SpecialDay.objects.create(
        day=day, opens=hours.time(9), closes=hours.time(17)
    )  # a Friday before Easter among them
    start = datetime.combine(day, hours.time(10), LONDON)
    request = asked(wanted_at=start, at=start - timedelta(days=1))
    text = calendar_entry(again(request), now=start - timedelta(days=1))
    assert f"DTSTART;TZID=Europe/London:{day:%Y%m%d}T100000".encode() in text
    assert entry_of(text)["dtstart"].dt.astimezone(UTC).hour == opens_in_utc


@pytest.mark.parametrize("state", [new, spoken, given_up, with_solicitor, closed])
def test_without_a_half_hour_there_is_no_entry(state, client, asked, anna):
    request = state(asked, anna)
    assert calendar_entry(again(request), now=LATER) is None
    assert receipt_of(again(request), now=LATER).has_calendar_entry is False
    assert client.get(own(request, "call.ics")).status_code == 404
    assert "call.ics" not in page_of(client.get(own(request)))


def test_a_half_hour_that_is_over_has_no_entry(asked):
    request = asked(wanted_at=TUESDAY)
    assert calendar_entry(again(request), now=TUESDAY + HALF_HOUR) is not None
    assert calendar_entry(again(request), now=TUESDAY + timedelta(minutes=31)) is None


def test_a_corrected_number_is_that_of_its_own_request_alone(asked, anna, client):
    """Else who knows a name and a number could have us ring a stranger about somebody's request."""
    first = asked(message="What happened to me")
    second = asked(at=MONDAY + timedelta(minutes=1), message="again")
    assert again(second).earlier == first
    visiting.correct_number(pk=second.pk, by=None, now=MONDAY, typed="01632 960001")
    assert (again(first).phone, again(second).phone) == ("+447700900982", "+441632960001")
    assert first.events.filter(kind="number_corrected").count() == 0
    client.force_login(anna)
    page = unescape(client.get(f"/admin/callbacks/callbackrequest/{second.pk}/change/").content.decode())
    assert "They also gave" in page
    assert 'href="tel:+447700900982"' in page
    assert "Make sure whom you speak to before you say what it is about." in page
