"""Two versions of a page side by side: which words were added and removed, never which markup."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Literal

from django.utils.formats import date_format
from django.utils.text import capfirst

from pages.models import Described, Page, Picture
from pages.pairing import changes, opcodes, opcodes_of_words, paired
from pages.passages import Mark, Passage, Word, passages
from pages.sentences import sentences

type Is = Literal["same", "added", "removed"]

_NOT_EDITORIAL = {"id", "kind", "body"}
_NOTES = {"bold": "in bold", "italics": "in italics", "picture": "another picture"}
_NOBODY: Mapping[int, str] = {}


@dataclass(frozen=True)
class Piece:
    """Some words. A note is not among the words of the page but says what is set on those before
    it: "link to /contact/", "in bold", "another picture"; or what a passage was and is."""

    kind: Is
    text: str
    is_note: bool = False


@dataclass(frozen=True)
class FieldChange:
    """A field that changed; `label` as in “Next review”."""

    label: str
    pieces: list[Piece]


@dataclass(frozen=True)
class Block:
    """A passage of the body in both versions, or in one; `kind` is h2, h3, p, li or figure, `label`
    says it in words."""

    kind: str
    label: str
    pieces: list[Piece]

    @property
    def is_changed(self) -> bool:
        return any(piece.kind != "same" for piece in self.pieces)


@dataclass(frozen=True)
class Comparison:
    fields: list[FieldChange]
    blocks: list[Block]

    @property
    def is_same(self) -> bool:
        return not self.fields and not any(block.is_changed for block in self.blocks)


def compare(old: Described | None, new: Described, *, names: Mapping[int, str] = _NOBODY) -> Comparison:
    """What changed from `old` (None: there was nothing) to `new`. `names` are those of the pages of
    solicitors, by primary key."""
    before = passages(old.body) if old else []
    changed = [
        FieldChange(str(capfirst(field.verbose_name)), _field_pieces(field, old, new, names))
        for field in changed_fields(old, new)
    ]
    return Comparison(changed, [_block(*pair) for pair in paired(before, passages(new.body))])


def changed_fields(old: Described | None, new: Described) -> list[Any]:
    """The fields of Page in which the two differ, the body apart. Spaces make no difference."""
    return [
        field
        for field in Page._meta.concrete_fields
        if field.name not in _NOT_EDITORIAL and _value(field, old) != _value(field, new)
    ]


def _value(field: Any, version: Described | None) -> Any:
    value = getattr(version, field.attname) if version else None
    return " ".join(value.split()) if isinstance(value, str) else value or ""


def _field_pieces(field: Any, old: Described | None, new: Described, names: Mapping[int, str]) -> list[Piece]:
    before, after = _value(field, old), _value(field, new)
    if field.related_model is Picture:
        return _portrait_pieces(before, after)
    if isinstance(before or after, str):
        return _pieces(_plain(before), _plain(after))
    shown = [("removed", _in_words(before, names)), ("added", _in_words(after, names))]
    return [Piece(kind, text) for kind, text in shown if text]  # type: ignore[arg-type]


def _portrait_pieces(before: Any, after: Any) -> list[Piece]:
    lost = [Piece("removed", "a picture")] if before else []
    gained = [Piece("added", "another picture" if before else "a picture")] if after else []
    return lost + gained


def _in_words(value: Any, names: Mapping[int, str]) -> str:
    """A day as 1 November 2026, a solicitor by name; '' for none."""
    if isinstance(value, date):
        return date_format(value, "j F Y")
    return names.get(value, "a solicitor whose name is not known") if value else ""


def _plain(text: str) -> list[Word]:
    return [Word(word) for word in text.split()]


def _block(old: Passage | None, new: Passage | None) -> Block:
    shown = new or old
    assert shown is not None  # noqa: S101 (a pair has at least one)
    notes = []
    if old and new and old.label != new.label:
        notes = [Piece("removed", old.label.lower(), True), Piece("added", new.label.lower(), True)]
    pieces = _pieces(old.words if old else (), new.words if new else ())
    return Block(shown.kind, shown.label, [*notes, *pieces])


def _pieces(old: Sequence[Word], new: Sequence[Word]) -> list[Piece]:
    """The words of both in order, with a note where what is set on them changed."""
    pieces: list[Piece] = []
    for (kind, lost, gained), words in groupby(_told(old, new), key=lambda told: told[:3]):
        pieces.append(Piece(kind, " ".join(word for *_, word in words)))
        pieces += [Piece("removed", _note(mark), True) for mark in sorted(lost) if mark[0] != "picture"]
        pieces += [Piece("added", _note(mark), True) for mark in sorted(gained)]
    return pieces


def _told(
    old: Sequence[Word], new: Sequence[Word]
) -> Iterator[tuple[Is, frozenset[Mark], frozenset[Mark], str]]:
    """Each word of both: what became of it, and the marks that it lost and gained by that."""
    nothing: frozenset[Mark] = frozenset()
    old_links, new_links = _links(old), _links(new)
    for tag, from_old, to_old, from_new, to_new in opcodes_of_words(
        [word.text for word in old], [word.text for word in new]
    ):
        before, after = old[from_old:to_old], new[from_new:to_new]
        if tag == "equal":
            for was, is_now in zip(before, after, strict=True):
                yield "same", was.marks - is_now.marks, is_now.marks - was.marks, is_now.text
            continue
        for was in before:
            yield "removed", _links([was]) - new_links, nothing, was.text
        for is_now in after:
            yield "added", nothing, _links([is_now]) - old_links, is_now.text


def _links(words: Sequence[Word]) -> frozenset[Mark]:
    """Where they lead: for words that come or go, all that needs saying of what is set on them."""
    return frozenset(mark for word in words for mark in word.marks if mark[0] == "link")


def _note(mark: Mark) -> str:
    kind, value = mark
    return f"link to {value}" if kind == "link" else _NOTES[kind]


# What the visitors of a page see of a field, where its name does not say so.
_SEEN = {
    "known_as": "the name in the author box",
    "reviewed_by": "the reviewer",
    "reviewed_on": "the day of the review",
    "review_due": "the day of the next review",
}

type Sentence = tuple[tuple[Word, ...], str]  # without its links; the part that it stands in


def in_words(old: Described | None, new: Described) -> list[str]:
    """What visitors will see change, such as ['2 sentences in “Infection”', '1 link', 'the title'];
    nothing for two that look the same."""
    if old is None:
        return ["a new page"]
    seen = _seen_in_the_body(passages(old.body), passages(new.body)) if old.body != new.body else []
    fields = changed_fields(old, new)
    return [*seen, *(_SEEN.get(field.name, f"the {field.verbose_name}") for field in fields)]


def _seen_in_the_body(before: list[Passage], after: list[Passage]) -> list[str]:
    seen = [
        *_sentences_changed(before, after),
        *_headings_changed(before, after),
        *_counted(_differences(_hrefs(before), _hrefs(after)), "link"),
        *_counted(_differences(_pictures(before), _pictures(after)), "picture"),
        *_looks_changed(before, after),
    ]
    return seen if seen or before == after else ["where paragraphs begin and end"]


def _counted(number: int, thing: str, where: str = "") -> list[str]:
    return [f"{number} {thing}{'s' if number > 1 else ''}{where}"] if number else []


def _differences(old: Sequence[Any], new: Sequence[Any]) -> int:
    """How many differ; one that became another counts once."""
    return sum(max(len(gone), len(come)) for gone, come in changes(old, new))


def _sentences_changed(before: list[Passage], after: list[Passage]) -> list[str]:
    """How many sentences were added, removed or written anew, and in which part."""
    old, new = _sentences(before, _renamed(before, after)), _sentences(after, {})
    number: Counter[str] = Counter()
    for gone, come in changes(old, new, key=lambda sentence: sentence[0]):
        number += Counter(part for _, part in gone) | Counter(part for _, part in come)
    parts = dict.fromkeys(part for _, part in [*new, *old])
    in_parts = [(number[part], f" in “{part}”" if part else " in the opening") for part in parts]
    return [text for count, where in in_parts for text in _counted(count, "sentence", where)]


def _sentences(body: list[Passage], renamed: Mapping[str, str]) -> list[Sentence]:
    found = []
    for passage in body:
        if not passage.is_picture:
            text = _shown(passage.words[len(passage.name) :])
            part = renamed.get(passage.part, passage.part)
            found += [(text[at], part) for at in sentences([word.text for word in text])]
    return found


def _shown(words: Sequence[Word]) -> tuple[Word, ...]:
    """The words as they look, without where they lead: links are counted by themselves."""
    return tuple(Word(word.text, word.marks - _links([word])) for word in words)


def _hrefs(body: list[Passage]) -> list[str]:
    return [href for passage in body for href, _ in passage.links()]


def _pictures(body: list[Passage]) -> list[tuple[Word, ...]]:
    return [passage.words for passage in body if passage.is_picture]


def _renamed(before: list[Passage], after: list[Passage]) -> dict[str, str]:
    """The new names of parts: what was said under a heading that changed still stands there."""
    old, new = [list(dict.fromkeys(passage.part for passage in body)) for body in (before, after)]
    same_number = (pair for pair in changes(old, new) if len(pair[0]) == len(pair[1]))
    return {was: is_now for gone, come in same_number for was, is_now in zip(gone, come, strict=True)}


def _headings_changed(before: list[Passage], after: list[Passage]) -> list[str]:
    """The heading, or the name that an item begins with, itself if it is one; else how many."""
    old, new = [
        [(passage.kind, _shown(passage.name)) for passage in body if passage.name] for body in (before, after)
    ]
    if (number := _differences(old, new)) != 1:
        return _counted(number, "heading")
    [(gone, come)] = changes(old, new)
    [(_, words), *_] = come or gone
    return [f"the heading “{' '.join(word.text for word in words)}”"]


def _looks_changed(before: list[Passage], after: list[Passage]) -> list[str]:
    """How many paragraphs and items say the same but are set otherwise, as signs perhaps."""
    old, new = [[passage for passage in body if not passage.is_heading] for body in (before, after)]
    number = sum(
        a.label != b.label
        for tag, from_old, to_old, from_new, to_new in opcodes([p.words for p in old], [p.words for p in new])
        if tag == "equal"
        for a, b in zip(old[from_old:to_old], new[from_new:to_new], strict=True)
    )
    return [f"the look of {text}" for text in _counted(number, "paragraph")]
