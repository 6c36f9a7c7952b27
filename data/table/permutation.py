"""Random permutations of n numbers, computed instead of stored; and the k-th position of a table.

A permutation is a balanced Feistel network over the smallest power of four that is at least n, applied again
until the result is below n (cycle walking; Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA
2002). Its round function is the finalizer of splitmix64 (Steele, Lea and Flood, OOPSLA 2014).
"""

import numpy as np

from goengine.util.jit import njit

ROUNDS = 6


@njit
def mix(value):
    """Return a pseudorandom uint64 for each uint64, all different: the finalizer of splitmix64."""
    value = np.uint64(value) + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@njit
def permuted(index, count, key):
    """Return the image of `index` under the permutation of 0 to count - 1 that `key` selects.

    Args:
        index: int64 in [0, count).
        count: int64.
        key: uint64.
    """
    half_bits = np.uint64(1)
    while (np.int64(1) << np.int64(2 * half_bits)) < count:
        half_bits += np.uint64(1)
    mask = (np.uint64(1) << half_bits) - np.uint64(1)
    value = np.uint64(index)
    while True:
        left = value >> half_bits
        right = value & mask
        for round_number in range(ROUNDS):
            keyed = mix(key + np.uint64(round_number)) ^ right
            left, right = right, left ^ (mix(keyed) & mask)
        value = (left << half_bits) | right
        if np.int64(value) < count:
            return np.int64(value)


@njit
def count_positions(moves, starts, pass_point):
    """Return the number of positions before each game.

    A position is a move other than a pass.

    Args:
        moves: ``uint16 [M]``, see `kernel.replay.Games`.
        starts: ``int64 [games + 1]``, where the moves of each game begin.
        pass_point: the move that is a pass.

    Returns:
        ``int64 [games + 1]``; the last entry is the total.
    """
    cumulative = np.zeros(len(starts), np.int64)
    for game in range(len(starts) - 1):
        cumulative[game + 1] = cumulative[game]
        for i in range(starts[game], starts[game + 1]):
            cumulative[game + 1] += moves[i] != pass_point
    return cumulative


@njit
def locate(positions, cumulative, moves, starts, pass_point, game, ply):
    """Find the positions with these numbers, in the order of the table.

    Args:
        positions: ``int64 [B]``.
        cumulative: from `count_positions`.
        moves: as for `count_positions`.
        starts: as for `count_positions`.
        pass_point: the move that is a pass.
        game: ``int64 [B]``, written.
        ply: ``int64 [B]``, written.
    """
    for row in range(len(positions)):
        g = np.searchsorted(cumulative, positions[row], side="right") - 1
        remaining = positions[row] - cumulative[g]
        start = starts[g]
        if cumulative[g + 1] - cumulative[g] == starts[g + 1] - start:
            ply[row] = remaining  # a game without passes
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


@njit
def draw(first, count, key, positions, symmetries):
    """Draw the samples first, first + 1, ... of an endless stream.

    An epoch is `count` samples, every position once. Each epoch has a different permutation.

    Args:
        first: the number of the first sample.
        count: the number of positions.
        key: uint64, selects the stream.
        positions: ``int64 [B]``, written.
        symmetries: ``uint8 [B]``, written: 0 to 7.
    """
    for row in range(len(positions)):
        sample = np.int64(first + row)
        epoch_key = mix(key ^ mix(np.uint64(sample // count)))
        positions[row] = permuted(sample % count, count, epoch_key)
        symmetries[row] = np.uint8(mix(mix(key + np.uint64(1)) ^ np.uint64(sample)) >> np.uint64(61))
