"""Search in a browser: by keyboard, without the script, and for every eye."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import assert_accessible


def test_a_guide_is_found_by_keyboard_in_spite_of_a_slip(site: str, page: Page):
    page.goto(f"{site}/guides/")
    field = page.get_by_role("search").get_by_label("Search the guides")
    field.focus()
    page.keyboard.type("thred lift")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/search/?q=thred+lift")
    expect(page.get_by_text("Nothing is called “thred”. Showing “thread”.")).to_be_visible()
    expect(page.locator("h3 mark").first).to_have_text("Thread")
    page.keyboard.press("Tab")
    page.get_by_role("link", name="Signs of a Botched Thread Lift Gone Wrong").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/guides/botched-thread-lift/")


def test_search_needs_no_script(site: str, browser: Browser):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{site}/search/")
    page.get_by_label("What are you looking for?").fill("numbness")
    page.get_by_role("button", name="Search").click()
    assert page.locator("mark").all_inner_texts() == ["numbness"]
    page.context.close()


@pytest.mark.parametrize("asked", ["", "thred lift infecton", "numbness refund", "botox", "x" * 200])
@pytest.mark.parametrize("width", [320, 1280])
def test_search_is_accessible_and_fits_the_window(site: str, page: Page, asked: str, width: int):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{site}/search/?q={asked}")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert_accessible(page, in_the_dark=width == 320)
