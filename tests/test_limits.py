"""How often one address may send the form: what is counted, what is set apart, what is answered 429."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from callbacks import limits, spam
from callbacks.models import CallbackRequest, PostCount
from callbacks.states import Status

pytestmark = pytest.mark.django_db

ADDRESS = "/request-a-callback/"
HOME = "192.0.2.7"
SECOND = timedelta(seconds=1)


def ask(client, number: int = 0, *, address: str = HOME, **answers):
    good = {"full_name": f"Person {number}", "phone": f"07700 900 1{number:02}", "when": "asap"}
    return client.post(ADDRESS, good | answers, REMOTE_ADDR=address)


def posted(many: int, now, *, address: str = HOME) -> list[int]:
    counted = [limits.count(address, asks=False, now=now) for _ in range(many)]
    assert not any(each.asks_often for each in counted)
    return [each.seconds_to_wait for each in counted]


def asked(many: int, now) -> list[bool]:
    return [limits.count(HOME, asks=True, now=now).asks_often for _ in range(many)]


def test_sixty_posts_a_minute_may_go_on_and_the_next_waits_until_the_minute_is_over(now):
    assert posted(60, now) == [0] * 60
    assert posted(1, now + 20 * SECOND) == [40]
    assert posted(1, now + 59.9 * SECOND) == [1]
    assert posted(1, now + 60 * SECOND) == [0]
    assert posted(60, now + 61 * SECOND) == [0] * 59 + [59]


def test_ten_requests_in_ten_minutes_are_not_often_and_the_eleventh_is(now):
    assert asked(11, now) == [False] * 10 + [True]
    assert asked(1, now + timedelta(minutes=10)) == [False]


def test_after_a_clock_that_was_ahead_is_set_back_nobody_waits_for_it(now):
    asked(11, now + timedelta(hours=2))
    posted(61, now + timedelta(hours=2))
    assert posted(61, now) == [0] * 60 + [60]
    assert asked(11, now + timedelta(minutes=1)) == [False] * 10 + [True]


def test_two_at_once_whose_moments_came_in_another_order_are_counted_both(now):
    assert posted(60, now + SECOND) == [0] * 60
    assert posted(1, now) == [61]


def test_posts_and_requests_are_counted_apart(now):
    posted(59, now)
    assert asked(1, now) == [False]


def test_who_was_sent_away_for_a_minute_has_asked_nothing_by_it(now):
    posted(60, now)
    assert [limits.count(HOME, asks=True, now=now) for _ in range(11)] == [(60, False)] * 11
    assert asked(11, now + timedelta(minutes=1)) == [False] * 10 + [True]


def test_each_address_has_a_count_of_its_own(now):
    posted(60, now)
    assert posted(1, now, address="192.0.2.8") == [0]
    assert posted(1, now) == [60]


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("", "", True),  # a socket file has no address
    ],
)
def test_of_ipv6_a_household_counts_as_one_address(now, one, other, are_one):
    posted(60, now, address=one)
    assert posted(1, now, address=other) == [60 if are_one else 0]


def test_what_is_kept_tells_no_address_and_is_another_tomorrow(now):
    posted(1, now)
    key = PostCount.objects.get().key
    assert re.fullmatch(r"[0-9a-f]{64}", key)
    posted(1, now + timedelta(days=1))
    assert PostCount.objects.exclude(key=key).count() == 1


def test_counts_are_forgotten_after_a_day(now):
    posted(1, now)
    posted(1, now + timedelta(hours=2), address="192.0.2.8")
    assert limits.forget(now=now + timedelta(days=1)) == 0
    assert limits.forget(now=now + timedelta(days=1, seconds=1)) == 1
    assert PostCount.objects.count() == 1


def test_a_flood_from_one_address_is_answered_429_with_everything_kept(client):
    posted(60, timezone.now() - 20 * SECOND)
    typed = {"message": "Two\nlines", "clinic": "Some Clinic", "page": "/guides/botched-thread-lift/"}
    response = ask(client, full_name="Zoë Example", email="zoe@", **typed)
    page = unescape(response.content.decode())
    assert response.status_code == 429
    assert 30 <= int(response["Retry-After"]) <= 40
    assert response["Cache-Control"] == "no-store"
    assert "There have been very many requests from your connection." in page
    assert 'href="tel:+448081897703"' in page
    for value in ("Zoë Example", "07700 900 100", "zoe@", "Some Clinic", "/guides/botched-thread-lift/"):
        assert f'value="{value}"' in page
    assert ">\nTwo\nlines</textarea>" in page
    assert re.search(r'value="asap"[^>]*checked', page)
    assert "There is a problem" not in page
    assert CallbackRequest.objects.count() == 0
    assert ask(client, address="192.0.2.8").status_code == 303


def test_every_post_counts_whatever_comes_of_it(client):
    ask(client)
    ask(client, phone="")
    ask(client, more_times="yes")
    client.post(ADDRESS, {}, REMOTE_ADDR=HOME, headers={"sec-fetch-site": "cross-site"})
    client.get(ADDRESS, REMOTE_ADDR=HOME)
    assert list(PostCount.objects.order_by("-posts").values_list("posts", flat=True)) == [4, 1]


def test_the_eleventh_request_is_set_apart_and_answered_like_the_others(client):
    answers = [ask(client, number) for number in range(11)]
    assert [answer.status_code for answer in answers] == [303] * 11
    shapes = {(re.sub(r"[\w-]{32}", "TOKEN", each["Location"]), tuple(each.headers)) for each in answers}
    assert len(shapes) == 1
    requests = list(CallbackRequest.objects.order_by("pk"))
    assert [each.status for each in requests] == [Status.NEW] * 10 + [Status.SUSPECTED_SPAM]
    assert requests[-1].set_apart_because == spam.FROM_ONE_ADDRESS
    assert client.get(answers[-1]["Location"]).status_code == 200


def test_reasons_are_joined(client):
    asked(10, timezone.now())
    ask(client, website="x")
    reasons = CallbackRequest.objects.get().set_apart_because
    assert reasons == f"{spam.HONEYPOT} {spam.FROM_ONE_ADDRESS}"
