"""Two versions side by side, and what visitors will see change: words, never markup."""

import random
import re
import time
from datetime import date
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.body import clean
from pages.comparing import Piece, compare, in_words
from pages.first_content import read
from pages.models import Kind, Page
from pages.sentences import sentences


def guide(body="<p>Text.</p>", **fields):
    return Page(
        **{"kind": Kind.GUIDE, "slug": "filler", "title": "Filler", "summary": "Short."} | fields, body=body
    )


def drawn(comparison):
    """Each changed block as one line: [-removed-], {+added+}, notes in brackets."""
    frames = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return [
        " ".join(
            frames[piece.kind].format(f"({piece.text})" if piece.is_note else piece.text)
            for piece in block.pieces
        )
        for block in comparison.blocks
        if block.is_changed
    ]


def between(old, new):
    return drawn(compare(guide(old), guide(new)))


def seen(old, new):
    return in_words(guide(old), guide(new))


# --- compare ---


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("<p>See a doctor.</p>", "<p>See a good doctor.</p>", ["See a {+good+} doctor."]),
        ("<p>See a doctor.</p>", "<p>See a doctor</p>", ["See a [-doctor.-] {+doctor+}"]),
        ("<p>One.</p>", "<p>One.</p><p>Two.</p>", ["{+Two.+}"]),
        ("<p>One.</p><p>Two.</p>", "<p>Two.</p>", ["[-One.-]"]),
        (
            "<p>Nothing in common</p>",
            "<p>Quite another text</p>",
            ["[-Nothing in common-]", "{+Quite another text+}"],
        ),
        (
            "<h2>Pain</h2><p>Old words here.</p>",
            "<h2>Pain</h2><p>New words here.</p>",
            ["[-Old-] {+New+} words here."],
        ),
        ("<ul><li><p>a b c</p></li></ul>", "<ul><li><p>a b d</p></li></ul>", ["a b [-c-] {+d+}"]),
        (
            "<p>The cat sat on the mat</p>",
            "<p>The dog is in bed</p>",
            ["[-The cat sat on the mat-]", "{+The dog is in bed+}"],
        ),
        ("<p>a b</p>", "<p>a  \n b</p>", []),
    ],
)
def test_words_added_and_removed_are_told_apart(old, new, shown):
    assert between(old, new) == shown


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        (
            '<p>Read <a href="/a/">our page</a> first.</p>',
            '<p>Read <a href="/b/">our page</a> first.</p>',
            ["Read our page [-(link to /a/)-] {+(link to /b/)+} first."],
        ),
        ("<p>Read this.</p>", '<p>Read <a href="/a/">this.</a></p>', ["Read this. {+(link to /a/)+}"]),
        (
            "<p>Read this.</p>",
            '<p>Read this. <a href="/a/">More.</a></p>',
            ["Read this. {+More.+} {+(link to /a/)+}"],
        ),
        (
            '<p>Do read <a href="/a/">this page</a> now.</p>',
            '<p>Do read <a href="/a/">this other page</a> now.</p>',
            ["Do read this {+other+} page now."],
        ),
        (
            '<p>Do read <a href="/a/">this other page</a> now.</p>',
            '<p>Do read <a href="/a/">this page</a> now.</p>',
            ["Do read this [-other-] page now."],
        ),
        ("<p>Keep it safe.</p>", "<p>Keep <strong>it</strong> safe.</p>", ["Keep it {+(in bold)+} safe."]),
        ("<p>Keep <em>it</em> safe.</p>", "<p>Keep it safe.</p>", ["Keep it [-(in italics)-] safe."]),
        (
            '<figure><img src="/img/a.webp" alt="A hand"></figure>',
            '<figure><img src="/img/b.webp" alt="A hand"></figure>',
            ["picture: A hand {+(another picture)+}"],
        ),
        (
            '<figure><img src="/img/a.webp" alt="A hand"></figure>',
            '<figure><img src="/img/a.webp" alt="A foot"></figure>',
            ["picture: A [-hand-] {+foot+}"],
        ),
        (
            "<p>Text.</p>",
            '<p>Text.</p><figure><img src="/img/a.webp"></figure>',
            ["{+picture without alternative text+}"],
        ),
        (
            "<p>Wash your hands</p>",
            "<h2>Wash your hands</h2>",
            ["[-(paragraph)-] {+(heading)+} Wash your hands"],
        ),
        (
            "<ul><li><p><strong>Pain</strong> hurts</p></li></ul>",
            '<ul class="signs"><li><p><strong>Pain</strong> hurts</p></li></ul>',
            ["[-(list item)-] {+(sign)+} Pain hurts"],
        ),
    ],
)
def test_what_is_set_on_words_is_said_in_words(old, new, shown):
    assert between(old, new) == shown


def test_each_block_says_what_it_is_and_whether_it_changed():
    body = (
        "<h2>One</h2><p>two</p><h3>Three</h3><ul><li><p>four</p></li></ul><ol><li>five</li></ol>"
        '<blockquote class="callout"><p>six</p></blockquote><ul class="signs"><li><p>seven</p></li></ul>'
        '<figure><img src="/img/a.webp" alt="eight"></figure>'
    )
    blocks = compare(guide(body), guide(body + "<p>nine</p>")).blocks
    assert [(block.kind, block.label, block.is_changed) for block in blocks] == [
        ("h2", "Heading", False),
        ("p", "Paragraph", False),
        ("h3", "Smaller heading", False),
        ("li", "List item", False),
        ("li", "Numbered item", False),
        ("p", "Shaded box", False),
        ("li", "Sign", False),
        ("figure", "Picture", False),
        ("p", "Paragraph", True),
    ]


def test_fields_that_changed_are_named_as_editors_know_them():
    old = guide(title="Old lifts", author_id=1, review_due=date(2026, 11, 1), topic="Lift")
    new = guide(title="New lifts", author_id=2, review_due=date(2027, 11, 1))
    fields = compare(old, new, names={1: "Ann Bell", 2: "Bob Carr"}).fields
    assert [(field.label, field.pieces) for field in fields] == [
        ("Title", [Piece("removed", "Old"), Piece("added", "New"), Piece("same", "lifts")]),
        ("Topic", [Piece("removed", "Lift")]),
        ("Author", [Piece("removed", "Ann Bell"), Piece("added", "Bob Carr")]),
        ("Next review", [Piece("removed", "1 November 2026"), Piece("added", "1 November 2027")]),
    ]


def test_everything_in_a_first_version_is_added():
    comparison = compare(None, guide("<p>Text.</p>", author_id=1), names={1: "Ann Bell"})
    assert [(field.label, field.pieces) for field in comparison.fields] == [
        ("Address", [Piece("added", "filler")]),
        ("Title", [Piece("added", "Filler")]),
        ("Summary", [Piece("added", "Short.")]),
        ("Author", [Piece("added", "Ann Bell")]),
    ]
    assert drawn(comparison) == ["{+Text.+}"]


def test_a_body_rewritten_from_end_to_end_is_not_paired_at_all():
    old = "".join(f"<p>Said old {number}.</p>" for number in range(250))
    blocks = compare(guide(old), guide(old.replace("old", "new"))).blocks
    assert [len(block.pieces) for block in blocks] == [1] * 500


def test_no_word_is_too_common_to_be_compared():
    assert between(f"<p>{'so ' * 300}</p>", f"<p>{'so ' * 300}on</p>") == [f"{'so ' * 300}{{+on+}}"]


def test_a_list_in_a_list_is_told_item_by_item():
    blocks = compare(guide(), guide("<ul><li>one<ol><li>two</li></ol></li></ul>")).blocks[1:]
    assert [(block.label, block.pieces) for block in blocks] == [
        ("List item", [Piece("added", "one")]),
        ("Numbered item", [Piece("added", "two")]),
    ]


def test_spaces_in_a_field_are_no_change():
    assert compare(guide(title="Two  words "), guide(title="Two words")).is_same


# --- in_words ---

SIGNS = (
    "<p>Opening. More.</p><h2>What could go wrong?</h2><p>Much. Little.</p>"
    '<ul class="signs"><li><p><strong>Infection</strong> It is red. It is warm.</p></li></ul>'
    '<h3>Later on</h3><p>See <a href="/contact/">us</a>.</p>'
)


@pytest.mark.parametrize(
    ("this", "that", "said"),
    [
        ("It is red. It is warm.", "It is sore. It is hot.", ["2 sentences in “Infection”"]),
        ("It is red. ", "", ["1 sentence in “Infection”"]),
        ("It is warm.", "It is warm. It is red. It smells.", ["2 sentences in “Infection”"]),
        ("Opening.", "Opening words.", ["1 sentence in the opening"]),
        ("Much. Little.", "Much.", ["1 sentence in “What could go wrong?”"]),
        ("See <a", "Ask <a", ["1 sentence in “Later on”"]),
        ("/contact/", "/people/", ["1 link"]),
        ('<a href="/contact/">us</a>', "us", ["1 link"]),
        (
            "Much.",
            '<a href="/a/">Much.</a> <a href="/b/">Little.</a>',
            ["1 sentence in “What could go wrong?”", "2 links"],
        ),
        ("Much. Little.", '<a href="/a/">Much.</a> <a href="/b/">Little.</a>', ["2 links"]),
        ("Little.", "<strong>Little.</strong>", ["1 sentence in “What could go wrong?”"]),
        ("Later on", "Afterwards", ["the heading “Afterwards”"]),
        ("<h3>Later on</h3>", "", ["the heading “Later on”"]),
        (
            "<li><p><strong>Infection</strong> It is red. It is warm.</p></li>",
            "",
            ["2 sentences in “Infection”", "the heading “Infection”"],
        ),
        ("h3>", "h2>", ["the heading “Later on”"]),
        ("Infection", "Infections", ["the heading “Infections”"]),
        (' class="signs"', "", ["the look of 1 paragraph"]),
        ("Opening. More.", "Opening.</p><p>More.", ["where paragraphs begin and end"]),
        ("<h3>", '<figure><img src="/img/a.webp" alt="A hand"></figure><h3>', ["1 picture"]),
        ("Opening. More.", "Opening.  More.", []),
    ],
)
def test_what_changes_is_said_in_plain_words(this, that, said):
    assert this in SIGNS
    assert seen(SIGNS, SIGNS.replace(this, that)) == said


def test_what_stands_under_a_renamed_heading_counts_once():
    old = "<h2>Before</h2><p>See a doctor.</p>"
    new = "<h2>After</h2><p>See a surgeon.</p>"
    assert seen(old, new) == ["1 sentence in “After”", "the heading “After”"]


def test_parts_come_in_the_order_of_the_page_and_several_headings_as_a_number():
    old = "<p>One.</p><h2>A</h2><p>Two.</p>"
    new = "<p>1.</p><h2>A</h2><p>2.</p><h2>B</h2><p>3.</p><h2>C</h2>"
    assert seen(old, new) == [
        "1 sentence in the opening",
        "1 sentence in “A”",
        "1 sentence in “B”",
        "2 headings",
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<strong>See a doctor</strong>", "<strong>See a nurse</strong>", "1 sentence in the opening"),
        ("<strong>Wait.</strong> See.", "<strong>Rest.</strong> See.", "1 sentence in the opening"),
        ("<strong>Pain</strong> It hurts.", "<strong>Ache</strong> It hurts.", "the heading “Ache”"),
    ],
)
def test_an_item_has_a_name_where_words_in_bold_come_before_its_sentences(old, new, said):
    assert seen(f"<ul><li><p>{old}</p></li></ul>", f"<ul><li><p>{new}</p></li></ul>") == [said]


def test_all_that_stands_in_a_sign_is_of_its_part():
    sign = "<p><strong>Pain</strong> It hurts.</p><p><strong>Later</strong> It burns.</p>"
    old = f'<ul class="signs"><li>{sign}</li></ul><p>After.</p>'
    assert seen(old, old.replace("burns", "aches")) == ["1 sentence in “Pain”"]
    assert seen(old, old.replace("After", "At last")) == ["1 sentence in the opening"]


def test_a_new_page_is_a_new_page():
    assert in_words(None, guide()) == ["a new page"]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("slug", "lift", "the address"),
        ("title", "Lift", "the title"),
        ("summary", "Long.", "the summary"),
        ("topic", "Lift", "the topic"),
        ("author_id", 1, "the author"),
        ("reviewed_by_id", 1, "the reviewer"),
        ("reviewed_on", date(2026, 11, 1), "the day of the review"),
        ("review_due", date(2027, 11, 1), "the day of the next review"),
        ("role", "Partner", "the role"),
        ("known_as", "Mike", "the name in the author box"),
        ("expertise", "Lifts", "the expertise"),
        ("qualifications", "LLB", "the qualifications"),
        ("sra_id", "1", "the SRA ID"),
        ("short_biography", "Born.", "the short biography"),
        ("portrait_id", 1, "the portrait"),
    ],
)
def test_every_field_that_visitors_see_is_named(field, value, said):
    assert in_words(guide(), guide(**{field: value})) == [said]
    assert [change.label.lower() for change in compare(guide(), guide(**{field: value})).fields] != []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (None, 1, [("added", "a picture")]),
        (1, None, [("removed", "a picture")]),
        (1, 2, [("removed", "a picture"), ("added", "another picture")]),
    ],
)
def test_a_portrait_is_called_a_picture(before, after, said):
    (change,) = compare(guide(portrait_id=before), guide(portrait_id=after)).fields
    assert [(piece.kind, piece.text) for piece in change.pieces] == said


# --- sentences ---


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        (
            "Ask a doctor, e.g. Dr. Bell or Prof. Carr. Then rest.",
            ["Ask a doctor, e.g. Dr. Bell or Prof. Carr.", "Then rest."],
        ),
        ("Ring 0808 189 7703. We answer.", ["Ring 0808 189 7703.", "We answer."]),
        ("Ring 0808. 189. 7703 today.", ["Ring 0808. 189. 7703 today."]),
        ("It took 2.5 hours. All went well.", ["It took 2.5 hours.", "All went well."]),
        ("“Is it bad?” she asked. “It is.” He left.", ["“Is it bad?” she asked.", "“It is.”", "He left."]),
        ("He said. “and then” she went.", ["He said. “and then” she went."]),
        ("J. Bell and I. So be it.", ["J. Bell and I.", "So be it."]),
        ("We wait. 14 days pass.", ["We wait.", "14 days pass."]),
        ("Wait… then go.", ["Wait… then go."]),
        ("", []),
    ],
)
def test_a_sentence_ends_where_a_reader_would_say(text, parts):
    words = text.split()
    assert [" ".join(words[at]) for at in sentences(words)] == parts


# --- properties ---

BITS = st.sampled_from(
    [
        *(
            "<p>",
            "</p>",
            "<h2>",
            "</h2>",
            "<h3>",
            "</h3>",
            "<ul>",
            "<ul class='signs'>",
            "</ul>",
            "<ol>",
            "</ol>",
        ),
        *("<li>", "</li>", "<blockquote>", "</blockquote>", "<strong>", "</strong>", "<em>", "</em>"),
        *("<a href='/a/'>", "<a href='/b/'>", "</a>", "<figure><img src='/img/a' alt='a hand'></figure>"),
        *("a", "b", " ", " c. ", " D", "&amp;", "&nbsp;", "!"),
    ]
)
BODIES = st.one_of(
    st.lists(BITS, max_size=40).map("".join).map(clean), st.sampled_from([page["body"] for page in read()])
)


def words_of(html):
    """The words of a body by another way than the code's: tags of blocks part words, others do not."""
    html = re.sub(r'<img [^>]*alt="([^"]*)"[^>]*>', r" picture: \1 ", html)
    html = re.sub(r"</?(strong|em|a)\b[^>]*>", "", html)
    return unescape(re.sub(r"<[^>]*>", " ", html)).split()


def words_in(comparison, *kinds):
    pieces = (piece for block in comparison.blocks for piece in block.pieces)
    return " ".join(piece.text for piece in pieces if piece.kind in kinds and not piece.is_note).split()


@given(BODIES, BODIES)
def test_no_word_is_lost_or_invented(old, new):
    comparison = compare(guide(old), guide(new))
    assert words_in(comparison, "same", "removed") == words_of(old)
    assert words_in(comparison, "same", "added") == words_of(new)


@given(BODIES)
def test_a_version_is_the_same_as_itself(body):
    assert compare(guide(body), guide(body)).is_same
    assert in_words(guide(body), guide(body)) == []


@given(BODIES, BODIES)
def test_visitors_see_a_change_exactly_where_the_comparison_shows_one(old, new):
    assert (in_words(guide(old), guide(new)) == []) == compare(guide(old), guide(new)).is_same


# --- very long texts ---


def long_words(many, changed=()):
    """Words of one paragraph, of which each twelfth ends a sentence."""
    chance = random.Random(1)
    words = [f"Word{chance.randrange(3000)}" + "." * (number % 12 == 11) for number in range(many)]
    return " ".join("changed" if number in changed else word for number, word in enumerate(words))


@pytest.mark.faults
def test_in_a_chapter_of_one_paragraph_the_words_that_changed_are_found_in_seconds():
    began = time.process_time()
    old, new = long_words(40_000), long_words(40_000, range(0, 40_000, 50))
    [block] = compare(guide(f"<p>{old}</p>"), guide(f"<p>{new}</p>")).blocks
    assert time.process_time() - began < 10
    assert [piece.text for piece in block.pieces if piece.kind == "added"] == ["changed"] * 800
    told = {side: " ".join(p.text for p in block.pieces if p.kind != side) for side in ("added", "removed")}
    assert told == {"added": old, "removed": new}


def test_where_one_word_comes_over_and_over_all_between_the_ends_is_shown_as_written_anew():
    said = ("yes " * 300).strip()
    assert between(f"<p>Say {said} now</p>", f"<p>Say {said} {said} no now</p>") == [
        f"Say {said} {{+{said} no+}} now"
    ]
    assert between(f"<p>Say a {said} b {said}</p>", f"<p>Say c {said} d {said}</p>") == [
        f"Say [-a {said} b-] {{+c {said} d+}} {said}"
    ]
