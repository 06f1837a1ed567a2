"""Recovery codes, and what managers do for whoever cannot get in."""

import re

import pytest
from django.contrib.admin import AdminSite
from django.contrib.admin.models import LogEntry
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from firm_site import checks, second_factor
from firm_site.admin_site import StaffSite
from tests.login.steps import CODE, LOGIN, code_of, give, give_password, is_logged_in, logged_in_as, said

pytestmark = pytest.mark.django_db


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


def test_the_checks_notice_a_staff_site_without_a_second_factor(monkeypatch):
    assert checks.staff_need_a_second_factor() == []
    monkeypatch.setattr(StaffSite, "has_permission", AdminSite.has_permission)
    assert [found.id for found in checks.staff_need_a_second_factor()] == ["firm.E002"]
