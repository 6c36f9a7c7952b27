"""The board of playouts, compared with the board of the rules."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from support.random_games import random_board
from support.reference import Position, is_true_eye, neighbours

from goengine.game.board import BLACK, EMPTY, WHITE, Board, opponent
from goengine.kernel.playouts import board as kernel
from goengine.kernel.playouts.board import AT_HEAD, AT_PAIRS, AT_SQUARES, AT_STONES, AT_SUM, NOWHERE, RECORD
from goengine.util.jit import njit


@njit
def _liberties_after(pseudo, steps, p, colour):  # type: ignore[no-untyped-def]
    return kernel.liberties_after(pseudo, steps, p, colour)


@njit
def _put(pseudo, steps, p, colour, captured):  # type: ignore[no-untyped-def]
    return kernel.put(pseudo, steps, p, colour, captured)


@njit
def _is_true_eye(pseudo, p, colour):  # type: ignore[no-untyped-def]
    return kernel.is_true_eye(pseudo, p, colour)


@njit
def _has_room(pseudo, p):  # type: ignore[no-untyped-def]
    return kernel.has_room(pseudo, p)


class PlayoutBoard:
    """A position on the board of playouts."""

    def __init__(self, board: Board):
        cells, _, near = board.arrays
        self.board = board
        self.pseudo = np.full(kernel.pseudo_size(board.size**2), 7, np.int32)
        self.steps = np.full(8, 7, np.int64)
        self.ko = kernel.copy_position(cells, near, self.pseudo, self.steps)

    def at(self, point: int) -> int:
        return RECORD * (point + point // self.board.size + self.board.size + 2)

    def contents(self) -> tuple[list[int], list[list[int]]]:
        """Return the colours at and around each point, and the first point and sums of each stone's chain."""
        points = [self.at(p) for p in range(self.board.size**2)]
        colours = [int(self.pseudo[p]) for p in points]
        stones = [p for p in points if self.pseudo[p] & 3 != EMPTY]
        assert all(self.pseudo[p + AT_HEAD] == NOWHERE for p in set(points) - set(stones))
        first: dict[int, int] = {}
        for p in stones:
            first.setdefault(int(self.pseudo[p + AT_HEAD]), p)
        chains = []
        for p in stones:
            head = int(self.pseudo[p + AT_HEAD])
            sums = [int(self.pseudo[head + i]) for i in (AT_STONES, AT_PAIRS, AT_SUM, AT_SQUARES)]
            chains.append([p, first[head], *sums])
        return colours, chains


@settings(deadline=None, max_examples=40)
@given(size=st.integers(2, 9), seed=st.integers(0, 2**32 - 1))
def test_moves_have_the_effects_of_the_rules(size: int, seed: int) -> None:
    """Compare colours, chains with their sums, captures and kos after each of many random moves."""
    rng = np.random.default_rng(seed)
    board = Board(size)
    played = PlayoutBoard(board)
    captured = np.empty(size * size, np.int64)
    for _ in range(3 * size * size):
        legal = np.flatnonzero(board.legal_moves())
        if not legal.size:
            board.play("pass")
            continue
        point, colour = int(rng.choice(legal)), board.to_play
        stones = board.stones.ravel().copy()
        count, ko = _put(played.pseudo, played.steps, played.at(point), colour, captured)
        board.play(point)
        expected = PlayoutBoard(board)
        assert played.contents() == expected.contents()
        assert ko == expected.ko
        removed = np.flatnonzero((stones == opponent(colour)) & (board.stones.ravel() == EMPTY))
        assert sorted(captured[:count]) == [played.at(p) for p in map(int, removed)]


def test_sums_of_a_chain_of_624_stones_do_not_overflow() -> None:
    board = Board(25)
    played = PlayoutBoard(board)
    captured = np.empty(625, np.int64)
    for point in np.random.default_rng(1).permutation(624) + 1:  # all but the first
        _put(played.pseudo, played.steps, played.at(int(point)), BLACK, captured)
        board.play(int(point), BLACK)
    assert played.contents() == PlayoutBoard(board).contents()
    assert played.contents()[1][0][2:4] == [624, 2]


@settings(deadline=None, max_examples=25)
@given(size=st.integers(2, 7), seed=st.integers(0, 2**32 - 1), moves=st.integers(0, 80))
def test_eyes_and_liberties_equal_the_references(size: int, seed: int, moves: int) -> None:
    """Compare liberties after a move, true eyes and points with two empty neighbours, for both colours."""
    board = random_board(size, seed, moves, fills_eyes=True)
    position = PlayoutBoard(board)
    reference = Position(size, board.stones.tobytes())  # without ko
    for point in map(int, np.flatnonzero(board.stones.ravel() == EMPTY)):
        empty = sum(reference.stones[near] == EMPTY for near in neighbours(size)[point])
        assert _has_room(position.pseudo, position.at(point)) == (empty > 1)
        for colour in (BLACK, WHITE):
            eye = _is_true_eye(position.pseudo, position.at(point), colour)
            assert eye == is_true_eye(reference, point, colour)
            outcome = reference.play(point, colour, suicide=False)
            if outcome is None:
                expected = 0
            elif outcome.captured:
                expected = 2
            else:
                expected = min(2, len(outcome.position.chain(point).liberties))
            assert _liberties_after(position.pseudo, position.steps, position.at(point), colour) == expected
