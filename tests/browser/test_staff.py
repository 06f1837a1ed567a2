"""Staff find a request and work it to an outcome; a partner changes a sentence, and the page shows it."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from callbacks import hours
from callbacks.actions import desk
from callbacks.models import CallbackRequest
from callbacks.states import Outcome
from tests.browser.conftest import assert_accessible, sign_in
from tests.conftest import member_of

LIST = "/admin/callbacks/callbackrequest/"

PHONE = {"width": 390, "height": 844}


def event_kinds(request: CallbackRequest) -> list[str]:
    return list(request.events.of_the_record().values_list("kind", flat=True))


def test_from_the_form_to_an_outcome(site: str, page: Page):
    member_of("desk", "anna", "Anna", "Bell")
    page.goto(site + "/request-a-callback/")
    page.get_by_label("Your name").fill("Zoë Example")
    page.locator("#id_phone").fill("07700 900 982")
    page.get_by_role("button", name="Request a Callback").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your call")
    receipt = page.url
    request = CallbackRequest.objects.get()

    sign_in(page, site, "anna")
    page.keyboard.press("/")
    expect(page.get_by_label("Find a request")).to_be_focused()
    page.keyboard.type("900982")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Ask for Zoë Example by name.")).to_be_visible()
    expect(page.get_by_role("link", name="07700 900982")).to_have_attribute("href", "tel:+447700900982")

    page.get_by_role("button", name="Claim").click()
    page.get_by_role("button", name="Calling now").click()
    page.get_by_role("button", name="No answer").click()
    page.get_by_role("button", name="Claim").click()
    page.get_by_role("button", name="Calling now").click()
    page.get_by_role("button", name="Spoke with them").click()
    page.get_by_text("Add a note …").click()
    page.get_by_label("Note").press("/")
    expect(page.get_by_label("Note")).to_have_value("/")
    page.get_by_label("Note").fill("She will send photographs <b>soon</b>.")
    page.get_by_role("button", name="Add a note").click()
    expect(page.get_by_text("She will send photographs <b>soon</b>.")).to_be_visible()
    page.get_by_text("Close …").click()
    page.get_by_role("button", name="Close").click()  # without an outcome
    expect(page.get_by_role("list").get_by_text("Choose an outcome")).to_be_visible()
    page.get_by_label("Outcome").select_option("Taken on")
    page.get_by_role("button", name="Close").click()

    request.refresh_from_db()
    assert (request.status, request.outcome) == ("closed", "taken_on")
    assert event_kinds(request) == [
        "asked",
        "claimed",
        "calling",
        "no_answer",
        "claimed",
        "calling",
        "spoke",
        "noted",
        "closed",
    ]
    page.goto(receipt)
    expect(page.get_by_text("This request is closed.")).to_be_visible()


def test_whoever_comes_second_is_told_who_has_it(site: str, page: Page, asked):
    ben = member_of("desk", "ben", "Ben", "Carr")
    member_of("desk", "anna", "Anna", "Bell")
    request = asked()
    sign_in(page, site, "anna")
    page.goto(f"{site}/admin/callbacks/callbackrequest/{request.pk}/change/")
    desk.claim(pk=request.pk, by=ben, now=request.created_at.now(request.created_at.tzinfo))
    page.get_by_role("button", name="Claim").click()
    expect(page.get_by_role("alert")).to_contain_text("Ben Carr has had this request since")


@pytest.mark.parametrize("width", [390, 1280])
def test_no_staff_page_has_a_barrier_or_scrolls_sideways(width: int, site: str, page: Page, asked):
    anna = member_of("desk", "anna", "Anna", "Bell")
    member_of("partners", "paula", "Paula", "Eve")
    requests = [asked(full_name=f"Person {number} Example", procedure="Thread lift") for number in range(4)]
    now = requests[0].created_at.now(requests[0].created_at.tzinfo)
    for request in requests[:3]:
        desk.claim(pk=request.pk, by=anna, now=now)
    for request in requests[1:3]:
        desk.call(pk=request.pk, by=anna, now=now)
    desk.no_answer(pk=requests[2].pk, by=anna, now=now)
    desk.close(pk=requests[3].pk, by=anna, now=now, outcome=Outcome.DUPLICATE, reason="Twice.")
    page.set_viewport_size({"width": width, "height": 800})

    page.goto(site + "/admin/login/")
    assert_accessible(page, in_the_dark=width == 390)
    sign_in(page, site, "anna")
    addresses = ["/admin/", "/admin/callbacks/callbackrequest/", "/admin/password_change/"]
    addresses += [f"/admin/callbacks/callbackrequest/{request.pk}/change/" for request in requests]
    for address in addresses:
        page.goto(site + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert_accessible(page, in_the_dark=width == 390)

    page.goto(site + "/admin/")
    page.get_by_role("button", name="Log out").click()
    sign_in(page, site, "paula")
    for address in ("/admin/", "/admin/pages/page/", "/admin/firm_site/firmdetails/1/change/"):
        page.goto(site + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert_accessible(page, in_the_dark=width == 390)
    page.goto(site + "/admin/pages/page/")
    page.get_by_role("link", name="Signs of a Botched Thread Lift Gone Wrong").click()
    expect(page.locator(".tiptap[aria-label='Body']")).to_be_visible()
    assert_accessible(page, in_the_dark=width == 390)


@pytest.mark.parametrize(
    ("title", "address", "sentence"),
    [
        (
            "Signs of a Botched Thread Lift Gone Wrong",
            "/guides/botched-thread-lift/",
            "A thread lift is a popular non-surgical alternative to a facelift.",
        ),
        (
            "Michael Saul",
            "/people/michael-saul/",
            "Michael Saul, whom people call Mike, acts for people",
        ),
    ],
)
def test_a_partner_changes_a_sentence_and_the_page_shows_it(
    title: str, address: str, sentence: str, site: str, page: Page
):
    member_of("partners", "paula", "Paula", "Eve")
    page.goto(site + address)
    expect(page.get_by_text(sentence)).to_be_visible()

    sign_in(page, site, "paula")
    page.goto(site + "/admin/pages/page/")
    page.get_by_role("link", name=title).click()
    editor = page.locator(".tiptap[aria-label='Body']")  # once it has its name, it is ready
    expect(editor.get_by_text(sentence)).to_be_visible()
    editor.focus()  # without the mouse, after which the editor sets its caret once more, a moment later
    page.keyboard.press("ControlOrMeta+Home")
    page.keyboard.type("A word first. ")
    page.keyboard.press("ControlOrMeta+Shift+Home")
    page.wait_for_function("getSelection().toString().startsWith('A word first.')")
    page.get_by_role("button", name="bold").click()
    expect(editor.locator("strong", has_text="A word first.")).to_be_visible()
    page.get_by_role("button", name="Save and publish…").click()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Published.").first).to_be_visible()

    page.goto(site + address)
    expect(page.get_by_text("A word first.")).to_be_visible()
    expect(page.locator("strong", has_text="A word first.")).to_be_visible()
    expect(page.get_by_text(sentence)).to_be_visible()
    assert page.get_by_role("heading", level=2).count() > 2


def test_a_new_telephone_number_is_asked_about_again_and_then_on_every_page(site: str, page: Page):
    member_of("partners", "paula", "Paula", "Eve")
    sign_in(page, site, "paula")
    page.goto(site + "/admin/firm_site/firmdetails/1/change/")
    page.get_by_label("Telephone").fill("0808 157 0123")
    page.get_by_role("button", name=re.compile("^Save")).first.click()
    expect(page.get_by_text("+448081570123").first).to_be_visible()
    page.goto(site + "/")
    expect(page.get_by_role("link", name="0808 189 7703").first).to_be_visible()
    page.goto(site + "/admin/firm_site/firmdetails/1/change/")
    page.get_by_label("Telephone").fill("0808 157 0123")
    page.get_by_role("button", name=re.compile("^Save")).first.click()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name=re.compile("^Save")).first.click()
    page.goto(site + "/")
    expect(page.get_by_role("link", name="0808 157 0123").first).to_be_visible()


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_about_times_has_a_barrier_or_scrolls_sideways(width: int, site: str, page: Page, asked):
    member_of("desk", "anna", "Anna", "Bell")
    member_of("managers", "maya", "Maya", "Dean")
    now = timezone.now()
    slot = next(start for start, _ in hours.slots(hours.DEFAULT, now + timedelta(days=1)))
    for number in range(2):
        asked(full_name=f"Booked {number} Example", at=now, wanted_at=slot)
    asked(full_name="Zoë Example", at=now)
    again = asked(full_name="Zoë Example", at=now, message="Once more", email="zoe@example.com")
    again.notices.update(failed_at=now, try_again_at=None)
    asked(full_name="www.example.com", at=now - timedelta(days=9), message="A long offer. " * 20)
    page.set_viewport_size({"width": width, "height": 800})

    def look_at(address: str) -> None:
        page.goto(site + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert_accessible(page, in_the_dark=width == 390)

    sign_in(page, site, "anna")
    for address in (LIST, f"{LIST}?show=set-apart", f"{LIST}day/", f"{LIST}{again.pk}/change/"):
        look_at(address)

    page.get_by_role("button", name="Log out").click()
    sign_in(page, site, "maya")
    for kind in ("openinghours", "specialday", "deskcapacity"):
        look_at(f"/admin/callbacks/{kind}/")
    look_at("/admin/callbacks/specialday/add/")
    page.locator("#id_day").fill(slot.date().isoformat())
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("2 calls are due then:")).to_be_visible()
    assert_accessible(page, in_the_dark=width == 390)
    page.get_by_label("Save it all the same").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("2 calls are to be moved.")).to_be_visible()
    look_at(f"{LIST}?show=to-be-moved")
    look_at(f"{LIST}day/?day={slot.date()}")
    page.get_by_role("link", name="Booked 0 Example").click()
    expect(page.get_by_text("Agree another time with them.")).to_be_visible()
    assert_accessible(page, in_the_dark=width == 390)


def test_spam_is_closed_at_one_press_and_taken_back_at_another(site: str, page: Page, asked):
    member_of("desk", "anna", "Anna", "Bell")
    for number in range(3):
        asked(full_name=f"www.offer{number}.com", set_apart_because="There is a link in the name.")
    sign_in(page, site, "anna")
    page.goto(f"{site}{LIST}?show=set-apart")
    page.get_by_role("button", name="Real: www.offer1.com").click()
    expect(page.get_by_text("It is among those to call now.")).to_be_visible()
    page.get_by_role("button", name="All of these are spam").click()
    expect(page.get_by_text("2 requests closed as spam.")).to_be_visible()
    expect(page.get_by_text("Nothing here.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("2 requests set apart again.")).to_be_visible()
    expect(page.get_by_role("button", name="Real: www.offer2.com")).to_be_visible()
    assert CallbackRequest.objects.filter(status="suspected_spam").count() == 2
