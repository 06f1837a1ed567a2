"""A preview: the page as it will be, for whoever has the link, until it expires."""

from datetime import timedelta

import pytest
from django.core import signing
from django.utils import timezone

from pages import preview
from pages.models import Kind, Publication
from tests.writing import published, republished, written

pytestmark = pytest.mark.django_db

LINK = "/preview/{}/"


def newest(page):
    return page.history.latest("history_id")


def link(page):
    return LINK.format(preview.token(newest(page)))


@pytest.mark.parametrize(
    ("kind", "slug"), [(Kind.GUIDE, "filler"), (Kind.PROFILE, "someone"), (Kind.STANDARD, "contact")]
)
def test_a_draft_is_shown_to_whoever_has_the_link_and_stays_a_draft(client, kind, slug):
    page = written(kind, slug, title="A draft", body="<p>Half.</p>")
    response = client.get(link(page))
    assert (response.status_code, "<p>Half.</p>" in response.content.decode()) == (200, True)
    assert (client.get(page.path).status_code, Publication.objects.count()) == (404, 0)


def test_in_a_frame_it_is_the_very_page_that_visitors_will_read(client):
    page = published(at=timezone.now(), body="<p>Text.</p>")
    shown, framed = (client.get(address).content.decode() for address in (page.path, f"{link(page)}?frame"))
    assert framed.partition("<body>")[2] == shown.partition("<body>")[2]
    assert "preview-bar" in client.get(link(page)).content.decode()


def test_a_link_goes_on_showing_the_version_it_was_made_for(client):
    page = published(at=timezone.now(), body="<p>Old.</p>")
    old = link(page)
    republished(page, at=timezone.now(), body="<p>New.</p>")
    assert "<p>Old.</p>" in client.get(old).content.decode()


def test_the_author_of_a_preview_is_the_one_who_is_live(client):
    author = published(Kind.PROFILE, "someone", at=timezone.now(), title="Some One")
    assert (
        'By <a href="/people/someone/">Some One</a>'
        in client.get(link(written(author=author))).content.decode()
    )


def test_nobody_keeps_finds_or_frames_it(client):
    response = client.get(link(written()))
    assert (response["Cache-Control"], response["X-Robots-Tag"]) == ("no-store", "noindex, nofollow")
    assert (response["X-Frame-Options"], response.cookies) == ("SAMEORIGIN", {})
    policy = response["Content-Security-Policy"]
    assert ("frame-ancestors 'self'" in policy, policy.startswith("default-src 'none'")) == (True, True)


def test_a_public_page_is_still_framed_by_nobody(client):
    response = client.get(published(at=timezone.now()).path)
    assert response["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]


def test_a_link_expires_and_says_so(client, monkeypatch):
    page = written()
    monkeypatch.setattr(preview, "LASTS", timedelta(seconds=-1))
    response = client.get(link(page))
    assert (response.status_code, "This preview has expired" in response.content.decode()) == (410, True)


FORGED = {
    "a word": lambda: "x",
    "three words": lambda: "a:b:c",
    "signed for all": lambda: signing.dumps(1),
    "signed for something else": lambda: signing.dumps(1, salt="other"),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_forged_link_leads_nowhere(client, forge):
    written()
    assert client.get(LINK.format(forge())).status_code == 404


def test_the_preview_stands_on_a_phone_beside_a_laptop_and_offers_the_link(client, paula):
    page = written()
    client.force_login(paula)
    response = client.get(f"/admin/pages/page/{page.pk}/preview/")
    frame = response.context["frame"]
    assert response.content.decode().count(f'<iframe src="{frame}"') == 2
    assert response.context["link"] == f"http://localhost:8000{frame.removesuffix('?frame')}"
    assert "frame-src 'self'" in response["Content-Security-Policy"]


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("lasts", [timedelta(days=7), timedelta(seconds=-1)])
def test_nobody_keeps_or_finds_any_answer_of_it(client, monkeypatch, method, lasts):
    monkeypatch.setattr(preview, "LASTS", lasts)
    response = getattr(client, method)(link(written()))
    assert (response["Cache-Control"], response["X-Robots-Tag"]) == ("no-store", "noindex, nofollow")


def test_a_withdrawn_page_is_previewed_and_stays_gone(client):
    page = published(at=timezone.now(), body="<p>Was here.</p>")
    Publication.objects.create(page=page, version=None, live_from=timezone.now())
    assert "<p>Was here.</p>" in client.get(link(page)).content.decode()
    assert client.get(page.path).status_code == 410
