"""Draws numbers as SVG: columns side by side, or bars one below the other.

Widths are in per cent of the drawing, heights in pixels: it is as wide as its place and its words keep
their size, on a phone as on paper. Colours are classes of the style sheet.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

COLUMNS_HIGH = 150  # of the highest column
ABOVE, BELOW = 24, 24  # for the words
WIDEST = 9.0  # per cent, of a column
FILLED = 0.72  # of the place of a column
NEAR_EDGE = 4.0  # per cent: words here begin or end at the edge
NAME, THICK, BAR = 22, 10, 46  # the line of the name, the bar beneath it, and both with their distance


@dataclass(frozen=True)
class Part:
    """A piece of a column or a bar: what it is (a class) and how many it stands for."""

    kind: str
    many: int


@dataclass(frozen=True)
class Column:
    """Its parts from the ground up, the words above and below it, and whether its ground is shaded."""

    parts: Sequence[Part]
    above: str = ""
    below: str = ""
    shaded: bool = False


@dataclass(frozen=True)
class Bar:
    """The words above it, left and right; its parts from the left; the room it is measured against."""

    name: str
    value: str
    parts: Sequence[Part]
    room: int = 0
    kind: str = ""  # of the words


@dataclass(frozen=True)
class Shape:
    """A rectangle. `x` and `width` are per cent, `y` and `height` pixels."""

    kind: str
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True)
class Words:
    """A line of text, its foot at `y`; `anchor` says which end of it stands at `x`."""

    kind: str
    x: str
    y: int
    anchor: str
    text: str


@dataclass
class Drawing:
    """What the template writes out. `title` says what it shows to whoever does not see it."""

    title: str
    height: int
    shapes: list[Shape] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)


def columns(title: str, given: Sequence[Column]) -> Drawing:
    """Columns on one ground; the highest fills the height."""
    most = max((_sum(column.parts) for column in given), default=0) or 1
    place = 100 / max(len(given), 1)
    wide = min(place * FILLED, WIDEST)
    ground = ABOVE + COLUMNS_HIGH
    drawing = Drawing(title, ground + BELOW)
    for number, column in enumerate(given):
        middle = place * (number + 0.5)
        if column.shaded:
            drawing.shapes.append(_shape("shade", place * number, ABOVE, place, COLUMNS_HIGH))
        foot = float(ground)
        for part in column.parts:
            high = COLUMNS_HIGH * part.many / most
            foot -= high
            if part.many:
                drawing.shapes.append(_shape(part.kind, middle - wide / 2, foot, wide, high))
        drawing.words += _at("value", middle, round(foot) - 6, column.above)
        drawing.words += _at("name", middle, ground + 17, column.below)
    drawing.shapes.append(_shape("ground", 0, ground, 100, 1))
    return drawing


def bars(title: str, given: Sequence[Bar]) -> Drawing:
    """Bars below each other, each under its name; the longest, or the most room, fills the width."""
    most = max((max(_sum(bar.parts), bar.room) for bar in given), default=0) or 1
    drawing = Drawing(title, BAR * len(given))
    for number, bar in enumerate(given):
        top = BAR * number
        drawing.words.append(Words(f"name {bar.kind}".strip(), "0%", top + 15, "start", bar.name))
        drawing.words.append(Words(f"value {bar.kind}".strip(), "100%", top + 15, "end", bar.value))
        if bar.room:
            drawing.shapes.append(_shape("room", 0, top + NAME, 100 * bar.room / most, THICK))
        left = 0.0
        for part in bar.parts:
            wide = 100 * part.many / most
            if part.many:
                drawing.shapes.append(_shape(part.kind, left, top + NAME, wide, THICK))
            left += wide
    return drawing


def _sum(parts: Sequence[Part]) -> int:
    return sum(part.many for part in parts)


def _shape(kind: str, x: float, y: float, width: float, height: float) -> Shape:
    return Shape(kind, f"{x:.2f}%", f"{y:.1f}", f"{width:.2f}%", f"{height:.1f}")


def _at(kind: str, x: float, y: int, text: str) -> list[Words]:
    """Words with their middle there, but within the drawing; none where there are none."""
    if not text:
        return []
    anchor = "middle"
    if x < NEAR_EDGE or x > 100 - NEAR_EDGE:
        x, anchor = (0, "start") if x < NEAR_EDGE else (100, "end")
    return [Words(kind, f"{x:.2f}%", y, anchor, text)]
