"""Scratch space of one encoding thread: sets of points, packed planes, lists; and the bit work on them.

words  uint64  sets of points, WORDS words each, at the indices below
bits   uint64  the planes of one position: bit plane * points + p is point p of a plane
moves  uint16  lists of moves and of chains' heads, at the indices below
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from goengine.kernel.ladder import MOVES_SIZE
from goengine.kernel.state import MAX_POINTS, WORDS
from goengine.util.jit import inline

NUM_PLANES = 48

# Sets in the scratch words, each with an empty word on either side for shifts to read.
BANNED = 0
SPAN = WORDS + 2
OWN_STONES = BANNED + SPAN + 1
OPPONENT_STONES = OWN_STONES + SPAN
EMPTY_POINTS = OPPONENT_STONES + SPAN
OLD_STONES = EMPTY_POINTS + SPAN
IN_ATARI = OLD_STONES + SPAN  # opponent's stones with one liberty
BESIDE_OWN = IN_ATARI + SPAN  # liberties of own chains
BESIDE_RICH = BESIDE_OWN + SPAN  # liberties of own chains with nine or more
BESIDE_TWO = BESIDE_RICH + SPAN  # liberties of two own chains or more
LEGAL_POINTS = BESIDE_TWO + SPAN
NO_CAPTURE = LEGAL_POINTS + SPAN
BESIDE_ONE = NO_CAPTURE + SPAN  # to be done chain by chain
ONE_BY_ONE = BESIDE_ONE + SPAN
EYE_SHAPE = ONE_BY_ONE + SPAN
NEW_LIBERTIES = EYE_SHAPE + SPAN  # empty points that a chain does not have as liberties
AFTER_MOVE = NEW_LIBERTIES + SPAN  # 1, 2, ..., 8 liberties after a move
_WORDS = AFTER_MOVE + 8 * SPAN

PACKED_WORDS = (NUM_PLANES * MAX_POINTS + 63) // 64

# Lists in the scratch moves, after those of the ladder search.
SHORT_CHAINS = MOVES_SIZE  # the opponent's chains with two liberties
OWN_CHAINS = SHORT_CHAINS + MAX_POINTS
ESCAPES = OWN_CHAINS + MAX_POINTS  # moves that may save a chain


def new_words() -> NDArray[np.uint64]:
    """Scratch for sets of points. The first WORDS hold the points that superko forbids."""
    return np.zeros(_WORDS, np.uint64)


def new_bits() -> NDArray[np.uint64]:
    """Space for the planes of one position."""
    return np.zeros(PACKED_WORDS + WORDS + 1, np.uint64)


def new_moves() -> NDArray[np.uint16]:
    """Scratch for lists of moves and chains."""
    return np.zeros(ESCAPES + MAX_POINTS, np.uint16)


@cache
def masks(size: int) -> NDArray[np.uint64]:
    """Sets of points that a board size fixes: all, all but column 0, all but the last: uint64 [3 * WORDS]."""
    columns = np.tile(np.arange(size), size)
    bits = np.zeros((3, WORDS * 64), np.uint8)
    bits[:, : size * size] = np.ones(size * size), columns > 0, columns < size - 1
    return np.packbits(bits, axis=1, bitorder="little").view(np.uint64).ravel()


@inline
def set_bit(bits, i):
    bits[np.uintp(i >> 6)] |= np.uint64(1) << np.uint64(i & 63)


@inline
def put_plane(bits, plane, points, words, at):
    """Write a set of points as one plane."""
    start = plane * points
    low = np.uint64(start & 63)
    high = np.uint64(63 - (start & 63))
    start >>= 6
    for i in range((points + 63) >> 6):
        word = words[np.uintp(at + i)]
        bits[np.uintp(start + i)] |= word << low
        bits[np.uintp(start + i + 1)] |= (word >> np.uint64(1)) >> high


@inline
def shifted(words, at, i, size):
    """Word i of a set seen from its points' upper, lower, left and right neighbours, edges not masked."""
    word = words[at + i]
    before = words[at + i - 1]
    after = words[at + i + 1]
    up = (word << size) | (before >> (np.uint64(64) - size))
    down = (word >> size) | (after << (np.uint64(64) - size))
    left = (word << np.uint64(1)) | (before >> np.uint64(63))
    right = (word >> np.uint64(1)) | (after << np.uint64(63))
    return up, down, left, right


@inline
def add_bits(a, b, c, d):
    """Add four bits, 64 times over: the ones, the twos, and where all four are set."""
    ab = a ^ b
    cd = c ^ d
    both_ab = a & b
    both_cd = c & d
    return ab ^ cd, (both_ab ^ both_cd) | (ab & cd), both_ab & both_cd
