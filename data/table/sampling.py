"""Compiled functions behind sampling: a computed random permutation, and the position with a number.

The permutation of n numbers is a balanced Feistel network over the smallest power of four that is at least n,
repeated until the result is below n (Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA
2002). Round functions and hashes are the finalizer of splitmix64 (Steele, Lea and Flood, OOPSLA 2014).
"""

import numpy as np
from numpy.typing import NDArray

from goengine.util.jit import njit

ROUNDS = 6
"""Rounds of the Feistel network."""


@njit
def mix(value: np.uint64) -> np.uint64:
    """Hash a uint64 one to one, by the finalizer of splitmix64."""
    value = np.uint64(value) + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@njit
def permuted(index: int, count: int, key: np.uint64) -> np.int64:
    """Return the image of `index` under the permutation of range(count) that `key` selects."""
    half_bits = np.uint64(1)
    while (np.int64(1) << np.int64(2 * half_bits)) < count:
        half_bits += np.uint64(1)
    mask = (np.uint64(1) << half_bits) - np.uint64(1)
    value = np.uint64(index)
    while True:
        high = value >> half_bits
        low = value & mask
        for round_number in range(ROUNDS):
            hashed = mix(key + np.uint64(round_number)) ^ low
            high, low = low, high ^ (mix(hashed) & mask)
        value = (high << half_bits) | low
        if np.int64(value) < count:
            return np.int64(value)


@njit
def draw(
    first: int, count: int, key: np.uint64, positions: NDArray[np.int64], symmetries: NDArray[np.uint8]
) -> None:
    """Fill in the positions and symmetries of the samples first, first + 1, ... of a stream.

    Args:
        first: number of the first sample.
        count: number of positions in an epoch; each epoch has another permutation.
        key: selects the stream.
        positions: int64 [B], filled with position numbers.
        symmetries: uint8 [B], filled with symmetries, 0 to 7.
    """
    for row in range(len(positions)):
        sample = np.int64(first + row)
        epoch_key = mix(key ^ mix(np.uint64(sample // count)))
        positions[row] = permuted(sample % count, count, epoch_key)
        symmetries[row] = np.uint8(mix(mix(key + np.uint64(1)) ^ np.uint64(sample)) >> np.uint64(61))


@njit
def count_positions(
    moves: NDArray[np.uint16], starts: NDArray[np.int64], pass_point: int
) -> NDArray[np.int64]:
    """Return the number of each game's first position, int64 [games + 1]; the last entry is their total.

    A position is a move that is not a pass.
    """
    cumulative = np.zeros(len(starts), np.int64)
    for game in range(len(starts) - 1):
        cumulative[game + 1] = cumulative[game]
        for i in range(starts[game], starts[game + 1]):
            cumulative[game + 1] += moves[i] != pass_point
    return cumulative


@njit
def locate(
    positions: NDArray[np.int64],
    cumulative: NDArray[np.int64],
    moves: NDArray[np.uint16],
    starts: NDArray[np.int64],
    pass_point: int,
    game: NDArray[np.int64],
    ply: NDArray[np.int64],
) -> None:
    """Find the positions with these numbers.

    Args:
        positions: int64 [B], numbers of positions.
        cumulative: int64 [games + 1], from `count_positions`.
        moves: uint16 [M], the moves of all games.
        starts: int64 [games + 1], the index in `moves` at which each game starts.
        pass_point: the move that is a pass.
        game: int64 [B], filled with their games.
        ply: int64 [B], filled with the numbers of their moves in the game.
    """
    for row in range(len(positions)):
        g = np.searchsorted(cumulative, positions[row], side="right") - 1
        remaining = positions[row] - cumulative[g]
        start = starts[g]
        if cumulative[g + 1] - cumulative[g] == starts[g + 1] - start:
            ply[row] = remaining  # the game has no passes
        else:
            i = start
            while True:
                if moves[i] != pass_point:
                    if remaining == 0:
                        break
                    remaining -= 1
                i += 1
            ply[row] = i - start
        game[row] = g
