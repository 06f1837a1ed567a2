"""Slips of the finger in what is searched for: each read as the nearest word of the guides (pg_trgm)."""

from collections.abc import Sequence

from django.db import connection
from django.db.models import TextField
from django.db.models.expressions import RawSQL

from pages.models.publication import PublicationQuerySet

BEGINNING = 4  # letters that may stand for the whole word
SLIP = 5  # letters of a word that may be a slip of another: in a shorter one each letter makes another word

# The words of a version, one a row, from a column that Django does not know (migration 0004).
SPELLINGS = RawSQL('unnest("pages_historicalpage"."spellings")', [], output_field=TextField())

# For each word as typed, the nearest of ours, and whether that is the very word, perhaps with another
# ending. Words, or their stems, are alike by threes of letters: one wrong letter among n leaves alike
# (n - 2) / (n + 4), and stems, which are shorter, must be nearer (the lists in tests/test_spelling.py).
# What ends sooner than what was typed is another word ("fill" for "filler"), and the first letter is seldom
# wrong, so that few words need comparing.
NEAREST = """
WITH typed AS (SELECT word, ts_lexize('english_stem', word) AS stem FROM unnest(%(typed)s::text[]) AS word),
     ours AS (SELECT word, ts_lexize('english_stem', word) AS stem FROM unnest(%(ours)s::text[]) AS word)
SELECT DISTINCT ON (typed.word) typed.word, ours.word, typed.stem = ours.stem
FROM typed JOIN ours ON left(typed.word, 1) = left(ours.word, 1), LATERAL (VALUES
    (similarity(typed.word, ours.word), greatest(length(typed.word), length(ours.word)), 0.4),
    (similarity(typed.stem[1], ours.stem[1]), greatest(length(typed.stem[1]), length(ours.stem[1])), 0.5)
) AS compared(alike, letters, least)
WHERE typed.stem = ours.stem
   OR length(typed.word) >= %(beginning)s AND starts_with(ours.word, typed.word)
   OR length(typed.word) >= %(slip)s AND NOT starts_with(typed.word, ours.word)
      AND alike >= greatest(least, (letters - 2.0) / (letters + 4))
ORDER BY typed.word, typed.stem = ours.stem DESC, starts_with(ours.word, typed.word) DESC,
         similarity(typed.word, ours.word) DESC, ours.word
"""


def slips(words: Sequence[str], guides: PublicationQuerySet) -> dict[str, str]:
    """Those of `words` (small letters) that are in none of `guides`, each with the nearest word that is,
    if any is near."""
    long_enough = sorted({word for word in words if len(word) >= BEGINNING})
    ours = set(guides.order_by().values_list(SPELLINGS, flat=True).distinct())
    with connection.cursor() as cursor:
        cursor.execute(
            NEAREST, {"typed": long_enough, "ours": list(ours), "beginning": BEGINNING, "slip": SLIP}
        )
        nearest = {typed: "" if is_known else word for typed, word, is_known in cursor.fetchall()}
    swapped = {word: min(ours & _with_two_letters_swapped(word), default="") for word in long_enough}
    read_as = swapped | nearest
    return {word: read_as[word] for word in dict.fromkeys(words) if read_as.get(word)}


def _with_two_letters_swapped(word: str) -> set[str]:
    """Every word in which two neighbours of this one have changed places: threes of letters do not see it."""
    if len(word) < SLIP:
        return set()
    return {f"{word[:at]}{word[at + 1]}{word[at]}{word[at + 2 :]}" for at in range(len(word) - 1)}
