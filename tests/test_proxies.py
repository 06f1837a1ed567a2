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
