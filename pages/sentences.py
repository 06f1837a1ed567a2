"""Where one sentence ends and the next begins."""

import re
from collections.abc import Sequence

# A full stop after one of these ends no sentence, whatever follows.
_ABBREVIATION = re.compile(
    r"(e\.g|i\.e|cf|dr|mr|mrs|ms|mx|prof|rev|st|nos?|vs?|approx|ca|arts?|ss?|pp?|paras?|tel|fig|ref)\.",
    re.IGNORECASE,
)
_OPENERS = "“‘\"'([£"
_CLOSERS = "”’\"')]"
_ENDS = (".", "!", "?", "…")
_INITIAL = re.compile(r"(?!I)[A-Z]\.")


def sentences(words: Sequence[str]) -> list[slice]:
    """Where each sentence stands in `words` (of one paragraph, as `str.split` gives them)."""
    ends = [at for at in range(1, len(words)) if _ends(words[at - 1], words[at])]
    return [slice(start, end) for start, end in zip([0, *ends], [*ends, len(words)], strict=True) if end]


def _ends(word: str, following: str) -> bool:
    """Whether `word` is the last of its sentence. "Dr." and "e.g." are not; nor is what small letters
    follow, nor a number that goes on in the next word."""
    bare, begins = word.rstrip(_CLOSERS), following.lstrip(_OPENERS)[:1]
    if not bare.endswith(_ENDS) or begins.islower():
        return False
    number_goes_on = bare[-2:-1].isdigit() and begins.isdigit()
    word = bare.lstrip(_OPENERS)
    return not (number_goes_on or _ABBREVIATION.fullmatch(word) or _INITIAL.fullmatch(word))
