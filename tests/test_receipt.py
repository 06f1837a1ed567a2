"""The receipt: true at every step, and silent about whose it is and why."""

from datetime import timedelta
from html import unescape

import pytest

from callbacks.actions import desk, visiting
from callbacks.models import CallbackRequest
from callbacks.receipt import receipt_of
from callbacks.states import Outcome
from tests.client import Client
from tests.conftest import MONDAY

pytestmark = pytest.mark.django_db


def words(request, at=MONDAY) -> str:
    return receipt_of(CallbackRequest.objects.get(pk=request.pk), now=at).state_words


def test_the_page_shows_reference_promise_and_three_digits_and_nothing_private(client, asked):
    request = asked(
        email="zoe@example.com",
        message="It hurts badly",
        clinic="Some Clinic",
        procedure="Thread lift of the brow",
        procedure_date="last spring",
        call_needs="a woman to speak to",
    )
    response = client.get(request.get_absolute_url())
    page = unescape(response.content.decode())
    assert response.status_code == 200
    assert "<h1>Your call</h1>" in page
    assert request.reference in page
    assert "ends in 982" in page
    for private in (
        "Zoë",
        "Example",
        "07700",
        "900982",
        "zoe@",
        "hurts",
        "Clinic",
        "of the brow",
        "last spring",
        "woman",
    ):
        assert private not in page
    assert "See a doctor" in page
    assert "0808 189 7703" in page


def test_the_page_is_kept_by_nobody_and_found_by_nobody(client, asked):
    response = client.get(asked().get_absolute_url())
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in response.content.decode()
    assert response["Referrer-Policy"] == "same-origin"
    assert not response.cookies


def test_an_address_that_nobody_was_given_is_not_found(client, asked):
    request = asked()
    for token in ("x", request.reference, request.token[:-1], request.token.swapcase()):
        assert client.get(f"/callback/{token}/").status_code == 404


def test_looking_changes_nothing(asked):
    client = Client(enforce_csrf_checks=True)
    request = asked()
    assert client.post(request.get_absolute_url()).status_code == 405
    client.get(request.get_absolute_url())
    assert request.events.count() == 1


def test_it_says_at_each_step_where_the_request_stands(asked, anna):
    request = asked()
    assert words(request) == "We will call you today, before 11:00."
    assert words(request, MONDAY + timedelta(hours=2)).startswith("We meant to have called you by now")

    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    assert words(request) == "We will call you today, before 11:00."
    desk.call(pk=request.pk, by=anna, now=MONDAY)
    desk.no_answer(pk=request.pk, by=anna, now=MONDAY + timedelta(minutes=12))
    assert words(request) == (
        "We tried at 10:12 and will try again this afternoon, between 12:30 and 13:30: "
        "the second of three tries."
    )
    assert words(request, MONDAY + timedelta(days=1)).startswith("We meant to have called you by now")

    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    desk.call(pk=request.pk, by=anna, now=MONDAY)
    desk.spoke(pk=request.pk, by=anna, now=MONDAY + timedelta(minutes=20))
    agreed = MONDAY + timedelta(minutes=21)
    desk.call_again(pk=request.pk, by=anna, now=agreed, at=MONDAY + timedelta(days=1))
    assert words(request) == "We have spoken. We will call you again tomorrow between 10:00 and 10:30."

    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    desk.pass_to_solicitor(pk=request.pk, by=anna, now=MONDAY)
    assert words(request) == (
        "We have spoken. A solicitor is looking at what you told us, "
        "and you hear from us by Wednesday 25 November."
    )


def test_after_the_last_attempt_it_asks_the_person_to_ring(asked, anna):
    request = asked()
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    desk.call(pk=request.pk, by=anna, now=MONDAY)
    desk.wrong_number(pk=request.pk, by=anna, now=MONDAY)
    assert words(request) == (
        "We rang the number that ends in 982 and did not reach you there. "
        "Correct the number, or ring us, until Monday 7 December."
    )


def test_after_three_tries_it_offers_a_time_and_says_until_when(asked, anna):
    request = asked()
    for _ in range(3):
        try_in_vain(request, anna)
    receipt = receipt_of(CallbackRequest.objects.get(pk=request.pk), now=MONDAY)
    assert receipt.state_words == (
        "We tried three times and could not reach you. "
        "Choose a time that suits you, or ring us, until Monday 7 December."
    )
    assert (receipt.state, receipt.time_words, receipt.may_change_time) == ("We tried", "", True)


@pytest.mark.parametrize(
    ("at", "then"),
    [
        (
            MONDAY.replace(hour=15),
            "We tried at 15:00 and will try again tomorrow, between 9:00 and 10:00: "
            "the second of three tries.",
        ),
        (
            MONDAY.replace(hour=9) - timedelta(days=3),
            "We tried at 9:00 and will try again this afternoon, between 12:30 and 13:30: "
            "the second of three tries.",
        ),
    ],
)
def test_the_next_try_is_told_with_its_part_of_the_day(at, then, asked, anna):
    request = asked(at=at)
    try_in_vain(request, anna, at)
    assert words(request, at) == then


def test_a_try_on_another_day_is_told_with_its_date(asked, anna):
    request = asked()
    try_in_vain(request, anna, MONDAY.replace(hour=15))
    assert words(request, MONDAY + timedelta(hours=23)) == (
        "We tried on Monday 23 November at 15:00 and will try again this morning, between 9:00 and 10:00: "
        "the second of three tries."
    )


def test_during_the_second_call_the_words_stay_as_they_were(asked, anna):
    request = asked()
    try_in_vain(request, anna)
    before = words(request)
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    desk.call(pk=request.pk, by=anna, now=MONDAY)
    assert words(request) == before
    desk.no_answer(pk=request.pk, by=anna, now=MONDAY)
    assert words(request).endswith("between 12:30 and 13:30: the third of three tries.")


def test_once_another_time_is_chosen_after_the_last_try_no_try_is_counted(asked, anna):
    request = asked()
    for _ in range(3):
        try_in_vain(request, anna)
    visiting.choose_time(pk=request.pk, by=None, now=MONDAY, wanted_at=MONDAY + timedelta(days=1))
    assert words(request) == "We tried at 10:00 and will try again tomorrow, between 10:00 and 10:30."


def test_who_has_spoken_and_asks_for_another_call_reads_when(asked, anna):
    request = asked()
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    desk.call(pk=request.pk, by=anna, now=MONDAY)
    desk.spoke(pk=request.pk, by=anna, now=MONDAY)
    assert words(request) == "We have spoken."
    later = MONDAY + timedelta(minutes=5)
    visiting.choose_time(pk=request.pk, by=None, now=later, wanted_at=MONDAY + timedelta(days=1))
    visiting.choose_time(pk=request.pk, by=None, now=later, wanted_at=None)
    assert words(request) == "We have spoken. We will call you again today, before 11:00."


def test_the_slip_has_the_time_by_its_date_and_what_it_was_before(client, asked):
    request = asked()
    visiting.choose_time(pk=request.pk, by=None, now=MONDAY, wanted_at=MONDAY + timedelta(days=1))
    receipt = receipt_of(CallbackRequest.objects.get(pk=request.pk), now=MONDAY)
    assert receipt.time_words == "Tuesday 24 November, between 10:00 and 10:30"
    assert receipt.was_words == "Monday 23 November, before 11:00"


def test_the_number_abroad_has_uk_time_in_its_slip_and_its_next_try(asked, anna):
    request = asked(phone="+353871234567")
    receipt = receipt_of(request, now=MONDAY)
    assert receipt.time_words == "Monday 23 November, before 11:00 (UK time)"
    try_in_vain(request, anna)
    assert "between 12:30 and 13:30 (UK time): the second" in words(request)


def try_in_vain(request, by, now=MONDAY) -> None:
    desk.claim(pk=request.pk, by=by, now=now)
    desk.call(pk=request.pk, by=by, now=now)
    desk.no_answer(pk=request.pk, by=by, now=now)


def test_what_happens_next_is_said_until_a_call_was_made(client, asked, anna):
    request = asked()
    page = client.get(request.get_absolute_url()).content.decode()
    assert "three times in all" in page
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    desk.call(pk=request.pk, by=anna, now=MONDAY)
    desk.no_answer(pk=request.pk, by=anna, now=MONDAY)
    page = client.get(request.get_absolute_url()).content.decode()
    assert "three times in all" not in page
    assert request.reference in page


def test_a_closed_request_leads_to_the_form(client, asked, anna):
    request = asked()
    leads_there = '<a class="button" href="/request-a-callback/">'
    assert leads_there not in client.get(request.get_absolute_url()).content.decode()
    desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.WITHDRAWN)
    assert leads_there in client.get(request.get_absolute_url()).content.decode()


def test_a_closed_request_shows_no_number_and_no_reference(client, asked, anna):
    request = asked()
    desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.WITHDRAWN)
    page = unescape(client.get(request.get_absolute_url()).content.decode())
    assert "This request is closed." in page
    assert "982" not in page
    assert request.reference not in page


def test_an_agreed_time_is_what_is_promised(asked, anna):
    request = asked()
    desk.agree_another_time(pk=request.pk, by=anna, now=MONDAY, at=MONDAY + timedelta(days=1))
    assert words(request) == "We will call you tomorrow between 10:00 and 10:30."


def test_whoever_has_a_foreign_number_reads_that_times_are_uk_time(asked):
    request = asked(phone="+353871234567")
    assert words(request) == "We will call you today, before 11:00 (UK time)."


def test_the_wishes_for_discretion_are_read_back(client, asked):
    quiet = client.get(asked().get_absolute_url()).content.decode()
    assert "We say nothing to anyone else." in quiet
    assert "We leave no message." in quiet
    open_ = client.get(
        asked(full_name="Open", say_who=True, leave_message=True).get_absolute_url()
    ).content.decode()
    assert "As you told us, we may say who is calling and leave a message." in open_
    half = client.get(asked(full_name="Half", leave_message=True).get_absolute_url()).content.decode()
    assert "We say nothing to anyone else." in half
    assert "We may leave a message, as you told us." in half
