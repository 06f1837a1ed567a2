"""Search of the live guides: PostgreSQL's full text in English, and slips of the finger forgiven."""

import html as entities
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank, SearchVectorField
from django.db.models import F, Func, Value
from django.db.models.expressions import Combinable, RawSQL
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from pages.models import Described, Publication
from pages.models.publication import PublicationQuerySet
from pages.spelling import slips

LONGEST = 100  # characters: whoever types more tells a story, which has no place in an address
MOST = 30  # guides on a page of results

# A column of the versions that Django does not know (migration 0004).
WORDS = RawSQL('"pages_historicalpage"."words"', [], output_field=SearchVectorField())

# Characters of nobody's text: what begins and ends a match, and stands for the firm's number.
_BEGIN, _END, _NUMBER = "\ue000", "\ue001", "\ue002"
_MATCH = re.compile(f"{_BEGIN}([^{_BEGIN}{_END}]*){_END}")
_STRAY = re.compile(f"[{_BEGIN}{_END}]")

# A heading, and the name of a sign, are set apart from what follows them.
_AS_TEXT = [
    (r"</h[23]>|(<li><p><strong>[^<]*)</strong>", r"\1 – "),
    (r"<[^>]*>", " "),
    (r"\[telephone\]", _NUMBER),
]

_WORD = re.compile(r"(?<![-\w])[^\W_]+")  # not one that must be absent: “-filler”
_HYPHEN_IN_A_WORD = re.compile(r"(?<=\w)[-‐‑–—](?=\w)")
_OPERATOR = re.compile(r'"|(?<!\S)-')


@dataclass(frozen=True)
class Hit:
    """A guide that was found, its matches marked; `excerpt` is '' where the text has none."""

    guide: Described
    title: SafeString
    summary: SafeString
    excerpt: SafeString


@dataclass(frozen=True)
class Result:
    """What was asked and found. `read_as` has what was typed and the word of ours that it was taken for;
    where no guide has all the words (not `has_all`), `hits` have some of them."""

    asked: str
    hits: list[Hit] = field(default_factory=list)
    read_as: dict[str, str] = field(default_factory=dict)
    has_all: bool = True

    @property
    def is_too_long(self) -> bool:
        return len(self.asked) > LONGEST

    @property
    def is_cut(self) -> bool:
        return len(self.hits) == MOST


def find(typed: str, *, now: datetime) -> Result:
    """Search the guides live at `now` (aware) for words, "a phrase", this or that, -what must be absent.

    A word that is in no live guide is read as the nearest one that is, if any is near enough.
    """
    asked = " ".join("".join(each if each.isprintable() else " " for each in typed).split())
    guides = Publication.objects.live(now).guides()
    if not asked or len(asked) > LONGEST:
        return Result(asked)
    if hits := _hits(guides, asked):
        return Result(asked, hits)
    words = _WORD.findall(asked.lower())
    read_as = slips(words, guides)
    meant = _WORD.sub(lambda word: read_as.get(word[0].lower(), word[0]), asked)
    if read_as and (hits := _hits(guides, meant)):
        return Result(asked, hits, read_as)
    if _OPERATOR.search(asked):
        return Result(asked)  # whoever says so exactly what is wanted wants nothing else
    some = " or ".join(read_as.get(word, word) for word in words if word != "or")
    return Result(asked, _hits(guides, some), read_as, has_all=False)


def _hits(guides: PublicationQuerySet, asked: str) -> list[Hit]:
    """The guides in which `asked` stands, in the language of websearch_to_tsquery, best first."""
    query = SearchQuery(_HYPHEN_IN_A_WORD.sub(" ", asked), config="english", search_type="websearch")
    found = (
        guides.annotate(words=WORDS)
        .filter(words=query)
        .annotate(
            title=_headline("version__title", query, highlight_all=True),
            summary=_headline("version__summary", query, highlight_all=True),
            excerpt=_headline(_text(), query, max_fragments=2, min_words=8, max_words=24),
        )
    )
    best_first = found.order_by(SearchRank(F("words"), query).desc(), "version__title", "pk")
    return [
        Hit(
            guide=each.version,
            title=_marked(each.title),
            summary=_marked(each.summary),
            excerpt=_marked(entities.unescape(each.excerpt)) if _BEGIN in each.excerpt else SafeString(),
        )
        for each in best_first[:MOST]
    ]


def _headline(text: str | Combinable, query: SearchQuery, **options: Any) -> SearchHeadline:
    return SearchHeadline(
        text, query, config="english", start_sel=_BEGIN, stop_sel=_END, fragment_delimiter=" … ", **options
    )


def _text() -> Combinable:
    """The body without its tags, and without the firm's number, which the page puts in again."""
    text: Combinable = F("version__body")
    for pattern, instead in _AS_TEXT:
        text = Func(text, Value(pattern), Value(instead), Value("gi"), function="regexp_replace")
    return text


def _marked(headline: str) -> SafeString:
    """Escaped first and marked then, so that nothing in a text or a question is ever a tag."""
    html = _STRAY.sub("", _MATCH.sub(r"<mark>\1</mark>", escape(headline)))
    return mark_safe(html.replace(_NUMBER, "[telephone]"))  # noqa: S308 (escaped here)
