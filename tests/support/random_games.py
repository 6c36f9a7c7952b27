"""Random games in which captures, kos, ladders and suicides are frequent."""

import random
from collections.abc import Iterator

import numpy as np

from goengine.game.board import Board


def random_attempts(size: int, length: int, seed: int) -> Iterator[int]:
    """A stream of points to try, occupied and forbidden ones among them; size * size is a pass.

    Two of three lie within two steps of an earlier one, so that stones meet on large boards too.
    """
    choose = random.Random(seed)
    tried = [choose.randrange(size * size)]
    for _ in range(length):
        kind = choose.random()
        if kind < 0.02:
            yield size * size
            continue
        if kind < 0.69:
            row, column = divmod(choose.choice(tried), size)
            row = min(max(row + choose.randint(-2, 2), 0), size - 1)
            column = min(max(column + choose.randint(-2, 2), 0), size - 1)
            point = row * size + column
        else:
            point = choose.randrange(size * size)
        tried.append(point)
        yield point


def random_board(size: int, seed: int, moves: int, fills_eyes: bool) -> Board:
    """A board after so many random legal moves, or passes where there is none."""
    board = Board(size)
    rng = np.random.default_rng(seed)
    for _ in range(moves):
        points = np.flatnonzero(board.legal_moves() if fills_eyes else board.sensible_moves())
        board.play(int(rng.choice(points)) if points.size else "pass")
    return board
