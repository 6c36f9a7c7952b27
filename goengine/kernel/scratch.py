"""Memory for encoding positions: sets of points, packed planes and lists; and bit operations on them."""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from goengine.kernel.ladder import MOVES_SIZE
from goengine.kernel.state import MAX_POINTS, WORDS, new_log
from goengine.util.jit import inline

NUM_PLANES = 48

# Where each set begins in `Scratch.words`. `shifted` reads an empty word on either side of a set.
BANNED = 0  # points that superko forbids; set by the caller
SPAN = WORDS + 2
OWN_STONES = BANNED + SPAN + 1
OPPONENT_STONES = OWN_STONES + SPAN
EMPTY_POINTS = OPPONENT_STONES + SPAN
OLD_STONES = EMPTY_POINTS + SPAN  # stones that are not of the last seven plies
IN_ATARI = OLD_STONES + SPAN  # opponent's stones with one liberty
OWN_LIBERTIES = IN_ATARI + SPAN  # liberties of own chains
MANY_LIBERTIES = OWN_LIBERTIES + SPAN  # liberties of own chains that have nine or more
SHARED_LIBERTIES = MANY_LIBERTIES + SPAN  # liberties of two or more own chains
LEGAL_POINTS = SHARED_LIBERTIES + SPAN
NO_CAPTURE = LEGAL_POINTS + SPAN  # legal moves that capture nothing
EXTENSIONS = NO_CAPTURE + SPAN  # moves that extend exactly one own chain, of at most eight liberties
ONE_BY_ONE = EXTENSIONS + SPAN  # moves that join chains or capture
EYE_SHAPE = ONE_BY_ONE + SPAN  # empty points whose neighbours are all own stones
NEW_LIBERTIES = EYE_SHAPE + SPAN  # empty points that are not liberties of the chain being encoded
AFTER_MOVE = NEW_LIBERTIES + SPAN  # eight sets: moves that leave 1, 2, ..., 8 or more liberties
_WORDS = AFTER_MOVE + 8 * SPAN

PACKED_WORDS = (NUM_PLANES * MAX_POINTS + 63) // 64

# Where each list begins in `Scratch.moves`, after those of the ladder search.
SHORT_CHAINS = MOVES_SIZE  # the opponent's chains with two liberties
OWN_CHAINS = SHORT_CHAINS + MAX_POINTS
ESCAPES = OWN_CHAINS + MAX_POINTS  # moves that may save a chain


class Scratch(NamedTuple):
    """Memory that one thread needs to encode positions; no value is kept from one position to the next.

    Attributes:
        log: ``uint64 [LOG_WORDS]``, what reading ladders has changed on the board; see `kernel.state`.
        words: uint64, sets of points at the indices above.
        bits: uint64, the planes of a position: bit plane * points + p is point p of a plane.
        moves: uint16, lists of moves and of heads of chains at the indices above.
    """

    log: NDArray[np.uint64]
    words: NDArray[np.uint64]
    bits: NDArray[np.uint64]
    moves: NDArray[np.uint16]


def new_scratch() -> Scratch:
    """Return the memory that one thread needs to encode positions of any size."""
    return Scratch(
        log=new_log(),
        words=np.zeros(_WORDS, np.uint64),
        bits=np.zeros(PACKED_WORDS + WORDS + 1, np.uint64),
        moves=np.zeros(ESCAPES + MAX_POINTS, np.uint16),
    )


@cache
def masks(size: int) -> NDArray[np.uint64]:
    """Return three sets of points of a board: all, all but the first column, all but the last.

    Returns:
        ``uint64 [3 * WORDS]``, read-only.
    """
    columns = np.tile(np.arange(size), size)
    bits = np.zeros((3, WORDS * 64), np.uint8)
    bits[:, : size * size] = np.ones(size * size), columns > 0, columns < size - 1
    words = np.packbits(bits, axis=1, bitorder="little").view(np.uint64).ravel()
    words.flags.writeable = False
    return words


@inline
def set_bit(bits, i):
    """Set bit i of an array of uint64 words."""
    bits[np.uintp(i >> 6)] |= np.uint64(1) << np.uint64(i & 63)


@inline
def put_plane(bits, plane, points, words, at):
    """Add a set of points, words[at : at + WORDS], to a plane of bits."""
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
    """Return word i of a set of points, shifted to each of the four sides.

    Bit p of the results says whether the upper, lower, left and right neighbour of p is in the set. The left
    and right results hold points across the edge, which the caller masks (see `masks`).
    """
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
    """Add four bits in each of 64 positions.

    Returns:
        The ones, the twos and the fours of the sums.
    """
    ab = a ^ b
    cd = c ^ d
    both_ab = a & b
    both_cd = c & d
    return ab ^ cd, (both_ab ^ both_cd) | (ab & cd), both_ab & both_cd
