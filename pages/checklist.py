"""What to look at before a page goes out: warnings, and stops where a rule of the profession stands
behind them. RULES is the table; to add one, write a function of what was read and a line there."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format

from firm_site.details import details
from pages import claims
from pages.links import leading_nowhere
from pages.models import Described, Kind
from pages.passages import Passage, passages
from pages.sentences import sentences

LONGEST_TITLE = 60
SHORTEST_SUMMARY, LONGEST_SUMMARY = 50, 155
LONGEST_SENTENCE, OVERLAP = 200, 20  # words


@dataclass(frozen=True)
class Finding:
    """`words` is a sentence to the partner, `rule` what stands behind it. A stop is passed only with
    a written reason."""

    code: str
    is_stop: bool
    words: str
    rule: str


@dataclass(frozen=True)
class Reading:
    """A version as the rules read it. `statements` are its sentences, each with its place ("In the
    title"); `nowhere` the links that lead nowhere; `telephone` the firm's number."""

    version: Any
    passages: list[Passage]
    statements: list[tuple[str, str]]
    nowhere: list[str]
    telephone: str
    today: date

    @property
    def text(self) -> str:
        return " ".join(sentence for _, sentence in self.statements)


@dataclass(frozen=True)
class Rule:
    code: str
    is_stop: bool
    rule: str
    find: Callable[[Reading], Iterable[str]]


def findings(version: Described, *, now: datetime, today: date) -> list[Finding]:
    """What there is to say of the version, stops first; `now` is aware, `today` London's day."""
    body = passages(version.body)
    reading = Reading(
        version=version,
        passages=body,
        statements=list(_statements(version, body)),
        nowhere=leading_nowhere(version, now=now),
        telephone=details.now().telephone,
        today=today,
    )
    return [
        Finding(rule.code, rule.is_stop, words, rule.rule)
        for rule in RULES
        for words in dict.fromkeys(rule.find(reading))
    ]


# What a page says beside its body, and where that is, to an editor.
_SAID_IN = {
    "title": "In the title",
    "summary": "In the summary",
    "role": "In the role",
    "known_as": "In the name of the author box",
    "expertise": "In the expertise",
    "qualifications": "In the qualifications",
    "short_biography": "In the short biography",
}


def _statements(version: Any, body: list[Passage]) -> Iterator[tuple[str, str]]:
    for field, place in _SAID_IN.items():
        yield from ((place, sentence) for sentence in _sentences(getattr(version, field)))
    for passage in body:
        yield from ((_place(passage), sentence) for sentence in _sentences(passage.text))


def _sentences(text: str) -> Iterator[str]:
    """Its sentences; one without an end in stretches that overlap, since a rule may read a sentence from
    each of its words on."""
    words = text.split()
    for at in sentences(words):
        sentence = words[at]
        for start in range(0, max(1, len(sentence) - OVERLAP), LONGEST_SENTENCE - OVERLAP):
            yield " ".join(sentence[start : start + LONGEST_SENTENCE])


def _place(passage: Passage) -> str:
    return f"In “{passage.part}”" if passage.part else "In the opening"


# --- what a solicitor's publicity may not say ---


def _no_win_no_fee(page: Reading) -> Iterator[str]:
    if claims.explains_no_win_no_fee(page.text):
        return
    for place, sentence in page.statements:
        if words := claims.no_win_no_fee(sentence):
            yield (
                f"{place}: “{words}” is not explained on this page. Say what the client pays if the claim "
                "is lost, and what is taken from the compensation if it is won."
            )


def _comparison(page: Reading) -> Iterator[str]:
    for place, sentence in page.statements:
        for words in claims.comparisons(sentence):
            yield f"{place}: “{words}” reads as a promise or as a comparison with other firms."


def _outcome(page: Reading) -> Iterator[str]:
    for place, sentence in page.statements:
        for words in claims.outcomes(sentence):
            yield f"{place}: “{words}” reads as a claim about how a case ends or what it brings."


# --- complaints ---

# Legal Ombudsman Scheme Rules, in force since 1 April 2023.
_OF_THE_OMBUDSMAN = {
    "PO Box 6167": r"PO Box 6167",
    "Slough SL1 0EH": r"Slough,? SL1 ?0EH",
    "0300 555 0333": r"0300 ?555 ?0333",
    "six months from the final answer": r"\b(six|6) months\b",
    "one year from the act": r"\b(one|1|a) year\b|\b(twelve|12) months\b",
}
_OLD_ADDRESS = re.compile(r"PO Box 6806|Wolverhampton", re.IGNORECASE)
_OLD_LIMIT = re.compile(r"\b(?:six|6|three|3) years\b", re.IGNORECASE)


def _complaints_complete(page: Reading) -> Iterator[str]:
    if _is_of_complaints(page) and _speaks_of_the_ombudsman(page.text):
        for words, pattern in _OF_THE_OMBUDSMAN.items():
            if not re.search(pattern, page.text, re.IGNORECASE):
                yield f"The page speaks of the Legal Ombudsman and does not give “{words}”."


def _complaints_old(page: Reading) -> Iterator[str]:
    """The address and the time limits that the Ombudsman once had, in whatever part speaks of it; on the
    page of complaints, in any."""
    everywhere = _is_of_complaints(page) and _speaks_of_the_ombudsman(page.text)
    parts: dict[str, list[str]] = {}
    for place, sentence in page.statements:
        parts.setdefault(place, []).append(sentence)
    for place, said in parts.items():
        text = " ".join(said)
        if everywhere or _speaks_of_the_ombudsman(text):
            for match in [*_OLD_ADDRESS.finditer(text), *_OLD_LIMIT.finditer(text)]:
                yield f"{place}: “{match[0]}” is from an old complaints text of the Legal Ombudsman’s."


def _is_of_complaints(page: Reading) -> bool:
    return bool(page.version.kind == Kind.STANDARD and page.version.slug == "complaints")


def _speaks_of_the_ombudsman(text: str) -> bool:
    return "ombudsman" in text.lower()


# --- review, headings, pictures, links, lengths ---


def _not_reviewed(page: Reading) -> Iterator[str]:
    version = page.version
    if version.kind == Kind.GUIDE and not (version.reviewed_by_id and version.reviewed_on):
        yield "Nobody is named as having reviewed this guide."


def _review_overdue(page: Reading) -> Iterator[str]:
    due = page.version.review_due
    if due and due < page.today:
        yield f"The next review was due by {date_format(due, 'j F Y')}."


def _heading_order(page: Reading) -> Iterator[str]:
    headings = [passage for passage in page.passages if passage.is_heading]
    if headings and headings[0].kind == "h3":
        yield f"“{headings[0].text}” is a smaller heading with no heading above it."


def _no_alternative_text(page: Reading) -> Iterator[str]:
    for passage in page.passages:
        if passage.is_picture and passage.text == "picture without alternative text":
            yield f"{_place(passage)}: a picture has no alternative text. Say what it shows."


def _link_to_nowhere(page: Reading) -> Iterator[str]:
    named = {
        href: f"{_place(passage)}: the link on “{words.rstrip('.,;:!?')}”"
        for passage in reversed(page.passages)
        for href, words in passage.links()
    }
    for href in page.nowhere:
        yield f"{named.get(href, 'A link without words')} leads nowhere: {href}."


def _title_length(page: Reading) -> Iterator[str]:
    if (length := len(page.version.title)) > LONGEST_TITLE:
        yield f"The title has {length} characters: search engines show about {LONGEST_TITLE}."


def _summary_length(page: Reading) -> Iterator[str]:
    length = len(page.version.summary)
    if length < SHORTEST_SUMMARY:
        yield f"The summary has {length} characters: from {SHORTEST_SUMMARY} on it tells readers enough."
    if length > LONGEST_SUMMARY:
        yield f"The summary has {length} characters: search engines show about {LONGEST_SUMMARY}."


_NUMBER = re.compile(r"\+?\d[\d\s().-]{6,}\d")


def _number_typed_out(page: Reading) -> Iterator[str]:
    """In the text or as a link to dial; without its country code and noughts it is the same."""
    ours = _national(page.telephone)
    linked = [(_place(p), href) for p in page.passages for href, _ in p.links() if href.startswith("tel:")]
    for place, text in [*page.statements, *linked]:
        for match in _NUMBER.finditer(text):
            if _national(match[0]) == ours:
                yield f"{place}: write [telephone] for “{match[0]}”, so that a new number reaches it."


def _national(number: str) -> str:
    return re.sub(r"^(00)?(44)?0*", "", re.sub(r"\D", "", number))


_MISLEADING = "SRA Code of Conduct for Solicitors, 8.8: publicity is accurate and not misleading"
_OMBUDSMAN = "SRA Transparency Rules 2.1: how and when to complain to the Legal Ombudsman"
_READER = "For readers and search engines: what is longer is cut off"

RULES = [
    Rule(
        "no-win-no-fee",
        True,
        "SRA Code of Conduct for Solicitors, 8.7: clear on price; CAP Code 3.9: qualifications are stated",
        _no_win_no_fee,
    ),
    Rule("comparison", True, f"{_MISLEADING}; CAP Code 3.7: claims can be proved", _comparison),
    Rule("outcome", True, f"{_MISLEADING}; CAP Code 3.7: claims can be proved", _outcome),
    Rule("complaints-incomplete", True, _OMBUDSMAN, _complaints_complete),
    Rule("complaints-old", True, f"{_OMBUDSMAN}; Legal Ombudsman Scheme Rules, chapter 4", _complaints_old),
    Rule("not-reviewed", False, "The firm’s own: a guide names its reviewer and the day", _not_reviewed),
    Rule("review-overdue", False, "The firm’s own: a guide is reviewed by the day it names", _review_overdue),
    Rule("heading-order", False, "WCAG 2.2, 1.3.1: headings show how a page is built", _heading_order),
    Rule(
        "no-alternative-text",
        False,
        "WCAG 2.2, 1.1.1: pictures have a text alternative",
        _no_alternative_text,
    ),
    Rule("link-to-nowhere", False, "For readers: each link leads to a page", _link_to_nowhere),
    Rule("title-length", False, _READER, _title_length),
    Rule("summary-length", False, _READER, _summary_length),
    Rule("number-typed-out", False, "The firm’s own: the number stands in one place", _number_typed_out),
]
