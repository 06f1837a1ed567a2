"""A body read as its passages: each heading, paragraph, list item and picture, and the part of the
page that it stands in. What compares and checks pages reads them so, never as markup."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import groupby, takewhile

# What is set on a word: ("link", href), ("bold", ""), ("italics", ""), ("picture", src).
type Mark = tuple[str, str]
type Attributes = list[tuple[str, str | None]]

_BLOCKS = {"h2", "h3", "p", "ul", "ol", "li", "blockquote", "figure"}
_MARKS = {"strong": "bold", "em": "italics", "a": "link"}
_NOTHING: frozenset[Mark] = frozenset()
_SPACES_OR_LETTERS = re.compile(r"\s+|\S+")


@dataclass(frozen=True)
class Word:
    """Letters between two spaces, with the punctuation on them."""

    text: str
    marks: frozenset[Mark] = frozenset()

    def link(self) -> str | None:
        return next((value for kind, value in self.marks if kind == "link"), None)


@dataclass(frozen=True)
class Passage:
    """`kind` is h2, h3, p, li or figure, `label` says it in words. `part` is the text of the nearest
    heading above (its own, if it is one) or the name of the sign; '' in the opening."""

    kind: str
    label: str
    part: str
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        return _text(self.words)

    @property
    def is_heading(self) -> bool:
        return self.kind in {"h2", "h3"}

    @property
    def name(self) -> tuple[Word, ...]:
        """What names it: all of a heading, what is in bold at the start of an item; else nothing."""
        if self.is_heading:
            return self.words
        bold = tuple(takewhile(lambda word: ("bold", "") in word.marks, self.words))
        is_name = self.kind == "li" and 0 < len(bold) < len(self.words)
        return bold if is_name and not bold[-1].text.endswith((".", "!", "?")) else ()

    @property
    def is_picture(self) -> bool:
        return self.kind == "figure"

    def links(self) -> Iterator[tuple[str, str]]:
        """Each link's href and the words it is on."""
        for href, words in groupby(self.words, Word.link):
            if href is not None:
                yield href, _text(words)


def passages(html: str) -> list[Passage]:
    """The passages of a clean body, in their order; those without a word are left out. A picture's
    words are "picture:" and its alternative text."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end_passage()
    return reader.found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Passage] = []
        self.open: list[tuple[str, str]] = []  # tags, with the class or href that matters
        self.runs: list[tuple[str, frozenset[Mark]]] = []
        self.heading = self.sign = ""

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _BLOCKS or tag == "img":
            self.end_passage()
        if tag == "img":
            self._add_picture(given.get("src", ""), given.get("alt", ""))
        else:
            self.open.append((tag, given.get("href") or given.get("class", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.end_passage()
        if tag == "li":
            self.sign = ""
        for at in range(len(self.open) - 1, -1, -1):
            if self.open[at][0] == tag:
                del self.open[at]
                break

    def handle_data(self, data: str) -> None:
        marks = frozenset(
            (_MARKS[tag], value if tag == "a" else "") for tag, value in self.open if tag in _MARKS
        )
        self.runs.append((data, marks))

    def end_passage(self) -> None:
        words = tuple(_words(self.runs))
        self.runs = []
        if not words:
            return
        kind, label = self._kind()
        if kind in {"h2", "h3"}:
            self.heading = _text(words)
        if label == "Sign" and not self.sign:
            self.sign = _text(Passage(kind, label, "", words).name)
        self.found.append(Passage(kind, label, self.sign or self.heading, words))

    def _add_picture(self, src: str, alt: str) -> None:
        marks = frozenset({("picture", src)})
        text = f"picture: {alt}" if alt.strip() else "picture without alternative text"
        words = tuple(Word(word, marks) for word in text.split())
        self.found.append(Passage("figure", "Picture", self.sign or self.heading, words))

    def _kind(self) -> tuple[str, str]:
        """The kind of what is open, and its label; the innermost decides."""
        for at in range(len(self.open) - 1, -1, -1):
            tag = self.open[at][0]
            if tag in {"h2", "h3"}:
                return tag, {"h2": "Heading", "h3": "Smaller heading"}[tag]
            if tag == "li":
                return tag, self._kind_of_item(at)
        in_box = any(tag == "blockquote" for tag, _ in self.open)
        return "p", "Shaded box" if in_box else "Paragraph"

    def _kind_of_item(self, at: int) -> str:
        lists = [(tag, value) for tag, value in self.open[:at] if tag in {"ul", "ol"}]
        innermost = lists[-1] if lists else ("ul", "")
        return {("ul", "signs"): "Sign", ("ol", ""): "Numbered item"}.get(innermost, "List item")


def _words(runs: Iterable[tuple[str, frozenset[Mark]]]) -> Iterator[Word]:
    """What stands between two spaces, with all that is set on any letter of it."""
    text, marks = "", _NOTHING
    for run, set_on_it in runs:
        for letters in _SPACES_OR_LETTERS.findall(run):
            if not letters.isspace():
                text, marks = text + letters, marks | set_on_it
            elif text:
                yield Word(text, marks)
                text, marks = "", _NOTHING
    if text:
        yield Word(text, marks)


def _text(words: Iterable[Word]) -> str:
    return " ".join(word.text for word in words)
