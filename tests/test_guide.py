"""The guide says all that the brief asks for; what the firm has yet to supply leaves no trace."""

import re
from html import unescape

import pytest

from firm_site.models import FirmDetails
from tests.client import Client

GUIDE = "/guides/botched-thread-lift/"

HEADINGS = [
    "Signs of a Botched Thread Lift Gone Wrong",
    "What is the correct procedure for a thread lift?",
    "Initial consultation",
    "Pre-procedure preparations",
    "The procedure itself",
    "Post-procedure care",
    "What could go wrong?",
    "Medical implications",
    "When to seek legal advice",
    "Contact us",
    "Request a Callback",
    "Share this guide",
    "Mike Saul",
]
PARTS = [HEADINGS[1], *HEADINGS[6:10]]
SIGNS = [
    "Unnatural appearance",
    "Excessive pain or discomfort",
    "Infection",
    "Allergic reactions",
    "Nerve damage",
    "Mobility issues",
]
EMERGENCY = (
    "Call 999 if your face, mouth or throat is swelling, you struggle to breathe, you feel faint or "
    "confused, or you suddenly cannot see. Call 111 if redness, swelling or pain is spreading or worse, "
    "there is pus, or you feel feverish. We can wait."
)
FACTS = [  # a word or two of each fact; every hedge of the brief is among them
    ("in theory", "fewer risks"),
    ("pitfalls",),
    ("less invasive", "natural", "long-lasting"),
    ("qualified medical practitioner",),
    ("photographs may be taken",),
    ("may need blood tests",),
    ("may", "stop taking certain medicines"),
    ("usually", "local", "anaesthetic"),
    ("cleaned and sterilised",),
    ("needle", "cannula"),
    ("many threads have small cones or barbs",),
    ("overdone or asymmetrical",),
    ("typically within one or two weeks",),
    ("generally safe", "never free of risk"),
    ("rarely", "severe"),
    ("numbness or tingling",),
    ("healthcare professional",),
    ("nerve damage can become permanent",),
    ("duty of care",),
    ("corrective procedures", "lost", "wages"),
    ("second opinion",),
    ("once you are stable",),
    ("medical records", "photographs of the affected area", "correspondence"),
    ("first consultation by telephone is free",),
    ("rare case", "court"),
    ("18001",),
]


def text_of(html: str) -> str:
    """The words of a page as they are read: no tags, single spaces."""
    html = re.sub(r"(?s)<(script|style).*?</\1>", "", html)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).replace(" ,", ",").replace(" .", ".")


_READ: list[str] = []


@pytest.fixture
def guide(db, request, client: Client) -> str:
    """The page as it was first read: what is looked for in it changes nothing."""
    if not _READ:
        request.getfixturevalue("first_content")
        _READ.append(client.get(GUIDE).content.decode())
    return _READ[0]


def test_every_heading_stands_in_its_order(guide):
    headings = [text_of(heading).strip() for heading in re.findall(r"(?s)<h[1-6][^>]*>.*?</h[1-6]>", guide)]
    assert [heading for heading in headings if heading in HEADINGS] == HEADINGS


def test_the_contents_are_made_from_the_headings(guide):
    contents = guide[guide.index('class="contents') : guide.index("</nav>", guide.index('class="contents'))]
    links = re.findall(r'<a href="#([^"]+)">([^<]+)</a>', contents)
    named = [(anchor, name) for anchor, name in links if name in PARTS]
    assert [name for _, name in named] == PARTS
    for anchor, _ in named:
        assert guide.count(f'id="{anchor}"') == 1


def test_the_six_signs_stand_in_bold_in_one_list_after_the_emergency_words(guide):
    signs = guide[guide.index('<ul class="signs">') :]
    assert re.findall(r"<strong>([^<]+)</strong>", signs[: signs.index("</ul>")]) == SIGNS
    assert EMERGENCY in text_of(guide[: guide.index('<ul class="signs">')])


@pytest.mark.parametrize("fact", FACTS, ids=" + ".join)
def test_the_guide_says(fact, guide):
    body = text_of(guide).lower()
    assert [word for word in fact if word not in body] == []


def test_the_emergency_words_stand_above_the_fields_too_with_links_that_dial(guide):
    form = guide[guide.index('id="callback-form"') :]
    above = form[: form.index('name="full_name"')]
    assert EMERGENCY in text_of(above)
    assert 'href="tel:999"' in above
    assert 'href="tel:111"' in above


def test_the_number_dials_and_the_form_knows_where_it_stands(guide):
    ours = '<a class="telephone" href="tel:+448081897703">0808 189 7703</a>'
    assert f"You can ring us on {ours}, a freephone number." in guide
    assert f"dial 18001 then {ours}." in guide
    assert guide.count('id="callback-form"') == 1
    assert f'name="page" value="{GUIDE}"' in guide
    assert re.search(r'name="page_version" value="\d+"', guide)
    assert 'name="procedure" value="Thread lift"' in guide


def test_sharing_needs_no_third_party(guide):
    share = guide[guide.index("Share this guide") : guide.index("View Profile")]
    assert "data-copy=" in share
    assert "data-share=" in share
    assert 'href="mailto:?' in share
    assert 'href="https://wa.me/?text=' in share
    assert "<iframe" not in guide
    assert re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="https?://', guide) == [
        '<link rel="canonical" href="http://'
    ]


def test_the_author_box_leads_to_the_profile_and_to_contact(guide):
    box = guide[guide.index(">Mike Saul<") :]
    assert "Michael Saul" in box[: box.index("View Profile")]
    assert re.search(r'href="/people/michael-saul/"[^>]*>View Profile<', box)
    assert re.search(r'href="/contact/"[^>]*>Contact Us<', box)


def test_the_slip_of_the_source_is_mended_and_nothing_is_promised(guide):
    words = text_of(guide).lower()
    for wrong in ("threat lift", "guarantee", "no win", "too late", "not yet reviewed"):
        assert wrong not in words
    assert "not medical or legal advice" in words


LABELS = {
    "company_name": "Example Law Limited",
    "company_number": "01234567",
    "place_of_registration": "Somewhere",
    "registered_office": "1 Some Street",
    "vat_number": "GB 000 0000 00",
    "professional_title": "Solicitors of some rules",
    "indemnity_insurer": "Some Insurer",
    "sra_number": "000000",
    "email": "desk@example.org",
}


def test_what_the_firm_has_supplied_is_shown_and_nothing_else_is_labelled(guide, first_content, client):
    page = text_of(guide)
    for label in ("Company", "Registered office", "VAT", "insurer", "SRA", "Solicitors Regulation"):
        assert label not in page
    FirmDetails.objects.create(pk=1, **LABELS)
    filled = text_of(client.get(GUIDE).content.decode())
    for value in LABELS.values():
        assert value in filled
