"""A partner's way through writing and publishing, in a real browser."""

import re
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page as Browser
from playwright.sync_api import expect

from pages.actions.publishing import publish
from pages.models import Draft, Page, Publication
from tests.browser.conftest import assert_accessible, sign_in
from tests.conftest import member_of

GUIDE = "/guides/botched-thread-lift/"
FIRST = "A thread lift is a popular non-surgical alternative to a facelift."


@pytest.fixture
def partner(site: str, page: Browser) -> Browser:
    member_of("partners", "paula", "Paula", "Eve")
    sign_in(page, site, "paula")
    return page


def open_guide(partner: Browser, site: str) -> Page:
    guide = Page.objects.get(slug="botched-thread-lift")
    partner.goto(f"{site}/admin/pages/page/{guide.pk}/change/")
    expect(partner.locator(".tiptap[aria-label='Body']").get_by_text(FIRST)).to_be_visible()
    return guide


def type_first(partner: Browser, words: str) -> None:
    """Put these words before all others of the body."""
    partner.locator(".tiptap[aria-label='Body']").focus()
    partner.keyboard.press("ControlOrMeta+Home")
    partner.keyboard.type(words)


def test_from_a_draft_over_preview_schedule_and_comparison_to_putting_back(partner: Browser, site: str):
    guide = open_guide(partner, site)
    type_first(partner, "A new word. ")
    partner.get_by_role("button", name="Save and preview").click()

    # The preview: on a phone and on a laptop, and for a colleague who has no login.
    partner.wait_for_url("**/preview/")
    for title in ("On a phone", "On a laptop"):
        shown = partner.frame_locator(f"iframe[title='{title}']")
        expect(shown.get_by_text("A new word.")).to_be_visible()
    link = partner.get_by_label("For a colleague without a login").input_value()
    colleague = partner.context.browser.new_page()
    colleague.goto(site + link[link.index("/preview/") :])
    expect(colleague.get_by_text("A new word.")).to_be_visible()
    expect(colleague.get_by_text("This version is not what visitors read.")).to_be_visible()
    colleague.goto(site + GUIDE)
    expect(colleague.get_by_text(FIRST)).to_be_visible()
    expect(colleague.get_by_text("A new word.")).to_have_count(0)

    # Word by word, then on a day to come.
    partner.get_by_role("link", name="Publish…").click()
    expect(partner.get_by_text("1 sentence in the opening")).to_be_visible()
    partner.get_by_role("link", name="Word by word").click()
    expect(partner.locator(".comparison ins")).to_have_text("A new word.")
    assert_accessible(partner)
    partner.go_back()
    partner.get_by_label("At a time").check()
    tomorrow = timezone.localtime() + timedelta(days=1)
    partner.get_by_label("Day and time").fill(f"{tomorrow:%Y-%m-%d}T09:00")
    assert_accessible(partner)
    partner.get_by_role("button", name="Publish", exact=True).click()
    expect(
        partner.get_by_text(f"Scheduled. Visitors read it from {tomorrow:%-d %B %Y}, 09:00 on.")
    ).to_be_visible()
    assert Publication.objects.scheduled(timezone.now()).get().live_from == datetime(
        tomorrow.year, tomorrow.month, tomorrow.day, 9, tzinfo=timezone.get_default_timezone()
    )

    # Rather now: what is scheduled is asked about.
    partner.get_by_role("link", name="Publish what is saved…").click()
    partner.get_by_role("button", name="Publish", exact=True).click()
    expect(partner.get_by_text("Say what becomes of what is scheduled.")).to_be_visible()
    partner.get_by_label("Drop it").check()
    partner.get_by_label("What changed, for visitors").fill("Added a new word.")
    partner.get_by_role("button", name="Publish", exact=True).click()
    expect(partner.get_by_text("Published.").first).to_be_visible()
    colleague.goto(site + GUIDE)
    expect(colleague.get_by_text("A new word.").first).to_be_visible()
    colleague.get_by_text("Changes to this guide").click()
    expect(colleague.get_by_text("Added a new word.")).to_be_visible()

    # And back.
    partner.get_by_role("button", name="Put back").click()
    expect(partner.get_by_text("Put back. Visitors read again what they read before.")).to_be_visible()
    colleague.goto(site + GUIDE)
    expect(colleague.get_by_text("A new word.")).to_have_count(0)
    colleague.close()
    partner.goto(f"{site}/admin/pages/page/{guide.pk}/history/")
    expect(partner.get_by_text(re.compile("Live from .* until now"))).to_have_count(1)
    assert_accessible(partner)


def test_what_is_typed_outlives_a_closed_window_and_leaving_asks_first(partner: Browser, site: str):
    guide = open_guide(partner, site)
    type_first(partner, "Half a ")
    expect(partner.get_by_text(re.compile("Kept at .*, not saved yet"))).to_be_visible()
    assert Draft.objects.get().fields["body"].startswith("<p>Half a A thread lift")
    asked = []
    partner.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    partner.goto(site + "/admin/")
    assert asked == ["beforeunload"]
    expect(partner.get_by_text("You typed something on")).to_be_visible()

    open_again = partner.get_by_role("link", name="Signs of a Botched Thread Lift Gone Wrong")
    open_again.click()
    expect(partner.get_by_text("is here again")).to_be_visible()
    expect(partner.locator(".tiptap[aria-label='Body']").get_by_text("Half a")).to_be_visible()
    assert_accessible(partner)
    partner.get_by_role("button", name="Forget it").click()
    expect(partner.get_by_text("is here again")).to_have_count(0)
    assert (Draft.objects.count(), guide.history.count()) == (0, 1)


def test_saving_asks_nothing_and_leaves_no_draft_behind(partner: Browser, site: str):
    guide = open_guide(partner, site)
    partner.on("dialog", lambda dialog: pytest.fail("saving asked whether to leave"))
    type_first(partner, "Whole. ")
    partner.get_by_role("button", name="Save the draft").click()
    expect(partner.get_by_text("Saved. Visitors read it once it is published.")).to_be_visible()
    partner.wait_for_timeout(2500)  # longer than typing waits before it is kept
    assert (Draft.objects.count(), guide.history.count()) == (0, 2)


def test_two_people_at_once_both_see_both_texts(partner: Browser, site: str):
    guide = open_guide(partner, site)
    guide.body = guide.body.replace("popular", "common")
    guide._history_user = member_of("partners", "otto", "Otto", "Fry")
    guide.save()
    type_first(partner, "Mine. ")
    partner.get_by_role("button", name="Save the draft").click()
    expect(partner.get_by_text("Otto Fry saved this page while you were writing.")).to_be_visible()
    expect(partner.locator(".clash .comparison ins").first).to_contain_text("Mine.")
    expect(partner.locator(".clash .comparison del").last).to_have_text("common")
    assert_accessible(partner)


FROM_WORD = """
<html xmlns:o="urn:schemas-microsoft-com:office:office"><body><!--StartFragment-->
<p class=MsoNormal style='margin-bottom:8.0pt'><b>Bold</b><o:p></o:p> and
<span style='color:red'>red</span></p>
<p class=MsoListParagraphCxSpFirst style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·<span
style='font:7.0pt "Times New Roman"'>&nbsp; </span></span>One</p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·<span
style='font:7.0pt "Times New Roman"'>&nbsp; </span></span>Two</p>
<!--EndFragment--></body></html>
"""


def test_what_is_pasted_from_word_comes_in_clean(partner: Browser, site: str):
    guide = open_guide(partner, site)
    body = partner.locator(".tiptap[aria-label='Body']")
    body.focus()
    partner.keyboard.press("ControlOrMeta+A")
    partner.evaluate(
        """(html) => {
          const data = new DataTransfer();
          data.setData("text/html", html);
          const paste = new ClipboardEvent("paste", { clipboardData: data, bubbles: true });
          document.activeElement.dispatchEvent(paste);
        }""",
        FROM_WORD,
    )
    partner.get_by_role("button", name="Save the draft").click()
    expect(partner.get_by_text("Saved. Visitors read it once it is published.")).to_be_visible()
    assert guide.history.latest("history_id").body == (
        "<p><strong>Bold</strong> and red</p><ul><li><p>One</p></li><li><p>Two</p></li></ul>"
    )


def kept(partner: Browser):
    return expect(partner.get_by_text(re.compile("Kept at .*, not saved yet")))


def test_after_logging_in_again_in_another_tab_what_is_typed_is_kept(partner: Browser, site: str):
    open_guide(partner, site)
    type_first(partner, "One. ")
    kept(partner).to_be_visible()
    tab = partner.context.new_page()
    tab.goto(f"{site}/admin/")
    tab.get_by_role("button", name="Log out").click()
    type_first(partner, "Two. ")
    expect(partner.get_by_text("Not kept: you are logged out.")).to_be_visible()
    sign_in(tab, site, "paula")
    tab.close()
    kept(partner).to_be_visible(timeout=15_000)  # by itself: nothing more need be typed
    assert Draft.objects.get().fields["body"].startswith("<p>Two. One. ")
    type_first(partner, "Three. ")
    expect(partner.get_by_text("…", exact=True)).to_be_visible()
    kept(partner).to_be_visible()
    assert Draft.objects.get().fields["body"].startswith("<p>Three. ")


def test_what_is_being_kept_while_somebody_saves_does_not_come_back_after_it(partner: Browser, site: str):
    guide = open_guide(partner, site)
    partner.evaluate(
        """() => {
          const send = window.fetch;
          window.fetch = async (address, how) => {
            if (!String(address).endsWith("/draft/")) return send(address, how);
            await new Promise((go) => setTimeout(go, 1200));
            window.name += "sent ";
            return send(address, how);
          };
        }"""
    )
    type_first(partner, "Whole. ")
    partner.wait_for_timeout(1700)  # it is on its way now
    partner.get_by_role("button", name="Save the draft").click()
    expect(partner.get_by_text("Saved. Visitors read it once it is published.")).to_be_visible()
    assert partner.evaluate("window.name") == "sent "
    assert (Draft.objects.count(), guide.history.count()) == (0, 2)


def test_another_button_of_the_page_asks_about_what_is_unsaved(partner: Browser, site: str):
    open_guide(partner, site)
    type_first(partner, "Half a ")
    asked = []
    partner.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    partner.get_by_role("button", name="Log out").click()
    partner.wait_for_url("**/logout/", wait_until="load")
    assert asked == ["beforeunload"]


def test_what_comes_back_with_an_error_is_kept_and_leaving_asks(partner: Browser, site: str):
    open_guide(partner, site)
    type_first(partner, "Half a ")
    partner.get_by_label("Title").fill("")
    partner.get_by_role("button", name="Save the draft").click()
    expect(partner.get_by_text("This field is required.")).to_be_visible()
    kept(partner).to_be_visible()
    assert Draft.objects.get().fields["body"].startswith("<p>Half a ")
    partner.get_by_label("Title").focus()
    partner.keyboard.press("End")
    asked = []
    partner.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    partner.goto(site + "/admin/")
    assert asked == ["beforeunload"]
    expect(partner.get_by_text("You typed something on")).to_be_visible()


def test_saving_what_nobody_touched_makes_no_version(partner: Browser, site: str):
    guide = open_guide(partner, site)
    partner.get_by_role("button", name="Save the draft").click()
    expect(partner.get_by_text("Saved. Visitors read it once it is published.")).to_be_visible()
    assert guide.history.count() == 1


def test_a_text_that_i_left_alone_becomes_what_the_other_made_of_it(partner: Browser, site: str):
    guide = open_guide(partner, site)
    guide.body = guide.body.replace("popular", "common")
    guide.save()
    partner.get_by_label("Title").fill("My title")
    partner.get_by_role("button", name="Save the draft").click()
    expect(partner.locator(".clash .comparison ins")).to_contain_text("My title")
    expect(
        partner.locator(".tiptap[aria-label='Body']").get_by_text("A thread lift is a common")
    ).to_be_visible()


@pytest.mark.parametrize("height", [600, 720, 900])
def test_nothing_covers_the_buttons_of_the_form(partner: Browser, site: str, height: int):
    open_guide(partner, site)
    partner.set_viewport_size({"width": 1280, "height": height})
    on_top = """(button) => {
      const { x, y, width, height } = button.getBoundingClientRect();
      return document.elementFromPoint(x + width / 2, y + height / 2) === button;
    }"""
    assert [button.evaluate(on_top) for button in partner.locator(".save button").all()] == [True] * 3


def double_click(button) -> None:
    """Two presses as a hand makes them that is used to icons."""
    button.evaluate("(button) => { button.click(); setTimeout(() => button.click(), 150); }")


def test_a_double_click_is_one(partner: Browser, site: str):
    guide = open_guide(partner, site)
    type_first(partner, "A new word. ")
    double_click(partner.get_by_role("button", name="Save and publish…"))
    partner.wait_for_url("**/publish/")
    double_click(partner.get_by_role("button", name="Publish", exact=True))
    expect(partner.get_by_text("Published.").first).to_be_visible()
    double_click(partner.get_by_role("button", name="Put back"))
    expect(partner.get_by_text("Put back. Visitors read again what they read before.")).to_be_visible()
    partner.get_by_role("link", name="Withdraw…").click()
    partner.wait_for_url("**/withdraw/")
    double_click(partner.get_by_role("button", name="Withdraw"))
    expect(partner.get_by_text("Withdrawn. Its address tells visitors that it is gone.")).to_be_visible()
    expect(partner.locator(".messagelist .error")).to_have_count(0)
    assert (guide.history.count(), guide.publications.count()) == (2, 4)


def test_a_day_from_the_calendar_is_kept_like_one_that_is_typed(partner: Browser, site: str):
    open_guide(partner, site)
    partner.get_by_role("button", name="Today").first.click()
    kept(partner).to_be_visible()
    assert Draft.objects.get().fields["reviewed_on"] == f"{timezone.localdate():%d/%m/%Y}"


def test_an_answer_that_is_wrong_has_the_focus(partner: Browser, site: str):
    guide = open_guide(partner, site)
    type_first(partner, "We guarantee that you will win. ")
    partner.get_by_role("button", name="Save and publish…").click()
    partner.wait_for_url("**/publish/")
    partner.get_by_role("button", name="Publish", exact=True).click()
    expect(partner.get_by_label("Why it may go out all the same")).to_be_focused()
    partner.get_by_label("Why it may go out all the same").fill("It is a quotation.")
    publish(page=guide, by=guide.history.latest("history_id").history_user, now=timezone.now())
    guide.refresh_from_db()
    guide.body = "<p>Another's.</p>"
    guide.save()
    publish(page=guide, by=None, now=timezone.now())
    partner.get_by_role("button", name="Publish", exact=True).click()
    expect(partner.get_by_text("has changed what visitors read since you opened this page")).to_be_visible()
    expect(partner.locator(".asks .errorlist")).to_be_focused()
    expect(partner.get_by_label("Why it may go out all the same")).to_have_value("It is a quotation.")
    assert_accessible(partner)
