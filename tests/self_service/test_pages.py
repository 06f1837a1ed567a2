"""The pages on which they make it: what is shown, kept and refused, with and without a database."""

import re

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from callbacks import limits, offer
from callbacks.actions import booking, visiting
from callbacks.models import (
    Actor,
    DeskCapacity,
    Note,
)
from callbacks.opening import hours_in_force
from callbacks.states import Status
from tests.client import Client
from tests.self_service.steps import (
    GOOD,
    PAGES,
    TUESDAY,
    a_free_time,
    add,
    again,
    closed,
    in_a_call,
    own,
    page_of,
    start_at,
    with_solicitor,
    written,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("part", ["", *PAGES, "call.ics"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing(method, part, client, asked):
    request = asked(wanted_at=TUESDAY)
    before = written(request)
    response = getattr(client, method)(own(request, part), {"when": "asap", "text": "More"})
    assert written(request) == before
    assert response["X-Robots-Tag"] == "noindex"
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies


@pytest.mark.parametrize("part", PAGES)
def test_each_page_asks_first_and_a_post_without_cookie_does_it(part, asked):
    client = Client(enforce_csrf_checks=True)
    request = asked()
    page = page_of(client.get(own(request, part)))
    assert page.count("<h1") == 1
    assert f'action="{own(request, part)}"' in page
    assert request.reference not in page
    given = GOOD[part] | ({"when": a_free_time()} if part == "time/" else {})
    response = client.post(own(request, part), given)
    done = {"time/": "?done=time", "number/": "?done=number", "add/": "?done=added", "cancel/": ""}[part]
    assert (response.status_code, response["Location"]) == (303, own(request) + done)
    assert request.events.last().actor == Actor.VISITOR
    assert request.events.count() == 2
    assert client.post(own(request, part), given).status_code == 303  # a second click
    assert request.events.count() == 2


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(method, client, asked):
    assert getattr(client, method)(own(asked(), "cancel/")).status_code == 405
    assert client.post(own(asked(), "call.ics")).status_code == 405


@pytest.mark.parametrize(
    ("done", "words"),
    [
        ("time", "The time is as you chose it."),
        ("number", "Thank you. We have the number."),
        ("added", "Thank you. We have what you added."),
    ],
)
def test_the_receipt_says_what_was_done(done, words, client, asked):
    request = asked()
    assert f'role="status">{words}</p>' in page_of(client.get(own(request) + f"?done={done}"))
    assert 'role="status"' not in page_of(client.get(own(request)))


def test_the_receipt_says_nothing_that_somebody_put_into_the_link(client, asked, anna):
    request = asked()
    page = page_of(client.get(own(request) + "?done=You+won"))
    assert "You won" not in page
    assert 'role="status"' not in page
    assert 'role="status"' not in page_of(client.get(own(closed(asked, anna)) + "?done=time"))


@pytest.mark.parametrize(
    ("part", "given", "words", "field"),
    [
        ("time/", {}, "Choose when we should call", "id_when_0"),
        ("time/", {"when": "noon"}, "that time is not on offer", "id_when_0"),
        ("time/", {"when": "2031-01-01T10:00:00+00:00"}, "That time is not on offer.", "id_when_0"),
        ("number/", {"phone": "999"}, "Enter a phone number", "id_phone"),
        ("number/", {"phone": " "}, "Enter a phone number", "id_phone"),
        ("add/", {"text": " \n "}, "Write what you would like to add", "id_text"),
        ("add/", {"text": "x" * 4001}, "must be 4,000 characters or fewer", "id_text"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(part, given, words, field, client, asked):
    request = asked()
    before = written(request)
    response = client.post(own(request, part), given)
    page = page_of(response)
    assert response.status_code == 422
    assert "There is a problem" in page
    assert words in page
    assert f'href="#{field}"' in page
    assert "<title>Error: " in page
    assert written(request) == before
    if typed := given.get("phone", "").strip():
        assert f'value="{typed}"' in page
    if typed := given.get("text", "").strip():
        assert typed in page


def test_four_thousand_characters_are_added(client, asked):
    assert client.post(own(asked(), "add/"), {"text": "x" * 4000}).status_code == 303
    assert Note.objects.get().text == "x" * 4000


def test_what_is_added_is_cleaned(client, asked):
    client.post(own(asked(), "add/"), {"text": " One\r\n\r\n\r\ntwo\x00\u202e "})
    assert Note.objects.get().text == "One\n\ntwo"


def test_the_time_page_offers_what_is_free_and_the_place_one_has(client, asked):
    DeskCapacity.objects.create(pk=1, calls_in_a_slot=1)
    mine, taken = (start_at(index) for index in (0, 1))
    request = asked(wanted_at=mine, at=timezone.now())
    asked(full_name="Ann Other", wanted_at=taken, at=timezone.now())
    page = page_of(client.get(own(request, "time/")))
    assert f'value="{offer.value_of(mine)}"' in page
    assert f'value="{offer.value_of(taken)}"' not in page
    assert 'value="asap"' in page
    assert " checked" not in page


def test_a_time_that_has_just_gone_is_replaced_by_the_three_nearest(client, asked):
    request = asked()
    gone = start_at(3)
    for name in ("Ann Other", "Ben Other"):
        asked(full_name=name, wanted_at=gone, at=timezone.now())
    before = written(request)
    response = client.post(own(request, "time/"), {"when": offer.value_of(gone)})
    page = page_of(response)
    assert response.status_code == 409
    assert "That time has just gone</h1>" in page
    assert 'class="error' not in page
    offered = re.findall(r'name="when"\s+value="(2[^"]+)"', page)
    nearest = booking.nearest(gone, booking.free_times(hours_in_force(), timezone.now()))
    assert offered[:3] == [offer.value_of(span[0]) for span in nearest]
    assert written(request) == before


def test_beside_a_time_that_has_gone_ones_own_stays_on_offer(client, asked):
    DeskCapacity.objects.create(pk=1, calls_in_a_slot=1)
    mine, gone = start_at(2), start_at(3)
    request = asked(wanted_at=mine, at=timezone.now())
    asked(full_name="Ann Other", wanted_at=gone, at=timezone.now())
    page = page_of(client.post(own(request, "time/"), {"when": offer.value_of(gone)}))
    assert offer.value_of(mine) in re.findall(r'name="when"\s+value="(2[^"]+)"', page)[:3]


@pytest.mark.parametrize("state", [in_a_call, with_solicitor])
def test_the_time_page_says_why_there_is_none_to_choose(state, client, asked, anna):
    request = state(asked, anna)
    words = visiting.why_not_another_time(again(request))
    page = page_of(client.get(own(request, "time/")))
    assert words in page
    assert "<form" not in page
    assert own(request, "time/") not in page_of(client.get(own(request)))
    response = client.post(own(request, "time/"), {"when": "asap"})
    assert response.status_code == 409
    assert words in page_of(response)


def test_a_refused_addition_keeps_its_text(client, asked):
    request = asked()
    for number in range(visiting.MOST_ADDITIONS):
        add(request, f"More {number}")
    response = client.post(own(request, "add/"), {"text": "Yet more"})
    page = page_of(response)
    assert response.status_code == 409
    assert visiting.ENOUGH_ADDED in page
    assert "Yet more</textarea>" in page


@pytest.mark.parametrize("part", ["time/", "number/", "add/"])
def test_a_post_from_elsewhere_changes_nothing_and_keeps_what_was_typed(part, client, asked):
    request = asked()
    before = written(request)
    response = client.post(own(request, part), GOOD[part], headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    assert written(request) == before
    page = page_of(response)
    assert "sent from another website" in page
    assert {"time/": "checked", "number/": 'value="01632 960001"', "add/": "the left side</textarea>"}[
        part
    ] in page


def test_another_website_cannot_cancel(client, asked):
    request = asked()
    response = client.post(own(request, "cancel/"), headers={"Origin": "https://elsewhere.example"})
    assert response.status_code == 403
    assert again(request).status == Status.NEW


@pytest.mark.parametrize("part", ["time/", "number/", "add/"])
def test_too_many_posts_are_told_when_to_come_back(part, client, asked):
    request = asked()
    for _ in range(limits.POSTS_A_MINUTE):
        limits.count("127.0.0.1", asks=False, now=timezone.now())
    before = written(request)
    response = client.post(own(request, part), GOOD[part])
    assert response.status_code == 429
    assert 1 <= int(response["Retry-After"]) <= 60
    assert "very many requests" in page_of(response)
    assert "There is a problem" not in page_of(response)
    assert written(request) == before


@pytest.mark.parametrize(
    ("part", "kept"),
    [
        ("time/", 'value="2031-01-01T10:00:00+00:00"'),
        ("number/", 'value="01632 960001"'),
        ("add/", "It was the left side</textarea>"),
        ("cancel/", "Cancel my request"),
    ],
)
def test_with_the_database_away_everything_typed_is_kept(part, kept, client, asked):
    request = asked()

    def away(*_):
        raise OperationalError("away")

    given = {"when": "2031-01-01T10:00:00+00:00"} if part == "time/" else GOOD[part]
    with connection.execute_wrapper(away):
        response = client.post(own(request, part), given)
    page = page_of(response)
    assert response.status_code == 503
    assert "We could not save this just now." in page
    assert kept in page
    assert "0808 189 7703" in page
