"""The SRA’s badge in a browser: the policy lets its frame in, and nothing on the page moves when it comes."""

from playwright.sync_api import Page, Route

BADGE = "<body style='margin: 0; background: white'><p>Regulated</p></body>"


def answered_by_us(route: Route) -> None:
    """What its supplier would send; no test asks another host."""
    headers = {"Set-Cookie": "theirs=1; Secure; SameSite=None"}
    route.fulfill(status=200, content_type="text/html", body=BADGE, headers=headers)


def test_it_is_let_in_told_the_site_and_not_the_page_and_moves_nothing(site: str, page: Page, settings):
    settings.SRA_BADGE = True
    asked = []
    page.route(
        "https://cdn.yoshki.com/**", lambda route: (asked.append(route.request), answered_by_us(route))
    )
    page.goto(f"{site}/guides/botched-thread-lift/")
    frame = page.locator("iframe.sra-badge")
    before = page.evaluate("document.documentElement.scrollHeight"), frame.bounding_box()["height"]
    assert asked == []  # it is far below
    frame.scroll_into_view_if_needed()
    page.frame_locator("iframe.sra-badge").get_by_text("Regulated").wait_for()
    assert asked[0].headers["referer"] == f"{site}/"
    after = page.evaluate("document.documentElement.scrollHeight"), frame.bounding_box()["height"]
    assert after == before
    assert before[1] == 163


def test_while_it_is_off_nothing_is_asked_of_another_host(site: str, page: Page):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site}/privacy/")
    page.keyboard.press("End")
    assert [url for url in asked if not url.startswith(site)] == []
