"""Which passage of one version is which of another."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

from pages.passages import Passage
from pages.sentences import sentences

type Pair = tuple[Passage | None, Passage | None]
type Opcode = tuple[str, int, int, int, int]

_ALIKE = 0.5  # from this share of words in common on, two passages are one that changed
_TOO_MANY = 40_000  # pairs to weigh: a body rewritten from end to end
_LONG = 250_000  # pairs of words, 500 in each: a whole chapter in one paragraph
_TOO_ALIKE = 100_000  # pairs of the same word, or paragraph: difflib would take minutes


def opcodes[T](old: Sequence[T], new: Sequence[T]) -> Sequence[Opcode]:
    """How `old` becomes `new`, as difflib says it; no word is too common to count. Of two in which the
    same comes over and over, all between what they begin and end with counts as written anew."""
    in_old, in_new = Counter(old), Counter(new)
    if sum(number * in_new[thing] for thing, number in in_old.items()) > _TOO_ALIKE:
        return list(_but_for_the_ends(old, new))
    return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()


def _but_for_the_ends[T](old: Sequence[T], new: Sequence[T]) -> Iterator[Opcode]:
    least = min(len(old), len(new))
    begin = next((at for at in range(least) if old[at] != new[at]), least)
    least -= begin
    end = next((at for at in range(least) if old[-1 - at] != new[-1 - at]), least)
    to_old, to_new = len(old) - end, len(new) - end
    if begin:
        yield "equal", 0, begin, 0, begin
    if begin < max(to_old, to_new):
        yield "replace", begin, to_old, begin, to_new
    if end:
        yield "equal", to_old, len(old), to_new, len(new)


def opcodes_of_words(old: Sequence[str], new: Sequence[str]) -> Iterator[Opcode]:
    """As `opcodes`; of a very long passage first which sentences stayed, then the words of the others."""
    if len(old) * len(new) <= _LONG:
        yield from opcodes(old, new)
        return
    ends = [[at.stop for at in sentences(side)] for side in (old, new)]
    whole = [[tuple(side[at]) for at in sentences(side)] for side in (old, new)]
    for tag, *places in opcodes(*whole):
        from_old, to_old, from_new, to_new = (
            ends[number // 2][place - 1] if place else 0 for number, place in enumerate(places)
        )
        if tag == "equal":
            yield tag, from_old, to_old, from_new, to_new
            continue
        for inner, a, b, c, d in opcodes(old[from_old:to_old], new[from_new:to_new]):
            yield inner, from_old + a, from_old + b, from_new + c, from_new + d


def changes[T](
    old: Sequence[T], new: Sequence[T], key: Callable[[T], Any] = lambda thing: thing
) -> Iterator[tuple[Sequence[T], Sequence[T]]]:
    """Each stretch in which the two differ by `key`: what has gone, and what has come instead."""
    for tag, from_old, to_old, from_new, to_new in opcodes(list(map(key, old)), list(map(key, new))):
        if tag != "equal":
            yield old[from_old:to_old], new[from_new:to_new]


def paired(old: list[Passage], new: list[Passage]) -> Iterator[Pair]:
    """Both versions' passages in order: a passage with what it became, or alone."""
    words = [[passage.words for passage in side] for side in (old, new)]
    for tag, from_old, to_old, from_new, to_new in opcodes(*words):
        before, after = old[from_old:to_old], new[from_new:to_new]
        if tag == "equal":
            yield from zip(before, after, strict=True)
        else:
            yield from _likeliest(before, after)


def _likeliest(old: list[Passage], new: list[Passage]) -> Iterator[Pair]:
    """The pairs, in order, that have most in common; what is like nothing stands alone."""
    if len(old) * len(new) > _TOO_MANY:
        yield from [(passage, None) for passage in old]
        yield from [(None, passage) for passage in new]
        return
    best = _best_totals(old, new)
    i = j = 0
    while i < len(old) and j < len(new):
        if best[i][j] == best[i + 1][j]:
            yield old[i], None
            i += 1
        elif best[i][j] == best[i][j + 1]:
            yield None, new[j]
            j += 1
        else:
            yield old[i], new[j]
            i, j = i + 1, j + 1
    yield from [(passage, None) for passage in old[i:]]
    yield from [(None, passage) for passage in new[j:]]


def _best_totals(old: list[Passage], new: list[Passage]) -> list[list[float]]:
    """For each place in both the likeness that pairing from there on can reach in all."""
    counted = [[Counter(word.text for word in passage.words) for passage in side] for side in (old, new)]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            alike = _likeness(counted[0][i], counted[1][j])
            paired = alike + best[i + 1][j + 1] if alike >= _ALIKE else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], paired)
    return best


def _likeness(old: Counter[str], new: Counter[str]) -> float:
    """Twice the words in common over all words: 1 for the same words, 0 for none."""
    return 2 * (old & new).total() / (old.total() + new.total())
