"""Hashes of games that are the same under the 8 symmetries of the board."""

import numpy as np
from numpy.typing import NDArray

from goengine.data.table.sampling import mix
from goengine.kernel.replay import WHITE_SETUP, GameArrays, Games
from goengine.points import NUM_SYMMETRIES, symmetry_tables
from goengine.util.jit import njit

_MULTIPLIER = 0xD6E8FEB86659FD93  # odd, from Pelle Evensen's mixer rrxmrrxmsx_0


def game_hashes(games: Games) -> NDArray[np.int64]:
    """Return one hash per game, int64 [G], evenly distributed.

    Two games have the same hash if they have the same board size, setup stones, first player and moves
    (passes included) under one of the eight symmetries. Komi, players and everything else do not count.
    Different games collide with a probability of 2**-64.

    Splits depend on these hashes: they must never change.
    """
    out = np.empty(len(games), np.uint64)
    _game_hashes(symmetry_tables(games.size), games.arrays, out)
    return out.view(np.int64)  # not all readers of Parquet have unsigned types


@njit
def _game_hashes(images: NDArray[np.uint16], games: GameArrays, out: NDArray[np.uint64]) -> None:
    """Fill `out` with the smallest of each game's 8 hashes; `images` are from `symmetry_tables`."""
    size, moves, move_starts, setup, setup_starts, first_player = games
    multiplier = np.uint64(_MULTIPLIER)
    half = np.uint64(32)
    words = np.empty(NUM_SYMMETRIES, np.uint64)
    for game in range(len(first_player)):
        for symmetry in range(NUM_SYMMETRIES):
            # Setup stones have no order, so their hashes are added.
            word = mix(np.uint64(size * 4 + first_player[game]))
            for i in range(setup_starts[game], setup_starts[game + 1]):
                colour = setup[i] & WHITE_SETUP
                point = images[symmetry, setup[i] & (WHITE_SETUP - 1)]
                word += mix(np.uint64(1 << 20) + np.uint64(colour) + np.uint64(point))
            words[symmetry] = word
        for i in range(move_starts[game], move_starts[game + 1]):
            move = moves[i]
            for symmetry in range(NUM_SYMMETRIES):
                word = (words[symmetry] ^ np.uint64(images[symmetry, move])) * multiplier
                words[symmetry] = word ^ (word >> half)
        smallest = words[0]
        for symmetry in range(1, NUM_SYMMETRIES):
            smallest = min(smallest, words[symmetry])
        out[game] = mix(smallest)


class SeenHashes:
    """A set of hashes, eight bytes each."""

    def __init__(self) -> None:
        self._sorted = np.empty(0, np.int64)

    def add(self, hashes: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Add hashes [N]; return which of them are new, bool [N]: not in the set, nor earlier in `hashes`."""
        unique, rows = np.unique(hashes, return_index=True)
        places = np.searchsorted(self._sorted, unique)
        known = places < len(self._sorted)
        known[known] = self._sorted[places[known]] == unique[known]
        self._sorted = np.insert(self._sorted, places[~known], unique[~known])
        is_new = np.zeros(len(hashes), bool)
        is_new[rows[~known]] = True
        return is_new
