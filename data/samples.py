"""Training samples drawn from a game table: a pure function of (games, seed, step)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goengine.data.table.permutation import count_positions, draw, locate, mix
from goengine.errors import GoEngineError
from goengine.kernel.batch import encode_samples, packed_bytes
from goengine.kernel.replay import Games
from goengine.points import pass_move, symmetry_tables
from goengine.util.parallel import share


@dataclass(frozen=True, slots=True)
class Batch:
    """Samples, one a row.

    Public attributes:
      packed   -- uint8 [B, packed_bytes(size)], planes of the position before the move, under the symmetry
      target   -- int64 [B], the point that was played, under the symmetry
      game     -- int64 [B], which game
      ply      -- int64 [B], which move of it
      symmetry -- uint8 [B], which of the eight symmetries
    """

    packed: NDArray[np.uint8]
    target: NDArray[np.int64]
    game: NDArray[np.int64]
    ply: NDArray[np.int64]
    symmetry: NDArray[np.uint8]


class SampleStream:
    """An endless stream of samples in which every epoch holds every position exactly once.

    A position is a move that is no pass. Its place in the epoch comes from a keyed permutation and its
    symmetry from a hash, so nothing is kept per position, and any step can be had at once: a run resumes at
    the sample where it stopped.

    Public attributes:
      games, seed, symmetries -- as given
      positions -- how many positions the games hold, which is the length of an epoch in samples
    """

    def __init__(
        self,
        games: Games,
        seed: int,
        symmetries: bool = True,
        positions: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None,
    ) -> None:
        """Samples of `games` in the order named by `seed`; unturned if `symmetries` is False.

        positions: the only ones to draw, (game, ply), int64 [N] each; all moves but passes unless given.

        Raises GoEngineError if the games hold no position.
        """
        self.games = games
        self.seed = seed
        self.symmetries = symmetries
        self._chosen = positions
        self._cumulative = _count(games)
        self.positions = len(positions[0]) if positions else int(self._cumulative[-1])
        self._key = _key(seed)

    def batch(self, step: int, batch_size: int, rank: int = 0, world: int = 1, threads: int = 1) -> Batch:
        """The samples of a step, or the share of process `rank` in them where there are `world` processes.

        `batch_size` is that of all processes together: their shares, one after another, are the batch that
        one process would get. Planes are computed on `threads` threads.

        Raises GoEngineError if a game is illegal before the position drawn.
        """
        begin, end = batch_size * rank // world, batch_size * (rank + 1) // world
        count = end - begin
        numbers = np.empty(count, np.int64)
        symmetry = np.empty(count, np.uint8)
        game, ply = np.empty(count, np.int64), np.empty(count, np.int64)

        def find(_: int, rows: slice) -> None:
            first = step * batch_size + begin + rows.start
            draw(first, self.positions, self._key, numbers[rows], symmetry[rows])
            if self._chosen is not None:
                game[rows], ply[rows] = (chosen[numbers[rows]] for chosen in self._chosen)
            else:
                _locate(self.games, self._cumulative, numbers[rows], game[rows], ply[rows])

        share(count, threads, threads, find)
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
    """The batch of given positions: game, ply and symmetry are [B].

    Raises GoEngineError if a game is illegal before its ply.
    """
    packed = np.empty((len(game), packed_bytes(games.size)), np.uint8)
    encode_samples(games, game, ply, symmetry, packed, threads=threads)
    point = games.moves[games.move_starts[game] + ply]
    target = symmetry_tables(games.size)[symmetry, point].astype(np.int64)
    return Batch(packed, target, game, ply, symmetry)


def fixed_sample(
    games: Games, positions: int | None = None, seed: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A sample of positions for evaluation: (game, ply), each int64 [N], in the order of the table.

    N is `positions`, drawn without replacement by `seed`, or all if that is None or more than there are.

    Raises GoEngineError if the games hold no position, or `positions` is not at least 1.
    """
    if positions is not None and positions < 1:
        raise GoEngineError(f"a sample of {positions} positions was asked for, at least 1 was expected")
    cumulative = _count(games)
    count = int(cumulative[-1])
    if positions is None or positions >= count:
        numbers = np.arange(count)
    else:
        numbers = np.empty(positions, np.int64)
        draw(0, count, _key(seed), numbers, np.empty(positions, np.uint8))
        numbers.sort()  # rows of one game share a replay
    game, ply = np.empty_like(numbers), np.empty_like(numbers)
    _locate(games, cumulative, numbers, game, ply)
    return game, ply


def _count(games: Games) -> NDArray[np.int64]:
    cumulative = count_positions(games.moves, games.move_starts, pass_move(games.size))
    if cumulative[-1] == 0:
        raise GoEngineError("the games hold no position to learn from: no move that is not a pass")
    return cumulative


def _locate(
    games: Games,
    cumulative: NDArray[np.int64],
    numbers: NDArray[np.int64],
    game: NDArray[np.int64],
    ply: NDArray[np.int64],
) -> None:
    locate(numbers, cumulative, games.moves, games.move_starts, pass_move(games.size), game, ply)


def _key(seed: int) -> np.uint64:
    return np.uint64(mix(np.uint64(seed % 2**64)))
