"""The fixed places of handicap stones."""

from goengine.errors import GoEngineError

# Section 4.1.1 of the GTP 2 standard; rows and columns: 0 low, 1 middle, 2 high.
_CORNERS = [(0, 0), (2, 2), (2, 0), (0, 2)]
_CENTRE = [(1, 1)]
_LEFT_RIGHT = [(1, 0), (1, 2)]
_BOTTOM_TOP = [(0, 1), (2, 1)]
_PATTERNS = {
    2: _CORNERS[:2],
    3: _CORNERS[:3],
    4: _CORNERS,
    5: _CORNERS + _CENTRE,
    6: _CORNERS + _LEFT_RIGHT,
    7: _CORNERS + _LEFT_RIGHT + _CENTRE,
    8: _CORNERS + _LEFT_RIGHT + _BOTTOM_TOP,
    9: _CORNERS + _LEFT_RIGHT + _BOTTOM_TOP + _CENTRE,
}


def max_fixed_handicap(size: int) -> int:
    """Return the largest number of stones with fixed places.

    It is 0 below 7x7, 4 on 7x7 and on boards of even size, and 9 on all others.
    """
    if size < 7:
        return 0
    return 4 if size == 7 or size % 2 == 0 else 9


def fixed_handicap(stones: int, size: int) -> list[int]:
    """Return the fixed places of 2 to 9 handicap stones, as points in the order of the GTP standard.

    >>> from goengine import format_vertex
    >>> [format_vertex(point, 19) for point in fixed_handicap(3, 19)]
    ['D4', 'Q16', 'D16']

    Raises:
        GoEngineError: If the board has no fixed places for that number of stones.
    """
    if not 2 <= stones <= max_fixed_handicap(size):
        raise GoEngineError(f"{stones} handicap stones have no fixed places on a {size}x{size} board")
    low = 2 if size < 13 else 3
    lines = (low, size // 2, size - 1 - low)
    return [(size - 1 - lines[row]) * size + lines[column] for row, column in _PATTERNS[stones]]
