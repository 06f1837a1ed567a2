"""A visitor on a phone asks, changes the time, adds something, corrects the number, and cancels."""

import re
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from callbacks.actions.booking import free_times
from callbacks.hours import clock
from callbacks.models import CallbackRequest, Note, NoteKind
from callbacks.opening import hours_in_force
from tests.browser.conftest import assert_accessible

PHONE = {"width": 390, "height": 844}


def free(index: int) -> datetime:
    return free_times(hours_in_force(), timezone.now())[index][0]


def pick(page: Page, start: datetime) -> None:
    """Choose a half hour, after unfolding its day if it is folded."""
    day = f"{start:%A} {start.day} {start:%B}"
    folded = page.locator("details.day:not([open]) > summary", has_text=day)
    if folded.count():
        folded.click()
    name = f"{clock(start)} to {clock(start + timedelta(minutes=30))}, {day}"
    page.get_by_role("radio", name=name, exact=True).check()


def follow(page: Page, link: str) -> None:
    """Go to one of the pages of changes, which has no barrier and nothing too small to touch."""
    target = page.locator(".changes").get_by_role("link", name=link)
    box = target.bounding_box()
    assert box
    assert box["height"] >= 44
    target.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(link)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert_accessible(page)


@pytest.mark.parametrize("chooses_first", [False, True])
def test_a_visitor_changes_everything_and_cancels_on_a_phone(chooses_first: bool, site: str, page: Page):
    page.set_viewport_size(PHONE)
    page.goto(site + "/request-a-callback/")
    page.get_by_label("Your name").fill("Zoë Example")
    page.locator("#id_phone").fill("07700 900 982")
    if chooses_first:
        pick(page, free(5))
    page.get_by_role("button", name="Request a Callback").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your call")
    expect(page.get_by_role("link", name="Put it in your calendar")).to_have_count(int(chooses_first))

    start = free(-1)
    follow(page, "Choose another time")
    pick(page, start)
    page.get_by_role("button", name="Choose this time").click()
    expect(page.get_by_role("status")).to_have_text("The time is as you chose it.")
    slip = page.locator(".slip")
    expect(slip).to_contain_text(f"between {clock(start)} and {clock(start + timedelta(minutes=30))}")
    expect(slip).to_contain_text("changed from")
    assert_accessible(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Put it in your calendar").click()
    assert download.value.suggested_filename == "call.ics"

    follow(page, "Add something")
    page.get_by_role("button", name="Add this").click()
    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_label("What would you like to add?").fill("It was the left side")
    page.get_by_role("button", name="Add this").click()
    expect(page.get_by_role("status")).to_have_text("Thank you. We have what you added.")

    follow(page, "Correct the number")
    page.get_by_label("Telephone").fill("01632 960 001")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Thank you. We have the number.")
    expect(slip).to_contain_text("nds in 001")
    request = CallbackRequest.objects.get()
    assert (request.wanted_at, request.phone) == (start, "+441632960001")
    assert Note.objects.get(kind=NoteKind.ADDITION).text == "It was the left side"

    own_page = page.url.split("?")[0]
    follow(page, "Cancel the request")
    page.get_by_role("link", name="Keep it").click()
    expect(page.get_by_text(request.reference)).to_be_visible()
    follow(page, "Cancel the request")
    page.get_by_role("button", name="Cancel my request").click()
    expect(page.get_by_text("You cancelled this request. Nobody will call you.")).to_be_visible()
    expect(page.get_by_text(request.reference)).to_have_count(0)
    assert page.url == own_page
    assert_accessible(page)
    assert page.context.cookies() == []


def test_a_time_that_has_gone_meanwhile_is_replaced_without_blame(site: str, page: Page, asked):
    page.set_viewport_size(PHONE)
    mine = asked(at=timezone.now())
    page.goto(f"{site}{mine.get_absolute_url()}time/")
    start = free(0)
    pick(page, start)
    for name in ("Anna Example", "Ben Example"):
        asked(full_name=name, wanted_at=start, at=timezone.now())
    page.get_by_role("button", name="Choose this time").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("That time has just gone")
    expect(heading).to_be_focused()
    expect(page.locator("#when :checked")).to_have_count(0)
    assert_accessible(page)
    other = free(0)
    pick(page, other)
    page.get_by_role("button", name="Choose this time").click()
    expect(page.get_by_role("status")).to_be_visible()
    assert CallbackRequest.objects.get(pk=mine.pk).wanted_at == other


def test_everything_can_be_changed_without_script(site: str, browser, browser_context_args, asked):
    context = browser.new_context(**browser_context_args, java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    mine = asked(at=timezone.now())
    page.goto(site + mine.get_absolute_url())
    page.get_by_role("link", name="Choose another time").click()
    start = free(-1)
    pick(page, start)
    page.get_by_role("button", name="Choose this time").click()
    assert CallbackRequest.objects.get(pk=mine.pk).wanted_at == start
    page.get_by_role("link", name="Cancel the request").click()
    page.get_by_role("button", name="Cancel my request").click()
    expect(page.get_by_text("You cancelled this request.")).to_be_visible()
    context.close()


@pytest.mark.expects_errors
def test_a_forged_link_has_no_barrier(site: str, page: Page):
    page.set_viewport_size(PHONE)
    page.goto(site + "/callback/no-such-token/")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing at this link")
    assert_accessible(page)
