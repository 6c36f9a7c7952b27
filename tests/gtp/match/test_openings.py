"""Openings of a match."""

import random
from itertools import islice

import pytest

from goengine.errors import GoEngineError
from goengine.game.board import Board
from goengine.gtp.match import openings
from goengine.gtp.match.openings import STONES, distinct_openings
from goengine.points import symmetry_tables


def draw_openings(size: int, number: int, seed: int = 1) -> list[tuple[int, ...]]:
    return list(islice(distinct_openings(size, random.Random(seed)), number))


@pytest.mark.parametrize("size", [5, 6, 7, 9, 12, 13, 19, 25])
def test_openings_differ_under_every_symmetry(size: int) -> None:
    drawn = draw_openings(size, 100)
    forms = {
        frozenset(tuple(int(table[point]) for point in opening) for table in symmetry_tables(size))
        for opening in drawn
    }
    assert len(forms) == len(drawn)


@pytest.mark.parametrize("size", [5, 6, 7, 9, 12, 13, 19, 25])
def test_opening_stones_are_apart(size: int) -> None:
    for opening in draw_openings(size, 100):
        board = Board(size)
        for point in opening:
            board.play(point)
        assert board.ply == STONES
        assert all(len(board.chain(point)) == 1 for point in opening)
        open_edges = [board.liberties(point) for point in opening]
        assert min(open_edges) >= (4 if size >= 7 else 2)


def test_large_boards_have_a_stone_in_each_corner() -> None:
    for opening in draw_openings(19, 100):
        assert {(point // 19 > 9, point % 19 > 9) for point in opening} == {
            (bottom, right) for bottom in (False, True) for right in (False, True)
        }


def test_a_seed_gives_the_same_openings_again() -> None:
    assert draw_openings(9, 20, seed=3) == draw_openings(9, 20, seed=3) != draw_openings(9, 20, seed=4)
    assert draw_openings(9, 20, seed=3)[:5] == draw_openings(9, 5, seed=3)


def test_boards_without_openings(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(GoEngineError, match="no openings for 4x4; the smallest board is 5x5"):
        draw_openings(4, 1)
    monkeypatch.setattr(openings, "_ATTEMPTS", 3)
    with pytest.raises(GoEngineError, match=r"found only [0-9,]+ different openings for 5x5"):
        draw_openings(5, 100_000)
