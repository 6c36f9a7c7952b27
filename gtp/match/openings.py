"""Openings: the first stones of a match's games, different in each game."""

import random
from collections.abc import Iterator

from goengine.errors import GoEngineError
from goengine.points import check_size, symmetry_tables

MIN_SIZE = 5
"""The smallest board with openings."""

STONES = 4
"""Stones in an opening, Black's and White's in turn."""

# Usual first moves in a corner, by their lines from the two edges, with the weight of each in the draw.
_CORNER_MOVES = {(4, 4): 8, (3, 4): 4, (4, 3): 4, (3, 3): 3, (3, 5): 1, (5, 3): 1, (4, 5): 1, (5, 4): 1}
_MIN_CORNER_SIZE = 13  # on smaller boards first moves in two corners can be next to each other
_ATTEMPTS = 10_000  # to draw an opening that differs from all earlier ones


def distinct_openings(size: int, draw: random.Random) -> Iterator[tuple[int, ...]]:
    """Yield openings as points, no two of them equal under a symmetry of the board.

    On 13x13 and larger boards an opening has a usual first move in each corner. On smaller boards it has four
    stones that are not adjacent; they are on the third line or above from 9x9 on, and on the second line or
    above on 7x7 and 8x8.

    Args:
        size: The board size.
        draw: The source of randomness.

    Raises:
        GoEngineError: If the board is smaller than 5x5, or no further opening is found.
    """
    if check_size(size) < MIN_SIZE:
        raise GoEngineError(f"there are no openings for {size}x{size}; the smallest board is 5x5")
    draw_opening = _corner_opening if size >= _MIN_CORNER_SIZE else _scattered_opening
    tables = symmetry_tables(size)
    seen: set[tuple[int, ...]] = set()
    while True:
        for _ in range(_ATTEMPTS):
            opening = draw_opening(size, draw)
            canonical = min(tuple(int(table[point]) for point in opening) for table in tables)
            if canonical not in seen:
                break
        else:
            raise GoEngineError(f"found only {len(seen):,} different openings for {size}x{size}")
        seen.add(canonical)
        yield opening


def _corner_opening(size: int, draw: random.Random) -> tuple[int, ...]:
    corners = draw.sample([(False, False), (False, True), (True, False), (True, True)], STONES)
    moves = draw.choices(list(_CORNER_MOVES), list(_CORNER_MOVES.values()), k=STONES)
    return tuple(_corner_point(size, *corner, *move) for corner, move in zip(corners, moves, strict=True))


def _corner_point(size: int, bottom: bool, right: bool, row_line: int, column_line: int) -> int:
    row = size - row_line if bottom else row_line - 1
    column = size - column_line if right else column_line - 1
    return row * size + column


def _scattered_opening(size: int, draw: random.Random) -> tuple[int, ...]:
    margin = 2 if size >= 9 else 1 if size >= 7 else 0
    lines = range(margin, size - margin)
    stones: list[tuple[int, int]] = []
    while len(stones) < STONES:
        free = [
            (row, column)
            for row in lines
            for column in lines
            if all(abs(row - other[0]) + abs(column - other[1]) > 1 for other in stones)
        ]
        if free:
            stones.append(draw.choice(free))
        else:  # no point is free of neighbours: start again
            stones.clear()
    return tuple(row * size + column for row, column in stones)
