"""A real Chromium before a real server, with the first content on its pages."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import BrowserContext, ConsoleMessage, Page

from firm_site.models import User
from tests.client import Client, fresh_code

# Playwright's loop runs in the thread of the test, which also asks the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--disable-background-networking", "--disable-component-update", "--no-first-run"]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# Of what axe finds only what is wrong comes back: to bring all that is right takes longer than to look.
ASK_AXE = """async (rules) => {
  const { violations } = await axe.run({ runOnly: rules, resultTypes: ["violations"] });
  const said = (id) => ({ target, html }) => [id, target, html.slice(0, 200)];
  return violations.flatMap(({ id, nodes }) => nodes.map(said(id)));
}"""


def pytest_collection_modifyitems(items) -> None:
    """Each of these needs the browser; one worker runs them all, since a browser fills a core."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)
            if not Path(CHROMIUM).exists() and not os.environ.get("CI"):
                item.add_marker(pytest.mark.skip(reason=f"there is no {CHROMIUM} on this machine"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args) -> dict:
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return browser_type_launch_args | {"executable_path": CHROMIUM, "args": FLAGS + sandbox}


@pytest.fixture
def site(live_server, first_content) -> str:
    """The site's address, with the first content published."""
    return live_server.url


def sign_in(page: Page, site: str, username: str) -> None:
    """Be logged in as this member of staff, on their front page."""
    client = Client()
    client.force_login(User.objects.get(username=username))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site, "httpOnly": True}])
    page.goto(f"{site}/admin/")


# Chromium's own words for what it refused, and for a header that it does not understand
REFUSED = re.compile("Content Security Policy|Permissions.Policy|securitypolicyviolation", re.IGNORECASE)
TELL = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`securitypolicyviolation: ${event.violatedDirective} ${event.blockedURI}`))"""


@pytest.fixture
def said(context: BrowserContext) -> list[str]:
    """What the browser complains of, in whatever window of its."""
    complaints: list[str] = []

    def hear(said: ConsoleMessage) -> None:
        if said.type == "error" or REFUSED.search(said.text):
            complaints.append(said.text)

    def listen(page: Page) -> None:
        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(str(error)))

    context.add_init_script(TELL)
    context.on("page", listen)
    return complaints


def log_in(page: Page, user: User) -> None:
    """From the page of the login on, with both factors."""
    TOTPDevice.objects.get_or_create(user=user, name="authenticator")
    page.get_by_label("Name").fill(user.username)
    page.get_by_label("Password").fill("a long enough password")
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Code").fill(fresh_code(user))
    page.get_by_role("button", name="Log in").click()


@pytest.fixture(autouse=True)
def _no_violation_and_no_error(said: list[str], request) -> Iterator[None]:
    """No page may break its own content security policy or fail in its script."""
    yield
    assert [text for text in said if REFUSED.search(text)] == []
    if request.node.get_closest_marker("expects_errors"):
        return
    # A form sent back for mending answers 422 or 409, which Chromium also calls an error.
    assert [text for text in said if not re.search("status of (409|422)", text)] == []


def assert_accessible(page: Page, *, in_the_dark: bool = True) -> None:
    """Ask axe about the page as it stands, in light and in dark. Colours do not depend on the width: whoever
    asks at two need ask in the dark but once."""
    page.wait_for_load_state("load")  # after a click the text may be there before the style sheet
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    for scheme in ("light", "dark") if in_the_dark else ("light",):
        page.emulate_media(color_scheme=scheme)
        page.evaluate("document.getAnimations().forEach((fade) => fade.finish())")
        found = page.evaluate(ASK_AXE, RULES)
        assert found == [], f"{page.url} in {scheme}"
    page.emulate_media(color_scheme="light")
