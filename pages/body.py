"""The body of a page: its small grammar, cleaned before it is stored, drawn when it is shown."""

import html as entities
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import nh3
from django.urls import reverse_lazy
from django.utils.html import html_safe, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django_prose_editor.fields import ProseEditorField

from pages import picture_markup

# What the editor offers: the grammar, and no more.
EDITOR: dict[str, Any] = {
    "Heading": {"levels": [2, 3]},
    "Bold": True,
    "Italic": True,
    "BulletList": True,
    "OrderedList": {"enableListAttributes": False},
    "ListItem": True,
    "Blockquote": True,
    "Link": {"enableTarget": False, "autolink": False},
    "Picture": {"chooser": reverse_lazy("admin:pages_picture_choose")},  # static/staff-pictures.js
    "NodeClass": {
        "cssClasses": {
            "bulletList": {"title": "List", "cssClasses": ["signs"]},
        }
    },
    "NoSpellCheck": False,
}

GRAMMAR = {"h2", "h3", "p", "ul", "ol", "li", "strong", "em", "a", "blockquote", "figure", "img"}
CLASSES = {"ul": "signs", "blockquote": "callout"}  # every blockquote is a callout

WORDS_A_MINUTE = 220

# A link leads to another site, a mailbox, a telephone, a page of ours or a part of this one.
_LEADS_SOMEWHERE = re.compile(r"(https?://|mailto:|tel:|/(?![/\\])|#)[^\s\\]*", re.IGNORECASE)
_FROM_OURSELVES = re.compile(r"/(?![/\\])[^\s\\]*")

_PICTURE = re.compile(r'(<figure><img [^>]*\bsrc="[^>]*></figure>)|</?figure>|<img[^>]*>')
_FIGURE = re.compile(r"<figure><img ([^>]*)></figure>")
_ATTRIBUTE = re.compile(r'(src|alt)="([^"]*)"')
_HASH = re.compile(r"/img/([0-9a-f]{32})\.(?:jpg|webp)")
_LINK_TO_NOWHERE = re.compile(r"<a>(.*?)</a>", re.DOTALL)
_HEADING = re.compile(r"<(h2|h3)>(.*?)</\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_SIGNS = re.compile(r'<ul class="signs">')
_HOLD_BLOCKS = ("ul", "ol", "blockquote")
_AROUND_BLOCKS = re.compile(r"\s*(</?(?:h2|h3|p|ul|ol|li|blockquote|figure)\b[^>]*>)\s*")
_PARAGRAPH_WITHIN = re.compile(r"(<(?:li|blockquote)\b[^>]*>)<p>|</p>(?=</li>|</blockquote>|<ul|<ol)")


def clean(html: str) -> str:
    """Return `html` reduced to the grammar: h2, h3, p, ul (perhaps `signs`), ol, li, strong, em, a
    with an href that leads somewhere, blockquote (always `callout`), figure around one img of ours.

    What is not in it loses its tags and keeps its words, scripts and styles apart. A body without a
    word or a picture is ''. Cleaning twice is cleaning once.
    """
    kept = _cleaner(refused=[]).clean(html)
    kept = _LINK_TO_NOWHERE.sub(r"\1", kept)
    kept = _PICTURE.sub(lambda match: match[1] or "", kept)
    kept = kept if "<img" in kept or _words(kept) else ""
    # Where a tag was taken out, those around it may now stand in each other: read it once more.
    return kept if kept == html else clean(kept)


def written_alike(html: str, other: str) -> bool:
    """Whether two clean bodies differ in no more than the editor changes by itself: it puts a paragraph
    into each item and box, and no space between blocks."""
    one, two = (_PARAGRAPH_WITHIN.sub(r"\1", _AROUND_BLOCKS.sub(r"\1", each)) for each in (html, other))
    return one == two


def links_to_nowhere(html: str) -> list[str]:
    """The hrefs that `clean` takes out of `html`, such as www.example.com, in their order; those of
    a scheme that no one types by mistake (javascript:) go without a word."""
    refused: list[str] = []
    _cleaner(refused).clean(html)
    return refused


def _cleaner(refused: list[str]) -> nh3.Cleaner:
    """The grammar as nh3 knows it; hrefs that lead nowhere are added to `refused`."""

    def judge(tag: str, attribute: str, value: str) -> str | None:
        if attribute == "class":
            return CLASSES[tag] if CLASSES[tag] in value.split() else None
        if attribute == "href" and not _LEADS_SOMEWHERE.fullmatch(value):
            refused.append(value)
            return None
        if attribute == "src" and not _FROM_OURSELVES.fullmatch(value):
            return None
        return value

    return nh3.Cleaner(
        tags=GRAMMAR,
        attributes={"*": set(), "a": {"href"}, "img": {"src", "alt"}, "ul": {"class"}},
        set_tag_attribute_values={"blockquote": {"class": "callout"}},
        url_schemes={"http", "https", "mailto", "tel"},
        attribute_filter=judge,
        link_rel=None,
    )


class BodyField(ProseEditorField):
    """Clean however it reaches the database: by create, bulk_create, update or history."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"extensions": EDITOR, "sanitize": clean} | kwargs)

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return clean(value) if isinstance(value, str) else value


@html_safe
@dataclass(frozen=True)
class RenderedBody:
    """A body as a page shows it: whole, or in two parts so that something can stand above the
    signs."""

    before_signs: SafeString
    from_signs: SafeString
    contents: list[tuple[str, str]]
    minutes: int

    def __str__(self) -> str:
        return self.before_signs + self.from_signs


def hashes_of_pictures(html: str) -> set[str]:
    """The hashes in the addresses of a clean body's pictures."""
    sources = (_attributes(match[1]).get("src", "") for match in _FIGURE.finditer(html))
    return {match[1] for src in sources if (match := _HASH.fullmatch(src))}


def render(html: str, pictures: Mapping[str, Sequence[picture_markup.File]] = {}) -> RenderedBody:
    """Draw a clean body. Each heading gets an id made from its words; `contents` holds id and text
    of the h2s; `from_signs` begins with the first list of signs, '' where there is none.

    `pictures` holds, for each of `hashes_of_pictures` that there is, all files of that picture,
    narrow to wide; where one is not there, its figure is left out.
    """
    contents: list[tuple[str, str]] = []
    taken: dict[str, int] = {}

    def with_id(match: re.Match[str]) -> str:
        tag, inner = match.groups()
        text = entities.unescape(strip_tags(inner)).strip()
        name = _free(f"part-{slugify(text)}", taken)
        if tag == "h2":
            contents.append((name, text))
        return f'<{tag} id="{name}">{inner}</{tag}>'

    def with_files(match: re.Match[str]) -> str:
        attributes = _attributes(match[1])
        named = _HASH.fullmatch(attributes.get("src", ""))
        files = pictures.get(named[1]) if named else None
        return picture_markup.figure(files, alt=attributes.get("alt", "")) if files else ""

    drawn = _FIGURE.sub(with_files, _HEADING.sub(with_id, html))
    at = _first_signs(drawn)
    return RenderedBody(
        before_signs=mark_safe(drawn[:at]),  # noqa: S308 (clean since it was saved)
        from_signs=mark_safe(drawn[at:]),  # noqa: S308
        contents=contents,
        minutes=reading_minutes(html),
    )


def reading_minutes(html: str) -> int:
    """Whole minutes that reading the body takes, at least 1."""
    return max(1, math.ceil(len(_words(html)) / WORDS_A_MINUTE))


def _attributes(tag: str) -> dict[str, str]:
    """`src` and `alt` of a clean img, as text."""
    return {name: entities.unescape(value) for name, value in _ATTRIBUTE.findall(tag)}


def _words(html: str) -> list[str]:
    return entities.unescape(_TAG.sub(" ", html)).split()


def _free(name: str, taken: dict[str, int]) -> str:
    """`name`, or with -2, -3, … after it; the prefix keeps it apart from the page's own ids. `taken` holds
    each with the number last put after it."""
    free, number = name, taken.get(name, 1)
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    taken[free], taken[name] = 1, number
    return free


def _first_signs(html: str) -> int:
    """Where the first list of signs begins that is in no other block; else the end."""
    for match in _SIGNS.finditer(html):
        before = html[: match.start()]
        if all(before.count(f"<{tag}") == before.count(f"</{tag}>") for tag in _HOLD_BLOCKS):
            return match.start()
    return len(html)
