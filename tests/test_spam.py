"""Doubtful requests: set apart with the reasons in words, and never thrown away."""

from datetime import timedelta

import pytest

from callbacks import spam
from callbacks.actions import desk
from callbacks.actions.asking import Answers, Shown, submit
from callbacks.models import CallbackRequest
from callbacks.states import Outcome, Status
from tests.conftest import MONDAY

pytestmark = pytest.mark.django_db

NUMBER = "+447700900111"
TEXT = "We can bring your website to the first page of every search."
A_DAY = timedelta(days=1)


@pytest.mark.parametrize(
    "name",
    [
        "http://example.com/",
        "Win now www.example.com",
        "Anna example.ru",
        "<a href=x>Anna</a>",
        "[URL=x]Anna[/URL]",
        "HTTPS://EXAMPLE.COM",
        "Anna best-example.shop",
    ],
)
def test_a_link_in_the_name_is_doubtful(asked, name):
    request = asked(full_name=name)
    assert (request.status, request.set_apart_because) == (
        Status.SUSPECTED_SPAM,
        "There is a link in the name.",
    )


@pytest.mark.parametrize(
    "name",
    ["Dr. A. Bell", "O’Brien-Smith", "X Æ A-12", "J.R.R. Example", "Ann.Bell", "Comfort Top", "Ana Xyz"],
)
def test_a_name_with_dots_is_a_name(asked, name):
    assert asked(full_name=name).status == Status.NEW


def test_a_link_in_the_message_is_not_doubtful(asked):
    assert asked(message="My photographs: https://photos.example.com/a").status == Status.NEW


def test_the_fourth_request_of_a_number_in_a_day_is_set_apart(asked):
    statuses = [
        asked(at=MONDAY + timedelta(hours=hour), phone=NUMBER, full_name=f"Person {hour}").status
        for hour in range(5)
    ]
    assert statuses == [Status.NEW] * 3 + [Status.SUSPECTED_SPAM] * 2
    last = CallbackRequest.objects.latest("pk")
    assert last.set_apart_because == "This number has asked more than 3 times in 24 hours."
    next_day = asked(at=MONDAY + A_DAY + timedelta(hours=4, minutes=1), phone=NUMBER, full_name="Person 9")
    assert next_day.status == Status.NEW


def test_the_fourth_is_set_apart_also_when_the_others_are_closed_by_now(asked, anna):
    for number, at in enumerate([MONDAY - 7 * A_DAY] * 3 + [MONDAY] * 3):
        request = asked(phone=NUMBER, full_name=f"Person {number}", at=at)
        assert request.status == Status.NEW
        desk.close(pk=request.pk, by=anna, now=at, outcome=Outcome.CLIENT_DECLINED)
    assert asked(phone=NUMBER, full_name="Person 7").status == Status.SUSPECTED_SPAM


def test_one_text_from_many_numbers_is_doubtful_and_from_few_it_is_not(asked):
    statuses = [asked(full_name=f"Person {number}", message=TEXT).status for number in range(5)]
    assert statuses == [Status.NEW] * 3 + [Status.SUSPECTED_SPAM] * 2
    last = CallbackRequest.objects.latest("pk")
    assert last.set_apart_because == "The same text came from many numbers."
    assert asked(full_name="Person 9", message=TEXT, at=MONDAY + 2 * A_DAY).status == Status.NEW


def test_numbers_are_counted_and_not_requests_nor_the_own_number(asked):
    for name, times in (("Anna", 2), ("Boris", 2), ("Carol", 1)):
        for number in range(times):
            asked(full_name=name, message=TEXT, procedure=f"{number}")
    assert asked(full_name="Anna", message=TEXT, procedure="third").status == Status.NEW


def test_what_many_people_write_is_not_doubtful(asked):
    for number in range(6):
        assert asked(full_name=f"Person {number}", message="Please call me.").status == Status.NEW


def test_every_reason_is_given(asked):
    request = asked(full_name="www.example.com", set_apart_because=spam.HONEYPOT)
    assert request.set_apart_because == (
        "A field that people never see was filled in. There is a link in the name."
    )


def test_all_reasons_together_fit_into_the_column(asked):
    for number in range(3):
        asked(full_name=f"Person {number}", message=TEXT)
        asked(full_name=f"Other {number}", phone=NUMBER)
    reasons = f"{spam.HONEYPOT} {spam.FROM_ONE_ADDRESS}"
    request = asked(full_name="www.example.com", phone=NUMBER, message=TEXT, set_apart_because=reasons)
    assert request.set_apart_because.count(".") == 5
    assert len(request.set_apart_because) < 300


def test_what_staff_type_in_is_not_doubted(anna):
    for number in range(5):
        answers = Answers(full_name=f"www.person{number}.com", phone=NUMBER, phone_typed=NUMBER)
        request = submit(answers=answers, shown=Shown(), by=anna, now=MONDAY)
        assert request.status == Status.NEW


def test_a_doubtful_request_is_not_linked_to_what_was_asked_before_and_changes_nothing_of_it(asked):
    before = asked(phone=NUMBER)
    doubtful = asked(phone=NUMBER, message="again", set_apart_because=spam.HONEYPOT)
    assert doubtful.earlier is None
    assert list(before.events.values_list("kind", flat=True)) == ["asked"]
