"""Behind nginx: what our own proxy says is believed, what anybody else says is not."""

import pytest
from django.http import HttpRequest, HttpResponse

from firm_site.proxies import believe_our_proxies


@pytest.fixture
def seen(rf, settings):
    """Scheme and client of a request, as the site sees them."""
    settings.TRUSTED_PROXIES = ["10.0.0.1", "10.0.0.2"]

    def see(remote: str, **headers: str) -> tuple[str | None, str]:
        requests: list[HttpRequest] = []
        middleware = believe_our_proxies(lambda request: requests.append(request) or HttpResponse())
        middleware(rf.get("/", headers=headers, REMOTE_ADDR=remote))
        return requests[0].scheme, requests[0].META["REMOTE_ADDR"]

    return see


def test_a_proxy_of_ours_tells_the_scheme_and_the_client(seen):
    told = {"x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.7"}
    assert seen("10.0.0.1", **told) == ("https", "203.0.113.7")


def test_of_several_hops_the_right_most_that_is_not_ours_counts(seen):
    told = {"x-forwarded-for": "1.1.1.1, 203.0.113.7, 10.0.0.2"}
    assert seen("10.0.0.1", **told) == ("http", "203.0.113.7")


def test_what_anybody_else_says_is_not_believed(seen):
    told = {"x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.7"}
    assert seen("198.51.100.9", **told) == ("http", "198.51.100.9")


def test_nonsense_changes_nothing(seen):
    assert seen("10.0.0.1", **{"x-forwarded-proto": "gopher", "x-forwarded-for": " , "}) == (
        "http",
        "10.0.0.1",
    )


@pytest.mark.parametrize(
    ("told", "client"),
    [
        ("203.0.113.7:4711", "203.0.113.7"),
        ("[2001:db8::7]:443", "2001:db8::7"),
        ("2001:DB8::7", "2001:db8::7"),
        ("fe80::1%eth0", "fe80::1"),
        ("203.0.113.7, unknown", "10.0.0.1"),  # what our proxy wrote is no address: nobody else is asked
        ("203.0.113.7, 1.2.3.4.5", "10.0.0.1"),
        ("\xff\xfe", "10.0.0.1"),
    ],
)
def test_an_address_is_read_however_it_is_written_and_nothing_else_is_one(seen, told, client):
    assert seen("10.0.0.1", **{"x-forwarded-for": told}) == ("http", client)
