"""A member of staff logs in for the first time, and again with a code that was written down."""

from base64 import b32decode

import pytest
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import expect

from firm_site import second_factor
from tests.browser.conftest import assert_accessible


@pytest.mark.parametrize("width", [390, 1280])
def test_the_first_login_sets_up_an_authenticator(page, site, anna, width):
    page.set_viewport_size({"width": width, "height": 800})
    enrolment = second_factor.new_enrolment(anna, now=timezone.now())
    page.goto(f"{site}/admin/password_change/")
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill("a long enough password")
    page.get_by_role("button", name="Go on").click()
    assert_accessible(page, in_the_dark=width == 390)
    page.get_by_label("Enrolment code").fill("not this one")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("This enrolment code is not yours")).to_be_visible()
    page.get_by_label("Enrolment code").fill(enrolment)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("img", name="The secret as a QR code")).to_be_visible()
    page.get_by_text("I cannot scan it").click()
    assert_accessible(page, in_the_dark=width == 390)
    secret = page.locator(".code").inner_text().replace(" ", "").upper()
    page.get_by_label("The six digits it shows").fill(f"{totp(b32decode(secret)):06}")
    page.get_by_role("button", name="Log in").click()
    expect(page.locator(".codes li")).to_have_count(10)
    assert_accessible(page, in_the_dark=width == 390)
    code = page.locator(".codes li").first.inner_text()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("heading", name="Password change")).to_be_visible()

    page.get_by_role("button", name="Log out").click()
    page.goto(f"{site}/admin/")
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill("a long enough password")
    page.keyboard.press("Enter")
    page.get_by_label("Code").fill(code)
    assert_accessible(page, in_the_dark=width == 390)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Anna Bell")).to_be_visible()
    page.get_by_role("link", name="Anna Bell").click()
    expect(page.get_by_text("You have 9 recovery codes left.")).to_be_visible()
    assert_accessible(page, in_the_dark=width == 390)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_second_click_does_not_use_a_code_twice(page, site, anna):
    code = second_factor.new_recovery_codes(anna)[0]
    TOTPDevice.objects.create(user=anna, name="authenticator")
    page.goto(f"{site}/admin/")
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill("a long enough password")
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Code").fill(code)
    button = page.get_by_role("button", name="Log in").bounding_box()
    for _ in range(2):
        page.mouse.click(button["x"] + 5, button["y"] + 5)
        page.wait_for_timeout(20)
    expect(page.get_by_role("link", name="Anna Bell")).to_be_visible()
    assert second_factor.recovery_codes_left(anna) == 9
