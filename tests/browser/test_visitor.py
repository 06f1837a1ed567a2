"""A visitor reads the guide, asks wrongly, mends it, picks a time, and gets a receipt."""

import re
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from callbacks.actions.booking import free_times
from callbacks.hours import clock
from callbacks.models import CallbackRequest
from callbacks.opening import hours_in_force
from tests.browser.conftest import assert_accessible

PHONE = {"width": 390, "height": 844}
LAPTOP = {"width": 1280, "height": 640}
GUIDE = "/guides/botched-thread-lift/"

PAGES = [
    "/",
    "/guides/",
    GUIDE,
    "/people/",
    "/people/michael-saul/",
    "/request-a-callback/",
    "/what-happens/",
    "/contact/",
    "/privacy/",
    "/accessibility/",
    "/complaints/",
    "/privacy/complaint/",
    "/privacy/complaint/received/",
    "/no-such-page/",
]


def test_from_the_guide_to_the_receipt_on_a_phone(site: str, page: Page):
    page.set_viewport_size(PHONE)
    page.goto(site + GUIDE)
    expect(page.get_by_role("heading", level=1)).to_have_text("Signs of a Botched Thread Lift Gone Wrong")
    page.get_by_role("link", name="Feeling very unwell?").click()
    expect(page.get_by_role("link", name="999").first).to_be_in_viewport()

    page.locator(".call-bar").get_by_role("link", name="Request a Callback").click()
    name = page.get_by_label("Your name")
    expect(name).to_be_in_viewport()
    name.fill("Zoë Example")
    page.get_by_label("Telephone", exact=False).first.fill("12345")
    page.get_by_label("You may leave a message").check()
    page.get_by_role("button", name="Request a Callback").click()

    expect(page).to_have_title(re.compile("^Error: "))
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("There is a problem")
    assert_accessible(page)
    summary.get_by_role("link").click()
    telephone = page.locator("#id_phone")
    expect(telephone).to_be_focused()
    expect(telephone).to_have_value("12345")
    expect(telephone).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Your name")).to_have_value("Zoë Example")
    expect(page.get_by_label("You may leave a message")).to_be_checked()
    expect(page.get_by_role("link", name="Back to the guide")).to_have_attribute("href", GUIDE)

    telephone.fill("07700 900 982")
    page.get_by_role("button", name="Request a Callback").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your call")
    request = CallbackRequest.objects.get()
    expect(page.get_by_text(request.reference)).to_be_visible()
    expect(page.get_by_text("ends in 982").first).to_be_visible()
    assert_accessible(page)
    assert (request.page, request.procedure, request.leave_message) == (GUIDE, "Thread lift", True)
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_the_form_on_the_guide_stands_beside_its_title_on_a_laptop(site: str, page: Page):
    page.set_viewport_size(LAPTOP)
    page.goto(site + GUIDE)
    title = page.get_by_role("heading", level=1).bounding_box()
    heading = page.get_by_role("heading", name="Request a Callback")
    expect(heading).to_be_in_viewport()
    card = heading.bounding_box()
    assert title
    assert card
    assert card["x"] > title["x"] + title["width"] - 1
    assert abs(card["y"] - title["y"]) < 40
    assert page.locator("#callback-form").count() == 1


def test_the_contents_lead_to_their_headings_and_mark_where_one_is(site: str, page: Page):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(site + GUIDE)
    contents = page.get_by_role("navigation", name="In this guide")
    link = contents.get_by_role("link", name="Medical implications")
    link.click()
    expect(page.get_by_role("heading", name="Medical implications")).to_be_in_viewport()
    expect(link).to_have_attribute("aria-current", "location")


def test_everything_works_without_script(site: str, browser, browser_context_args):
    context = browser.new_context(**browser_context_args, java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    page.goto(site + GUIDE)
    page.get_by_label("Your name").fill("Ng")
    page.locator("#id_phone").fill("01632 960 001")
    page.get_by_text("A little more, if you wish").click()
    page.get_by_label("Who carried it out?").fill("Some Clinic")
    page.get_by_role("button", name="Request a Callback").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your call")
    assert CallbackRequest.objects.get().clinic == "Some Clinic"
    context.close()


def test_the_form_is_filled_in_and_sent_by_keyboard_alone(site: str, page: Page):
    page.goto(site + "/request-a-callback/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip")).to_be_focused()
    page.locator("#id_full_name").focus()
    page.keyboard.type("Zoë Example")
    page.keyboard.press("Tab")
    expect(page.locator("#id_phone")).to_be_focused()
    page.keyboard.type("07700 900 982")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator("#id_say_who")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your call")
    assert CallbackRequest.objects.get().say_who is True


def free(index: int) -> datetime:
    return free_times(hours_in_force(), timezone.now())[index][0]


def radio(page: Page, start: datetime) -> Locator:
    """The radio button of a half hour, by all of its name."""
    end = start + timedelta(minutes=30)
    day = f"{start:%A} {start.day} {start:%B}"
    return page.get_by_role("radio", name=f"{clock(start)} to {clock(end)}, {day}", exact=True)


def test_a_time_is_picked_on_a_phone_from_the_guide(site: str, page: Page):
    page.set_viewport_size(PHONE)
    page.goto(site + GUIDE)
    page.get_by_label("Your name").fill("Zoë Example")
    expect(page.locator(".when").get_by_role("radio")).to_have_count(4)
    page.get_by_role("button", name="More times").click()

    expect(page.locator("#when")).to_be_in_viewport()
    expect(page.get_by_label("Your name")).to_have_value("Zoë Example")
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_role("radio", name="As soon as possible")).to_be_checked()
    start = free(-1)
    expect(radio(page, start)).to_have_count(0)  # folded
    page.locator("summary", has_text=f"{start:%A} {start.day} {start:%B}").click()
    expect(page.locator("details.day[open]")).to_have_count(1)
    box = radio(page, start).bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 44
    radio(page, start).check()
    assert_accessible(page)

    page.locator("details.day > summary").first.click()  # the day that folds shows what was chosen
    expect(page.locator("details.day[open]")).to_have_count(1)
    expect(radio(page, start)).to_be_visible()
    expect(page.locator(".day-chosen").last).to_be_visible()
    expect(page.locator(".day-chosen").first).to_be_hidden()
    assert_accessible(page)

    page.locator("#id_phone").fill("07700 900 982")
    page.get_by_role("button", name="Request a Callback").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your call")
    assert CallbackRequest.objects.get().wanted_at == start


def test_a_time_is_picked_by_keyboard_alone_though_another_is_chosen(site: str, page: Page):
    page.goto(site + "/request-a-callback/")
    start = free(-2)
    page.locator("#id_when_0").focus()
    page.keyboard.press("ArrowDown")  # from "as soon as possible" into the day that is open
    expect(page.locator("#id_when_1")).to_be_checked()
    page.locator("details.day[open] > summary").focus()
    days = page.locator("details.day").count()
    page.keyboard.press("Tab")
    expect(page.locator("#id_when_1")).to_be_focused()
    for _ in range(days - 1):
        page.keyboard.press("Tab")
    expect(page.locator("details.day").last.locator("summary")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")  # the times of the day are next, not what follows the days
    page.keyboard.press("Space")
    expect(page.locator("details.day[open] input").first).to_be_checked()
    page.keyboard.press("ArrowUp")  # past the days that are folded
    expect(page.locator("#id_when_0")).to_be_checked()
    page.keyboard.press("ArrowDown")
    last = page.locator("details.day[open] input").count()
    for _ in range(last - 2):
        page.keyboard.press("ArrowRight")
    expect(radio(page, start)).to_be_checked()


def test_enter_in_a_field_of_the_card_asks(site: str, page: Page):
    page.goto(site + GUIDE)
    page.get_by_label("Your name").fill("Zoë Example")
    page.locator("#id_phone").fill("07700 900 982")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your call")


def test_a_time_that_has_gone_meanwhile_is_replaced_without_blame(site: str, page: Page, asked):
    page.set_viewport_size(PHONE)
    page.goto(site + GUIDE)
    start = free(0)
    page.get_by_label("Your name").fill("Zoë Example")
    page.locator("#id_phone").fill("07700 900 982")
    radio(page, start).check()
    for name in ("Anna Example", "Ben Example"):
        asked(full_name=name, wanted_at=start, at=timezone.now())
    page.get_by_role("button", name="Request a Callback").click()

    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("That time has just gone")
    expect(heading).to_be_focused()
    expect(page).to_have_title(re.compile("^That time has just gone"))
    expect(page.locator("#when :checked")).to_have_count(0)
    other = free(0)
    expect(radio(page, other)).to_be_in_viewport()
    assert_accessible(page)
    radio(page, other).check()
    page.get_by_role("button", name="Ask for this time").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your call")
    assert CallbackRequest.objects.get(full_name="Zoë Example").wanted_at == other


def test_the_choice_of_a_time_needs_no_script(site: str, browser, browser_context_args):
    context = browser.new_context(**browser_context_args, java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    page.goto(site + GUIDE)
    page.get_by_label("Your name").fill("Ng")
    page.locator("#id_phone").fill("01632 960 001")
    page.get_by_role("button", name="More times").click()
    start = free(-1)
    page.locator("details.day > summary").last.click()
    radio(page, start).check()
    page.get_by_role("button", name="Request a Callback").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your call")
    assert CallbackRequest.objects.get().wanted_at == start
    context.close()


def test_a_promise_whose_time_has_passed_goes_and_the_choice_stays(site: str, page: Page):
    page.clock.install()
    page.goto(site + "/request-a-callback/")
    promise = page.locator("#when [data-until]")
    expect(promise).to_be_visible()
    page.clock.fast_forward(12 * 24 * 60 * 60 * 1000)
    expect(promise).to_be_hidden()
    expect(page.get_by_role("radio", name="As soon as possible")).to_be_visible()


@pytest.mark.expects_errors
@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("width", [320, 1280])
def test_no_page_has_a_barrier_or_scrolls_sideways(address: str, width: int, site: str, page: Page):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(site + address)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert_accessible(page, in_the_dark=width == 320)


def test_the_bar_steps_aside_for_the_form_and_comes_back(site: str, page: Page):
    page.set_viewport_size(PHONE)
    page.goto(site + GUIDE)
    bar = page.locator(".call-bar")
    expect(bar).to_be_visible()
    bar.get_by_role("link", name="Request a Callback").click()
    expect(page.get_by_label("Your name")).to_be_in_viewport()
    expect(bar).to_be_hidden()
    page.evaluate("scrollTo(0, 0)")
    expect(bar).to_be_visible()


def test_the_bar_on_a_phone_never_covers_a_field_that_has_the_focus(site: str, page: Page):
    page.set_viewport_size(PHONE)
    page.goto(site + GUIDE)
    bar = page.locator(".call-bar")
    for field in ("#id_full_name", "#id_phone", "#id_say_who", "#id_when_0"):
        page.locator(field).focus()
        top = page.evaluate("document.querySelector('.call-bar').getBoundingClientRect().top")
        box = page.locator(field).bounding_box()
        visible = bar.is_visible()
        assert box
        assert not visible or box["y"] + box["height"] <= top, field


def test_an_opening_line_whose_time_has_passed_goes(site: str, page: Page):
    page.clock.install()
    page.goto(site + "/request-a-callback/")
    line = page.locator("[data-until]").first
    expect(line).to_be_visible()
    page.clock.fast_forward(3 * 24 * 60 * 60 * 1000)
    expect(line).to_be_hidden()
