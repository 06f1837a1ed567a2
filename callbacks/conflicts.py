"""Whether something that was written names somebody the firm acts for, as far as letters can tell.

Names are compared without the words that half of all clinics have, by PostgreSQL's pg_trgm
(`word_similarity`): a slip, an ending or another order of the words does not hide a name.
"""

import re
from collections.abc import Sequence

from django.conf import settings

from callbacks.names import plain
from firm_site import prepared

WHOLE = 0.9  # a name of generic words, or of little besides, is compared whole: it must be there as it is
SHORTEST = 3  # letters: what is left of a name, to be compared without them

_GENERIC = """
aesthetic aesthetics aesthetica beauty body centre center clinic clinics clinical cosmetic cosmetics
dental dentistry dermatology doctor doctors face facial hair health healthcare hospital hospitals laser
medi medical medispa medspa practice private rejuvenation salon skin skincare spa studio surgeon surgeons
surgery surgical therapy treatment treatments wellness and associates co company dame dr group holdings
international limited llp ltd miss mr mrs ms mx partners plc prof professor services sir the uk of at in
by for my a an bath birmingham bradford brighton bristol cambridge cardiff chelmsford cheltenham chester
coventry derby england essex exeter glasgow edinburgh hull ipswich kent leeds leicester liverpool london
luton manchester milton keynes newcastle norwich nottingham oxford plymouth portsmouth preston reading
sheffield slough southampton stoke sunderland surrey sussex swansea wales wolverhampton york yorkshire
"""  # what clinics are called; what companies and people are called; where they are
GENERIC = frozenset(_GENERIC.split())

_ALIKE = """
SELECT DISTINCT place
FROM unnest(%s::text[]) WITH ORDINALITY AS written(text, place), unnest(%s::text[]) AS party(name)
WHERE word_similarity(name, text) >= %s
"""


def resembling(names: Sequence[str], texts: Sequence[str]) -> set[int]:
    """Return which of `texts`, by their place in the sequence, hold something like one of `names`."""
    wholes = [_words(name) for name in names]
    cores = [_without_generic(words) for words in wholes]
    telling = [" ".join(core) for core in cores if len("".join(core)) >= SHORTEST]
    short = [
        " ".join(words) for words, core in zip(wholes, cores, strict=True) if len("".join(core)) < SHORTEST
    ]
    written = [_words(text) for text in texts]
    found = _alike(
        telling, [" ".join(_without_generic(words)) for words in written], settings.CONFLICT_SIMILARITY
    )
    return found | _alike([name for name in short if name], [" ".join(words) for words in written], WHOLE)


def _alike(names: list[str], texts: list[str], threshold: float) -> set[int]:
    if not names or not any(texts):
        return set()
    return {place - 1 for (place,) in prepared.ask(_ALIKE, [texts, names, threshold])}


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", re.sub(r"['’‘`´.]", "", plain(text)))


def _without_generic(words: list[str]) -> list[str]:
    return [word for word in words if word not in GENERIC]
