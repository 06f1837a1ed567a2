"""Search of the guides: what is found, in which order, how it is shown, and what is said otherwise."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.utils import timezone

from firm_site.models import FirmDetails
from pages.actions.publishing import publish
from pages.models import Kind, Page
from pages.search import LONGEST, MOST, find
from tests.client import Client
from tests.writing import published, republished, withdrawn, written

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def yesterday():
    return timezone.now() - DAY


def found(asked: str, **when) -> list[str]:
    result = find(asked, now=when.get("now", timezone.now()))
    return [hit.guide.slug for hit in result.hits]


def page(client: Client, asked: str) -> str:
    return client.get("/search/", {"q": asked}).content.decode()


def excerpt_of(html: str) -> str:
    return re.search(r'<p class="excerpt">(.*?)</p>', html, re.DOTALL)[1]


# What is searched


def test_only_what_visitors_can_read_now_is_found(yesterday):
    published(slug="live", at=yesterday, body="<p>Numbness</p>")
    written(slug="draft", body="<p>Numbness</p>")
    withdrawn(published(slug="gone", at=yesterday, body="<p>Numbness</p>"), at=yesterday)
    scheduled = written(slug="scheduled", body="<p>Numbness</p>")
    publish(page=scheduled, by=None, now=yesterday, live_from=timezone.now() + DAY)
    assert found("numbness") == ["live"]
    assert found("numbness", now=timezone.now() + 2 * DAY) == ["live", "scheduled"]


def test_of_a_guide_only_its_live_version_is_found(yesterday):
    guide = published(slug="guide", at=yesterday - DAY, body="<p>Past</p>")
    republished(guide, at=yesterday, body="<p>Present</p>")
    guide.body = "<p>Draft</p>"
    guide.save()
    assert (found("past"), found("present"), found("draft")) == ([], ["guide"], [])


def test_profiles_and_standard_pages_are_not_searched(yesterday):
    published(Kind.PROFILE, "someone", at=yesterday, body="<p>Numbness</p>")
    published(Kind.STANDARD, "privacy", at=yesterday, body="<p>Numbness</p>")
    assert found("numbness") == []


def test_a_word_is_found_in_its_other_forms(yesterday):
    published(slug="guide", at=yesterday, body="<p>It became infected</p>")
    assert found("infections") == ["guide"]


def test_all_words_must_be_in_the_guide_wherever_they_stand(yesterday):
    published(slug="both", at=yesterday, title="Fillers", body="<p>Numbness</p>")
    published(slug="one", at=yesterday, title="Fillers", body="<p>Text</p>")
    assert found("filler numbness") == ["both"]


def test_tags_and_what_stands_in_them_are_not_words(yesterday):
    published(
        slug="guide", at=yesterday, body='<p>See <a href="/people/secret/">her</a> <strong>now</strong></p>'
    )
    assert (found("strong"), found("secret"), found("href"), found("p")) == ([], [], [], [])


@pytest.mark.parametrize("asked", ["thread lift", "Thread-Lift", "threadlift", "THREADLIFTS", "thread–lift"])
def test_a_procedure_is_found_however_it_is_joined(yesterday, asked):
    published(slug="guide", at=yesterday, topic="Thread lift")
    published(slug="other", at=yesterday, title="Lift", body="<p>A thread of a lift</p>")
    result = find(asked, now=timezone.now())
    assert (result.hits[0].guide.slug, result.has_all, result.read_as) == ("guide", True, {})


def test_title_and_topic_weigh_more_than_summary_then_headings_then_text(yesterday):
    published(slug="e-title", at=yesterday, title="Numbness")
    published(slug="d-topic", at=yesterday, topic="Numbness", title="Of late")
    published(slug="c-summary", at=yesterday, summary="Numbness.")
    published(slug="b-heading", at=yesterday, body="<h2>Numbness</h2><p>Text.</p><h3>More</h3>")
    published(slug="a-text", at=yesterday, body="<h2>Other</h2><p>Numbness.</p><h3>More</h3>")
    assert set(found("numbness")[:2]) == {"e-title", "d-topic"}
    assert found("numbness")[2:] == ["c-summary", "b-heading", "a-text"]


def test_phrases_alternatives_and_what_must_be_absent_are_understood(yesterday):
    published(slug="a", at=yesterday, body="<p>nerve damage</p>")
    published(slug="b", at=yesterday, body="<p>damage to a nerve, and infection</p>")
    assert found('"nerve damage"') == ["a"]
    assert found("nerve -infection") == ["a"]
    assert found("damagd -infecton") == ["a", "b"]  # what must be absent is not guessed
    assert set(found("infection or damage")) == {"a", "b"}
    assert found('"damage nerve"') == []


def test_where_no_guide_has_all_the_words_those_with_some_are_shown_and_the_page_says_so(client, yesterday):
    published(slug="a", at=yesterday, body="<p>numbness</p>")
    published(slug="b", at=yesterday, body="<p>swelling</p>")
    published(slug="c", at=yesterday, body="<p>nothing else</p>")
    result = find("numbness swelling refund", now=timezone.now())
    assert ({hit.guide.slug for hit in result.hits}, result.has_all) == ({"a", "b"}, False)
    assert "No guide has all of these words." in page(client, "numbness swelling refund")
    assert "No guide has all of these words." not in page(client, "numbness")


def test_a_page_of_results_has_an_end_and_says_so(client, yesterday):
    for number in range(MOST + 1):
        published(slug=f"g-{number}", at=yesterday, body="<p>numbness</p>")
    assert len(found("numbness")) == MOST
    assert f"{MOST} guides, those that fit best" in page(client, "numbness")


# Slips of the finger


def test_a_slip_is_read_as_the_nearest_word_and_the_page_says_so(client, yesterday):
    published(slug="guide", at=yesterday, title="Thread Lift", body="<p>An infection</p>")
    html = page(client, "Thred lift infecton")
    assert "Nothing is called “thred”. Showing “thread”." in html
    assert "Nothing is called “infecton”. Showing “infection”." in html
    assert "<mark>Thread</mark> <mark>Lift</mark>" in html
    assert 'value="Thred lift infecton"' in html


def test_only_words_of_live_guides_are_taken_for_what_was_meant(yesterday):
    written(slug="draft", body="<p>asymmetry</p>")
    withdrawn(published(slug="gone", at=yesterday, body="<p>asymmetry</p>"), at=yesterday)
    published(Kind.PROFILE, "someone", at=yesterday, body="<p>asymmetry</p>")
    published(slug="guide", at=yesterday, body="<p>numbness</p>")
    assert find("asymetry", now=timezone.now()).read_as == {}


def test_a_word_that_is_found_is_never_changed(yesterday):
    published(slug="a", at=yesterday, body="<p>tread</p>")
    published(slug="b", at=yesterday, body="<p>thread</p>")
    assert (found("tread"), find("tread", now=timezone.now()).read_as) == (["a"], {})


# What is shown


def test_matches_are_marked_in_title_summary_and_an_excerpt_of_the_text(client, yesterday):
    body = f"<p>{'Before. ' * 40}</p><h2>Look for</h2><p>Numbness &amp; more.</p><p>{'After. ' * 40}</p>"
    published(slug="guide", at=yesterday, title="On numbness", summary="Is it numbness?", body=body)
    html = page(client, "numbness")
    assert '<a href="/guides/guide/">On <mark>numbness</mark></a>' in html
    assert "<p>Is it <mark>numbness</mark>?</p>" in html
    excerpt = excerpt_of(html)
    assert "Look for –" in excerpt
    assert "<mark>Numbness</mark> &amp; more." in excerpt
    assert len(excerpt) < 400


def test_where_the_text_has_no_match_there_is_no_excerpt(client, yesterday):
    published(slug="guide", at=yesterday, title="Numbness", body="<p>Text.</p>")
    assert 'class="excerpt"' not in page(client, "numbness")


def test_the_firms_number_in_an_excerpt_is_the_one_in_force(client, yesterday):
    FirmDetails.objects.create(pk=1, telephone="0808 157 0192")
    published(
        slug="guide", at=yesterday, body="<p>For numbness ring us on [Telephone], a freephone number.</p>"
    )
    html = page(client, "numbness")
    assert 'ring us on <a class="telephone" href="tel:+448081570192">0808 157 0192</a>' in html
    assert "[" not in excerpt_of(page(client, "telephone numbness"))


PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ settings.SECRET_KEY }} {% debug %}",
    "%s %(x)s % %%",
    "'; DROP TABLE pages_page; --",
    "a & | ! ( ) : * <-> :* \\ ' \" ",
    '"unclosed phrase',
    "---- -",
    "or or or",
    "\u202egnol\u202c \u200b \x01\x1b",
    "\ue000mark\ue001 \ue002 \ue001\ue000",
    "&lt;b&gt; &amp; &#x3c;",
    "the and of",
    "日本語 ñandú 🩹",
    "<mark>",
]


@pytest.mark.parametrize("asked", PAYLOADS)
def test_whatever_is_typed_gets_an_answer_with_nothing_of_it_as_markup(client, yesterday, asked):
    published(slug="guide", at=yesterday, body="<p>script alert img mark settings drop table phrase</p>")
    response = client.get("/search/", {"q": asked})
    html = response.content.decode()
    assert response.status_code == 200
    assert re.findall(r"<(?:script>|img|b>)", html) == []
    shown = re.search(r'name="q"\s+value="(.*?)"', html)[1]
    assert unescape(shown) == find(asked, now=timezone.now()).asked
    assert Page.objects.count() == 1


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_in_a_title_or_a_text_is_markup_where_it_is_marked(client, yesterday, payload):
    words = payload.replace("\x01", "").replace("\x1b", "")
    escaped = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    published(
        slug="g",
        at=yesterday,
        title=f"numbness {words}"[:120],
        summary=words,
        body=f"<p>numbness {escaped}</p>",
    )
    html = page(client, "numbness")
    listed = re.search(r'<ul class="guides found">(.*?)</ul>', html, re.DOTALL)[1]
    assert set(re.findall(r"</?(\w+)", listed)) == {"li", "h3", "a", "p", "mark"}
    assert re.findall("[\ue000-\ue002]", listed) == []
    assert len(re.findall("<mark>[^<]*</mark>", listed)) == listed.count("mark>") / 2 >= 2


def test_bytes_that_are_no_text_are_answered_and_a_nul_is_refused(client, yesterday):
    published(slug="guide", at=yesterday, body="<p>numbness</p>")
    assert find("numb\ud800ness numbness", now=timezone.now()).asked == "numb ness numbness"
    assert client.get("/search/?q=%ED%A0%80numbness").status_code == 200
    assert client.get("/search/?q=numb%00ness").status_code == 400


# What is said otherwise


def test_without_a_question_there_is_the_form_and_every_guide(client, yesterday):
    published(slug="guide", at=yesterday)
    for address in ("/search/", "/search/?q=", "/search/?q=%20%20"):
        html = client.get(address).content.decode()
        assert 'role="search"' in html
        assert '<a href="/guides/guide/">' in html
        assert "Nothing found" not in html
        assert "noindex" not in html


def test_where_nothing_is_found_the_page_says_what_else_one_can_do(client, yesterday):
    published(slug="guide", at=yesterday)
    html = page(client, "botox")
    assert "Nothing found" in html
    assert '<a href="/guides/guide/">' in html
    assert html.count('href="tel:+448081897703"') >= 3
    assert 'href="/request-a-callback/"' in html
    assert 'value="botox"' in html


def test_ten_thousand_letters_get_a_sentence_and_lose_nothing(client, yesterday):
    published(slug="guide", at=yesterday, body="<p>numbness</p>")
    asked = "numbness " * 1111
    html = page(client, asked)
    assert "That is too long to search for" in html
    assert f'value="{asked.strip()}"' in html
    assert found("numbness " + "x" * (LONGEST - 9)) == ["guide"]
    assert found("numbness " + "x" * (LONGEST - 8)) == []


def test_results_are_for_nobody_else(client, yesterday):
    published(slug="guide", at=yesterday)
    for asked in ("text", "botox"):
        html = page(client, asked)
        assert '<meta name="robots" content="noindex">' in html
        assert 'rel="canonical"' not in html
        assert "og:" not in html
        assert asked not in re.search(r"<title>(.*?)</title>", html)[1]


def test_the_field_stands_where_guides_are_looked_for_and_browsers_do_not_remember_it(client):
    for address in ("/guides/", "/search/", "/no-such-page/"):
        html = client.get(address).content.decode()
        form = re.search(
            r'<form class="search" role="search" action="/search/" method="get">.*?</form>', html, re.DOTALL
        )
        assert '<label for="id_q">' in form[0]
        assert 'autocomplete="off"' in form[0]


def test_search_is_only_read_and_touches_no_cookie(yesterday):
    client = Client(enforce_csrf_checks=True)
    assert client.post("/search/", {"q": "x"}).status_code == 405
    response = client.get("/search/?q=x")
    assert response.cookies == {}
    assert "Cookie" not in response.get("Vary", "")
    assert "nonce" not in response["Content-Security-Policy"]


# What it costs


@pytest.mark.parametrize("guides", [1, 3])
@pytest.mark.parametrize(
    ("asked", "queries"), [("numbness", 3), ("numbnes", 6), ("numbness botox", 6), ("botox", 7)]
)
def test_a_search_costs_the_same_few_queries_however_many_guides_there_are(
    client, yesterday, django_assert_num_queries, guides, asked, queries
):
    for number in range(guides):
        published(slug=f"guide-{number}", at=yesterday, body="<p>numbness</p>")
    page(client, asked)
    with django_assert_num_queries(queries):
        page(client, asked)


def test_an_index_finds_a_version_by_its_words(yesterday):
    published(slug="guide", at=yesterday, body="<p>numbness</p>")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT 1 FROM pages_historicalpage WHERE words @@ 'numb'::tsquery")
        assert "a_version_is_found_by_its_words" in str(cursor.fetchall())


def test_a_text_of_thousands_of_named_items_is_searched_in_seconds(yesterday):
    items = "<li><p><strong>Numbness</strong> goes.</p></li>" * 7000
    published(slug="guide", at=yesterday, body=f"<ul>{items}</ul>")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '5s'")
    (hit,) = find("numbness", now=timezone.now()).hits
    assert hit.excerpt.startswith("<mark>Numbness</mark> –  goes.")


def test_a_text_too_long_to_be_searched_is_saved_all_the_same(yesterday):
    body = "".join(f"<p>numbness word{number} number{number} of{number}</p>" for number in range(30_000))
    published(slug="guide", at=yesterday, body=body)
    assert found("numbness") == ["guide"]
