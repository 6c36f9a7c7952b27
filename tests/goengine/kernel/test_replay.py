"""Replayed games: how many moves are legal, and when stones leave the board, compared with sgfmill."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.comparison import flat_games, replayed_planes
from support.random_games import random_attempts
from support.reference import BLACK, EMPTY, WHITE, opponent
from support.sgfmill_game import SgfmillGame

from goengine.errors import GoEngineError
from goengine.kernel.replay import legal_prefix


@given(
    size=st.integers(2, 19),
    length=st.integers(0, 250),
    setup=st.sampled_from([0, 0, 10, 100]),
    first=st.sampled_from([BLACK, WHITE]),
    seed=st.integers(0, 2**32),
)
def test_stones_equal_sgfmills_at_every_ply(size, length, setup, first, seed):
    source = SgfmillGame(size)
    for ply, point in enumerate(random_attempts(size, setup, seed + 1)):
        source.try_play(point, (BLACK, WHITE)[ply % 2])
    black, white = ([p for p in range(size**2) if source.stones[p] == colour] for colour in (BLACK, WHITE))
    game = SgfmillGame(size, black=black, white=white)
    moves: list[int] = []
    boards = [game.stones]
    for point in random_attempts(size, length, seed):
        if game.try_play(point, first if len(moves) % 2 == 0 else opponent(first)):
            moves.append(point)
            boards.append(game.stones)
    # Another game comes first, so that no array starts at index 0.
    games = flat_games(size, [[0], moves], [([1], [2]), (black, white)], [WHITE, first])
    course = games.course
    assert course.legal.tolist() == [1, len(moves)]
    for ply, board in enumerate(boards):
        stones = bytearray(size**2)
        setup_stones = [(point, BLACK) for point in black] + [(point, WHITE) for point in white]
        for (point, colour), until in zip(setup_stones, course.setup_until[2:], strict=True):
            if until > ply:
                stones[point] = colour
        for i, (point, until) in enumerate(zip(moves[:ply], course.until[1:], strict=False)):
            if until > ply:
                assert stones[point] == EMPTY
                stones[point] = first if i % 2 == 0 else opponent(first)
        assert stones == board, ply


PASS = 25
ILLEGAL = [
    ("no illegal move", [12, 13, PASS, 14], 4),
    ("a stone on a stone", [12, 13, 12, 14], 2),
    ("a ko retaken at once", [1, 2, 5, 6, 11, 12, 24, 8, 7, 6], 9),
    ("suicide", [1, 24, 5, 0, 6], 3),
    ("no moves", [], 0),
]


@pytest.mark.parametrize("case", ILLEGAL, ids=lambda case: case[0])
def test_number_of_legal_moves(case):
    _, moves, legal = case
    games = flat_games(5, [[12], moves, [12, 13]])
    assert legal_prefix(games).tolist() == [1, legal, 2]
    replayed_planes(games, [(0, 1, 0), (1, legal, 3), (2, 2, 1)])
    if legal < len(moves):
        with pytest.raises(GoEngineError) as caught:
            replayed_planes(games, [(0, 1, 0), (1, legal + 1, 3)])
        assert "\n" not in str(caught.value)
        replayed_planes(games, [(0, 1, 0), (2, 2, 1)])


def test_move_off_the_board_raises():
    with pytest.raises(GoEngineError, match="off the 5x5 board"):
        flat_games(5, [[12, PASS], [26]])


def test_setup_without_liberties_is_illegal():
    games = flat_games(5, [[12], [12]], [([1, 5], [0]), ([1, 5], [])])
    assert legal_prefix(games).tolist() == [-1, 1]
    with pytest.raises(GoEngineError):
        replayed_planes(games, [(0, 0, 0)])
