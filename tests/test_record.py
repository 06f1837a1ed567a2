"""The record for whoever must answer for a request: what was promised, and who saw it."""

import re
from datetime import timedelta

import pytest

from callbacks.actions import desk, visiting
from callbacks.models import CallbackRequest, EventKind
from callbacks.states import Outcome
from tests.conftest import MONDAY

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
LIST = "/admin/callbacks/callbackrequest/"


def page(request: CallbackRequest, part: str = "change") -> str:
    return f"{LIST}{request.pk}/{part}/"


@pytest.fixture
def at_desk(client, anna):
    client.force_login(anna)
    return client


def test_the_record_names_as_promised_only_what_was_promised(at_desk, asked, anna):
    request = asked(at=MONDAY)
    promised = f"{request.promised_by:%H:%M}"
    for hour in (0, 1):
        at = MONDAY + hour * HOUR
        desk.claim(pk=request.pk, by=anna, now=at)
        desk.call(pk=request.pk, by=anna, now=at)
        desk.no_answer(pk=request.pk, by=anna, now=at)
    assert promises(at_desk, request) == f"Monday 23 November 2026, {promised}"
    visiting.choose_time(pk=request.pk, by=None, now=MONDAY + 2 * HOUR, wanted_at=MONDAY + 24 * HOUR)
    moved = f"Tuesday 24 November 2026, 10:30 before that 23 November 2026, {promised}"
    assert promises(at_desk, request) == moved
    desk.close(pk=request.pk, by=anna, now=MONDAY + 3 * HOUR, outcome=Outcome.TAKEN_ON)
    assert promises(at_desk, request) == moved


def promises(client, request) -> str:
    """What the record says was promised, the newest first."""
    html = client.get(page(request, "record")).content.decode()
    said = html.split("<dt>Promised by</dt>")[1].split("<dt>")[0]
    return " ".join(re.sub("<[^>]*>", " ", said).split())


def test_whatever_shows_a_request_is_a_look_at_it(at_desk, asked, anna):
    first, second = asked(message="The first", clinic="Fern Street"), asked(message="The second")
    at_desk.get(page(second))
    assert [each.events.filter(kind=EventKind.SEEN, by=anna).count() for each in (first, second)] == [1, 1]
    assert "The first" in at_desk.get(page(second)).content.decode()


def test_a_button_pressed_in_vain_shows_the_page_and_is_a_look(at_desk, asked, anna):
    request = asked(message="It hurts.", clinic="Fern Street")
    assert at_desk.post(page(request, "close")).status_code == 422
    assert request.events.filter(kind=EventKind.SEEN, by=anna).count() == 1


def test_the_sheet_is_a_look_at_all_that_it_shows(at_desk, asked, anna):
    first, second = asked(message="The first", clinic="Fern Street"), asked(message="The second")
    desk.close(pk=second.pk, by=anna, now=MONDAY, outcome=Outcome.TAKEN_ON)
    at_desk.get(page(second, "sheet"))
    assert [each.events.filter(kind=EventKind.SEEN, by=anna).count() for each in (first, second)] == [1, 1]


def test_the_sheet_leaves_out_what_is_still_held_of_the_same_person(at_desk, asked, anna):
    first, second = asked(message="Quokka", clinic="Fern Street"), asked(message="The second")
    desk.close(pk=second.pk, by=anna, now=MONDAY, outcome=Outcome.TAKEN_ON)
    CallbackRequest.objects.filter(pk=first.pk).update(conflict_since=MONDAY)
    assert "Quokka" not in at_desk.get(page(second, "sheet")).content.decode()
