"""How staff log in: with a password and a code, the first time with an enrolment code; and what ends it."""

import re
import threading
import time
from base64 import b32decode
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.models import LogEntry
from django.contrib.auth import hashers
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from callbacks.actions import desk
from firm_site import checks, second_factor, sessions, tasks, throttle
from firm_site.admin_site import StaffSite
from firm_site.models import Enrolment
from tests.client import Client as WholeClient
from tests.test_role_table import STAFF_ROUTES

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough password"
LOGIN, CODE, ENROL, SET_UP = (f"/admin/login/{step}" for step in ("", "code/", "enrol/", "authenticator/"))


@pytest.fixture
def client() -> Client:
    """Somebody at the login, from nowhere."""
    return Client()


@pytest.fixture
def device(anna) -> TOTPDevice:
    return TOTPDevice.objects.create(user=anna, name="authenticator")


def code_of(device: TOTPDevice, steps: int = 0) -> str:
    """What the authenticator shows now, or so many half minutes from now."""
    totp = TOTP(device.bin_key)
    totp.time = time.time() + 30 * steps
    return f"{totp.token():06}"


def give(client: Client, path: str, **answers: str):
    return client.post(path, answers)


def give_password(client: Client, password: str = PASSWORD, name: str = "anna", **more: str):
    return give(client, LOGIN, username=name, password=password, **more)


def said(response) -> str:
    """The text of the page's form and messages."""
    html = response.content.decode()
    return " ".join(re.sub("<[^>]*>", " ", html[html.index("<h1>") :]).split())


def is_logged_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


# The way in


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


# Guessing


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


# What ends a session


@pytest.fixture
def working(client, anna, device) -> Client:
    """Anna, logged in."""
    give_password(client)
    give(client, CODE, code=code_of(device))
    return client


def set_back(client: Client, *, began: timedelta = timedelta(0), seen: timedelta = timedelta(0)) -> None:
    session = client.session
    session["began_at"] -= began.total_seconds()
    session["seen_at"] -= seen.total_seconds()
    session.save()


def test_an_hour_of_nothing_ends_it_and_says_so(working):
    set_back(working, seen=timedelta(minutes=61))
    assert working.get("/admin/")["Location"].startswith(LOGIN)
    assert "After an hour of nothing you were logged out." in working.get(LOGIN).content.decode()


def test_words_that_waited_are_not_shown_to_whoever_comes_an_hour_later(anna, maya):
    manager = logged_in_as(maya)
    manager.post(f"/admin/firm_site/user/{anna.pk}/unlock/")
    set_back(manager, seen=timedelta(minutes=61))
    manager.get("/admin/")
    page = manager.get(LOGIN).content.decode()
    assert ("After an hour of nothing" in page, "Anna Bell" in page) == (True, False)


def test_whoever_does_something_stays(working):
    set_back(working, seen=timedelta(minutes=59))
    assert is_logged_in(working)
    set_back(working, seen=timedelta(minutes=59))
    assert is_logged_in(working)


def test_what_a_page_asks_for_by_itself_is_nothing_done(working):
    set_back(working, seen=timedelta(minutes=59))
    working.get("/admin/", headers={"X-Refresh": "1"})
    set_back(working, seen=timedelta(minutes=2))
    assert working.get("/admin/", headers={"X-Refresh": "1"}).status_code == 302


def test_a_call_in_progress_is_being_busy(working, anna, asked, now):
    request = asked()
    desk.claim(pk=request.pk, by=anna, now=now)
    desk.call(pk=request.pk, by=anna, now=now)
    set_back(working, seen=timedelta(hours=2))
    assert is_logged_in(working)
    desk.spoke(pk=request.pk, by=anna, now=now)
    set_back(working, seen=timedelta(hours=2))
    assert not is_logged_in(working)


def test_after_twelve_hours_it_ends_whatever_is_done(working):
    set_back(working, began=timedelta(hours=12, minutes=1))
    assert working.get("/admin/").status_code == 302
    assert Session.objects.count() == 0


def end_by_logging_out(client, anna):
    client.post("/admin/logout/")


def end_by_another_password(client, anna):
    anna.set_password("another long password")
    anna.save()


def end_by_making_inactive(client, anna):
    anna.is_active = False
    anna.save()


def end_by_another_authenticator(client, anna):
    second_factor.new_enrolment(anna, now=timezone.now())


@pytest.mark.parametrize(
    "end", [end_by_logging_out, end_by_another_password, end_by_making_inactive, end_by_another_authenticator]
)
def test_a_session_ends_with(working, anna, end):
    cookie = working.cookies[settings.SESSION_COOKIE_NAME].value
    end(working, anna)
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = cookie
    assert not is_logged_in(thief)


def disable_on_the_server(anna, maya):
    call_command("add_staff", "anna", "--disable")


def disable_on_the_page(anna, maya):
    fields = {"username": "anna", "first_name": "Anna", "last_name": "Bell", "email": ""}
    path = f"/admin/firm_site/user/{anna.pk}/change/"
    assert logged_in_as(maya).post(path, fields).status_code == 302


@pytest.mark.parametrize("disable", [disable_on_the_server, disable_on_the_page])
def test_a_login_made_active_again_does_not_go_on_where_it_was(working, anna, maya, disable):
    disable(anna, maya)
    anna.refresh_from_db()
    assert anna.is_active is False
    anna.is_active = True
    anna.save()
    assert not is_logged_in(working)


def test_whoever_changes_their_own_password_stays_here_and_is_logged_out_elsewhere(working, anna):
    other = Client()
    other.force_login(anna, "django.contrib.auth.backends.ModelBackend")
    new = {"new_password1": "quite another phrase", "new_password2": "quite another phrase"}
    working.post("/admin/password_change/", {"old_password": PASSWORD} | new)
    assert (is_logged_in(working), is_logged_in(other)) == (True, False)


# Recovery codes and help from a manager


def test_ten_new_recovery_codes_take_a_fresh_code_and_the_place_of_the_old(working, anna, device):
    old = second_factor.new_recovery_codes(anna)
    page = "/admin/second-factor/"
    assert "You have 10 recovery codes left." in said(working.get(page))
    assert give(working, page, code="123").status_code == 422
    shown = give(working, page, code=code_of(device, 1)).content.decode()
    assert len(re.findall(r'<li class="code">', shown)) == 10
    assert [second_factor.is_right(anna, code) for code in old[:1]] == [False]


def test_a_manager_unlocks_a_desk_login(client, anna, maya, device):
    for _ in range(5):
        give_password(client, "wrong")
    TOTPDevice.objects.update(throttling_failure_count=20, throttling_failure_timestamp=timezone.now())
    manager = logged_in_as(maya)
    page = f"/admin/firm_site/user/{anna.pk}/"
    assert "Too many wrong passwords" in said(manager.get(f"{page}change/"))
    assert manager.post(f"{page}unlock/")["Location"] == f"{page}change/"
    assert "Too many wrong passwords" not in said(manager.get(f"{page}change/"))
    give_password(client)
    assert give(client, CODE, code=code_of(device))["Location"] == "/admin/"
    assert LogEntry.objects.get().change_message == "Unlocked."


def test_a_manager_sees_that_a_login_is_shut_out_whatever_it_was_tried_with(client, anna, maya, device):
    for number in range(5):
        client.post(LOGIN, {"username": "anna", "password": "wrong"}, headers={"User-Agent": f"{number}"})
    assert give_password(client).status_code == 429
    page = logged_in_as(maya).get(f"/admin/firm_site/user/{anna.pk}/change/")
    assert "Too many wrong passwords" in said(page)


def test_a_manager_gives_a_new_enrolment_code_for_a_lost_telephone(working, anna, maya):
    shown = logged_in_as(maya).post(f"/admin/firm_site/user/{anna.pk}/reset/").content.decode()
    code = shown.split('<p class="code">')[1].split("</p>")[0]
    assert (is_logged_in(working), second_factor.is_set_up(anna)) == (False, False)
    assert second_factor.may_enrol(anna, code, now=timezone.now())
    assert "taken back" in LogEntry.objects.get().change_message


@pytest.mark.parametrize("verb", ["unlock", "reset"])
@pytest.mark.parametrize("whose", ["maya", "paula"])
def test_a_manager_reaches_no_login_but_the_desks(maya, paula, whose, verb, request):
    pk = request.getfixturevalue(whose).pk
    assert logged_in_as(maya).post(f"/admin/firm_site/user/{pk}/{verb}/").status_code == 404


def logged_in_as(user) -> WholeClient:
    client = WholeClient()
    client.force_login(user)
    return client


def test_the_checks_notice_a_staff_site_without_a_second_factor(monkeypatch):
    assert checks.staff_need_a_second_factor() == []
    monkeypatch.setattr(StaffSite, "has_permission", AdminSite.has_permission)
    assert [found.id for found in checks.staff_need_a_second_factor()] == ["firm.E002"]
