"""Training samples drawn from games: a pure function of (games, seed, step)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goengine.data.table.sampling import count_positions, draw, locate, mix
from goengine.errors import GoEngineError
from goengine.kernel.batch import encode_samples, packed_bytes
from goengine.kernel.replay import Games
from goengine.points import pass_move, symmetry_tables
from goengine.util.parallel import share


@dataclass(frozen=True, slots=True)
class Batch:
    """Samples, one per row.

    Attributes:
        packed: uint8 [B, packed_bytes(size)], planes of the position before the move, under the symmetry.
        target: int64 [B], the point that was played, under the symmetry.
        game: int64 [B], the game.
        ply: int64 [B], the number of the move in its game, from 0.
        symmetry: uint8 [B], 0 to 7.
    """

    packed: NDArray[np.uint8]
    target: NDArray[np.int64]
    game: NDArray[np.int64]
    ply: NDArray[np.int64]
    symmetry: NDArray[np.uint8]


class PositionIndex:
    """Numbers all positions of games in order. A position is a move that is not a pass."""

    def __init__(self, games: Games) -> None:
        """Count the positions.

        Raises:
            GoEngineError: if the games hold no position.
        """
        self._games = games
        self._starts: NDArray[np.int64] = count_positions(
            games.moves, games.move_starts, pass_move(games.size)
        )
        if len(self) == 0:
            raise GoEngineError("the games hold no position to learn from: every move is a pass")

    def __len__(self) -> int:
        return int(self._starts[-1])

    def locate(self, numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the game and the ply of the positions with these numbers, int64 [B] each."""
        games = self._games
        game, ply = np.empty_like(numbers), np.empty_like(numbers)
        locate(numbers, self._starts, games.moves, games.move_starts, pass_move(games.size), game, ply)
        return game, ply


class SampleStream:
    """An endless stream of samples in which every epoch holds every position exactly once.

    The place of a position in the epoch comes from a keyed permutation and its symmetry from a hash. Nothing
    is stored per position, and any step can be computed directly, so a run resumes at the sample where it
    stopped.

    Attributes:
        games: the games.
        seed: selects the order and the symmetries.
        symmetries: whether samples are drawn under random symmetries.
        positions: number of positions to draw, which is the length of an epoch in samples.
    """

    def __init__(
        self,
        games: Games,
        seed: int,
        symmetries: bool = True,
        positions: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None,
    ) -> None:
        """Create a stream.

        Args:
            games: the games.
            seed: selects the order and the symmetries.
            symmetries: whether samples are drawn under random symmetries.
            positions: the positions to draw, game and ply, each int64 [N]; all positions if None.

        Raises:
            GoEngineError: if the games hold no position.
        """
        self.games = games
        self.seed = seed
        self.symmetries = symmetries
        self._index = PositionIndex(games)
        self._chosen = positions
        self.positions = len(self._index) if positions is None else len(positions[0])
        self._key = _key(seed)

    def batch(self, step: int, batch_size: int, rank: int = 0, world: int = 1, threads: int = 1) -> Batch:
        """Return the samples of a step, or one process's share of them.

        The shares of all processes, concatenated, are the batch that a single process would get.

        Args:
            step: number of the batch, from 0.
            batch_size: number of samples over all processes.
            rank: number of this process.
            world: number of processes.
            threads: threads that compute the planes.

        Raises:
            GoEngineError: if a game has an illegal move before a sampled position.
        """
        begin, end = batch_size * rank // world, batch_size * (rank + 1) // world
        count = end - begin
        numbers = np.empty(count, np.int64)
        symmetry = np.empty(count, np.uint8)
        game, ply = np.empty(count, np.int64), np.empty(count, np.int64)

        def draw_rows(_: int, rows: slice) -> None:
            first = step * batch_size + begin + rows.start
            draw(first, self.positions, self._key, numbers[rows], symmetry[rows])
            if self._chosen is None:
                game[rows], ply[rows] = self._index.locate(numbers[rows])
            else:
                game[rows], ply[rows] = (array[numbers[rows]] for array in self._chosen)

        share(count, threads, threads, draw_rows)
        if not self.symmetries:
            symmetry[:] = 0
        return encode_batch(self.games, game, ply, symmetry, threads)


def encode_batch(
    games: Games,
    game: NDArray[np.int64],
    ply: NDArray[np.int64],
    symmetry: NDArray[np.uint8],
    threads: int = 1,
) -> Batch:
    """Return the batch of given positions, whose game, ply and symmetry are [B] each.

    Raises:
        GoEngineError: if a game has an illegal move before the position.
    """
    packed = np.empty((len(game), packed_bytes(games.size)), np.uint8)
    encode_samples(games, game, ply, symmetry, packed, threads=threads)
    point = games.moves[games.move_starts[game] + ply]
    target = symmetry_tables(games.size)[symmetry, point].astype(np.int64)
    return Batch(packed, target, game, ply, symmetry)


def fixed_sample(
    games: Games, positions: int | None = None, seed: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw positions for evaluation without replacement.

    Args:
        games: the games.
        positions: how many to draw; all positions if None or more than there are.
        seed: selects the sample.

    Returns:
        game and ply, each int64 [N], in the order of the games.

    Raises:
        GoEngineError: if the games hold no position, or `positions` is less than 1.
    """
    if positions is not None and positions < 1:
        raise GoEngineError(f"a sample of {positions} positions; expected at least 1")
    index = PositionIndex(games)
    count = len(index)
    if positions is None or positions >= count:
        numbers = np.arange(count)
    else:
        numbers = np.empty(positions, np.int64)
        draw(0, count, _key(seed), numbers, np.empty(positions, np.uint8))
        numbers.sort()  # adjacent rows of one game are encoded in one replay
    return index.locate(numbers)


def _key(seed: int) -> np.uint64:
    return np.uint64(mix(np.uint64(seed % 2**64)))
