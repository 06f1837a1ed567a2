"""What ends a session."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from callbacks.actions import desk
from firm_site import second_factor
from tests.login.steps import LOGIN, PASSWORD, is_logged_in, logged_in_as

pytestmark = pytest.mark.django_db


def set_back(client: Client, *, began: timedelta = timedelta(0), seen: timedelta = timedelta(0)) -> None:
    session = client.session
    session["began_at"] -= began.total_seconds()
    session["seen_at"] -= seen.total_seconds()
    session.save()


def test_an_hour_of_nothing_ends_it_and_says_so(working):
    set_back(working, seen=timedelta(minutes=61))
    assert working.get("/admin/")["Location"].startswith(LOGIN)
    assert "After an hour of nothing you were logged out." in working.get(LOGIN).content.decode()


def test_one_that_began_while_the_clock_was_ahead_ends_once_it_is_right(working):
    set_back(working, began=-timedelta(days=2), seen=-timedelta(days=2))
    assert working.get("/admin/")["Location"].startswith(LOGIN)


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
