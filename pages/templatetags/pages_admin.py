"""How the staff's pages draw a comparison."""

from collections.abc import Iterable
from itertools import groupby

from django import template

from pages.comparing import Block

register = template.Library()

AROUND = 1  # unchanged blocks before and after a change that stay in sight


@register.filter
def in_runs(blocks: Iterable[Block]) -> list[tuple[bool, list[Block]]]:
    """The blocks in runs: (False, those that changed and those beside them), (True, those to be folded)."""
    every = list(blocks)
    changed = [place for place, block in enumerate(every) if block.is_changed]
    near = {place + step for place in changed for step in range(-AROUND, AROUND + 1)}
    runs = groupby(enumerate(every), key=lambda each: each[0] not in near)
    return [(folded, [block for _, block in run]) for folded, run in runs]
