"""Whoever guesses is slowed down, and learns nothing."""

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import hashers
from django.test import Client
from django.utils import timezone

from firm_site import tasks, throttle
from tests.login.steps import CODE, ENROL, LOGIN, PASSWORD, code_of, give, give_password, said

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["anna", "nobody-of-this-name", "carla"])
def test_unknown_wrong_and_inactive_are_told_the_same_and_cost_the_same(client, anna, ben, name, monkeypatch):
    ben.username, ben.is_active = "carla", False
    ben.save()
    hashed = []
    make = hashers.MD5PasswordHasher.encode
    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", lambda *given: hashed.append(1) or make(*given))
    password = PASSWORD if name == "carla" else "wrong"
    response = give_password(client, password, name)
    assert response.status_code == 422
    assert "That name and password do not go together." in said(response)
    assert len(hashed) == 1


@pytest.mark.parametrize(
    "name", ["a%00b", "x" * 300, "%EF%B7%BA" * 150], ids=["NUL", "long", "long once it is normalised"]
)
def test_a_name_that_nobody_can_have_is_refused_and_goes_no_further(client, name):
    form = f"username={name}&password=wrong"
    response = client.post(LOGIN, form, content_type="application/x-www-form-urlencoded")
    assert (response.status_code, AccessAttempt.objects.count()) == (422, 0)


@pytest.mark.parametrize("name", ["anna", "nobody-of-this-name"])
def test_five_wrong_passwords_from_one_address_shut_it_out_for_that_name(client, anna, device, name):
    answers = [give_password(client, "wrong", name) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 4 + [429] * 2
    assert answers[-1]["Retry-After"] == "900"
    assert "for fifteen minutes" in said(answers[-1])
    assert give_password(client, PASSWORD, name).status_code == 429


def test_the_owner_comes_in_from_elsewhere_meanwhile(client, anna, device):
    for _ in range(6):
        give_password(client, "wrong")
    home = Client(REMOTE_ADDR="192.0.2.7")
    assert give_password(home)["Location"] == CODE
    assert give(home, CODE, code=code_of(device))["Location"] == "/admin/"


def test_after_a_quarter_of_an_hour_it_is_forgotten(client, anna, device):
    for _ in range(5):
        give_password(client, "wrong")
    AccessAttempt.objects.update(attempt_time=timezone.now() - settings.AXES_COOLOFF_TIME)
    assert give_password(client)["Location"] == CODE


def test_a_whole_login_forgets_the_slips_before_it(client, anna, device):
    for _ in range(4):
        give_password(client, "wrong")
    give_password(client)
    give(client, CODE, code=code_of(device))
    assert AccessAttempt.objects.count() == 0


def test_wrong_codes_count_as_wrong_passwords_do(client, device):
    give_password(client)
    wrong = [give(client, CODE, code="1") for _ in range(5)]
    assert [answer.status_code for answer in wrong] == [422] * 4 + [429]
    assert give(client, CODE, code=code_of(device)).status_code == 429
    assert give_password(client).status_code == 429


def test_wrong_enrolment_codes_count_too(client, anna):
    give_password(client)
    assert [give(client, ENROL, code="1").status_code for _ in range(5)] == [422] * 4 + [429]


def test_one_password_on_many_names_shuts_the_address_out(client, anna, device, monkeypatch):
    monkeypatch.setattr(throttle, "FROM_ONE_ADDRESS", 6)
    tries = [give_password(client, "wrong", f"name{number}").status_code for number in range(8)]
    assert tries == [422] * 6 + [429] * 2
    assert give_password(client).status_code == 429


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::"),
        ("unix:", None),
        ("", None),
    ],
)
def test_an_address_is_counted_by_what_one_home_has(rf, address, counted):
    assert throttle.address_of(rf.get("/", REMOTE_ADDR=address)) == counted


def test_each_night_the_wrong_tries_that_count_no_longer_are_deleted(client, anna):
    give_password(client, "wrong", "old")
    AccessAttempt.objects.update(attempt_time=timezone.now() - settings.AXES_COOLOFF_TIME)
    give_password(client, "wrong", "new")
    tasks.forget_over(timestamp=0)
    assert list(AccessAttempt.objects.values_list("username", flat=True)) == ["new"]


def test_nothing_of_what_was_typed_is_kept_of_a_wrong_try(client, anna):
    give_password(client, "hunter2-hunter2", "quokka-name", code="123456")
    kept = AccessAttempt.objects.values().get()
    assert kept.pop("username") == "quokka-name"
    assert not [text for text in kept.values() if "hunter2" in str(text) or "quokka" in str(text)]


def test_a_password_of_two_hundred_characters_is_taken_whole(client, anna, device):
    anna.set_password("long " * 40 + "end")
    anna.save()
    assert give_password(client, "long " * 40 + "End").status_code == 422
    assert give_password(client, "long " * 40 + "end")["Location"] == CODE
    assert "maxlength" not in client.get(LOGIN).content.decode().split('name="password"')[1].split(">")[0]
