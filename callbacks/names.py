"""Whether two names are near enough to be one person's. Pure; in doubt, no: two people must never be one."""

import re
from difflib import SequenceMatcher
from unicodedata import category, normalize

ALIKE = 0.8  # of the letters: more than this is a slip, such as "Ann" for "Anna"

_TITLES = {"mr": "m", "mrs": "f", "ms": "f", "miss": "f", "dr": "", "prof": "", "professor": "", "mx": ""}


def are_near(one: str, other: str) -> bool:
    """Tell whether both may be the same person, given the same number or e-mail address.

    Accents, capitals, punctuation and titles do not count, a slip or an initial is allowed, and a
    given name alone is near the whole name. Mr and Mrs are two people; so are two given names.
    """
    (sex, first), (other_sex, second) = _parts(one), _parts(other)
    if not first or not second or (sex and other_sex and sex != other_sex):
        return False
    if len(first) == len(second) == 1:
        return _alike(first[0], second[0])
    if not _same_given_name(first[0], second[0]):
        return False
    return min(len(first), len(second)) == 1 or _alike(first[-1], second[-1])


def plain(text: str) -> str:
    """Small letters without accents."""
    return "".join(each for each in normalize("NFKD", text.casefold()) if category(each) != "Mn")


def _parts(name: str) -> tuple[str, list[str]]:
    """What the title says of the sex, and the words of the name, plain."""
    found = re.findall(r"\w+", re.sub(r"['’‘`´-]", "", plain(name)))
    sexes = "".join(_TITLES.get(word, "") for word in found[:1])
    return sexes, [word for word in found if word not in _TITLES]


def _same_given_name(one: str, other: str) -> bool:
    if min(len(one), len(other)) == 1:
        return one[0] == other[0]
    return _alike(one, other)


def _alike(one: str, other: str) -> bool:
    first, second = sorted((one, other))  # the ratio depends on the order
    return one == other or SequenceMatcher(None, first, second).ratio() > ALIKE
