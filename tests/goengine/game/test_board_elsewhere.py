"""Games compared with sgfmill's board and with the slow reference."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import shared_dir
from support.random_games import random_attempts
from support.real_games import real_games
from support.reference import reference_board
from support.sgfmill_game import SgfmillGame

from goengine.game.board import Board
from goengine.game.rules import Rules
from goengine.points import format_vertex

SIMPLE_KO_AND_SUICIDE = Rules(suicide=True)


def _compare_with_sgfmill(size, points, rules="chinese"):
    """Play on both boards, trying illegal moves too, and return the number of moves played."""
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
def test_random_games_agree_with_sgfmill(size, length, seed, rules):
    _compare_with_sgfmill(size, random_attempts(size, length, seed), rules)


def test_real_games_agree_with_sgfmill():
    games = random.Random(2).sample(real_games(shared_dir()), 50)
    assert sum(_compare_with_sgfmill(19, game) for game in games) > 8000


@pytest.mark.slow
def test_all_real_games_agree_with_sgfmill():
    games = real_games(shared_dir())
    assert len(games) == 2500
    assert sum(_compare_with_sgfmill(19, game) for game in games) > 500_000


@given(
    size=st.integers(2, 7),
    length=st.integers(1, 200),
    seed=st.integers(0, 2**32),
    rules=st.sampled_from(["chinese", "aga", "tromp-taylor", SIMPLE_KO_AND_SUICIDE]),
)
def test_random_games_agree_with_the_reference(size, length, seed, rules):
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
