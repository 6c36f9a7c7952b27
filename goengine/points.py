"""Points, their names, and the eight symmetries of the board.

A point is the integer row * size + column, row 0 at the top, column 0 at the left. A pass is size * size. A
vertex is the name of a point in GTP: a column letter (without I) and a row number; A1 is at the bottom left.
"""

from functools import cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from goengine.errors import GoEngineError

_T = TypeVar("_T", bound=np.generic)

MIN_SIZE = 2
MAX_SIZE = 25
COLUMN_LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
NUM_SYMMETRIES = 8
RESIGN = -1
"""The move of a player that resigns."""


def check_size(size: int) -> int:
    """Return a valid board size as an int.

    Raises:
        GoEngineError: if it is not an integer from 2 to 25.
    """
    if isinstance(size, bool) or not isinstance(size, int | np.integer) or not MIN_SIZE <= size <= MAX_SIZE:
        raise GoEngineError(f"board size {size!r} is not an integer from {MIN_SIZE} to {MAX_SIZE}")
    return int(size)


def pass_move(size: int) -> int:
    """Return the integer that stands for a pass: size * size."""
    return size * size


def parse_vertex(text: str, size: int) -> int:
    """Return the point of a vertex such as "D4", or size * size for "pass". Case does not matter.

    Raises:
        GoEngineError: if the text is not a vertex, or is off the board.
    """
    word = text.strip().upper()
    if word == "PASS":
        return pass_move(size)
    column = COLUMN_LETTERS.find(word[0]) if word else -1
    digits = word[1:]
    if column < 0 or not (digits.isascii() and digits.isdigit()) or len(digits) > 3:
        raise GoEngineError(f"{text[:40]!r} is not a vertex; expected a point such as D4, or pass")
    row_number = int(digits)
    if column >= size or not 1 <= row_number <= size:
        raise GoEngineError(f"vertex {word} is off the {size}x{size} board")
    return (size - row_number) * size + column


def format_vertex(point: int, size: int) -> str:
    """Return the vertex of a point, such as "D4", or "pass" for size * size.

    Raises:
        GoEngineError: if the point is neither on the board nor a pass.
    """
    if point == pass_move(size):
        return "pass"
    if not 0 <= point < size * size:
        raise GoEngineError(f"point {point} is off the {size}x{size} board")
    row, column = divmod(int(point), size)
    return f"{COLUMN_LETTERS[column]}{size - row}"


def transform_planes(planes: NDArray[_T], symmetry: int) -> NDArray[_T]:
    """Return a view of planes under a symmetry.

    Args:
        planes: ``[..., size, size]``.
        symmetry: 0 to 7. Bit 2 (4) transposes rows and columns; after that, bit 0 (1) reverses the order of
            rows, and bit 1 (2) that of columns.
    """
    if symmetry & 4:
        planes = planes.swapaxes(-1, -2)
    if symmetry & 1:
        planes = planes[..., ::-1, :]
    if symmetry & 2:
        planes = planes[..., ::-1]
    return planes


@cache
def symmetry_tables(size: int) -> NDArray[np.uint16]:
    """Return the image of each point, and of a pass, under each symmetry.

    Returns:
        ``uint16 [8, size * size + 1]``, read-only: table[s, p] is the image of point p under symmetry s, so
        transform_planes(x, s).flat[table[s, p]] == x.flat[p]. The image of a pass is a pass.
    """
    points = np.arange(size * size).reshape(size, size)
    tables = np.empty((NUM_SYMMETRIES, size * size + 1), np.uint16)
    for symmetry in range(NUM_SYMMETRIES):
        tables[symmetry, transform_planes(points, symmetry).ravel()] = np.arange(size * size)
        tables[symmetry, -1] = pass_move(size)
    tables.flags.writeable = False
    return tables


def _inverses() -> tuple[int, ...]:
    tables = symmetry_tables(3)
    identity = np.arange(10)
    return tuple(
        next(t for t in range(NUM_SYMMETRIES) if np.array_equal(tables[t][tables[s]], identity))
        for s in range(NUM_SYMMETRIES)
    )


INVERSE = _inverses()
"""INVERSE[s] is the symmetry that undoes symmetry s."""
