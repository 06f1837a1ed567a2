"""The desk by keyboard alone, and on a phone; what keeps itself current; text that is not lost."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from callbacks.actions import desk
from callbacks.models import CallbackRequest, Note, Party
from callbacks.states import Outcome
from tests.browser.conftest import assert_accessible, log_in, sign_in
from tests.conftest import member_of

SAVED = re.compile("^Saved$")  # and not "Not saved yet"
DESK = "/admin/"
REQUESTS = "/admin/callbacks/callbackrequest/"
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def anna(db):
    return member_of("desk", "anna", "Anna", "Bell")


def test_a_call_from_the_button_to_the_outcome_by_keyboard_alone(site: str, page: Page, asked, anna):
    asked(at=timezone.now(), message="It hurts.", procedure="Thread lift")
    sign_in(page, site, "anna")
    expect(page).to_have_title("(1) The desk · Callback desk")
    page.keyboard.press("n")
    expect(page.get_by_role("heading", level=1)).to_have_text("Zoë Example")
    page.keyboard.press("c")
    expect(page.get_by_text("You are calling").first).to_be_visible()
    expect(page.get_by_text("It hurts.")).to_have_count(0)
    page.get_by_label("First: who carried it out?").focus()
    page.keyboard.type("Fern Street, since n and s are only letters here")
    page.keyboard.press("Enter")
    expect(page.get_by_text("It hurts.")).to_be_visible()
    page.get_by_label("Notes of the call").focus()
    page.keyboard.type("She is calm.")
    expect(page.locator(".saved", has_text=SAVED)).to_be_visible()
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("s")
    expect(page.get_by_text("You have spoken. Say below what follows.")).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_text("Taken back. It stands where it stood.")).to_be_visible()
    assert [event.kind for event in CallbackRequest.objects.get().events.of_the_record()] == [
        "asked",
        "claimed",
        "calling",
        "clinic_said",
        "answered",
        "spoke",
        "undone",
    ]
    expect(page.get_by_label("Notes of the call")).to_have_value("She is calm.")


def test_single_keys_can_be_switched_off(site: str, page: Page, asked, anna):
    asked(at=timezone.now())
    sign_in(page, site, "anna")
    page.get_by_role("button", name="Keys on").click()
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("n")
    page.wait_for_timeout(300)
    assert page.url == site + DESK
    page.get_by_role("button", name="Keys off").click()
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("n")
    expect(page.get_by_role("heading", level=1)).to_have_text("Zoë Example")


def test_the_desk_keeps_itself_current_without_moving_focus_or_scroll(site: str, page: Page, asked, anna):
    now = timezone.now()
    for number in range(25):
        asked(full_name=f"Person {number}", at=now + timedelta(seconds=number))
    page.clock.install()
    sign_in(page, site, "anna")
    link = page.get_by_role("link", name="Person 20")
    link.focus()
    page.evaluate("window.scrollTo(0, 400)")
    before = page.evaluate("window.scrollY")
    asked(full_name="Newly come", at=now + timedelta(minutes=1))
    ben = member_of("desk", "ben", "Ben", "Carr")
    desk.claim(pk=CallbackRequest.objects.get(full_name="Person 3").pk, by=ben, now=now)
    page.clock.run_for(21_000)
    expect(page.get_by_role("link", name="Newly come")).to_have_count(1)
    expect(page).to_have_title("(26) The desk · Callback desk")
    expect(page.get_by_text("Claimed by Ben Carr")).to_be_visible()
    expect(link).to_be_focused()
    assert page.evaluate("window.scrollY") == before


def test_two_tabs_that_write_over_each_other_see_both_texts(site: str, page: Page, asked, anna):
    now = timezone.now()
    request = asked(at=now, clinic="Fern Street")
    desk.claim(pk=request.pk, by=anna, now=now)
    sign_in(page, site, "anna")
    address = f"{site}{REQUESTS}{request.pk}/change/"
    page.goto(address)
    other = page.context.new_page()
    other.goto(address)
    other.get_by_label("Notes of the call").fill("From the other tab.")
    expect(other.locator(".saved", has_text=SAVED)).to_be_visible()
    notes = page.get_by_label("Notes of the call")
    notes.fill("From this tab.")
    expect(page.locator("blockquote", has_text="From the other tab.")).to_be_visible()
    assert Note.objects.get().text == "From the other tab."
    page.get_by_role("button", name="Put both together").click()
    expect(page.locator(".saved", has_text=SAVED)).to_be_visible()
    assert Note.objects.get().text == "From the other tab.\n\nFrom this tab."
    other.close()


def test_whoever_takes_the_call_of_somebody_who_rings_is_one_enter_away(site: str, page: Page, asked, anna):
    ben = member_of("desk", "ben", "Ben", "Carr")
    now = timezone.now()
    request = asked(at=now)
    desk.claim(pk=request.pk, by=ben, now=now)
    sign_in(page, site, "anna")
    page.keyboard.press("/")
    page.keyboard.type("00982")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="They rang us").click()
    expect(page.locator(".state.mine")).to_have_text("You are calling")
    request.refresh_from_db()
    assert request.claimed_by == anna


@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_of_the_desk_is_accessible(site: str, page: Page, asked, anna, width):
    member_of("partners", "paula", "Paula", "Eve")
    member_of("managers", "maya", "Maya", "Dean")
    page.set_viewport_size({"width": width, "height": 844})
    sign_in(page, site, "anna")
    assert_accessible(page, in_the_dark=width == 390)  # nobody waiting
    now = timezone.now()
    Party.objects.create(name="Harley Rose")
    mine = asked(full_name="Mine", at=now, clinic="Fern Street", message="It hurts.")
    held = asked(full_name="Held", at=now, clinic="Harley Rose")
    taken = asked(full_name="Taken", at=now, clinic="Fern Street", email="a@example.com")
    refused = asked(full_name="Refused", at=now)
    for number in range(8):
        asked(full_name=f"Person {number}", at=now)
    desk.claim(pk=mine.pk, by=anna, now=now)
    desk.call(pk=mine.pk, by=anna, now=now)
    desk.close(pk=taken.pk, by=anna, now=now, outcome=Outcome.TAKEN_ON)
    desk.close(pk=refused.pk, by=anna, now=now, outcome=Outcome.NO_BREACH)
    paths = [
        DESK,
        REQUESTS + "new/",
        *(f"{REQUESTS}{each.pk}/change/" for each in (mine, held, taken, refused)),
    ]
    paths += [f"{REQUESTS}{taken.pk}/sheet/", f"{REQUESTS}{mine.pk}/record/"]
    for path in paths:
        page.goto(site + path)
        assert_accessible(page, in_the_dark=width == 390)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page.goto(site + REQUESTS + "new/")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".errorlist").first).to_be_visible()  # the form waits a moment before it is sent
    assert_accessible(page, in_the_dark=width == 390)
    page.context.clear_cookies()
    sign_in(page, site, "maya")
    managers = ["reports/", "held/", f"{mine.pk}/erase/"]
    for path in (*(REQUESTS + each for each in managers), "/admin/callbacks/retentionperiods/1/change/"):
        page.goto(site + path)
        assert_accessible(page, in_the_dark=width == 390)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page.goto(f"{site}{REQUESTS}{mine.pk}/erase/")
    page.get_by_role("button", name="Erase").click()
    expect(page.locator(".errorlist").first).to_be_visible()
    assert_accessible(page, in_the_dark=width == 390)
    page.context.clear_cookies()
    sign_in(page, site, "paula")
    for path in (
        DESK,
        f"{REQUESTS}{held.pk}/change/",
        "/admin/callbacks/party/",
        "/admin/callbacks/callscript/add/",
    ):
        page.goto(site + path)
        assert_accessible(page, in_the_dark=width == 390)


def test_who_is_logged_out_in_a_call_comes_back_to_it_with_every_word(site: str, page: Page, asked, anna):
    now = timezone.now()
    request = asked(at=now, clinic="Fern Street")
    desk.they_rang(pk=request.pk, by=anna, now=now)
    sign_in(page, site, "anna")
    page.goto(f"{site}{REQUESTS}{request.pk}/change/")
    notes = page.get_by_label("Notes of the call")
    notes.fill("Typed before.")
    expect(page.locator(".saved", has_text=SAVED)).to_be_visible()
    page.context.clear_cookies(name="sessionid")
    notes.fill("Typed before. Typed after.")
    expect(page.locator(".saved", has_text="Not saved yet.")).to_be_visible()
    again = page.context.new_page()
    sign_in(again, site, "anna")
    again.get_by_role("link", name="Go on with Zoë Example").click()
    expect(again.get_by_label("Notes of the call")).to_have_value("Typed before.")
    again.close()
    expect(page.locator(".saved", has_text=SAVED)).to_be_visible(timeout=10_000)
    assert Note.objects.get().text == "Typed before. Typed after."


def test_a_double_click_on_the_button_claims_one_person(site: str, page: Page, asked, anna):
    now = timezone.now()
    for name in ("One", "Two", "Three"):
        asked(full_name=name, at=now)
    sign_in(page, site, "anna")
    page.locator("#call-next").dblclick()
    expect(page.locator(".state.mine")).to_be_visible()
    assert CallbackRequest.objects.filter(claimed_by=anna).count() == 1


@pytest.fixture
def calling(asked, anna) -> CallbackRequest:
    """A call that Anna is in."""
    request = asked(at=timezone.now(), clinic="Fern Street")
    desk.they_rang(pk=request.pk, by=anna, now=timezone.now())
    return request


def test_what_keeps_itself_current_keeps_the_focus_on_a_link_of_it(site: str, page: Page, asked, anna):
    asked(full_name="One", at=timezone.now())
    page.clock.install()
    sign_in(page, site, "anna")
    link = page.get_by_role("link", name="New request")
    link.focus()
    asked(full_name="Two", at=timezone.now())
    page.clock.run_for(21_000)
    expect(page.get_by_role("link", name="To call 2")).to_be_visible()
    expect(link).to_be_focused()


def test_the_title_of_a_tab_in_the_background_follows(site: str, page: Page, asked, anna):
    page.clock.install()
    sign_in(page, site, "anna")
    page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true })")
    asked(at=timezone.now())
    page.clock.run_for(21_000)
    expect(page).to_have_title("(1) The desk · Callback desk")


def test_the_button_of_a_page_left_open_works_after_a_new_login(site: str, page: Page, asked, anna):
    asked(at=timezone.now())
    page.clock.install()
    sign_in(page, site, "anna")
    page.context.clear_cookies()
    page.clock.run_for(21_000)
    expect(page.locator("#current")).to_contain_text("log in again")
    other = page.context.new_page()
    sign_in(other, site, "anna")
    page.clock.run_for(21_000)
    expect(page.locator("#current")).to_be_empty()
    page.locator("#call-next").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Zoë Example")
    other.close()


def test_a_button_waits_for_the_last_words_and_asks_nothing(site: str, page: Page, anna, calling):
    sign_in(page, site, "anna")
    page.goto(f"{site}{REQUESTS}{calling.pk}/change/")
    asked_about: list[str] = []
    page.on("dialog", lambda dialog: (asked_about.append(dialog.type), dialog.accept()))
    page.get_by_label("Notes of the call").click()
    page.keyboard.type("Calm.")
    page.get_by_role("button", name="Spoke with them").click()
    expect(page.get_by_text("You have spoken. Say below what follows.")).to_be_visible()
    assert (Note.objects.get().text, asked_about) == ("Calm.", [])


def test_words_that_cannot_be_saved_are_asked_about_and_stop_no_button(site: str, page: Page, anna, calling):
    sign_in(page, site, "anna")
    page.goto(f"{site}{REQUESTS}{calling.pk}/change/")
    asked_about: list[str] = []
    page.on("dialog", lambda dialog: (asked_about.append(dialog.type), dialog.accept()))
    maya = member_of("managers", "maya", "Maya", "Dean")
    desk.take_over(pk=calling.pk, by=maya, now=timezone.now(), reason="Her sister rings.")
    page.get_by_text("Add a note …").click()
    page.get_by_label("Notes of the call").click()
    page.keyboard.type("Calm.")
    page.locator("#id_note-text").fill("Kept.")
    page.get_by_role("button", name="Add a note").click()
    expect(page.locator("blockquote", has_text="Kept.")).to_be_visible()
    assert asked_about == ["beforeunload"]


def test_single_keys_press_nothing_while_somebody_types_or_with_a_modifier(site, page: Page, anna, calling):
    sign_in(page, site, "anna")
    page.goto(f"{site}{REQUESTS}{calling.pk}/change/")
    page.evaluate("document.querySelector('.opening').setAttribute('contenteditable', '')")
    page.locator(".opening").press("s")
    page.locator("#find").press("s")
    page.get_by_text("Correct the number …").click()
    page.get_by_label("The right number").press("s")
    page.get_by_label("Notes of the call").press("s")
    page.get_by_role("heading", level=1).click()
    for keys in ("Control+s", "Alt+s", "Meta+s"):
        page.keyboard.press(keys)
    page.wait_for_timeout(500)
    assert list(calling.events.filter(kind="spoke")) == []


def test_an_open_question_and_what_is_typed_in_it_stay_when_the_page_is_brought_up_to_date(
    site: str, page: Page, anna, calling
):
    page.clock.install()
    sign_in(page, site, "anna")
    page.goto(f"{site}{REQUESTS}{calling.pk}/change/")
    expect(page.locator("#still-open")).to_be_empty()
    page.get_by_text("Add a note …").click()
    note = page.locator("#id_note-text")
    note.fill("Half a sen")
    CallbackRequest.objects.update(claimed_at=timezone.now() - timedelta(minutes=60))
    page.clock.run_for(21_000)
    expect(page.locator("#still-open")).to_contain_text("Is it still open?")
    expect(note).to_have_value("Half a sen")
    expect(note).to_be_focused()
    maya = member_of("managers", "maya", "Maya", "Dean")
    desk.take_over(pk=calling.pk, by=maya, now=timezone.now(), reason="Nobody answers.")
    page.clock.run_for(21_000)
    expect(page.locator("#bar")).to_contain_text("it is no longer yours")
    expect(page.locator("#standing")).to_contain_text("Claimed by Maya Dean")


def test_a_press_after_the_session_has_ended_leads_back_to_the_same_call(
    site: str, page: Page, anna, calling
):
    sign_in(page, site, "anna")
    page.goto(f"{site}{REQUESTS}{calling.pk}/change/")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Spoke with them").click()
    expect(page.get_by_text("your last press was not done")).to_be_visible()
    log_in(page, anna)
    expect(page.locator(".state.mine")).to_have_text("You are calling")


@pytest.mark.parametrize("form", ["note", "new request"])
def test_what_is_typed_into_a_form_outlives_the_session_and_is_sent_after_a_new_login(
    site: str, page: Page, anna, calling, form
):
    sign_in(page, site, "anna")
    if form == "note":
        page.goto(f"{site}{REQUESTS}{calling.pk}/change/")
        page.get_by_text("Add a note …").click()
        page.locator("#id_note-text").fill("Her sister helps her.")
        button = page.get_by_role("button", name="Add a note")
    else:
        page.goto(f"{site}{REQUESTS}new/")
        page.get_by_label("Their name").fill("Mia Adams")
        page.locator("#id_phone").fill("01632 960 001")
        page.get_by_label("What they told us").fill("Her sister helps her.")
        button = page.get_by_role("button", name="Save", exact=True)
    page.context.clear_cookies()
    button.click()
    expect(page.get_by_text("What you wrote stays here")).to_be_visible()
    other = page.context.new_page()
    sign_in(other, site, "anna")
    other.close()
    button.click()
    expect(page.get_by_text("Her sister helps her.")).to_have_count(1 if form == "note" else 0)
    expect(page.get_by_text("The note is kept." if form == "note" else "Entered.")).to_be_visible()
    kept = (
        Note.objects.values_list("text", flat=True),
        CallbackRequest.objects.values_list("message", flat=True),
    )
    assert [*kept[0], *kept[1]].count("Her sister helps her.") == 1
