"""Which games are the same: a hash of a game that no turning or mirroring of the board changes."""

import numpy as np
from numpy.typing import NDArray

from goengine.data.table.permutation import mix
from goengine.kernel.replay import Games
from goengine.points import NUM_SYMMETRIES, symmetry_tables
from goengine.util.jit import njit

_STEP = 0xD6E8FEB86659FD93  # odd, from Pelle Evensen's mixer rrxmrrxmsx_0: spreads a bit over half the word


def game_hashes(games: Games) -> NDArray[np.int64]:
    """One number a game, int64 [G], evenly spread.

    Two games have the same number if they have the same board size, setup stones, first player and moves,
    passes included, under one of the eight symmetries of the board. Other games have the same number with
    the chance of one in 2**64. Komi, players and all else do not count.
    """
    out = np.empty(len(games), np.uint64)
    _game_hashes(
        games.size,
        symmetry_tables(games.size),
        games.moves,
        games.move_starts,
        games.setup,
        games.setup_starts,
        games.first_player,
        out,
    )
    return out.view(np.int64)  # a type that all readers of Parquet have


@njit
def _game_hashes(size, images, moves, move_starts, setup, setup_starts, first_player, out):
    step = np.uint64(_STEP)
    half = np.uint64(32)
    words = np.empty(NUM_SYMMETRIES, np.uint64)
    for game in range(len(first_player)):
        for symmetry in range(NUM_SYMMETRIES):
            # Setup stones have no order: the sum of what each of them stands for.
            word = mix(np.uint64(size * 4 + first_player[game]))
            for i in range(setup_starts[game], setup_starts[game + 1]):
                colour = setup[i] & 0x8000
                point = images[symmetry, setup[i] & 0x7FFF]
                word += mix(np.uint64(1 << 20) + np.uint64(colour) + np.uint64(point))
            words[symmetry] = word
        for i in range(move_starts[game], move_starts[game + 1]):
            move = moves[i]
            for symmetry in range(NUM_SYMMETRIES):
                word = (words[symmetry] ^ np.uint64(images[symmetry, move])) * step
                words[symmetry] = word ^ (word >> half)
        smallest = words[0]
        for symmetry in range(1, NUM_SYMMETRIES):
            smallest = min(smallest, words[symmetry])
        out[game] = mix(smallest)


class Seen:
    """Hashes of games that were there before: eight bytes each."""

    def __init__(self) -> None:
        self._sorted = np.empty(0, np.int64)

    def first(self, hashes: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of these games, in their order, are there for the first time; from now on none of them is."""
        new, rows = np.unique(hashes, return_index=True)
        places = np.searchsorted(self._sorted, new)
        known = places < len(self._sorted)
        known[known] = self._sorted[places[known]] == new[known]
        self._sorted = np.insert(self._sorted, places[~known], new[~known])
        first = np.zeros(len(hashes), bool)
        first[rows[~known]] = True
        return first
