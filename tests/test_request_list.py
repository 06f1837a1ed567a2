"""The list of requests: what staff find in it, in any writing, what it shows, and in which order."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from callbacks.actions import desk
from callbacks.admin.request_list import is_short, search
from callbacks.models import CallbackRequest
from callbacks.states import Outcome
from tests.client import Client

pytestmark = pytest.mark.django_db

LIST = "/admin/callbacks/callbackrequest/"
ONLY_OPEN = "only what is open or set apart is searched"


@pytest.fixture
def at_desk(anna, client) -> Client:
    client.force_login(anna)
    return client


def page(request: CallbackRequest) -> str:
    return f"{LIST}{request.pk}/change/"


def found(term: str) -> set[str]:
    return {request.full_name for request in search(CallbackRequest.objects.all(), term)}


@pytest.fixture
def closed(asked, anna, now):
    def close(full_name: str, **given) -> CallbackRequest:
        request = asked(full_name=full_name, **given)
        desk.close(pk=request.pk, by=anna, now=now, outcome=Outcome.NO_BREACH)
        return request

    return close


@pytest.mark.parametrize("name", ["Søren Ægir", "Łucja Đặng", "Niamh O’Neill", "Weiß Müller", "Zoë Example"])
def test_a_name_is_found_by_its_own_writing_and_by_a_plain_one(closed, name):
    closed(name)
    closed("Another")
    plain = {"Søren Ægir": "soren aegir", "Łucja Đặng": "Lucja Dang", "Niamh O’Neill": "o'neill niamh"}
    plain |= {"Weiß Müller": "weiss muller", "Zoë Example": "zoe"}
    assert found(name) == found(name.upper()) == found(plain[name]) == {name}


def test_a_short_term_is_looked_for_among_what_is_open_or_set_apart(at_desk, asked, closed):
    asked(full_name="Al Open")
    asked(full_name="Al Apart", set_apart_because="Doubtful.")
    closed("Al Closed")
    assert found("al") == found("a") == {"Al Open", "Al Apart"}
    assert found("al closed") == {"Al Closed"}
    assert ONLY_OPEN in at_desk.get(LIST, {"q": "al"}).content.decode()
    assert ONLY_OPEN not in at_desk.get(LIST, {"q": "al closed"}).content.decode()


@pytest.mark.parametrize(
    ("term", "short"),
    [
        ("al", True),
        ("al jo", True),
        ("...", True),
        ("o'b", True),
        ("12", True),
        ("", False),
        ("ann", False),
        ("123", False),
        ("07 70 09 00 98 2", False),
        ("Ref A", True),
        ("AC EF", False),
    ],
)
def test_three_in_a_row_lead_to_what_is_closed(term, short):
    assert is_short(term) is short


def test_a_number_in_pairs_and_a_part_of_a_reference_find_what_is_closed(closed):
    request = closed("Closed", phone="+447700900982")
    closed("Another", phone="+441632960001")
    for term in ("07 70 09 00 98 2", "900982", "982", request.reference[3:7], "closed"):
        assert found(term) == {"Closed"}, term


@pytest.mark.parametrize(
    "term",
    [
        "07700900982",
        "+44 7700 900 982",
        "(07700) 900-982",
        "0044 7700 900982",
        "900982",
        "982",
        "zoë",
        "zoe",
        "ZOË",
        "EXAMPLE",
        "example zoë",
        "zoe@example.com",
        "ZOE@",
    ],
)
def test_a_request_is_found_by_number_name_and_address(asked, term):
    wanted = asked(email="zoe@example.com")
    asked(full_name="Yan Other", phone="+441632960001", phone_typed="01632 960001")
    assert list(search(CallbackRequest.objects.all(), term)) == [wanted]


def test_a_request_is_found_by_its_reference_in_any_writing(asked):
    wanted = asked()
    asked(full_name="Yan Other", phone="+441632960001", phone_typed="01632 960001")
    bare = wanted.reference.replace("-", "")
    read_out = [f"Ref {wanted.reference}", f"ref: {bare}", f"Reference number {bare}", f"my ref. {bare}"]
    for term in (wanted.reference, wanted.reference.lower(), bare, bare.lower(), f" {bare} ", *read_out):
        assert list(search(CallbackRequest.objects.all(), term)) == [wanted], term


def test_a_plain_name_is_found_by_one_who_types_its_accents(asked):
    wanted = asked(full_name="Zoe Example")
    assert list(search(CallbackRequest.objects.all(), "Zoë")) == [wanted]


def find(client: Client, term: str):
    return client.get(LIST, {"q": term, "show": "all"})


def test_the_one_open_request_that_is_found_opens_at_once(asked, at_desk, anna, now):
    closed = asked(full_name="Zoë Closed")
    desk.close(pk=closed.pk, by=anna, now=now, outcome=Outcome.SPAM)
    wanted = asked(full_name="Zoë Open")
    asked(full_name="Yan Other")
    assert find(at_desk, "zoe")["Location"] == page(wanted)
    again_asked = asked(full_name="Zoë Open", message="again")
    assert find(at_desk, "zoe")["Location"] == page(again_asked)  # one person still


@pytest.mark.parametrize("term", ["", " ", "o", "nobody", "closed"])
def test_what_is_found_several_times_or_not_or_closed_is_a_list(asked, at_desk, anna, now, term):
    closed = asked(full_name="Closed Person")
    desk.close(pk=closed.pk, by=anna, now=now, outcome=Outcome.SPAM)
    asked(full_name="Zoë One")
    asked(full_name="Tom Two")
    assert find(at_desk, term).status_code == 200


def test_a_partner_is_led_to_nothing_that_is_not_theirs_to_see(asked, paula, client):
    asked()
    client.force_login(paula)
    assert find(client, "zoe").status_code == 200


def test_every_staff_page_can_find_a_request(at_desk, paula):
    for address in ("/admin/", LIST, f"{LIST}day/", "/admin/password_change/"):
        html = at_desk.get(address).content.decode()
        assert html.count('role="search"') == 1, address


def test_the_story_is_never_searched(asked):
    asked(message="xylophone", clinic="xylophone", procedure="xylophone")
    assert list(search(CallbackRequest.objects.all(), "xylophone")) == []


def test_no_address_of_the_list_can_ask_for_what_is_in_a_story(asked, at_desk):
    asked(message="xylophone")
    response = at_desk.get(LIST, {"message__contains": "xylophone"})
    assert response.status_code == 400


def shown(client: Client, **parameters: str) -> set[str]:
    """The names that the list shows."""
    return {row.full_name for row in client.get(LIST, parameters).context["cl"].result_list}


def test_the_list_shows_what_is_open_unless_asked_otherwise(asked, at_desk, anna, ben, now):
    asked(full_name="New")
    asked(full_name="Apart", set_apart_because="Doubtful.")
    closed, mine, hers = asked(full_name="Closed"), asked(full_name="Mine"), asked(full_name="Hers")
    desk.close(pk=closed.pk, by=anna, now=now, outcome=Outcome.SPAM)
    desk.claim(pk=mine.pk, by=anna, now=now)
    desk.claim(pk=hers.pk, by=ben, now=now)
    assert shown(at_desk) == {"New", "Mine", "Hers"}
    assert shown(at_desk, show="mine") == {"Mine"}
    assert shown(at_desk, show="set-apart") == {"Apart"}
    assert shown(at_desk, show="closed") == {"Closed"}
    assert shown(at_desk, show="all") == {"New", "Apart", "Closed", "Mine", "Hers"}
    assert shown(at_desk, show="all", status="claimed") == {"Mine", "Hers"}
    assert shown(at_desk, show="all", outcome="spam") == {"Closed"}
    assert shown(at_desk, show="all", channel="visit") == set()


def test_the_list_is_in_desk_order(asked, at_desk, now):
    for name, hour in (("Third", 13), ("First", 9), ("Second", 11)):
        request = asked(full_name=name)
        CallbackRequest.objects.filter(pk=request.pk).update(due_at=now.replace(hour=hour))
    names = [row.full_name for row in at_desk.get(LIST).context["cl"].result_list]
    assert names == ["First", "Second", "Third"]


@pytest.mark.parametrize("rows", [1, 3, pytest.param(100, marks=pytest.mark.faults)])
def test_the_list_costs_the_same_at_one_row_and_at_a_hundred(asked, at_desk, ben, rows, now):
    for number in range(rows):
        request = asked(full_name=f"Number {number}")
        if number % 2:
            desk.claim(pk=request.pk, by=ben, now=now)
    with CaptureQueriesContext(connection) as queries:
        html = at_desk.get(LIST).content.decode()
    assert html.count('class="field-who"') == rows
    assert len(queries) == 16  # the same at any number of rows


def test_the_number_of_an_earlier_request_leads_to_the_newest_of_that_person(asked, at_desk):
    now = timezone.now()
    earlier = asked(email="zoe@example.com", phone="+447700900111", at=now)
    newest = asked(email="zoe@example.com", phone="+447700900222", at=now)
    assert newest.earlier == earlier
    response = at_desk.get(LIST, {"q": "900111", "show": "all"})
    assert (response.status_code, response.headers.get("Location")) == (302, f"{LIST}{newest.pk}/change/")
