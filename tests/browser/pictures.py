"""Pictures of every page, for people to look at: `make pictures` puts them into pictures/."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from callbacks.actions import desk
from callbacks.models import SpecialDay
from callbacks.offer import start_of
from tests.browser.conftest import sign_in
from tests.conftest import member_of

FOLDER = Path(__file__).resolve().parent.parent.parent / "pictures"
SIZES = {"phone": (390, 844), "laptop": (1280, 800)}
PUBLIC = {
    "home": "/",
    "guides": "/guides/",
    "guide": "/guides/botched-thread-lift/",
    "people": "/people/",
    "profile": "/people/michael-saul/",
    "form": "/request-a-callback/",
    "what-happens": "/what-happens/",
    "contact": "/contact/",
    "privacy": "/privacy/",
    "complaints": "/complaints/",
    "404": "/no-such-page/",
}


def take(page: Page, name: str, *, whole: bool = True, at: str = "") -> None:
    """In light and dark, on a phone and a laptop: all of the page, or the window, scrolled to `at`."""
    FOLDER.mkdir(exist_ok=True)
    for scheme in ("light", "dark"):
        for size, (width, height) in SIZES.items():
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": height})
            if at:
                page.locator(at).evaluate("part => part.scrollIntoView()")
            page.evaluate("document.getAnimations().forEach((fade) => fade.finish())")
            page.screenshot(path=FOLDER / f"{name}-{size}-{scheme}.png", full_page=whole)


@pytest.mark.expects_errors
def test_public_pages(site: str, page: Page):
    for name, address in PUBLIC.items():
        page.goto(site + address)
        take(page, name)
        take(page, f"{name}-window", whole=False)
    page.goto(site + "/request-a-callback/")
    page.get_by_role("button", name="Request a Callback").click()
    take(page, "form-with-errors")
    page.locator("#id_full_name").fill("Zoë Example")
    page.locator("#id_phone").fill("07700 900 982")
    page.get_by_role("button", name="Request a Callback").click()
    take(page, "receipt")


def test_times_to_choose(site: str, page: Page, asked):
    guide, form = "/guides/botched-thread-lift/", "#callback-form"
    page.goto(site + guide)
    take(page, "card-window", whole=False, at="#id_full_name")
    page.locator(".times input").first.check()
    take(page, "card-chosen-window", whole=False, at="#when")
    page.get_by_role("button", name="More times").click()
    take(page, "times-chosen")
    page.locator(".day").nth(1).locator("summary").click()
    page.locator(".day[open] input").nth(3).check()
    page.locator(".day").nth(2).locator("summary").click()
    take(page, "times-chosen-and-folded")
    page.locator("#id_full_name").fill("Zoë Example")
    page.get_by_role("button", name="Request a Callback").click()
    take(page, "times-with-error")

    page.locator("#id_phone").fill("07700 900 982")
    start = start_of(page.locator("[name=when]:checked").get_attribute("value") or "")
    for name in ("Anna Example", "Ben Example"):
        asked(full_name=name, wanted_at=start, at=timezone.now())
    page.get_by_role("button", name="Request a Callback").click()
    take(page, "time-gone")
    take(page, "time-gone-window", whole=False)

    today = timezone.localdate()
    SpecialDay.objects.create(day=today)
    page.goto(site + guide)
    take(page, "closed-today-window", whole=False, at=form)
    for ahead in range(1, 60):
        SpecialDay.objects.create(day=today + timedelta(days=ahead))
    page.goto(site + "/request-a-callback/")
    take(page, "nothing-free")


def test_staff_pages(site: str, page: Page, asked):
    anna = member_of("desk", "anna", "Anna", "Bell")
    page.goto(site + "/admin/")
    take(page, "admin-login")
    for number in range(14):
        request = asked(full_name=f"Person {number} Example", procedure="Thread lift")
    sign_in(page, site, "anna")
    take(page, "admin-front")
    page.goto(f"{site}/admin/callbacks/callbackrequest/")
    take(page, "admin-requests")
    desk.claim(pk=request.pk, by=anna, now=request.created_at)
    page.goto(f"{site}/admin/callbacks/callbackrequest/{request.pk}/change/")
    take(page, "admin-request")
