"""A page's body: what may stand in it, that nothing else gets into the database, how it is drawn."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pages.body import clean, links_to_nowhere, render, written_alike
from pages.models import Kind, Page
from tests.writing import written

WHOLE_GRAMMAR = (
    '<p>One <strong>two</strong> <em>three</em> <a href="/contact/">four</a></p>'
    "<h2>Five</h2><h3>Six</h3><ul><li><p>seven</p></li></ul><ol><li><p>eight</p></li></ol>"
    '<blockquote class="callout"><p>nine</p></blockquote>'
    '<ul class="signs"><li><p><strong>Ten</strong> eleven</p></li></ul>'
    '<figure><img src="/img/a.webp" alt="A hand"></figure>'
)


def test_the_whole_grammar_is_kept_as_it_is():
    assert clean(WHOLE_GRAMMAR) == WHOLE_GRAMMAR


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("<p>a<script>alert(1)</script></p>", "<p>a</p>"),
        ("<style>p{}</style><p>a</p>", "<p>a</p>"),
        ("<h1>a</h1>", "a"),
        ("<h4>a</h4>", "a"),
        ("<p>a<br>b</p>", "<p>ab</p>"),
        ("<table><tr><td>a</td></tr></table>", "a"),
        ('<p id="x" class="y" style="color:red" onclick="z()">a</p>', "<p>a</p>"),
        ('<ul class="signs wide"><li>a</li></ul>', '<ul class="signs"><li>a</li></ul>'),
        ('<ul class="wide"><li>a</li></ul>', "<ul><li>a</li></ul>"),
        ('<ol class="signs" type="a" start="3"><li>a</li></ol>', "<ol><li>a</li></ol>"),
        ("<blockquote>a</blockquote>", '<blockquote class="callout">a</blockquote>'),
        ('<blockquote class="b">a</blockquote>', '<blockquote class="callout">a</blockquote>'),
        ('<a href="/a/" target="_blank" rel="x" title="y">a</a>', '<a href="/a/">a</a>'),
        ('<iframe src="https://example.com"></iframe><p>a</p>', "<p>a</p>"),
        ("<svg><circle/></svg><p>a</p>", "<p>a</p>"),
        ('<p>a<img src="/img/a.webp" alt="b"></p>', "<p>a</p>"),
        ('<figure><img src="https://example.com/a.png" alt="b"></figure><p>a</p>', "<p>a</p>"),
        ('<figure><img src="//example.com/a.png" alt="b"></figure><p>a</p>', "<p>a</p>"),
        ('<figure><img alt="b"></figure><p>a</p>', "<p>a</p>"),
        ("<figure><p>a</p></figure>", "<p>a</p>"),
    ],
)
def test_what_is_not_in_the_grammar_loses_its_tags_and_keeps_its_words(typed, kept):
    assert clean(typed) == kept


@pytest.mark.parametrize(
    "href",
    [
        "https://www.sra.org.uk/a?b=c#d",
        "http://example.com",
        "mailto:a@example.com",
        "tel:+448081897703",
        "/contact/",
        "/",
        "#part-infection",
    ],
)
def test_a_link_may_lead_to_a_site_a_mailbox_a_telephone_a_page_or_a_part(href):
    assert clean(f'<p><a href="{href}">a</a></p>') == f'<p><a href="{href}">a</a></p>'


@pytest.mark.parametrize(
    "href",
    [
        "www.example.com",
        "//example.com",
        "/\\example.com",
        "guides/",
        "tel:0808 189 7703",
        "",
    ],
)
def test_a_link_that_leads_nowhere_is_taken_out_and_named(href):
    html = f'<p><a href="{href}">a</a></p>'
    assert clean(html) == "<p>a</p>"
    assert links_to_nowhere(html) == [href]


@pytest.mark.parametrize("href", ["javascript:alert(1)", "JaVaScRiPt:x", "data:text/html,x", "ftp://a"])
def test_a_link_that_could_do_harm_is_taken_out(href):
    assert clean(f'<p><a href="{href}">a</a></p>') == "<p>a</p>"


def test_links_that_lead_somewhere_are_not_named():
    assert links_to_nowhere(WHOLE_GRAMMAR) == []


@pytest.mark.parametrize("html", ["", "<p></p>", "<p> </p>", "<p>&nbsp;</p><h2></h2>", "<ul><li></li></ul>"])
def test_a_body_without_a_word_or_a_picture_is_empty(html):
    assert clean(html) == ""


def test_a_picture_alone_is_not_empty():
    picture = '<figure><img src="/img/a.webp" alt=""></figure>'
    assert clean(picture) == picture


TAGS = "p h2 ul li a strong figure blockquote b table td svg script"
PIECES = [
    *(f"<{tag}>" for tag in TAGS.split()),
    *(f"</{tag}>" for tag in TAGS.split()),
    *("<ul class='signs'>", "<a href='x.y'>", "<a href='/a'>", "<img src='/a'>", "<img>"),
    *("<!--", "-->", "&lt;img&gt;", "&amp;", "word"),
]


@example("<h2><a>--><h2>")
@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_cleaning_twice_is_cleaning_once(html):
    assert clean(clean(html)) == clean(html)


DIRTY, CLEAN = "<p onclick='x()'>a<script>b</script></p>", "<p>a</p>"


@pytest.mark.django_db
def test_created_pages_and_their_history_are_clean():
    page = written(body=DIRTY)
    assert Page.objects.values_list("body", flat=True).get() == CLEAN
    assert page.history.values_list("body", flat=True).get() == CLEAN


@pytest.mark.django_db
def test_pages_created_in_bulk_are_clean():
    Page.objects.bulk_create([Page(kind=Kind.GUIDE, slug="a", title="A", summary="", body=DIRTY)])
    assert Page.objects.values_list("body", flat=True).get() == CLEAN


@pytest.mark.django_db
def test_updated_pages_are_clean():
    page = written()
    Page.objects.update(body=DIRTY)
    assert Page.objects.values_list("body", flat=True).get() == CLEAN
    page.body = DIRTY + DIRTY
    Page.objects.bulk_update([page], ["body"])
    assert Page.objects.values_list("body", flat=True).get() == CLEAN + CLEAN


@pytest.mark.django_db
def test_a_version_that_is_rewritten_is_clean():
    versions = written().history
    versions.update(body=DIRTY)
    assert versions.values_list("body", flat=True).get() == CLEAN


def test_every_heading_gets_an_id_of_its_own_and_the_larger_ones_make_the_contents():
    body = render(
        "<h2>What could go wrong?</h2><h3>Infection</h3><h2>Pain &amp; <em>worry</em></h2>"
        "<h2>Infection</h2><h2>？</h2>"
    )
    assert str(body) == (
        '<h2 id="part-what-could-go-wrong">What could go wrong?</h2>'
        '<h3 id="part-infection">Infection</h3>'
        '<h2 id="part-pain-worry">Pain &amp; <em>worry</em></h2>'
        '<h2 id="part-infection-2">Infection</h2>'
        '<h2 id="part-">？</h2>'
    )
    assert body.contents == [
        ("part-what-could-go-wrong", "What could go wrong?"),
        ("part-pain-worry", "Pain & worry"),
        ("part-infection-2", "Infection"),
        ("part-", "？"),
    ]


def test_a_body_comes_in_two_parts_around_the_place_above_the_signs():
    body = render('<p>a</p><ul><li>b</li></ul><ul class="signs"><li>c</li></ul><p>d</p>')
    assert body.before_signs == "<p>a</p><ul><li>b</li></ul>"
    assert body.from_signs == '<ul class="signs"><li>c</li></ul><p>d</p>'


def test_without_signs_everything_comes_before_them():
    body = render("<p>a</p>")
    assert (body.before_signs, body.from_signs) == ("<p>a</p>", "")


def test_signs_inside_another_block_do_not_split_it():
    html = '<ol><li><ul class="signs"><li>a</li></ul></li></ol>'
    assert (render(html).before_signs, render(html).from_signs) == (html, "")


@pytest.mark.parametrize(("words", "minutes"), [(0, 1), (1, 1), (220, 1), (221, 2), (1000, 5)])
def test_reading_time_counts_220_words_a_minute(words, minutes):
    assert render("<p>word</p>" * words).minutes == minutes


def test_thousands_of_headings_that_say_the_same_have_names_of_their_own_at_once():
    began = time.process_time()
    names = [name for name, _ in render("<h2>A</h2>" * 20_000 + "<h2>A 2</h2>").contents]
    assert time.process_time() - began < 10
    assert (names[:2], names[-1], len(set(names))) == (["part-a", "part-a-2"], "part-a-2-2", 20_001)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("<ul>\n<li>A</li> <li>B</li></ul>", "<ul><li><p>A</p></li><li><p>B</p></li></ul>", True),
        (
            "<ul><li>A<ol><li>B</li></ol></li></ul>",
            "<ul><li><p>A</p><ol><li><p>B</p></li></ol></li></ul>",
            True,
        ),
        (
            '<blockquote class="callout">A</blockquote>',
            '<blockquote class="callout"><p>A</p></blockquote>',
            True,
        ),
        ("<ul><li>A</li><li>B</li></ul>", "<ul><li>A</li></ul><ul><li>B</li></ul>", False),
        ("<ul><li>A</li></ul>", '<ul class="signs"><li><p>A</p></li></ul>', False),
        ("<p><strong>A</strong><em>B</em></p>", "<p><strong>A</strong> <em>B</em></p>", False),
        ("<p>A</p><p>B</p>", "<p>A B</p>", False),
        ("<p>A</p>", "<h2>A</h2>", False),
    ],
)
def test_what_the_editor_changes_by_itself_makes_no_other_text(one, other, alike):
    assert (written_alike(one, other), written_alike(other, one)) == (alike, alike)
