"""The files that programs ask for: sitemap, robots, feed, icon, security contact."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils import timezone

from firm_site.models import FirmDetails
from pages.actions.publishing import publish
from pages.models import Kind
from tests.writing import published, republished, withdrawn, written

pytestmark = pytest.mark.django_db

THEN = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
DAY = timedelta(days=1)
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
ATOM = "{http://www.w3.org/2005/Atom}"


def in_sitemap(client) -> dict[str, str | None]:
    response = client.get("/sitemap.xml")
    assert response["Content-Type"] == "application/xml"
    urls = ElementTree.fromstring(response.content).findall(f"{SITEMAP}url")
    return {url.findtext(f"{SITEMAP}loc"): url.findtext(f"{SITEMAP}lastmod") for url in urls}


def test_the_sitemap_lists_what_is_live_and_when_it_last_changed(client):
    guide = published(at=THEN)
    republished(guide, at=THEN + DAY, slug="renamed")
    published(Kind.PROFILE, "someone", at=THEN - DAY)
    published(Kind.STANDARD, "privacy", at=THEN)
    withdrawn(published(slug="gone", at=THEN), at=THEN)
    written(slug="draft")
    assert in_sitemap(client) == {
        "http://localhost:8000/": "2026-03-03T10:30:00+00:00",
        "http://localhost:8000/guides/": "2026-03-03T10:30:00+00:00",
        "http://localhost:8000/people/": "2026-03-01T10:30:00+00:00",
        "http://localhost:8000/guides/renamed/": "2026-03-03T10:30:00+00:00",
        "http://localhost:8000/people/someone/": "2026-03-01T10:30:00+00:00",
        "http://localhost:8000/privacy/": "2026-03-02T10:30:00+00:00",
    }


def test_a_list_has_changed_when_something_left_it_and_not_before_something_joins_it(client):
    withdrawn(published(Kind.PROFILE, "gone", at=THEN), at=THEN + DAY)
    publish(page=written(), by=None, now=THEN, live_from=timezone.now() + DAY)
    assert in_sitemap(client) == {
        "http://localhost:8000/": "2026-03-03T10:30:00+00:00",
        "http://localhost:8000/guides/": None,
        "http://localhost:8000/people/": "2026-03-03T10:30:00+00:00",
    }


def test_crawlers_are_kept_from_the_staff_site_from_drafts_and_from_searches(client):
    response = client.get("/robots.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().splitlines() == [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /preview/",
        "Disallow: /search/",
        "Sitemap: http://localhost:8000/sitemap.xml",
    ]


# RFC 4287: what a feed and each of its entries must have (4.1.1, 4.1.2), a summary, and where to read it.
FEED = ["id", "title", "updated", "author", "subtitle"]
ENTRY = ["id", "title", "updated", "author", "summary"]


def test_the_feed_has_the_live_guides_newest_first(client):
    mike = published(Kind.PROFILE, "mike", at=THEN, title="Michael Saul")
    published(slug="old", at=THEN, title="Old & <good>", summary="In short.", author=mike)
    published(slug="new", at=THEN + DAY)
    written(slug="draft")
    response = client.get("/feed/", headers={"host": "127.0.0.1"})
    feed = ElementTree.fromstring(response.content)
    new, old = feed.findall(f"{ATOM}entry")
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert [name for name in FEED if feed.find(f"{ATOM}{name}") is None] == []
    assert [name for entry in (new, old) for name in ENTRY if entry.find(f"{ATOM}{name}") is None] == []
    assert old.findtext(f"{ATOM}title") == "Old & <good>"
    assert old.findtext(f"{ATOM}summary") == "In short."
    assert old.findtext(f"{ATOM}updated") == "2026-03-02T10:30:00+00:00"
    assert old.findtext(f"{ATOM}author/{ATOM}name") == "Michael Saul"
    assert new.findtext(f"{ATOM}author/{ATOM}name") == "Cosmetic Surgery Solicitors"
    assert new.find(f"{ATOM}link").get("href") == "http://localhost:8000/guides/new/"
    assert feed.findtext(f"{ATOM}updated") == "2026-03-03T10:30:00+00:00"
    assert {(link.get("rel"), link.get("href")) for link in feed.findall(f"{ATOM}link")} == {
        ("alternate", "http://localhost:8000/guides/"),
        ("self", "http://localhost:8000/feed/"),
    }


def test_a_guide_that_moves_stays_the_same_entry_of_the_feed(client):
    def entry_id() -> str:
        feed = ElementTree.fromstring(client.get("/feed/").content)
        return feed.findtext(f"{ATOM}entry/{ATOM}id")

    guide = published(slug="first", at=THEN)
    before = entry_id()
    republished(guide, at=THEN + DAY, slug="second")
    assert entry_id() == before == f"http://localhost:8000/guides/#{guide.pk}"


def test_what_xml_has_no_room_for_takes_no_feed_down(client):
    mike = published(Kind.PROFILE, "mike", at=THEN, title="Michael\x0bSaul")
    published(slug="a", at=THEN, title="Thread\x0blifts\ufeff", summary="In\x1f short.", author=mike)
    (entry,) = ElementTree.fromstring(client.get("/feed/").content).findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "Thread lifts"
    assert entry.findtext(f"{ATOM}summary") == "In short."
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Michael Saul"


def test_a_site_without_guides_has_an_empty_feed(client):
    feed = ElementTree.fromstring(client.get("/feed/").content)
    assert feed.findall(f"{ATOM}entry") == []


def test_browsers_that_look_for_the_icon_unasked_are_led_to_it(client):
    response = client.get("/favicon.ico")
    assert (response.status_code, response["Location"]) == (302, static("icons/favicon.ico"))
    assert finders.find("icons/favicon.ico") is not None


def security_contact(client):
    lines = client.get("/.well-known/security.txt").content.decode().splitlines()
    return dict(line.split(": ", 1) for line in lines)


def test_whoever_finds_a_weakness_is_told_whom_to_tell(client):
    fields = security_contact(client)
    assert fields["Contact"] == "http://localhost:8000/contact/"
    assert fields["Canonical"] == "http://localhost:8000/.well-known/security.txt"
    assert fields["Preferred-Languages"] == "en"
    left = datetime.fromisoformat(fields["Expires"]) - timezone.now()
    assert timedelta(days=179) <= left <= timedelta(days=180)


def test_once_the_firm_has_an_e_mail_address_weaknesses_are_told_there(client):
    FirmDetails.objects.create(pk=1, email="office@example.com")
    assert security_contact(client)["Contact"] == "mailto:office@example.com"
