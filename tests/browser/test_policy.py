"""Chromium refuses nothing on any page: each keeps to the policy that it is sent with."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from callbacks import hours
from callbacks.models import CallbackRequest
from pages import models as pages
from pages import preview
from tests.browser.conftest import REFUSED, sign_in
from tests.conftest import member_of
from tests.test_headers import PUBLIC_ROUTES, filled
from tests.test_role_table import STAFF_ROUTES
from tests.test_roles import MAY_OPEN, an_object_of

# Of these Chromium makes pages of its own, in styles of its own.
FILES = (".xml", ".txt", ".ico", ".ics", "feed/", "jpg|webp)$")
BODY = ".tiptap[aria-label='Body']"


@pytest.fixture(autouse=True)
def _nothing_from_another_host(site: str, page: Page) -> Iterator[None]:
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url))
    yield
    assert asked
    assert [url for url in asked if not url.startswith(f"{site}/")] == []


@pytest.fixture
def request_with_a_time(asked) -> CallbackRequest:
    slot = next(start for start, _ in hours.slots(hours.DEFAULT, timezone.now() + timedelta(days=1)))
    return asked(at=timezone.now(), wanted_at=slot, message="It hurts.")


@pytest.mark.expects_errors
def test_what_is_refused_is_told(site: str, page: Page, said: list[str]):
    page.goto(site)
    assert said == []
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">Red</p>')")
    expect(page.get_by_text("Red", exact=True)).to_be_visible()
    assert [text for text in said if text.startswith("securitypolicyviolation: style-src-attr")]
    assert all(REFUSED.search(text) for text in said)
    said.clear()


@pytest.mark.expects_errors
def test_every_page_for_visitors(site: str, page: Page, request_with_a_time: CallbackRequest):
    guide = pages.Page.objects.get(slug="botched-thread-lift")
    values = {}
    for route in PUBLIC_ROUTES:
        if route.endswith(FILES):
            continue
        is_preview = route.startswith("preview/")
        values["token"] = preview.token(guide.history.first()) if is_preview else request_with_a_time.token
        values["slug"] = {"g": guide.slug, "p": "michael-saul"}.get(route[0:1], "contact")
        answer = page.goto(site + filled(route, **values))
        assert answer.status == 200, route
    assert page.goto(f"{site}/no/such/page/").status == 404


# What both may open, managers look at.
@pytest.mark.expects_errors
@pytest.mark.parametrize("group", ["managers", "partners"])
def test_every_page_for_staff(site: str, page: Page, asked, request_with_a_time, group: str):
    others = {kind for kind, groups in MAY_OPEN.items() if "managers" in groups and group != "managers"}
    mine = {kind for kind, groups in MAY_OPEN.items() if group in groups} - others
    things = {kind: an_object_of(kind, asked) for kind in mine - {"callbacks.callbackrequest"}}
    things["callbacks.callbackrequest"] = request_with_a_time.pk
    member_of(group, "person", "A", "Person")
    sign_in(page, site, "person")
    looked_at = 0
    for route, name in STAFF_ROUTES:
        kind = ".".join(route.split("/")[1:3])
        if not name or name == "logout" or (kind in MAY_OPEN and kind not in mine):
            continue
        pk = things.get(kind, 1)
        values = {"object_id": pk, "pk": pk, "id": pk, "name": "claim", "app_label": "pages"}
        answer = page.goto(site + filled(route, **values))
        looked_at += answer.status == 200
        if kind == "pages.page" and name.endswith(("_add", "_change")):
            expect(page.locator(BODY)).to_be_visible()
    assert looked_at > 20
