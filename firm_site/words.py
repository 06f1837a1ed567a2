"""Cleans what people type, before anything else sees it: what cannot be read does not get in.

Names and sentences in any script pass as they are. What goes is what hides text, reorders it or
breaks the page and the database: control characters, NUL, lone surrogates, bidirectional overrides,
invisible characters, floods of combining marks.
"""

import re
from unicodedata import category, normalize

# No script in use stacks more on one letter; vocalised Hebrew and Burmese come to about five.
MOST_MARKS = 8

# Invisible, yet part of emoji and of how Persian, Hindi, Malayalam and Mongolian are spelt.
JOINERS = "\u200c\u200d\u180e"

_HIDDEN = re.compile(
    "["
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # C0 and C1, but for what is white space
    "\ud800-\udfff"  # lone surrogates: UTF-8 has no room for them
    "\u202a-\u202e\u2066-\u2069"  # bidirectional embedding, override and isolation
    "\u061c\u200e\u200f"  # marks of direction
    "\u00ad\u034f\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"  # invisible format characters
    "\u2800\u3164\uffa0"  # letters that are blank, with which an empty answer looks full
    "\U000e0000-\U000e007f"  # tags: a whole alphabet that nobody sees
    "]"
)


def line(text: str, limit: int | None = None) -> str:
    """Clean `text` for an answer of one line: any white space becomes one space, none at the ends.

    With a `limit`, what is past that many characters is cut off; for answers that nobody typed.
    """
    return " ".join(_readable(text).split())[:limit].rstrip()


def paragraphs(text: str) -> str:
    """Clean `text` for an answer of several lines, each as `line` has it, with LF between them.

    Of several empty lines one stays.
    """
    lines = "\n".join(" ".join(each.split()) for each in _readable(text).splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n")


def _readable(text: str) -> str:
    # Floods go first, since NFC takes quadratic time over them; and again after it, since it takes
    # some letters apart.
    text = _without_floods(_HIDDEN.sub("", text))
    # It also puts marks in another order, after which a joiner may have nothing left to join.
    while (again := _without_floods(normalize("NFC", text))) != text:
        text = again
    return text


def _without_floods(text: str) -> str:
    """Drop the marks past `MOST_MARKS` on a letter, and joiners after what they cannot join."""
    kept = ""
    result: list[str] = []
    marks = 0
    for character in text:
        if character in JOINERS:
            if not _joins(kept):
                continue
        elif category(character).startswith("M"):
            marks += 1
            if marks > MOST_MARKS:
                continue
        else:
            marks = 0
        kept = character
        result.append(character)
    return "".join(result)


def _joins(character: str) -> bool:
    # Latin, Greek and Cyrillic stand before U+0590 and join nothing.
    return character >= "\u0590" and category(character)[0] in "LMS"
