"""What staff find by a name, a number, a reference or an e-mail address, in any writing of each."""

import pytest
from django.test import Client

from callbacks.actions import desk
from callbacks.admin.request_list import is_short, search
from callbacks.models import CallbackRequest
from callbacks.states import Outcome

pytestmark = pytest.mark.django_db

LIST = "/admin/callbacks/callbackrequest/"
ONLY_OPEN = "only what is open or set apart is searched"


@pytest.fixture
def at_desk(maya, client) -> Client:
    client.force_login(maya)
    return client


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
