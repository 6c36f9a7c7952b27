"""A random order over n things that is computed, not stored; and which position is the k-th of a table.

The order is a balanced Feistel network over the smallest power of four that is not below n, walked
along its cycle until it lands below n (Black and Rogaway, "Ciphers with arbitrary finite domains",
CT-RSA 2002).
Round functions and hashes are the finalizer of splitmix64 (Steele, Lea and Flood, OOPSLA 2014).
"""

import numpy as np

from goengine.util.jit import njit

ROUNDS = 6


@njit
def mix(value):
    """Scramble a uint64, one to one: the finalizer of splitmix64."""
    value = np.uint64(value) + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@njit
def permuted(index, count, key):
    """Where the order named `key` (uint64) puts `index`, of `count` things: int64 in [0, count)."""
    half_bits = np.uint64(1)
    while (np.int64(1) << np.int64(2 * half_bits)) < count:
        half_bits += np.uint64(1)
    mask = (np.uint64(1) << half_bits) - np.uint64(1)
    value = np.uint64(index)
    while True:
        left = value >> half_bits
        right = value & mask
        for round_number in range(ROUNDS):
            turned = mix(key + np.uint64(round_number)) ^ right
            left, right = right, left ^ (mix(turned) & mask)
        value = (left << half_bits) | right
        if np.int64(value) < count:
            return np.int64(value)


@njit
def count_positions(moves, starts, pass_point):
    """Where each game's positions start when all are numbered through: int64 [games + 1].

    A position is a move that is no pass; the last entry is the number of all.
    """
    cumulative = np.zeros(len(starts), np.int64)
    for game in range(len(starts) - 1):
        cumulative[game + 1] = cumulative[game]
        for i in range(starts[game], starts[game + 1]):
            cumulative[game + 1] += moves[i] != pass_point
    return cumulative


@njit
def locate(positions, cumulative, moves, starts, pass_point, game, ply):
    """Fill game and ply (int64 [B]) of the positions with these numbers (int64 [B])."""
    for row in range(len(positions)):
        found = np.searchsorted(cumulative, positions[row], side="right") - 1
        left = positions[row] - cumulative[found]
        start = starts[found]
        if cumulative[found + 1] - cumulative[found] == starts[found + 1] - start:
            ply[row] = left  # a game without passes
        else:
            i = start
            while True:
                if moves[i] != pass_point:
                    if left == 0:
                        break
                    left -= 1
                i += 1
            ply[row] = i - start
        game[row] = found


@njit
def draw(first, count, key, positions, symmetries):
    """Fill positions (int64 [B]) and symmetries (uint8 [B]) of the samples first, first + 1, ... of a stream.

    `count` positions make an epoch, each epoch in an order of its own.
    """
    for row in range(len(positions)):
        sample = np.int64(first + row)
        epoch_key = mix(key ^ mix(np.uint64(sample // count)))
        positions[row] = permuted(sample % count, count, epoch_key)
        symmetries[row] = np.uint8(mix(mix(key + np.uint64(1)) ^ np.uint64(sample)) >> np.uint64(61))
