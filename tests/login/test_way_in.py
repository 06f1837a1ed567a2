"""With a password and a code, the first time with an enrolment code."""

import re
import threading
from base64 import b32decode
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connections
from django.test import Client
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from firm_site import second_factor, sessions
from firm_site.models import Enrolment
from tests.login.steps import (
    CODE,
    ENROL,
    LOGIN,
    PASSWORD,
    SET_UP,
    code_of,
    give,
    give_password,
    is_logged_in,
    said,
)
from tests.test_role_table import STAFF_ROUTES

pytestmark = pytest.mark.django_db


def test_a_password_and_a_code_lead_to_the_page_that_was_asked_for(client, device):
    asked_for = "/admin/callbacks/callbackrequest/?show=all"
    first = give_password(client, next=asked_for)
    assert (first["Location"], is_logged_in(client)) == (CODE, False)
    second = give(client, CODE, code=code_of(device))
    assert (second["Location"], is_logged_in(client)) == (asked_for, True)


@pytest.mark.parametrize(
    "next",
    ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", "", "9999-12-31", "a b"],
)
def test_a_login_leads_to_no_other_site(client, device, next):
    give_password(client, next=next)
    assert give(client, CODE, code=code_of(device))["Location"] == "/admin/"


def test_the_password_alone_leads_only_to_the_second_step(client, device):
    give_password(client)
    found = {route: client.get(f"/{re.sub('<[^>]*>', '1', route)}") for route, _ in STAFF_ROUTES}
    steps = {"admin/login/", "admin/login/code/", "admin/login/enrol/"}
    open_to_all = {route for route, response in found.items() if response.status_code == 200}
    assert open_to_all <= steps | {"admin/jsi18n/"}
    assert "admin/login/code/" in open_to_all


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("half", [False, True], ids=["without a login", "with half a login"])
def test_no_staff_address_answers_without_a_whole_login(client, device, half, method):
    if half:
        give_password(client)
    led = {}
    for route, _ in STAFF_ROUTES:
        if route.startswith("admin/login/") or route == "admin/(?P<url>.*)$":
            continue
        response = getattr(client, method)("/" + re.sub("<[^>]*>", "1", route))
        led[route] = response.status_code == 302 and response["Location"].startswith("/admin/login/")
    assert [route for route, to_the_login in led.items() if not to_the_login] == ["admin/logout/"]
    assert len(led) > 50


def test_a_session_that_began_without_a_code_opens_nothing(client, anna, device):
    client.force_login(anna, "django.contrib.auth.backends.ModelBackend")  # as an old session was
    assert client.get("/admin/")["Location"].startswith(LOGIN)


def test_a_code_is_good_once(client, device):
    code = code_of(device)
    give_password(client)
    give(client, CODE, code=code)
    other = Client()
    give_password(other)
    response = give(other, CODE, code=code)
    assert (response.status_code, "used before" in said(response)) == (422, True)


def test_a_wrong_code_is_refused_with_a_sentence_and_the_right_one_then_taken(client, device):
    give_password(client)
    wrong = give(client, CODE, code="000000" if code_of(device) != "000000" else "000001")
    assert (wrong.status_code, "This code is not right" in said(wrong)) == (422, True)
    TOTPDevice.objects.update(throttling_failure_timestamp=timezone.now() - timedelta(minutes=1))
    assert give(client, CODE, code=code_of(device))["Location"] == "/admin/"


def test_after_several_wrong_codes_the_page_says_how_long_to_wait(client, device):
    give_password(client)
    TOTPDevice.objects.update(throttling_failure_count=8, throttling_failure_timestamp=timezone.now())
    assert "wait 3 minutes first" in said(give(client, CODE, code="123456"))


@pytest.mark.parametrize("typed", [str.upper, lambda code: code.replace(" ", "-"), lambda code: code])
def test_a_recovery_code_lets_in_once_however_it_is_typed(client, anna, device, typed):
    code = typed(second_factor.new_recovery_codes(anna)[3])
    give_password(client)
    assert give(client, CODE, code=code)["Location"] == "/admin/"
    assert second_factor.recovery_codes_left(anna) == 9
    again = Client()
    give_password(again)
    assert give(again, CODE, code=code).status_code == 422


def test_half_a_login_lasts_ten_minutes(client, device, monkeypatch):
    give_password(client)
    assert "Begin again" not in said(client.get(LOGIN))
    monkeypatch.setattr(sessions, "ON_THE_WAY", timedelta(0))
    assert give(client, CODE, code=code_of(device))["Location"] == LOGIN
    assert "That took more than ten minutes" in client.get(LOGIN).content.decode()
    assert not is_logged_in(client)


@pytest.mark.parametrize("change", ["password", "inactive"])
def test_half_a_login_ends_with_another_password_or_a_login_made_inactive(client, anna, device, change):
    give_password(client)
    if change == "password":
        anna.set_password("another long password")
    else:
        anna.is_active = False
    anna.save()
    assert give(client, CODE, code=code_of(device))["Location"] == LOGIN


def test_the_key_of_the_session_changes_with_each_step(client, device):
    keys = []
    give_password(client)
    keys.append(client.session.session_key)
    give(client, CODE, code=code_of(device))
    keys.append(client.session.session_key)
    assert (len(set(keys)), Session.objects.count()) == (2, 1)


def test_a_login_left_open_in_another_tab_leads_to_where_its_owner_is(device):
    client = Client(enforce_csrf_checks=True)
    left_open = {"csrfmiddlewaretoken": token_of(client.get(LOGIN)), "username": "anna", "password": PASSWORD}
    client.post(LOGIN, left_open)
    assert client.post(LOGIN, {"username": "anna", "password": PASSWORD}).status_code == 403
    client.post(CODE, {"csrfmiddlewaretoken": token_of(client.get(CODE)), "code": code_of(device)})
    assert client.post(LOGIN, left_open)["Location"] == "/admin/"


def token_of(page) -> str:
    found = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page.content.decode())
    assert found
    return found[1]


def test_half_a_login_begins_under_a_key_that_nobody_knew_before(client, anna, ben, device):
    give_password(client, name="ben")  # by somebody who left it in this browser
    left = client.session.session_key
    give_password(client)
    assert client.session.session_key != left
    assert not Session.objects.filter(session_key=left).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["authenticator", "recovery code"])
def test_of_several_who_use_a_code_at_once_one_comes_in(device, anna, kind):
    code = code_of(device) if kind == "authenticator" else second_factor.new_recovery_codes(anna)[0]
    ready, came_in = threading.Barrier(4), []

    def use() -> None:
        ready.wait(20)
        came_in.append(second_factor.is_right(anna, code))
        connections.close_all()

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(came_in) == [False, False, False, True]


# The first time


def authenticator_of(page: str) -> TOTPDevice:
    """An authenticator into which somebody typed the secret that the page shows."""
    secret = re.search(r'<p class="code">([a-z2-7 ]+)</p>', page)
    assert secret
    return TOTPDevice(key=b32decode(secret[1].replace(" ", "").upper()).hex())


def test_the_first_login_sets_up_an_authenticator_and_shows_ten_recovery_codes_once(client, anna):
    enrolment = second_factor.new_enrolment(anna, now=timezone.now())
    assert give_password(client)["Location"] == ENROL
    assert client.get(SET_UP)["Location"] == LOGIN  # not before the enrolment code
    assert give(client, ENROL, code=enrolment)["Location"] == SET_UP
    page = client.get(SET_UP).content.decode()
    assert "<svg" in page
    assert is_logged_in(client) is False
    last = give(client, SET_UP, code=code_of(authenticator_of(page)))
    codes = re.findall(r'<li class="code">(\w{4} \w{4})</li>', last.content.decode())
    assert (len(set(codes)), is_logged_in(client)) == (10, True)
    assert second_factor.is_right(anna, codes[0])
    assert Enrolment.objects.count() == 0


@pytest.mark.parametrize("good", ["somebody else's", "of yesterday", "made up"])
def test_an_enrolment_code_is_of_one_person_for_a_day(client, anna, ben, good):
    second_factor.new_enrolment(anna, now=timezone.now())
    code = {
        "somebody else's": lambda: second_factor.new_enrolment(ben, now=timezone.now()),
        "of yesterday": lambda: second_factor.new_enrolment(anna, now=timezone.now() - timedelta(hours=24)),
        "made up": lambda: "aaaa bbbb cccc dddd",
    }[good]()
    give_password(client)
    response = give(client, ENROL, code=code)
    assert (response.status_code, "Ask for a new one" in said(response)) == (422, True)
    assert client.get(SET_UP)["Location"] == LOGIN


def test_an_enrolment_code_sets_up_one_authenticator(anna):
    enrolment = second_factor.new_enrolment(anna, now=timezone.now())
    first, second = Client(), Client()
    for each in (first, second):
        give_password(each)
        give(each, ENROL, code=enrolment)
    page = first.get(SET_UP).content.decode()
    give(first, SET_UP, code=code_of(authenticator_of(page)))
    assert second.get(SET_UP)["Location"] == LOGIN
    assert TOTPDevice.objects.count() == 1


def test_an_enrolment_code_that_was_replaced_leads_no_further(client, anna):
    enrolment = second_factor.new_enrolment(anna, now=timezone.now())
    give_password(client)
    give(client, ENROL, code=enrolment)
    device = second_factor.to_be_set_up(anna)
    second_factor.new_enrolment(anna, now=timezone.now())
    assert client.get(SET_UP)["Location"] == LOGIN
    give(client, SET_UP, code=code_of(device))
    assert (is_logged_in(client), TOTPDevice.objects.count()) == (False, 0)


def test_no_authenticator_is_set_up_without_an_enrolment(anna):
    device = second_factor.to_be_set_up(anna)
    assert second_factor.set_up(anna, code_of(device)) is None
