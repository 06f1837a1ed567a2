"""What every public page says of itself to search engines and to whoever shares it."""

import json
import re
import struct
from collections.abc import Iterator
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from firm_site.models import FirmDetails
from pages.models import Kind
from tests.writing import published, republished, withdrawn, written

pytestmark = pytest.mark.django_db

SITE = "http://localhost:8000"
GUIDE, PROFILE = "/guides/botched-thread-lift/", "/people/michael-saul/"
PUBLIC = ["/", "/guides/", GUIDE, "/people/", PROFILE, "/search/", "/request-a-callback/"]
PUBLIC += [
    "/what-happens/",
    "/privacy/",
    "/accessibility/",
    "/complaints/",
    "/contact/",
    "/privacy/complaint/",
]

# What each kind of thing must say. Where Google requires nothing, what it recommends and we know.
REQUIRED = {
    # developers.google.com/search/docs/appearance/structured-data/article (all recommended)
    "Article": {"headline", "description", "image", "datePublished", "dateModified", "author"}
    # schema.org/Article: who publishes it, and of which page it is the text
    | {"publisher", "mainEntityOfPage"},
    # the same page, “Author markup best practices”: a name alone, and an address that tells who it is
    "Person": {"name", "url", "worksFor"},
    # schema.org/WebPage; `reviewedBy` and `lastReviewed` are its properties, not the article's
    "WebPage": {"@id"},
    # developers.google.com/search/docs/appearance/structured-data/breadcrumb (required)
    "BreadcrumbList": {"itemListElement"},
    "ListItem": {"position", "name", "item"},
    # developers.google.com/search/docs/appearance/structured-data/local-business (name and address required)
    "LegalService": {"@id", "name", "address", "telephone", "url", "areaServed", "image"},
    # developers.google.com/search/docs/appearance/structured-data/organization
    "Organization": {"@id", "name", "url"},
}

# ogp.me: the four that every page must have, then what we know; a picture has its size and its words.
OPEN_GRAPH = ["og:title", "og:type", "og:image", "og:url", "og:description", "og:site_name", "og:locale"]
OPEN_GRAPH += ["og:image:type", "og:image:width", "og:image:height", "og:image:alt"]
ARTICLE = ["article:published_time", "article:modified_time"]


class Head(HTMLParser):
    """The title, meta and link elements and the JSON-LD of a page; how often each element occurs."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.links: list[tuple[str, str]] = []
        self.text: dict[str, str] = {}
        self.headings = 0
        self._in = ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self._in = {"ld+json": "ld+json"}.get(str(given.get("type"))[12:], tag)
        self.headings += tag == "h1"
        if tag == "meta" and "content" in given:
            name = given.get("property") or given.get("name")
            assert name == "theme-color" or name not in self.meta, f"{name} twice"
            self.meta[name] = given["content"]
        if tag == "link" and "sizes" not in given:
            self.links.append((given["rel"], given["href"]))

    def handle_data(self, data):
        self.text[self._in] = self.text.get(self._in, "") + data

    def handle_endtag(self, tag):
        self._in = ""

    @property
    def canonical(self) -> list[str]:
        return [address for rel, address in self.links if rel == "canonical"]

    @property
    def nodes(self) -> dict[str, dict]:
        if "ld+json" not in self.text:
            return {}
        document = json.loads(self.text["ld+json"])
        assert document["@context"] == "https://schema.org"
        return {node["@type"]: node for node in document["@graph"]}


def head(client, path: str) -> Head:
    response = client.get(path)
    assert response.status_code == 200
    return Head(response.content.decode())


def every_node(value: object) -> Iterator[dict]:
    if isinstance(value, dict):
        if "@type" in value:
            yield value
        for inner in value.values():
            yield from every_node(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from every_node(inner)


@pytest.fixture
def yesterday():
    return timezone.now() - timedelta(days=1)


# Every public address


_READ: dict[str, Head] = {}


@pytest.fixture
def heads(db, request, client) -> dict[str, Head]:
    """The head of each page of the first content as it was first read: what is looked for changes nothing."""
    if not _READ:
        request.getfixturevalue("first_content")
        _READ.update({path: head(client, path) for path in PUBLIC})
    return _READ


@pytest.mark.parametrize("path", PUBLIC)
def test_every_public_page_has_a_title_a_description_an_address_and_one_heading(heads, path):
    page = heads[path]
    assert 20 <= len(page.text["title"]) <= 65
    assert 40 <= len(page.meta["description"]) <= 155
    assert page.canonical == [SITE + path]
    assert page.headings == 1
    assert "robots" not in page.meta


def test_no_two_public_pages_have_the_same_title_or_description(heads):
    assert len({page.text["title"] for page in heads.values()}) == len(PUBLIC)
    assert len({page.meta["description"] for page in heads.values()}) == len(PUBLIC)


@pytest.mark.parametrize("path", PUBLIC)
def test_every_public_page_says_what_a_shared_link_shows(heads, path):
    page = heads[path]
    kind = {GUIDE: "article", PROFILE: "profile"}.get(path, "website")
    for name in OPEN_GRAPH + (ARTICLE if kind == "article" else []):
        assert page.meta[name].strip(), name
    assert page.text["title"].startswith(page.meta["og:title"])
    assert page.meta["og:description"] == page.meta["description"]
    assert page.meta["og:type"] == kind
    assert page.meta["og:url"] == SITE + path
    assert page.meta["og:site_name"] == "Cosmetic Surgery Solicitors"
    assert page.meta["og:locale"] == "en_GB"
    assert page.meta["og:image"] == f"{SITE}/static/icons/shared.png"
    assert page.meta["twitter:card"] == "summary_large_image"
    assert (ARTICLE[0] in page.meta) == (kind == "article")


def test_whatever_a_page_says_of_itself_has_what_is_required(client, first_content):
    FirmDetails.objects.create(pk=1, registered_office="1 High Street, Leeds LS1 1AA")
    top = {GUIDE: {"Article", "BreadcrumbList"}, PROFILE: {"Person", "BreadcrumbList"}}
    top |= {"/": {"LegalService"}, "/contact/": {"LegalService"}}
    found = {path: head(client, path).nodes for path in PUBLIC}
    assert {path: set(nodes) for path, nodes in found.items()} == {
        path: top.get(path, set()) for path in PUBLIC
    }
    for node in every_node([list(nodes.values()) for nodes in found.values()]):
        missing = {name for name in REQUIRED[node["@type"]] if not node.get(name)}
        assert missing == set(), node["@type"]
        for name in ("url", "@id", "item", "image"):
            assert node.get(name, SITE).startswith(SITE)


def test_an_address_is_the_sites_own_whatever_the_visitor_asked_for(client, first_content):
    page = Head(client.get(f"{GUIDE}?fbclid=1&q=x", headers={"host": "127.0.0.1"}).content.decode())
    assert page.canonical == [SITE + GUIDE]
    assert page.meta["og:url"] == SITE + GUIDE


@pytest.mark.parametrize("path", ["/no-such-page/", "/guides/gone/", "/search/?q=x"])
def test_what_is_for_nobody_else_has_no_address_to_share(client, yesterday, path):
    withdrawn(published(slug="gone", at=yesterday), at=yesterday)
    page = Head(client.get(path).content.decode())
    assert page.canonical == []
    assert page.meta["robots"] == "noindex"
    assert [name for name in page.meta if name.startswith(("og:", "twitter:", "article:"))] == []


def test_a_receipt_has_no_address_to_share(client, asked):
    page = head(client, asked().get_absolute_url())
    assert page.canonical == []
    assert page.meta["robots"] == "noindex"
    assert [name for name in page.meta if name.startswith("og:")] == []


def test_a_form_sent_back_is_for_nobody_else(client):
    page = Head(client.post("/request-a-callback/", {}).content.decode())
    assert page.text["title"] == "Error: Request a Callback · Cosmetic Surgery Solicitors"
    assert (page.canonical, page.meta["robots"]) == ([], "noindex")


@pytest.mark.parametrize(("letters", "named"), [(35, True), (36, False), (120, False)])
def test_a_long_title_goes_without_the_firms_name(client, yesterday, letters, named):
    published(slug="a", at=yesterday, title="x" * letters)
    title = head(client, "/guides/a/").text["title"]
    assert title == "x" * letters + (" · Cosmetic Surgery Solicitors" if named else "")


def test_nothing_in_a_title_or_a_summary_is_markup_in_the_head(client, yesterday):
    nasty = '"><script>alert(1)</script>&'
    published(slug="a", at=yesterday, title=nasty, summary=nasty)
    page = head(client, "/guides/a/")
    assert page.meta["og:title"] == page.meta["og:description"] == page.meta["description"] == nasty
    assert "<script>alert" not in client.get("/guides/a/").content.decode()


# The picture


def test_the_picture_is_of_the_size_it_is_said_to_be_and_light(client, first_content):
    picture = Path("static/icons/shared.png")
    content = picture.read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    page = head(client, "/")
    said = (int(page.meta["og:image:width"]), int(page.meta["og:image:height"]))
    assert struct.unpack(">II", content[16:24]) == said == (1200, 630)
    assert len(content) < 100_000


def test_the_picture_is_named_by_what_is_in_it_so_that_caches_may_keep_it(
    client, first_content, settings, tmp_path
):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    page = head(client, GUIDE)
    name = re.fullmatch(rf"{SITE}/static/(icons/shared\.[0-9a-f]{{12}}\.png)", page.meta["og:image"])[1]
    assert (tmp_path / name).read_bytes() == Path("static/icons/shared.png").read_bytes()
    assert page.nodes["Article"]["image"] == page.meta["og:image"]


# Guides, people, the office


def test_a_shared_guide_says_when_it_was_published_and_changed(client, yesterday):
    guide = published(slug="a", at=yesterday - timedelta(days=1))
    republished(guide, at=yesterday)
    meta = head(client, "/guides/a/").meta
    assert meta["article:published_time"] == (yesterday - timedelta(days=1)).isoformat()
    assert meta["article:modified_time"] == yesterday.isoformat()


def test_who_reviewed_a_guide_is_told_once_somebody_has(client, yesterday):
    mike = published(Kind.PROFILE, "mike", at=yesterday, title="Michael Saul", role="Partner")
    reviewed = {"reviewed_on": date(2026, 11, 1), "review_due": date(2027, 11, 1)}
    published(slug="a", at=yesterday, author=mike)
    published(slug="b", at=yesterday, author=mike, reviewed_by=mike, **reviewed)
    unknown = head(client, "/guides/a/").nodes["Article"]["mainEntityOfPage"]
    assert unknown == {"@type": "WebPage", "@id": f"{SITE}/guides/a/"}
    known = head(client, "/guides/b/").nodes["Article"]["mainEntityOfPage"]
    assert (known["lastReviewed"], known["reviewedBy"]["@type"]) == ("2026-11-01", "Person")
    assert known["reviewedBy"]["name"] == "Michael Saul"
    assert known["reviewedBy"]["url"] == f"{SITE}/people/mike/"


def test_nobody_is_named_who_is_not_on_the_site(client, yesterday):
    draft = written(Kind.PROFILE, "someone", title="Some One")
    reviewed = {"reviewed_on": date(2026, 11, 1), "review_due": date(2027, 11, 1)}
    published(slug="a", at=yesterday, author=draft, reviewed_by=draft, **reviewed)
    article = head(client, "/guides/a/").nodes["Article"]
    assert "author" not in article
    assert article["mainEntityOfPage"] == {"@type": "WebPage", "@id": f"{SITE}/guides/a/"}


@pytest.mark.parametrize("path", ["/", "/contact/"])
def test_the_office_is_told_once_the_firm_has_said_where_it_is(client, first_content, path):
    assert head(client, path).nodes == {}
    FirmDetails.objects.create(
        pk=1, registered_office="1 High Street, Leeds LS1 1AA", telephone="020 7946 0958"
    )
    assert head(client, path).nodes["LegalService"] == {
        "@type": "LegalService",
        "@id": f"{SITE}/#firm",
        "name": "Cosmetic Surgery Solicitors",
        "url": f"{SITE}/",
        "address": "1 High Street, Leeds LS1 1AA",
        "telephone": "+442079460958",
        "areaServed": "England and Wales",
        "image": f"{SITE}/static/icons/shared.png",
    }
    FirmDetails.objects.update(email="office@example.com")
    assert head(client, path).nodes["LegalService"]["email"] == "office@example.com"


def test_the_index_of_guides_leads_feed_readers_to_the_feed(client):
    assert ("alternate", "/feed/") in head(client, "/guides/").links
