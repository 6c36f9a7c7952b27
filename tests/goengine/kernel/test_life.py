"""Unconditional life and territory: chosen positions, and a check of the definition on small boards."""

import numpy as np
import pytest
from support.diagrams import BLACK, WHITE, board_from, picture, tidy
from support.random_games import random_attempts

from goengine.game.board import EMPTY, Board
from goengine.kernel.life import unconditional


def unconditional_points(board: Board) -> tuple[np.ndarray, np.ndarray]:
    """Return (alive, territory), ``uint8 [size * size]`` each."""
    alive, territory = (np.empty(board.size**2, np.uint8) for _ in range(2))
    unconditional(board.arrays[0], board.arrays[2], board.rules.suicide, alive, territory)
    return alive, territory


NOTHING = """
. . . . . .
. . . . . .
. . . . . .
. . . . . .
. . . . . .
. . . . . .
"""

# name, position, the stones that are unconditionally alive, the points of unconditional territory
POSITIONS = [
    (
        "two eyes in the corner",
        """
        . X . X O .
        X X X X O .
        O O O O O .
        . . . . . .
        . . . . . .
        . . . . . .
        """,
        """
        . X . X . .
        X X X X . .
        . . . . . .
        . . . . . .
        . . . . . .
        . . . . . .
        """,
        """
        X . X . . .
        . . . . . .
        . . . . . .
        . . . . . .
        . . . . . .
        . . . . . .
        """,
    ),
    (
        "one large eye is alive in practice, but not if its owner always passes",
        """
        . . . . X O
        X X X X X O
        O O O O O O
        . . . . . .
        . . . . . .
        . . . . . .
        """,
        NOTHING,
        NOTHING,
    ),
    (
        "a false eye: the stone at the left can be captured",
        """
        . X O . . .
        X O O . . .
        . X X O . .
        X X . X O .
        O O X X O .
        . O O O O .
        """,
        NOTHING,
        NOTHING,
    ),
    (
        "false eyes by their diagonals that two chains share: each region is vital to both",
        """
        . X X X O .
        X O O X O .
        X O . X O .
        X X X . X O
        O O X X X O
        . O O O O O
        """,
        """
        . X X X . .
        X . . X . .
        X . . X . .
        X X X . X .
        . . X X X .
        . . . . . .
        """,
        """
        X . . . . .
        . X X . . .
        . X X . . .
        . . . X . .
        . . . . . .
        . . . . . .
        """,
    ),
    (
        "seki: neither side can take the other, but both live by their owner's care alone",
        """
        . X X X . O X
        O O O O O O X
        X X X X X X X
        . . . X . . .
        X X X X X X X
        X X X X X X X
        X X X X X X X
        """,
        """
        . . . . . . X
        . . . . . . X
        X X X X X X X
        . . . X . . .
        X X X X X X X
        X X X X X X X
        X X X X X X X
        """,
        """
        . . . . . . .
        . . . . . . .
        . . . . . . .
        X X X . X X X
        . . . . . . .
        . . . . . . .
        . . . . . . .
        """,
    ),
    (
        "territory with dead stones of both colours, and room for one eye of the opponent's",
        """
        . X . X O .
        X X X X X X
        X . . O . X
        X . O . X X
        X X X X X .
        . . . . . .
        """,
        """
        . X . X . .
        X X X X X X
        X . . . . X
        X . . . X X
        X X X X X .
        . . . . . .
        """,
        """
        X . X . X X
        . . . . . .
        . X X X X .
        . X X X . .
        . . . . . X
        X X X X X X
        """,
    ),
    (
        "no territory where the opponent may yet make two eyes",
        """
        . X . X O .
        X X X X X X
        . . . . . .
        . . O . . .
        . . . . . .
        . . . . . .
        """,
        """
        . X . X . .
        X X X X X X
        . . . . . .
        . . . . . .
        . . . . . .
        . . . . . .
        """,
        """
        X . X . X X
        . . . . . .
        . . . . . .
        . . . . . .
        . . . . . .
        . . . . . .
        """,
    ),
    (
        "both colours alive on one board",
        """
        . X . X O .
        X X X X O O
        . . . X O .
        . X X X O O
        X X . . O .
        . X . . O O
        """,
        """
        . X . X O .
        X X X X O O
        . . . X O .
        . X X X O O
        X X . . O .
        . X . . O O
        """,
        """
        X . X . . O
        . . . . . .
        X X X . . O
        X . . . . .
        . . . . . O
        X . . . . .
        """,
    ),
]


@pytest.mark.parametrize(
    ("position", "alive", "territory"), [p[1:] for p in POSITIONS], ids=[p[0] for p in POSITIONS]
)
def test_alive_stones_and_territory(position: str, alive: str, territory: str) -> None:
    board = board_from(position)
    shown = [picture(owner.reshape(board.size, board.size)) for owner in unconditional_points(board)]
    assert shown == [tidy(alive), tidy(territory)]


def can_be_captured(board: Board, stone: int) -> bool:
    """Return whether the opponent can capture a stone if its owner always passes."""
    owner = board.colour_at(stone)
    seen = set()
    remaining = [board]
    while remaining:
        position = remaining.pop()
        for point in range(position.size**2):
            if position.colour_at(point) != EMPTY or not position.is_legal(point):
                continue
            after = position.copy()
            after.play(point)
            if after.colour_at(stone) != owner:
                return True
            if (key := after.stones.tobytes()) not in seen:
                seen.add(key)
                after.play("pass")
                remaining.append(after)
    return False


@pytest.mark.parametrize("rules", ["chinese", "tromp-taylor"])
def test_benson_agrees_with_search_on_4x4(rules: str) -> None:
    """Compare every chain of random positions with a search through all moves of the opponent."""
    verdicts = {True: 0, False: 0}
    for seed in range(400):
        board = Board(4, rules="chinese")
        for move in random_attempts(4, 40, seed):
            if not board.is_over and board.is_legal(move):
                board.play(move)
        if np.count_nonzero(board.stones == EMPTY) > 7:
            continue
        stones = board.stones.ravel()
        for owner in (BLACK, WHITE):
            position = Board(4, rules=rules)
            position.setup(np.flatnonzero(stones == BLACK), np.flatnonzero(stones == WHITE), 3 - owner)
            alive, _ = unconditional_points(position)
            for stone in map(int, np.flatnonzero(stones == owner)):
                if stone == position.chain(stone)[0]:
                    verdict = bool(alive[stone] == owner)
                    assert verdict != can_be_captured(position, stone), f"{board}\n{stone}"
                    verdicts[verdict] += 1
    assert min(verdicts.values()) > 50
