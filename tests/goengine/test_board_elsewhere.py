"""The same games on sgfmill's boards, and on the slow reference."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sgfmill import boards
from support import shared_dir
from support.diagrams import BLACK, WHITE
from support.random_games import random_attempts
from support.real_games import real_games
from support.reference import reference_board

from goengine.board import EMPTY, Board, opponent
from goengine.points import format_vertex
from goengine.rules import Rules

SIMPLE_KO_AND_SUICIDE = Rules(suicide=True)

_CODES = {None: 0, "b": 1, "w": 2}
_LETTERS = {BLACK: "b", WHITE: "w"}


def _stones(other: boards.Board) -> bytes:
    return bytes([_CODES[colour] for row in reversed(other.board) for colour in row])


class SgfmillGame:
    """A game on sgfmill's board: what is captured and where ko forbids to play, asked of sgfmill alone."""

    def __init__(self, size: int, suicide: bool = False):
        self.size, self.suicide = size, suicide
        self.board = boards.Board(size)
        self.stones = _stones(self.board)
        self.ko: int | None = None
        self.captures = {BLACK: 0, WHITE: 0}

    def try_play(self, point: int, colour: int) -> bool:
        """Play if it is legal; whether it was."""
        if point == self.size**2:
            self.ko = None
            return True
        if self.stones[point] != EMPTY or point == self.ko:
            return False
        row, column = self.size - 1 - point // self.size, point % self.size
        ko = self.board.play(row, column, _LETTERS[colour])
        after = _stones(self.board)
        if after[point] == EMPTY and not self.suicide:
            self.board.apply_setup(
                *[
                    [
                        (self.size - 1 - p // self.size, p % self.size)
                        for p in range(self.size**2)
                        if stones[p] == c
                    ]
                    for c, stones in ((BLACK, self.stones), (WHITE, self.stones), (EMPTY, self.stones))
                ]
            )
            return False
        for taken in (BLACK, WHITE):
            placed = self.stones.count(taken) + (taken == colour)
            self.captures[opponent(taken)] += placed - after.count(taken)
        self.stones = after
        self.ko = None if ko is None else (self.size - 1 - ko[0]) * self.size + ko[1]
        return True


def _compare_with_sgfmill(size, points, rules="chinese"):
    """Play on both boards as far as the game goes, trying illegal moves too; how many moves were played."""
    board = Board(size, rules=rules, komi=0)
    other = SgfmillGame(size, suicide=board.rules.suicide)
    for point in points:
        colour = board.to_play
        legal = board.is_legal(point)
        assert legal == other.try_play(point, colour), f"{format_vertex(point, size)}\n{board}"
        if legal:
            board.play(point)
            assert board.stones.tobytes() == other.stones, f"\n{board}"
            assert board.ko_point == other.ko, f"\n{board}"
            assert board.captures == other.captures, f"\n{board}"
    assert board.area_score() == other.board.area_score()
    return board.ply


@given(
    size=st.integers(2, 19),
    length=st.integers(1, 250),
    seed=st.integers(0, 2**32),
    rules=st.sampled_from(["chinese", SIMPLE_KO_AND_SUICIDE]),
)
def test_random_games_on_sgfmills_board(size, length, seed, rules):
    _compare_with_sgfmill(size, random_attempts(size, length, seed), rules)


def test_real_games_on_sgfmills_board():
    games = random.Random(2).sample(real_games(shared_dir()), 50)
    assert sum(_compare_with_sgfmill(19, game) for game in games) > 8000


@pytest.mark.slow
def test_all_real_games_on_sgfmills_board():
    games = real_games(shared_dir())
    assert len(games) == 2500
    assert sum(_compare_with_sgfmill(19, game) for game in games) > 500_000


@given(
    size=st.integers(2, 7),
    length=st.integers(1, 200),
    seed=st.integers(0, 2**32),
    rules=st.sampled_from(["chinese", "aga", "tromp-taylor", SIMPLE_KO_AND_SUICIDE]),
)
def test_random_games_on_the_reference(size, length, seed, rules):
    board = Board(size, rules=rules)
    other = reference_board(board)
    for point in random_attempts(size, length, seed):
        legal = [other.outcome(empty) is not None for empty in range(size * size)]
        assert board.legal_moves().tolist() == legal, f"\n{board}"
        if point == size * size or legal[point]:
            board.play(point)
            other.play(point)
            assert board.stones.tobytes() == other.position.stones
            assert (board.ko_point, board.captures) == (other.ko_point, other.captures)
