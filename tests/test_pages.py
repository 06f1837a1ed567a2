"""What a visitor gets at an address of a guide, a solicitor or a standard page, and at no address."""

import json
import re
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django.asserts import assertRedirects

from firm_site.models import FirmDetails
from pages import first_content
from pages.actions.publishing import publish
from pages.models import Kind, Page, Publication
from tests.client import Client
from tests.writing import published, republished, withdrawn, written

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
FIRST_ADDRESSES = [
    "/",
    "/guides/",
    "/guides/botched-thread-lift/",
    "/people/",
    "/people/michael-saul/",
    "/what-happens/",
    "/privacy/",
    "/accessibility/",
    "/complaints/",
    "/contact/",
]


@pytest.fixture
def yesterday():
    return timezone.now() - DAY


@pytest.fixture
def mike(yesterday):
    return published(
        Kind.PROFILE, "michael-saul", at=yesterday, title="Michael Saul", role="Partner", known_as="Mike Saul"
    )


def headings(response):
    return re.findall(r"<h1[^>]*>(.*?)</h1>", response.content.decode(), re.DOTALL)


def json_ld(response):
    found = re.search(
        r'<script type="application/ld\+json">(.*?)</script>', response.content.decode(), re.DOTALL
    )
    return {node["@type"]: node for node in json.loads(found[1])["@graph"]}


@pytest.mark.parametrize("path", FIRST_ADDRESSES)
def test_every_page_of_the_first_content_has_one_heading_and_touches_no_cookie(client, first_content, path):
    response = client.get(path)
    assert response.status_code == 200
    assert len(headings(response)) == 1
    assert response.cookies == {}
    assert "Cookie" not in response.get("Vary", "")
    assert "nonce" not in response["Content-Security-Policy"]
    assert "csrfmiddlewaretoken" not in response.content.decode()


def test_the_first_content_is_loaded_once_and_says_what_it_did(capsys):
    call_command("load_first_content")
    pages = Page.objects.count()
    assert capsys.readouterr().out == f"First content: {pages} pages published.\n"
    assert Publication.objects.filter(by=None).count() == pages
    call_command("load_first_content")
    assert capsys.readouterr().out == "First content: nothing to do, there are pages already.\n"
    assert (Page.objects.count(), Publication.objects.count()) == (pages, pages)


def test_the_first_content_is_in_the_grammar_of_the_editor_already(now):
    bodies = {fields["slug"]: fields["body"] for fields in first_content.read()}
    first_content.load(now=now)
    assert {page.slug: page.body for page in Page.objects.all()} == bodies


def test_a_guide_is_shown_as_it_was_published(client, yesterday, mike):
    page = published(at=yesterday - DAY, title="Fillers", topic="Dermal filler", author=mike)
    update = republished(page, at=yesterday, body="<h2>One</h2><p>Two.</p>")
    context = client.get("/guides/filler/").context
    assert context["page"].title == "Fillers"
    assert context["page"].topic == "Dermal filler"
    assert context["path"] == "/guides/filler/"
    assert context["canonical"] == "http://localhost:8000/guides/filler/"
    assert str(context["body"]) == '<h2 id="part-one">One</h2><p>Two.</p>'
    assert context["published"] == yesterday - DAY
    assert context["updated"] == yesterday
    assert context["version_number"] == update.version_id
    author = context["author"]
    assert (author.title, author.known_as, author.role) == ("Michael Saul", "Mike Saul", "Partner")
    assert (author.path, author.initials) == ("/people/michael-saul/", "MS")
    assert context["reviewer"] is None


def test_what_is_saved_but_not_published_is_not_shown(client, yesterday):
    page = published(at=yesterday, title="Fillers")
    page.title = "Half-writ"
    page.save()
    assert headings(client.get("/guides/filler/")) == ["Fillers"]
    assert "Half-writ" not in client.get("/guides/").content.decode()


def test_an_author_who_is_not_published_leaves_no_trace(client, yesterday):
    published(at=yesterday, author=written(Kind.PROFILE, "someone", title="Some One"))
    response = client.get("/guides/filler/")
    assert response.status_code == 200
    assert response.context["author"] is None
    assert "Some One" not in response.content.decode()
    assert "/people/someone/" not in response.content.decode()


def test_a_withdrawn_author_leaves_no_trace(client, yesterday, mike):
    published(at=yesterday, author=mike)
    withdrawn(mike, at=yesterday)
    response = client.get("/guides/filler/")
    assert response.context["author"] is None
    assert "/people/michael-saul/" not in response.content.decode()


def test_a_by_line_says_what_the_authors_own_page_says_now(client, yesterday, mike):
    published(at=yesterday, author=mike)
    mike.role = "Head of everything"
    mike.save()
    assert client.get("/guides/filler/").context["author"].role == "Partner"
    republished(mike, at=yesterday, role="Senior partner")
    assert client.get("/guides/filler/").context["author"].role == "Senior partner"


def test_a_reviewed_guide_says_by_whom_and_when(client, yesterday, mike):
    reviewed = {"reviewed_on": date(2026, 11, 1), "review_due": date(2027, 11, 1)}
    published(at=yesterday, reviewed_by=mike, **reviewed)
    response = client.get("/guides/filler/")
    assert response.context["reviewer"].title == "Michael Saul"
    assert "1 November 2026" in response.content.decode()
    assert "1 November 2027" in response.content.decode()


def test_a_profile_lists_the_live_guides_its_person_wrote(client, yesterday, mike):
    published(slug="b", at=yesterday, author=mike)
    published(slug="a", at=yesterday, author=mike)
    published(slug="by-nobody", at=yesterday)
    written(slug="draft", author=mike)
    withdrawn(published(slug="gone", at=yesterday, author=mike), at=yesterday)
    response = client.get("/people/michael-saul/")
    context = response.context
    assert [guide.slug for guide in context["guides"]] == ["a", "b"]
    assert response.content.decode().count(">MS</span>") == 1
    assert context["canonical"] == "http://localhost:8000/people/michael-saul/"


def test_front_page_and_indexes_show_what_is_live(client, yesterday, mike):
    published(slug="a", at=yesterday)
    written(slug="draft")
    home = client.get("/").context
    assert [guide.slug for guide in home["guides"]] == ["a"]
    assert [person.slug for person in home["people"]] == ["michael-saul"]
    assert [guide.slug for guide in client.get("/guides/").context["guides"]] == ["a"]
    assert [person.slug for person in client.get("/people/").context["people"]] == ["michael-saul"]


def test_contact_has_a_template_of_its_own(client, yesterday):
    published(Kind.STANDARD, "contact", at=yesterday)
    published(Kind.STANDARD, "privacy", at=yesterday)
    assert client.get("/contact/").templates[0].name == "pages/contact.html"
    assert client.get("/privacy/").templates[0].name == "pages/standard.html"


@pytest.mark.parametrize("path", FIRST_ADDRESSES)
def test_once_the_telephone_number_changes_the_old_one_is_in_no_page(client, first_content, path):
    FirmDetails.objects.create(pk=1, telephone="0808 157 0192")
    html = client.get(path).content.decode()
    assert 'href="tel:+448081570192"' in html
    assert re.findall(r"0808 189 7703|8081897703|\[telephone\]", html) == []


@pytest.mark.parametrize(
    "words",
    ["[telephone]", '<a href="tel:+441">[telephone]</a>', "<strong>[Telephone]</strong>"],
)
@pytest.mark.parametrize(
    ("kind", "slug"), [(Kind.GUIDE, "a"), (Kind.PROFILE, "a"), (Kind.STANDARD, "privacy")]
)
def test_where_a_body_asks_for_the_number_stands_one_link_that_dials_it(client, yesterday, kind, slug, words):
    signs = f'<ul class="signs"><li><p><strong>One</strong> {words}</p></li></ul>'
    page = published(kind, slug, at=yesterday, body=f"<p>Ring {words}.</p>{signs}")
    html = re.sub("</?strong>", "", client.get(page.path).content.decode())
    link = '<a class="telephone" href="tel:+448081897703">0808 189 7703</a>'
    assert f"<p>Ring {link}.</p>" in html
    assert f"<p>One {link}</p>" in html


def test_in_the_contents_of_a_guide_the_number_is_read_and_is_no_link_in_a_link(client, yesterday):
    page = published(at=yesterday, body="<h2>Ring [telephone] &lt;now&gt;</h2><p>a</p>")
    html = client.get(page.path).content.decode()
    assert ">Ring 0808 189 7703 &lt;now&gt;</a></li>" in html
    assert "[telephone]" not in html


def test_in_an_address_the_number_is_dialled_and_no_link_stands_in_another(client, yesterday):
    ours, theirs = '<a href="tel:[Telephone]">Ring us</a>', '<a href="https://example.com/[telephone]">it</a>'
    page = published(at=yesterday, body=f"<p>{ours} or see {theirs}: [telephone]</p>")
    html = client.get(page.path).content.decode()
    number = '<a class="telephone" href="tel:+448081897703">0808 189 7703</a>'
    assert f'<p><a href="tel:+448081897703">Ring us</a> or see {theirs}: {number}</p>' in html


@pytest.mark.parametrize(("number", "said"), [("0808 157 0192", True), ("020 7946 0958", False)])
def test_only_a_freephone_number_is_said_to_be_free(client, first_content, number, said):
    FirmDetails.objects.create(pk=1, telephone=number)
    html = client.get("/contact/").content.decode()
    assert ("Free from landlines and mobiles" in html) is said


def test_a_path_that_the_page_has_left_leads_to_where_it_is(client, yesterday):
    page = published(slug="first", at=yesterday)
    republished(page, at=yesterday, slug="second")
    republished(page, at=yesterday, slug="third")
    for old in ("first", "second"):
        assertRedirects(client.get(f"/guides/{old}/"), "/guides/third/", 301, fetch_redirect_response=False)
    assert client.get("/guides/third/").status_code == 200


def test_a_page_that_comes_back_to_an_old_path_is_found_there(client, yesterday):
    page = published(slug="first", at=yesterday)
    republished(page, at=yesterday, slug="second")
    republished(page, at=yesterday, slug="first")
    assert client.get("/guides/first/").status_code == 200
    assertRedirects(client.get("/guides/second/"), "/guides/first/", 301)


def test_a_path_is_not_found_before_it_goes_live(client, yesterday):
    page = published(slug="first", at=yesterday)
    page.slug = "second"
    page.save()
    publish(page=page, by=None, now=yesterday, live_from=timezone.now() + DAY)
    new = written(slug="new")
    publish(page=new, by=None, now=yesterday, live_from=timezone.now() + DAY)
    assert client.get("/guides/first/").status_code == 200
    assert client.get("/guides/second/").status_code == 404
    assert client.get("/guides/new/").status_code == 404


@pytest.mark.parametrize("path", ["/guides/none/", "/people/none/", "/privacy/", "/none/", "/guides/a/b/"])
def test_what_was_never_published_is_not_found(client, path):
    written(slug="none")
    assert client.get(path).status_code == 404


def test_a_page_is_found_only_under_its_own_kind(client, yesterday):
    published(slug="filler", at=yesterday)
    assert client.get("/people/filler/").status_code == 404


def test_a_withdrawn_page_is_gone_at_every_path_it_had(client, yesterday):
    page = published(slug="first", at=yesterday)
    republished(page, at=yesterday, slug="second")
    withdrawn(page, at=yesterday)
    for slug in ("first", "second"):
        response = client.get(f"/guides/{slug}/")
        assert response.status_code == 410
        assert "0808 189 7703" in response.content.decode()


@pytest.mark.parametrize(
    "path",
    [
        *["/", "/guides/", "/guides/filler/", "/people/", "/privacy/", "/sitemap.xml", "/robots.txt"],
        *["/feed/", "/favicon.ico", "/.well-known/security.txt"],
    ],
)
def test_pages_are_only_read(yesterday, path):
    client = Client(enforce_csrf_checks=True)
    published(at=yesterday)
    published(Kind.STANDARD, "privacy", at=yesterday)
    assert client.post(path).status_code == 405
    assert client.post(path)["Allow"] == "GET, HEAD"
    assert client.generic("TRACE", path).status_code == 405
    head = client.head(path)
    assert (head.status_code, head.content) == (client.get(path).status_code, b"")


def test_search_engines_read_who_wrote_a_guide_and_when(client, yesterday, mike):
    page = published(at=yesterday - DAY, title="Fillers", author=mike)
    republished(page, at=yesterday)
    nodes = json_ld(client.get("/guides/filler/"))
    assert nodes["Article"]["headline"] == "Fillers"
    assert nodes["Article"]["author"]["name"] == "Michael Saul"
    assert nodes["Article"]["author"]["url"] == "http://localhost:8000/people/michael-saul/"
    assert nodes["Article"]["datePublished"] == (yesterday - DAY).isoformat()
    assert nodes["Article"]["dateModified"] == yesterday.isoformat()
    steps = nodes["BreadcrumbList"]["itemListElement"]
    assert [(step["position"], step["name"]) for step in steps] == [
        (1, "Home"),
        (2, "Guides"),
        (3, "Fillers"),
    ]


def test_no_text_breaks_out_of_what_search_engines_read(client, yesterday):
    title = "</script><script>alert('&')</script>"
    published(at=yesterday, title=title)
    response = client.get("/guides/filler/")
    assert json_ld(response)["Article"]["headline"] == title
    assert "<script>alert" not in response.content.decode()


def test_a_visitor_with_a_staff_login_reads_the_same_page(client, paula, yesterday):
    published(at=yesterday)
    before = client.get("/guides/filler/").content
    client.force_login(paula)
    response = client.get("/guides/filler/")
    assert response.content == before
    assert "Cookie" not in response.get("Vary", "")


@pytest.mark.parametrize("guides", [1, 3])
@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/", 4),
        ("/guides/", 3),
        ("/people/", 3),
        ("/guides/guide-0/", 7),
        ("/people/michael-saul/", 4),
        ("/sitemap.xml", 1),
        ("/feed/", 2),
    ],
)
def test_a_page_costs_the_same_few_queries_however_many_there_are(
    client, yesterday, mike, django_assert_num_queries, guides, path, queries
):
    for number in range(guides):
        published(slug=f"guide-{number}", at=yesterday, author=mike)
        published(Kind.PROFILE, f"person-{number}", at=yesterday)
    client.get(path)  # templates and the privacy notice are read once in a process's life
    with django_assert_num_queries(queries):
        client.get(path)
