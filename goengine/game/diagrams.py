"""A board as text for terminals and as SVG for notebooks."""

import numpy as np
from numpy.typing import NDArray

from goengine.colours import BLACK, EMPTY
from goengine.points import COLUMN_LETTERS

_WOOD, _LINES, _BLACK_STONE, _WHITE_STONE = "#e3b565", "#5b4424", "#111111", "#fafafa"
_CELL = 24  # pixels between two lines
_STONE_RADIUS = 11
_MARGIN = 36  # pixels from the picture's edge to the first line


def star_points(size: int) -> list[int]:
    """Return the marked points of a board.

    Nine on odd boards from 13x13, five on 9x9 and 11x11, four on even boards from 8x8 and on 7x7 the points
    that fit; on smaller odd boards the centre.
    """
    if size < 7:
        return [size // 2 * size + size // 2] if size % 2 else []
    edge = 3 if size >= 12 else 2
    lines = [edge, size - 1 - edge]
    if size % 2:
        lines.insert(1, size // 2)
    points = [row * size + column for row in lines for column in lines]
    if size % 2 and size < 13:
        return [p for p in points if (p // size == size // 2) == (p % size == size // 2)]
    return points


def text_diagram(stones: NDArray[np.int8], last_move: int | None = None) -> str:
    """Draw a board with coordinates: X is Black, O is White, + a star point, the last move in brackets.

    Args:
        stones: int8 [size, size] of EMPTY, BLACK and WHITE.
        last_move: A point, size * size for a pass, or None.
    """
    size = len(stones)
    stars = set(star_points(size))
    letters = "   " + " ".join(COLUMN_LETTERS[:size])
    lines = [letters]
    for row in range(size):
        marks = [".XO"[colour] for colour in stones[row]]
        marks = ["+" if m == "." and row * size + c in stars else m for c, m in enumerate(marks)]
        text = "".join(f" {mark}" for mark in marks) + " "
        if last_move is not None and last_move // size == row:
            at = 2 * (last_move % size)
            text = f"{text[:at]}({text[at + 1]}){text[at + 3 :]}"
        lines.append(f"{size - row:2}{text}{size - row}")
    return "\n".join([*lines, letters])


def svg_diagram(stones: NDArray[np.int8], last_move: int | None = None) -> str:
    """Draw a board with coordinates as an SVG picture; a ring marks the last move.

    Args:
        stones: int8 [size, size] of EMPTY, BLACK and WHITE.
        last_move: A point, size * size for a pass, or None.
    """
    size = len(stones)
    first, last = _MARGIN, _MARGIN + (size - 1) * _CELL
    side = last + _MARGIN
    lines = "".join(f"M{first} {_at(i)}H{last}M{_at(i)} {first}V{last}" for i in range(size))
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="0 0 {side} {side}" width="{side}" height="{side}">',
        f'<rect width="{side}" height="{side}" fill="{_WOOD}"/>',
        f'<path d="{lines}" stroke="{_LINES}" stroke-linecap="square"/>',
    ]
    parts += [_circle(point, size, 3, f'fill="{_LINES}"') for point in star_points(size)]
    parts.append(f'<g font-family="sans-serif" font-size="11" text-anchor="middle" fill="{_LINES}">')
    for i in range(size):
        for edge in (first - 22, last + 22):
            parts.append(f'<text x="{_at(i)}" y="{edge + 4}">{COLUMN_LETTERS[i]}</text>')
            parts.append(f'<text x="{edge}" y="{_at(i) + 4}">{size - i}</text>')
    parts.append("</g>")
    for point, colour in enumerate(stones.ravel().tolist()):
        if colour != EMPTY:
            fill, ring = (_BLACK_STONE, _WHITE_STONE) if colour == BLACK else (_WHITE_STONE, _BLACK_STONE)
            parts.append(_circle(point, size, _STONE_RADIUS, f'fill="{fill}" stroke="{_BLACK_STONE}"'))
            if point == last_move:
                parts.append(_circle(point, size, 5, f'fill="none" stroke="{ring}" stroke-width="1.5"'))
    return "".join([*parts, "</svg>"])


def _at(line: int) -> int:
    """Return the pixel of a row or a column."""
    return _MARGIN + line * _CELL


def _circle(point: int, size: int, radius: int, style: str) -> str:
    row, column = divmod(point, size)
    return f'<circle cx="{_at(column)}" cy="{_at(row)}" r="{radius}" {style}/>'
