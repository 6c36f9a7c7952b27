"""Openings: the first stones of games between programs, so that no two games are alike."""

import random
from collections.abc import Iterator

from goengine.errors import GoEngineError
from goengine.points import check_size, symmetry_tables

SMALLEST = 5
"""The smallest board that has openings."""

STONES = 4
"""Stones in an opening, Black's and White's in turn."""

# Usual first moves of a corner, by their lines from the two edges, and how often each is drawn.
_CORNER_MOVES = {(4, 4): 8, (3, 4): 4, (4, 3): 4, (3, 3): 3, (3, 5): 1, (5, 3): 1, (4, 5): 1, (5, 4): 1}
_CORNERS_FROM = 13  # on smaller boards the corners' first moves lie next to each other
_TRIALS = 10_000


def distinct_openings(size: int, draw: random.Random) -> Iterator[tuple[int, ...]]:
    """Openings as points, never the same as before under a symmetry of the board.

    From 13x13 on there is a usual stone in each corner; below, four stones that do not touch, from the
    third line up, on 7x7 and 8x8 from the second, and anywhere on smaller boards.

    Raises GoEngineError if the board is smaller than 5x5, and when no more openings are found.
    """
    if check_size(size) < SMALLEST:
        raise GoEngineError(f"there are no openings for {size}x{size}; the smallest board is 5x5")
    draw_opening = _corner_opening if size >= _CORNERS_FROM else _open_field_opening
    tables = symmetry_tables(size)
    seen: set[tuple[int, ...]] = set()
    while True:
        for _ in range(_TRIALS):
            opening = draw_opening(size, draw)
            form = min(tuple(int(table[point]) for point in opening) for table in tables)
            if form not in seen:
                break
        else:
            raise GoEngineError(f"there are hardly more than {len(seen):,} openings for {size}x{size}")
        seen.add(form)
        yield opening


def _corner_opening(size: int, draw: random.Random) -> tuple[int, ...]:
    corners = draw.sample([(False, False), (False, True), (True, False), (True, True)], STONES)
    moves = draw.choices(list(_CORNER_MOVES), list(_CORNER_MOVES.values()), k=STONES)
    return tuple(_corner_point(size, *corner, *move) for corner, move in zip(corners, moves, strict=True))


def _corner_point(size: int, bottom: bool, right: bool, row_line: int, column_line: int) -> int:
    row = size - row_line if bottom else row_line - 1
    column = size - column_line if right else column_line - 1
    return row * size + column


def _open_field_opening(size: int, draw: random.Random) -> tuple[int, ...]:
    edge = 2 if size >= 9 else 1 if size >= 7 else 0
    lines = range(edge, size - edge)
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
        else:  # the stones have left no room: begin again
            stones.clear()
    return tuple(row * size + column for row, column in stones)
