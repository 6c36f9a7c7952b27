"""The batch encoder: planes equal to the reference's, and samples that it refuses."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.comparison import BLACK, WHITE, difference, flat_games, replayed_planes
from support.random_games import random_attempts
from support.reference import ReferenceBoard, opponent, reference_planes

from goengine.errors import GoEngineError
from goengine.game.planes import packed_bytes
from goengine.kernel.batch import encode_samples
from goengine.points import NUM_SYMMETRIES, transform_planes


@dataclass(frozen=True)
class RandomGame:
    """A game with setup stones of both colours, a first player and legal moves."""

    size: int
    setup: tuple[list[int], list[int]]
    first_player: int
    moves: list[int]

    def planes(self, ply: int) -> np.ndarray:
        """Return the reference's planes of the position before move `ply`."""
        black, white = self.setup
        board = ReferenceBoard(self.size, black=black, white=white, to_play=self.first_player)
        for point in self.moves[:ply]:
            board.play(point)
        return reference_planes(board)


def _random_game(size: int, length: int, seed: int, setup: int) -> RandomGame:
    source = ReferenceBoard(size)
    _play_at_random(source, setup, seed + 1)
    stones = source.position.stones
    black, white = ([point for point, stone in enumerate(stones) if stone == c] for c in (BLACK, WHITE))
    board = ReferenceBoard(size, black=black, white=white, to_play=source.to_play)
    return RandomGame(size, (black, white), board.to_play, _play_at_random(board, length, seed))


def _play_at_random(board: ReferenceBoard, length: int, seed: int) -> list[int]:
    moves = []
    for point in random_attempts(board.size, length, seed):
        if point == board.size**2 or board.outcome(point):
            board.play(point)
            moves.append(point)
    return moves


@given(
    size=st.integers(2, 9),
    length=st.integers(0, 100),
    setup=st.sampled_from([0, 0, 10, 60]),
    seed=st.integers(0, 2**32),
    data=st.data(),
)
def test_planes_equal_the_references_in_any_order(size, length, setup, seed, data):
    records = [_random_game(size, length, seed + 7 * game, setup) for game in range(3)]
    games = flat_games(
        size,
        [record.moves for record in records],
        [record.setup for record in records],
        [record.first_player for record in records],
    )
    positions = [(game, ply) for game in range(3) for ply in range(len(records[game].moves) + 1)]
    chosen = data.draw(st.lists(st.sampled_from(positions), min_size=1, max_size=12))
    if data.draw(st.booleans()):
        chosen.sort()
    symmetry = data.draw(st.integers(0, NUM_SYMMETRIES - 1))
    step = data.draw(st.sampled_from([0, 1]))
    samples = [(*position, (symmetry + step * row) % NUM_SYMMETRIES) for row, position in enumerate(chosen)]
    planes = replayed_planes(games, samples, threads=data.draw(st.integers(1, 3)))
    for result, (game, ply, symmetry) in zip(planes, samples, strict=True):
        expected = transform_planes(records[game].planes(ply), symmetry)
        assert difference(result, expected) == "", (game, ply, symmetry)


@pytest.mark.parametrize("sample", [(2, 0, 0), (-1, 0, 0), (0, 2, 0), (0, -1, 0), (0, 0, 8)])
def test_sample_that_does_not_exist_raises(sample):
    games = flat_games(5, [[12], [12]])
    with pytest.raises(GoEngineError):
        replayed_planes(games, [sample])


@pytest.mark.parametrize("shape", [(1, 10), (2, packed_bytes(5)), (1, packed_bytes(9)), (packed_bytes(5),)])
def test_output_of_another_shape_raises(shape):
    games = flat_games(5, [[12]])
    one = np.zeros(1, np.int64)
    with pytest.raises(GoEngineError):
        encode_samples(games, one, one, one.astype(np.uint8), np.empty(shape, np.uint8))


def test_colours_alternate_from_the_first_player():
    games = flat_games(5, [[12, 25, 13], [12, 25, 13]], first_players=[BLACK, WHITE])
    for game, first in enumerate((BLACK, WHITE)):
        board = ReferenceBoard(5, to_play=first)
        for ply, point in enumerate([12, 25, 13, None]):
            assert board.to_play == (first if ply % 2 == 0 else opponent(first))
            (planes,) = replayed_planes(games, [(game, ply, 0)])
            assert difference(planes, reference_planes(board)) == ""
            if point is not None:
                board.play(point)
