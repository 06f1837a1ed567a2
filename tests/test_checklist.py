"""What is said of a page before it goes out, and by which rule."""

import time
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from firm_site.models import FirmDetails
from pages import first_content
from pages.checklist import RULES, findings
from pages.models import Kind, Page, Publication
from tests.writing import published, written

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)
REVIEW = {"reviewed_on": date(2026, 11, 1), "review_due": date(2027, 11, 1)}
SUMMARY = "What a filler is, what can go wrong with it, and whom to see first."


def found(now, code, **fields):
    """What is said under this code of a guide, or a page of `kind`."""
    page = written(**{"summary": SUMMARY} | fields)
    return [
        finding.words
        for finding in findings(page.history.get(), now=now, today=TODAY)
        if finding.code == code
    ]


def test_the_first_content_raises_nothing_but_the_missing_review(now):
    first_content.load(now=now)
    raised = {
        live.version.path: [finding.code for finding in findings(live.version, now=now, today=TODAY)]
        for live in Publication.objects.live(now)
    }
    assert raised.pop("/guides/botched-thread-lift/") == ["not-reviewed"]
    assert sorted(raised) == [
        *(
            "/accessibility/",
            "/complaints/",
            "/contact/",
            "/people/michael-saul/",
            "/privacy/",
            "/what-happens/",
        )
    ]
    assert [codes for codes in raised.values() if codes] == []


def test_a_finding_names_the_place_the_words_the_rule_and_whether_it_stops(now):
    body = "<h2>Why us</h2><p>Ask us. We guarantee success.</p>"
    page = written(summary=SUMMARY, body=body)
    [finding, _] = findings(page.history.get(), now=now, today=TODAY)
    assert (finding.code, finding.is_stop) == ("comparison", True)
    assert finding.words == "In “Why us”: “guarantee” reads as a promise or as a comparison with other firms."
    assert finding.rule == (
        "SRA Code of Conduct for Solicitors, 8.8: publicity is accurate and not misleading; "
        "CAP Code 3.7: claims can be proved"
    )


def test_what_is_regulated_stops_and_the_rest_warns():
    assert {rule.code for rule in RULES if rule.is_stop} == {
        *("no-win-no-fee", "comparison", "outcome", "complaints-incomplete", "complaints-old")
    }
    assert len({rule.code for rule in RULES}) == len(RULES)
    assert [rule.code for rule in RULES if len(rule.code) > 40] == []
    assert [rule.is_stop for rule in RULES] == sorted((rule.is_stop for rule in RULES), reverse=True)


# --- claims (the sentences are in test_claims.py) ---


def test_claims_stop_wherever_they_stand(now):
    words = "You will win."
    fields = {"title": words, "summary": f"{words} {SUMMARY}", "role": words, "short_biography": words}
    body = f'<p>{words}</p><h2>{words}</h2><figure><img src="/img/a.webp" alt="{words}"></figure>'
    said = found(now, "outcome", kind=Kind.PROFILE, body=body, known_as=words, expertise=words, **fields)
    assert [sentence.partition(": ")[0] for sentence in said] == [
        *("In the title", "In the summary", "In the role", "In the name of the author box"),
        *("In the expertise", "In the short biography", "In the opening", "In “You will win.”"),
    ]


@pytest.mark.parametrize("before", [0, 150, 195, 1000])
def test_a_claim_is_found_wherever_it_stands_in_a_sentence_that_does_not_end(now, before):
    words = "and so it goes on " * before
    assert found(now, "comparison", body=f"<p>{words} we are the best {words}</p>") != []


@pytest.mark.faults
def test_a_chapter_without_a_full_stop_is_read_in_seconds(now):
    page = written(summary=SUMMARY, body=f"<p>{'whether it is not the best if we win ' * 8000}</p>")
    began = time.process_time()
    findings(page.history.get(), now=now, today=TODAY)
    assert time.process_time() - began < 20


# --- no win no fee ---

EXPLAINED = "<p>If the claim fails you pay us nothing. If it succeeds, a success fee of 25% is deducted.</p>"


@pytest.mark.parametrize(
    "words",
    [
        "No win no fee",
        "no-win, no-fee",
        "No Win – No Fee",
        "CFA",
        "conditional fee agreement",
        "no win, no fee",
    ],
)
def test_no_win_no_fee_is_explained_on_the_same_page(now, words):
    sentence = f"<h2>Costs</h2><p>We offer {words} here.</p>"
    assert found(now, "no-win-no-fee", slug="a", body=sentence) == [
        f"In “Costs”: “{words}” is not explained on this page. Say what the client pays if the claim is "
        "lost, and what is taken from the compensation if it is won."
    ]
    assert found(now, "no-win-no-fee", slug="b", body=sentence + EXPLAINED) == []


@pytest.mark.parametrize(
    "half", ["If the claim fails you pay us nothing.", "A success fee is deducted from what you are awarded."]
)
def test_half_an_explanation_is_none(now, half):
    assert len(found(now, "no-win-no-fee", body=f"<p>We work on no win no fee. {half}</p>")) == 1


def test_a_firm_may_say_that_it_does_not_offer_it(now):
    assert found(now, "no-win-no-fee", body="<p>We do not work on a “no win no fee” basis.</p>") == []


# --- complaints ---

OMBUDSMAN = (
    "<h2>The Legal Ombudsman</h2><p>Within six months of our final answer and one year of the act, write to "
    "Legal Ombudsman, PO Box 6167, Slough SL1 0EH, or ring 0300 555 0333.</p>"
)


def complaints(now, code, body):
    return found(now, code, kind=Kind.STANDARD, slug="complaints", body=body)


def test_a_complaints_page_that_has_it_all_passes(now):
    assert complaints(now, "complaints-incomplete", OMBUDSMAN) == []
    assert found(now, "complaints-old", body=OMBUDSMAN) == []


@pytest.mark.parametrize(
    ("this", "missing"),
    [
        ("PO Box 6167", "PO Box 6167"),
        ("Slough SL1 0EH", "Slough SL1 0EH"),
        ("0300 555 0333", "0300 555 0333"),
        ("six months", "six months from the final answer"),
        ("one year", "one year from the act"),
    ],
)
def test_a_complaints_page_gives_all_of_the_ombudsman(now, this, missing):
    assert complaints(now, "complaints-incomplete", OMBUDSMAN.replace(this, "")) == [
        f"The page speaks of the Legal Ombudsman and does not give “{missing}”."
    ]


def test_only_the_complaints_page_gives_it_and_only_if_it_speaks_of_the_ombudsman(now):
    assert complaints(now, "complaints-incomplete", "<p>Tell us.</p>") == []
    body = "<p>The Legal Ombudsman can help.</p>"
    assert found(now, "complaints-incomplete", slug="complaints", body=body) == []
    assert found(now, "complaints-incomplete", kind=Kind.STANDARD, slug="privacy", body=body) == []


@pytest.mark.parametrize("old", ["PO Box 6806", "Wolverhampton", "six years", "3 years"])
def test_an_old_complaints_text_is_found_on_any_page(now, old):
    body = (
        f"<h2>Time limits</h2><p>Three years.</p><h2>Complain</h2><p>Legal Ombudsman.</p><p>Once: {old}.</p>"
    )
    assert found(now, "complaints-old", body=body) == [
        f"In “Complain”: “{old}” is from an old complaints text of the Legal Ombudsman’s."
    ]


def test_on_the_page_of_complaints_it_is_found_in_whatever_part_it_stands(now):
    body = OMBUDSMAN + "<h2>Time limits</h2><p>No later than six years from the act.</p>"
    assert complaints(now, "complaints-old", body) == [
        "In “Time limits”: “six years” is from an old complaints text of the Legal Ombudsman’s."
    ]
    assert found(now, "complaints-old", body=body) == []


def test_where_no_part_names_the_ombudsman_years_are_only_years(now):
    assert complaints(now, "complaints-old", "<h2>Tell us</h2><p>We keep it for six years.</p>") == []


# --- review ---


def test_a_guide_without_a_review_is_named_and_other_pages_have_none(now):
    someone = written(Kind.PROFILE, "someone")
    assert found(now, "not-reviewed", slug="a") == ["Nobody is named as having reviewed this guide."]
    assert found(now, "not-reviewed", slug="b", reviewed_by=someone, **REVIEW) == []
    assert found(now, "not-reviewed", kind=Kind.PROFILE) == []
    half_filled_in = Page(kind=Kind.GUIDE, reviewed_by=someone)
    assert "not-reviewed" in [one.code for one in findings(half_filled_in, now=now, today=TODAY)]


@pytest.mark.parametrize(
    ("due", "said"),
    [(TODAY, []), (TODAY - timedelta(days=1), ["The next review was due by 22 November 2026."])],
)
def test_a_review_is_overdue_from_the_day_after(now, due, said):
    someone = written(Kind.PROFILE, "someone")
    review = {"reviewed_on": date(2026, 1, 1), "review_due": due}
    assert found(now, "review-overdue", reviewed_by=someone, **review) == said


# --- headings, pictures, links, lengths, the number ---


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<h3>Pain</h3><h2>More</h2>", ["“Pain” is a smaller heading with no heading above it."]),
        ("<h2>More</h2><h3>Pain</h3>", []),
        ("<p>Text.</p>", []),
    ],
)
def test_the_first_heading_is_a_large_one(now, body, said):
    assert found(now, "heading-order", body=body) == said


@pytest.mark.parametrize("alt", ["", ' alt=""', ' alt=" "'])
def test_a_picture_has_alternative_text(now, alt):
    body = f'<h2>Scars</h2><figure><img src="/img/a.webp"{alt}></figure>'
    said = ["In “Scars”: a picture has no alternative text. Say what it shows."]
    assert found(now, "no-alternative-text", slug="a", body=body) == said
    described = (
        body.replace(alt + ">", ' alt="A scar">') if alt else body.replace('.webp">', '.webp" alt="A scar">')
    )
    assert found(now, "no-alternative-text", slug="b", body=described) == []


def test_a_link_that_leads_nowhere_is_named_with_its_words(now):
    published(Kind.STANDARD, "contact", at=now)
    body = '<h2>Ask</h2><p>See <a href="/contact/">us</a> or <a href="/none/">our other page</a>.</p>'
    assert found(now, "link-to-nowhere", body=body) == [
        "In “Ask”: the link on “our other page” leads nowhere: /none/."
    ]
    twice = f'{body}<h2>Later</h2><p><a href="/none/">Again</a>.</p>'
    assert found(now, "link-to-nowhere", slug="c", body=twice) == found(
        now, "link-to-nowhere", slug="d", body=body
    )
    empty = '<p>Text.<a href="/none/"></a></p>'
    assert found(now, "link-to-nowhere", slug="b", body=empty) == [
        "A link without words leads nowhere: /none/."
    ]


@pytest.mark.parametrize(("length", "number"), [(60, 0), (61, 1)])
def test_a_title_has_at_most_60_characters(now, length, number):
    said = ["The title has 61 characters: search engines show about 60."]
    assert found(now, "title-length", title="t" * length) == said[:number]


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (49, ["The summary has 49 characters: from 50 on it tells readers enough."]),
        (50, []),
        (155, []),
    ],
)
def test_a_summary_has_50_to_155_characters(now, length, said):
    assert found(now, "summary-length", summary="s" * length) == said


def test_a_summary_that_is_too_long_is_said_even_before_the_form_refuses_it(now):
    page = written(summary=SUMMARY)
    page.summary = "s" * 156
    said = [finding.words for finding in findings(page, now=now, today=TODAY)]
    assert "The summary has 156 characters: search engines show about 155." in said


@pytest.mark.parametrize(
    "typed", ["0808 189 7703", "08081897703", "+44 (0) 808 189 7703", "0044 808-189-7703", "0808.189.7703"]
)
def test_the_firms_number_is_not_typed_out(now, typed):
    assert found(now, "number-typed-out", body=f"<p>Ring {typed}. Or write.</p>") == [
        f"In the opening: write [telephone] for “{typed}”, so that a new number reaches it."
    ]


def test_a_link_that_dials_the_firm_is_a_number_typed_out(now):
    assert found(now, "number-typed-out", body='<p><a href="tel:+448081897703">Ring us</a></p>') == [
        "In the opening: write [telephone] for “+448081897703”, so that a new number reaches it."
    ]


def test_other_numbers_and_telephone_pass_and_the_number_is_the_firms_own(now):
    body = "<p>Ring [telephone], 18001 then [telephone], 0300 555 0333, or 0808 189 7703.</p>"
    FirmDetails.objects.update_or_create(pk=1, defaults={"telephone": "0161 496 0000"})
    assert found(now, "number-typed-out", body=body) == []


@pytest.mark.parametrize("number", [1, 3])
def test_queries_do_not_grow_with_the_number_of_pages(now, number):
    for name in "abc"[:number]:
        published(slug=name, at=now)
    body = '<p><a href="/guides/a/">A</a> <a href="/guides/b/">B</a></p>'
    version = written(slug="own", summary=SUMMARY, body=body).history.get()
    with CaptureQueriesContext(connection) as captured:
        findings(version, now=now, today=TODAY)
    assert len(captured) == 3
