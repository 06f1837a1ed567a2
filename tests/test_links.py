"""Links between our own pages: which lead nowhere, now or once something changes."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pages import first_content
from pages.actions.publishing import publish
from pages.links import BrokenLink, fragments, ids, inner, leading_nowhere, lost_with, that_would_break
from pages.models import Kind, Page, Publication
from tests.writing import published, republished, withdrawn, written

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def link(href):
    return f'<p><a href="{href}">there</a></p>'


def nowhere(now, *hrefs, body=""):
    """Those of the links that lead nowhere from a guide at /guides/own/."""
    own = Page.objects.filter(slug="own").first() or written(slug="own")
    own.body = body + "".join(map(link, hrefs))
    own.save()
    return leading_nowhere(own.history.latest("history_id"), now=now)


def test_paths_and_fragments_are_those_within_the_site(settings):
    settings.SITE_URL = "https://firm.example"
    hrefs = [
        *("/a/?b=1&amp;c=2#part-d", "/a/", "/e%20f/", "#part-g", "#part-h", "#part-g", "#"),
        *(
            "https://firm.example/i/",
            "https://firm.example.org/",
            "https://other.example/",
            "mailto:a@b.example",
        ),
    ]
    body = "".join(map(link, hrefs))
    assert inner(body) == ["/a/", "/e f/", "/i/"]
    assert fragments(body) == ["part-g", "part-h"]


def test_fixed_routes_and_files_are_alive(now):
    alive = [
        "/",
        "/guides/",
        "/people/",
        "/request-a-callback/",
        "/sitemap.xml",
        "/feed/",
        "/img/x.webp",
        "/static/a",
    ]
    assert nowhere(now, *alive) == []


@pytest.mark.parametrize(
    "href", ["/nothing/", "/guides/none/", "/privacy/", "/callback/abc/", "/admin/nothing/", "/guides/a/b/"]
)
def test_what_answers_404_leads_nowhere(now, href):
    assert nowhere(now, href) == [href]


def test_a_link_is_named_as_it_is_written_and_once(now):
    hrefs = ["/none/?a=1&amp;b=2#c", "/none/?a=1&amp;b=2#c", "/none/"]
    assert nowhere(now, *hrefs) == ["/none/?a=1&b=2#c", "/none/"]


def test_a_live_page_is_alive_with_and_without_its_last_slash(now):
    published(at=now)
    published(Kind.STANDARD, "privacy", at=now)
    assert nowhere(now, "/guides/filler/", "/guides/filler", "/privacy/", "/people/filler/") == [
        "/people/filler/"
    ]


def test_a_draft_and_a_scheduled_page_are_not_alive_until_their_time(now):
    written(slug="draft")
    publish(page=written(), by=None, now=now, live_from=now + MINUTE)
    assert nowhere(now, "/guides/draft/", "/guides/filler/") == ["/guides/draft/", "/guides/filler/"]
    assert nowhere(now + MINUTE, "/guides/draft/", "/guides/filler/") == ["/guides/draft/"]


def test_an_address_that_a_page_left_is_alive_and_that_of_a_withdrawn_page_is_not(now):
    page = published(at=now)
    republished(page, at=now, slug="renamed")
    assert nowhere(now, "/guides/filler/", "/guides/renamed/") == []
    withdrawn(page, at=now + MINUTE)
    assert nowhere(now + MINUTE, "/guides/filler/", "/guides/renamed/") == [
        "/guides/filler/",
        "/guides/renamed/",
    ]


def test_an_address_that_was_only_ever_scheduled_is_not_alive(now):
    page = published(at=now)
    page.slug = "renamed"
    page.save()
    publish(page=page, by=None, now=now, live_from=now + MINUTE)
    assert nowhere(now, "/guides/renamed/") == ["/guides/renamed/"]


def test_a_version_can_lead_to_itself_as_if_it_were_live(now):
    page = published(slug="own", at=now)
    withdrawn(page, at=now)
    page.slug = "moved"
    page.body = link("/guides/own/") + link("/guides/moved/")
    page.save()
    assert leading_nowhere(page.history.latest("history_id"), now=now) == []


def test_a_fragment_leads_to_a_heading_of_its_own_page_or_to_what_the_template_has(now):
    headings = "<h2>Pain &amp; worry</h2><h3>Pain &amp; worry</h3>"
    hrefs = [
        "#part-pain-worry",
        "#part-pain-worry-2",
        "/guides/own/#part-pain-worry",
        "#callback-form",
        "#main",
        "#top",
    ]
    assert nowhere(now, *hrefs, body=headings) == []
    lost = ["#part-pain", "/guides/own/#part-pain", "#unwell"]
    assert nowhere(now, *lost, body=headings) == lost
    assert nowhere(now, "#unwell", body='<ul class="signs"><li><p>a</p></li></ul>') == []


@pytest.mark.parametrize("path", ["/guides/botched-thread-lift/", "/people/michael-saul/", "/contact/"])
def test_what_a_link_may_name_is_on_the_page(client, now, path):
    first_content.load(now=now)
    version = next(live.version for live in Publication.objects.live(now) if live.version.path == path)
    shown = client.get(path).content.decode()
    assert {name for name in ids(version) - {"", "top"} if f'id="{name}"' not in shown} == set()


# --- what would break ---


def test_withdrawing_a_page_breaks_the_links_to_each_of_its_addresses(now):
    page = published(at=now)
    republished(page, at=now, slug="renamed")
    published(
        slug="b", at=now, body=link("/guides/filler") + link("/guides/renamed/#part-a") + link("/guides/b/")
    )
    published(Kind.PROFILE, "a", at=now, body=link("/guides/renamed/"))
    assert that_would_break(page, None, now=now) == [
        BrokenLink("A", "/people/a/", "/guides/renamed/"),
        BrokenLink("B", "/guides/b/", "/guides/filler"),
        BrokenLink("B", "/guides/b/", "/guides/renamed/#part-a"),
    ]


def test_only_what_other_live_pages_say_now_can_break(now):
    page = published(at=now, body=link("/guides/filler/"))
    written(slug="draft", body=link("/guides/filler/"))
    withdrawn(published(slug="gone", at=now, body=link("/guides/filler/")), at=now)
    republished(
        published(slug="changed", at=now, body=link("/guides/filler/")), at=now, body="<p>No link.</p>"
    )
    assert that_would_break(page, None, now=now) == []


def test_a_heading_that_goes_breaks_the_links_to_it_and_a_changed_address_none(now):
    page = published(at=now, body="<h2>Pain</h2><h2>Worry</h2>")
    old, new = "/guides/filler/", "/guides/renamed/"
    hrefs = [old, f"{old}#part-pain", f"{old}#part-worry", new, f"{new}#part-pain", f"{new}#part-worry"]
    published(slug="b", at=now, body="".join(map(link, hrefs)))
    page.slug, page.body = "renamed", "<h2>Pain</h2>"
    page.save()
    version = page.history.latest("history_id")
    assert that_would_break(page, version, now=now) == [
        BrokenLink("B", "/guides/b/", "/guides/filler/#part-worry"),
        BrokenLink("B", "/guides/b/", "/guides/renamed/#part-worry"),
    ]


# --- what is lost ---

REVIEW = {"reviewed_on": date(2026, 11, 1), "review_due": date(2027, 11, 1)}


def test_with_a_profile_go_by_lines_author_boxes_and_the_name_of_the_reviewer(now):
    ann = published(Kind.PROFILE, "ann-bell", at=now)
    published(Kind.PROFILE, "bob-carr", at=now)
    published(slug="a", at=now, author=ann)
    published(slug="b", at=now, reviewed_by=ann, **REVIEW)
    withdrawn(published(slug="gone", at=now, author=ann), at=now)
    assert lost_with(ann, now=now) == [
        "“A” loses its by-line and its author box.",
        "“B” still says when it was reviewed, but no longer by whom.",
        "The index of people no longer shows Ann Bell.",
    ]


def test_the_last_profile_leaves_the_index_empty(now):
    ann = published(Kind.PROFILE, "ann-bell", at=now)
    assert lost_with(ann, now=now) == ["The index of people is empty: Ann Bell is the only one on it."]


def test_nothing_goes_with_a_guide_or_with_a_profile_that_is_not_live(now):
    ann = written(Kind.PROFILE, "ann-bell")
    guide = published(at=now, author=ann)
    assert lost_with(guide, now=now) == []
    assert lost_with(ann, now=now) == []


# --- queries ---


def queries(function):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        function()
    return len(captured)


@pytest.mark.parametrize("number", [1, 3])
def test_queries_do_not_grow_with_the_number_of_pages(now, number):
    ann = published(Kind.PROFILE, "ann-bell", at=now)
    for name in "abc"[:number]:
        published(slug=name, at=now, author=ann, body=link("/people/ann-bell/") + link("/guides/a/"))
    version = published(
        slug="own", at=now, body=link("/guides/a/") + link("/guides/b/") + link("/nothing/")
    ).history.get()
    assert queries(lambda: leading_nowhere(version, now=now)) == 2
    assert queries(lambda: that_would_break(ann, None, now=now)) == 2
    assert queries(lambda: lost_with(ann, now=now)) == 2
