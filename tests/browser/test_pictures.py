"""A partner puts a picture into a text and a portrait on a profile, and visitors see them."""

import re
from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from firm_site.models import User
from pages.actions.publishing import publish
from pages.models import Page as SitePage
from pages.models import Picture
from tests.browser.conftest import assert_accessible, sign_in
from tests.conftest import member_of
from tests.drawing import as_file, drawn, kept
from tests.writing import republished

GUIDE, PROFILE = "/guides/botched-thread-lift/", "/people/michael-saul/"
SENTENCE = "A thread lift is a popular non-surgical alternative to a facelift."


@pytest.fixture
def paula(site) -> User:
    return member_of("partners", "paula", "Paula", "Eve")


@pytest.fixture(autouse=True)
def _no_picture_is_still_on_its_way(site, page: Page) -> Iterator[None]:
    """The tables cannot be emptied while the server reads one."""
    yield
    page.wait_for_load_state("networkidle")


def a_file(name: str = "Tray.jpg", width: int = 1600, height: int = 1000) -> dict:
    return {"name": name, "mimeType": "image/jpeg", "buffer": as_file(drawn(width, height))}


def edit(page: Page, site: str, slug: str) -> Locator:
    """Open the page for writing; the editor, once it is ready."""
    page.goto(f"{site}/admin/pages/page/{SitePage.objects.get(slug=slug).pk}/change/")
    editor = page.locator(".tiptap[aria-label='Body']")
    expect(editor).to_be_visible()
    return editor


def save(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Save")).first.click()
    expect(page.locator(".messagelist, .messages").first).to_be_visible()


def make_live(slug: str) -> None:
    publish(page=SitePage.objects.get(slug=slug), by=None, now=timezone.now())


def the_window(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Picture")


def test_a_picture_uploaded_in_the_editor_is_on_the_page(site: str, page: Page, paula):
    sign_in(page, site, "paula")
    editor = edit(page, site, "botched-thread-lift")
    editor.get_by_text(SENTENCE).click()
    page.set_viewport_size({"width": 390, "height": 800})
    page.get_by_role("button", name="Picture").click()
    window = the_window(page)
    box = window.bounding_box() or {}
    assert (box["x"], box["x"] + box["width"]) == (16, 374)
    page.set_viewport_size({"width": 1280, "height": 800})
    window.get_by_label("Upload a picture").set_input_files(a_file())
    expect(window.locator("canvas")).to_be_visible()
    expect(window.get_by_role("status")).to_contain_text("1600 × 1000 pixels")
    window.get_by_role("button", name="Put it in the text").click()
    expect(window.get_by_text("Say what the picture shows, for people who cannot see it.")).to_be_visible()
    assert_accessible(page)
    window.get_by_label("Alternative text").fill("A tray with needles")
    window.get_by_role("button", name="Put it in the text").click()
    expect(editor.get_by_role("img", name="A tray with needles")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Save and preview").click()
    for title in ("On a phone", "On a laptop"):
        frame = page.frame_locator(f"iframe[title='{title}']")
        expect(frame.get_by_role("img", name="A tray with needles")).to_be_visible()
    make_live("botched-thread-lift")

    picture = Picture.objects.get()
    assert (picture.name, picture.alternative_text) == ("Tray", "A tray with needles")
    assert picture.uploaded_by == paula
    page.goto(site + GUIDE)
    shown = page.get_by_role("img", name="A tray with needles")
    shown.scroll_into_view_if_needed()
    page.wait_for_function("img => img.complete && img.naturalWidth", arg=shown.element_handle())
    assert re.fullmatch(rf"{site}/img/[0-9a-f]{{32}}\.webp", shown.evaluate("img => img.currentSrc"))
    assert_accessible(page)


def test_a_figure_survives_an_edit_of_something_else(site: str, page: Page, paula):
    guide, picture = SitePage.objects.get(slug="botched-thread-lift"), kept()
    figure = f'<figure><img src="{picture.path}" alt="A &quot;tray&quot; &amp; more"></figure>'
    republished(guide, at=guide.publications.get().live_from, body=guide.body + figure)
    sign_in(page, site, "paula")
    editor = edit(page, site, "botched-thread-lift")
    editor.focus()
    page.keyboard.press("ControlOrMeta+Home")
    page.keyboard.type("A word first. ")
    save(page)
    guide.refresh_from_db()
    assert "A word first. " in guide.body
    assert guide.body.endswith(figure)


def test_one_that_is_here_is_chosen_and_its_text_changed_for_this_page(site: str, page: Page, paula):
    kept(drawn(colour="#2a9d8f"), name="Green", alternative_text="A green square")
    kept(drawn(colour="#e76f51"), name="Red", alternative_text="A red square")
    sign_in(page, site, "paula")
    editor = edit(page, site, "botched-thread-lift")
    editor.get_by_text(SENTENCE).click()
    page.get_by_role("button", name="Picture").click()
    the_window(page).get_by_label("Or choose one that is here").fill("green")
    expect(the_window(page).get_by_role("radio", name="Red")).to_be_hidden()
    the_window(page).get_by_role("radio", name="Green").check()
    expect(the_window(page).get_by_label("Alternative text")).to_have_value("A green square")
    the_window(page).get_by_role("button", name="Put it in the text").click()
    editor.get_by_role("img", name="A green square").click()
    page.get_by_role("button", name="Picture").click()
    the_window(page).get_by_label("Alternative text").fill("Green")
    the_window(page).get_by_role("button", name="Change it").click()
    expect(editor.get_by_role("img", name="Green", exact=True)).to_be_visible()
    save(page)
    figure = f'<figure><img src="{Picture.objects.get(name="Green").path}" alt="Green"></figure>'
    assert SitePage.objects.get(slug="botched-thread-lift").body.count(figure) == 1


def test_what_is_wrong_with_an_upload_is_said_and_nothing_typed_is_lost(site: str, page: Page, paula):
    sign_in(page, site, "paula")
    edit(page, site, "botched-thread-lift")
    page.get_by_role("button", name="Picture").click()
    window, text = the_window(page), the_window(page).get_by_label("Alternative text")
    text.fill("A tray")
    not_one = {"name": "Tray.jpg", "mimeType": "image/jpeg", "buffer": b"GIF89a, or so it says"}
    window.get_by_label("Upload a picture").set_input_files(not_one)
    window.get_by_role("button", name="Put it in the text").click()
    expect(window.get_by_text("This is not a picture that can be used here")).to_be_visible()
    large = {"name": "Tray.jpg", "mimeType": "image/jpeg", "buffer": as_file() + b"\0" * 10_000_000}
    window.get_by_label("Upload a picture").set_input_files(large)
    expect(window.get_by_text("at most 10 MB can be taken")).to_be_visible()
    window.get_by_role("button", name="Put it in the text").click()
    expect(window.get_by_text("A picture may have at most 10 MB.")).to_be_visible()
    expect(text).to_have_value("A tray")
    assert Picture.objects.count() == 0


@pytest.mark.parametrize("event", ["drop", "paste"])
def test_a_file_dropped_or_pasted_into_the_text_is_one_to_upload(event: str, site: str, page: Page, paula):
    sign_in(page, site, "paula")
    editor = edit(page, site, "botched-thread-lift")
    editor.locator("p").first.evaluate(
        """(paragraph, [event, bytes]) => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], "Dropped.jpg", { type: "image/jpeg" }));
            const { x, y } = paragraph.getBoundingClientRect();
            const where = { clientX: x + 5, clientY: y + 5, bubbles: true, cancelable: true };
            paragraph.dispatchEvent(event === "drop"
                ? new DragEvent(event, { dataTransfer: data, ...where })
                : new ClipboardEvent(event, { clipboardData: data, ...where }));
        }""",
        [event, list(as_file(drawn(300, 200)))],
    )
    expect(the_window(page).get_by_role("status")).to_contain_text("300 × 200 pixels")
    expect(the_window(page).get_by_label("Alternative text")).to_be_focused()
    page.keyboard.type("A tray")
    the_window(page).get_by_role("button", name="Put it in the text").click()
    expect(editor.get_by_role("img", name="A tray")).to_be_visible()
    save(page)
    assert Picture.objects.values_list("name", flat=True).get() == "Dropped"


def test_a_portrait_takes_the_place_of_the_initials(site: str, page: Page, paula):
    sign_in(page, site, "paula")
    edit(page, site, "michael-saul")
    page.get_by_role("button", name="Choose a portrait…").click()
    the_window(page).get_by_label("Upload a picture").set_input_files(a_file("Mike.jpg", 900, 1200))
    the_window(page).get_by_label("Alternative text").fill("Mike at his desk")
    the_window(page).get_by_role("button", name="Use it").click()
    expect(page.get_by_role("button", name="Another portrait…")).to_be_visible()
    save(page)
    make_live("michael-saul")
    page.goto(site + PROFILE)
    expect(page.get_by_role("img", name="Michael Saul")).to_be_visible()
    for path, sides in ((PROFILE, [128]), ("/people/", [56]), ("/", [56]), (GUIDE, [36, 56])):
        page.goto(site + path)
        boxes = [portrait.bounding_box() or {} for portrait in page.locator(".portrait img").all()]
        assert [(box["width"], box["height"]) for box in boxes] == [(side, side) for side in sides], path
        assert page.locator(".monogram").count() == 0, path
        assert_accessible(page)


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("shape", [(1600, 1000), (1200, 1600), (300, 200)])
def test_the_browser_is_told_how_wide_a_picture_will_stand(width: int, shape, site: str, page: Page):
    guide, picture = SitePage.objects.get(slug="botched-thread-lift"), kept(drawn(*shape))
    figure = f'<figure><img src="{picture.path}" alt="A tray"></figure>'
    republished(guide, at=guide.publications.get().live_from, body=figure + guide.body)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(site + GUIDE)
    shown = page.get_by_role("img", name="A tray")
    shown.scroll_into_view_if_needed()
    page.wait_for_function("img => img.complete && img.naturalWidth", arg=shown.element_handle())
    # What Chromium made of `sizes` is the natural width of a picture chosen by it.
    told, stands = shown.evaluate("img => [img.naturalWidth, img.getBoundingClientRect().width]")
    assert abs(told - stands) <= 2
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_about_pictures_has_a_barrier_or_scrolls_sideways(width: int, site: str, page: Page, paula):
    picture = kept()
    page.set_viewport_size({"width": width, "height": 800})
    sign_in(page, site, "paula")
    for address in ("", "add/", f"{picture.pk}/change/", f"{picture.pk}/delete/"):
        page.goto(f"{site}/admin/pages/picture/{address}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert_accessible(page)
