"""Recognise the same game: a hash that is equal under all symmetries of the board."""

import numpy as np
from numpy.typing import NDArray

from goengine.data.table.permutation import mix
from goengine.kernel.replay import Games
from goengine.points import NUM_SYMMETRIES, symmetry_tables
from goengine.util.jit import njit

_STEP = 0xD6E8FEB86659FD93  # odd multiplier, from Pelle Evensen's mixer rrxmrrxmsx_0


def game_hashes(games: Games) -> NDArray[np.int64]:
    """Return a hash of each game, uniformly distributed.

    Two games have the same hash if they have the same board size, setup stones, first player and moves,
    including passes, under one of the eight symmetries of the board; any other two games with probability
    2**-64. Komi, names of players and all else do not count.

    Returns:
        ``int64 [G]``, a type that all readers of Parquet support.
    """
    out = np.empty(len(games), np.uint64)
    _game_hashes(symmetry_tables(games.size), games.arrays, out)
    return out.view(np.int64)


@njit
def _game_hashes(images, games, out):
    """Write the hash of each game of a `GameArrays`; images: of `points.symmetry_tables`."""
    size, moves, move_starts, setup, setup_starts, first_player = games
    step = np.uint64(_STEP)
    half = np.uint64(32)
    words = np.empty(NUM_SYMMETRIES, np.uint64)
    for game in range(len(first_player)):
        for symmetry in range(NUM_SYMMETRIES):
            # Setup stones have no order, so their values are summed.
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
    """A set of game hashes, eight bytes each."""

    def __init__(self) -> None:
        self._sorted = np.empty(0, np.int64)

    def first(self, hashes: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which hashes occur for the first time, and add all of them to the set.

        Args:
            hashes: ``int64 [G]``.

        Returns:
            ``bool [G]``; of equal hashes, only the first can be new.
        """
        new, rows = np.unique(hashes, return_index=True)
        places = np.searchsorted(self._sorted, new)
        known = places < len(self._sorted)
        known[known] = self._sorted[places[known]] == new[known]
        self._sorted = np.insert(self._sorted, places[~known], new[~known])
        first = np.zeros(len(hashes), bool)
        first[rows[~known]] = True
        return first
