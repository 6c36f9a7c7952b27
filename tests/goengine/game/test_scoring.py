"""Dead stones, sekis and scores of finished positions; estimates of unfinished ones."""

import numpy as np
import pytest
from support.diagrams import SEKI, board_from

from goengine.game.board import Board
from goengine.game.scoring import estimate, final_score, score_of, status
from goengine.points import parse_vertex

# name, position, dead stones and stones in seki as marks on the same position
POSITIONS = [
    (
        "an intruder in secure territory",
        """
        . . X . O . . . .
        . . X . O . . . .
        . O X O O . . . .
        . . X X O . . X .
        . . . X O . . . .
        . . . X O . . . .
        . . . X O O . . .
        . . . X X O . . .
        . . . . X O . . .
        """,
        "B7 H6",
        "",
    ),
    (
        "seki by two shared liberties",
        SEKI,
        "",
        "B9 C9 D9 F9 A8 B8 C8 D8 E8 F8",
    ),
    (
        "three stones in a line of four points take the eye: no seki",
        """
        . X X . O X . . .
        O O O O O X X X X
        X X X X X X . . .
        . . . X . . . . .
        X X X X X X X X X
        O O O O O O O O O
        . . O . . . O . .
        . . O . . . O . .
        . . O . . . O . .
        """,
        "E9 A8 B8 C8 D8 E8",
        "",
    ),
]


def stones(vertices: str, size: int = 9) -> list[int]:
    return sorted(parse_vertex(v, size) for v in vertices.split())


@pytest.mark.parametrize(
    ("position", "dead", "seki"), [p[1:] for p in POSITIONS], ids=[p[0] for p in POSITIONS]
)
def test_status_of_small_positions(position: str, dead: str, seki: str) -> None:
    board = board_from(position)
    result = status(board)
    assert (result.dead, result.seki) == (stones(dead), stones(seki))
    everything = sorted(result.alive + result.dead + result.seki)
    assert everything == [int(p) for p in np.flatnonzero(board.stones)]


def test_the_score_removes_dead_stones_and_ignores_seki() -> None:
    intruder, seki, _ = (position for _, position, _, _ in POSITIONS)
    assert final_score(board_from(intruder)) == board_from(intruder).area_score(stones("B7 H6"))
    area, territory = board_from(seki), board_from(seki, rules="japanese")
    # A9 and E9 are nobody's, and no stone of the seki has an eye.
    assert final_score(area) == area.area_score()
    assert final_score(territory) == territory.territory_score()


def test_points_next_to_seki_count_under_area_rules_only() -> None:
    position = POSITIONS[1][1]
    area, territory = board_from(position), board_from(position, rules="japanese")
    black = area.chain(stones("A7")[0])  # suppose it were in seki: eight points of row 6, five at the top
    assert score_of(area, [], black) == area.area_score()
    assert territory.territory_score() - score_of(territory, [], black) == 8 + 5


def test_estimates_are_determined_by_the_seed() -> None:
    board = board_from(POSITIONS[0][1])
    first, again, other = (estimate(board, 64, seed) for seed in (1, 1, 2))
    assert np.array_equal(first.ownership, again.ownership)
    assert first.score == again.score
    assert not np.array_equal(first.ownership, other.ownership)


def test_estimates_are_positive_for_black() -> None:
    board = board_from(POSITIONS[1][1])
    sure = estimate(board)
    assert sure.ownership.shape == (9, 9)
    assert sure.ownership.dtype == np.float32
    assert sure.ownership[3, 0] > 0.9
    assert sure.ownership[8, 0] < -0.9
    assert abs(sure.score - board.area_score()) < 2
    assert sure.winrate == 0.0
    board.komi = -30.0
    assert estimate(board).winrate == 1.0


def test_an_empty_board_is_even() -> None:
    result = estimate(Board(9, komi=0.0), 500)
    assert abs(result.ownership).max() < 0.3
    assert 0.4 < result.winrate < 0.65
