"""Build a position from its stones: chains and liberties of a whole board at once.

For a late position this is several times faster than playing every move that led to it.
"""

import numpy as np

from goengine.kernel.scratch import EMPTY_POINTS, shifted
from goengine.kernel.state import (
    BLACK,
    COLOUR,
    EMPTY,
    HEAD,
    LIBERTIES,
    NEXT,
    STONES,
    STONES_OF,
    WHITE,
    WORDS,
    get,
)
from goengine.util.jit import inline, lowest_bit, njit, popcount


@inline
def _stones_of(cells, sets, mask, points):
    """Write the set of all stones of each colour."""
    black = (STONES_OF + BLACK) * WORDS
    white = (STONES_OF + WHITE) * WORDS
    for i in range(WORDS):
        blacks = np.uint64(0)
        whites = np.uint64(0)
        if 64 * i < points:
            for j in range(64):
                c = np.uint64(cells[np.uintp(COLOUR + 64 * i + j)])
                blacks |= (c & np.uint64(1)) << np.uint64(j)
                whites |= ((c >> np.uint64(1)) & np.uint64(1)) << np.uint64(j)
        sets[black + i] = blacks & mask[i]
        sets[white + i] = whites & mask[i]


@inline
def _root(cells, p):
    """Return the stone at the end of the links from p."""
    while True:
        q = get(cells, HEAD + p)
        if q == p:
            return p
        p = q


@inline
def _join_neighbours(cells, sets, mask, size, points):
    """Link every stone, through HEAD, to an earlier stone of its chain; the first stone links to itself.

    Links may take several steps to reach the first stone.
    """
    shift = np.uint64(size)
    for p in range(points):
        cells[HEAD + p] = p
    for colour in range(BLACK, WHITE + 1):
        at = (STONES_OF + colour) * WORDS
        before = np.uint64(0)
        linked_before = np.uint64(0)
        for i in range((points + 63) >> 6):
            word = sets[np.uintp(at + i)]
            left = word & ((word << np.uint64(1)) | (before >> np.uint64(63))) & mask[np.uintp(WORDS + i)]
            rest = left
            while rest != np.uint64(0):
                p = 64 * i + lowest_bit(rest)
                rest &= rest - np.uint64(1)
                cells[np.uintp(HEAD + p)] = cells[np.uintp(HEAD + p - 1)]
            up = word & ((word << shift) | (before >> (np.uint64(64) - shift)))
            # In a square of four stones, the second of the two upward links is redundant.
            rest = up & ~(left & ((up << np.uint64(1)) | (linked_before >> np.uint64(63))))
            while rest != np.uint64(0):
                p = 64 * i + lowest_bit(rest)
                rest &= rest - np.uint64(1)
                a = _root(cells, p)
                b = _root(cells, p - size)
                cells[np.uintp(HEAD + max(a, b))] = min(a, b)
            before = word
            linked_before = up


@inline
def _list_chains(cells, sets, heads, points):
    """Make HEAD, NEXT and STONES final, list the heads and return the number of chains."""
    for p in range(points):
        cells[NEXT + p] = p
        cells[STONES + p] = 0
    count = 0
    for i in range((points + 63) >> 6):
        word = (
            sets[np.uintp((STONES_OF + BLACK) * WORDS + i)] | sets[np.uintp((STONES_OF + WHITE) * WORDS + i)]
        )
        while word != np.uint64(0):
            p = 64 * i + lowest_bit(word)
            word &= word - np.uint64(1)
            head = get(cells, HEAD + get(cells, HEAD + p))
            cells[np.uintp(HEAD + p)] = head
            cells[np.uintp(NEXT + p)] = cells[np.uintp(NEXT + head)]
            cells[np.uintp(NEXT + head)] = p
            cells[np.uintp(STONES + head)] += np.uint16(1)
            # Written without a branch, which the processor could not predict.
            heads[np.uintp(count)] = p
            count += head == p
    return count


@njit
def place(cells, sets, near, mask, words, heads, size):
    """Compute HEAD, NEXT, STONES, LIBERTIES and all sets but the hash from the stones in COLOUR.

    Args:
        cells: of a `Position`.
        sets: of a `Position`.
        near: of a `Position`.
        mask: see `scratch.masks`.
        words: of a `Scratch`.
        heads: ``uint16 [points]``, overwritten.
        size: the board size.
    """
    points = size * size
    shift = np.uint64(size)
    _stones_of(cells, sets, mask, points)
    _join_neighbours(cells, sets, mask, size, points)
    count = _list_chains(cells, sets, heads, points)
    for j in range(count):
        head = get(heads, j)
        for i in range(WORDS):
            sets[np.uintp(head * WORDS + i)] = 0
    black = (STONES_OF + BLACK) * WORDS
    white = (STONES_OF + WHITE) * WORDS
    for i in range(WORDS):
        words[EMPTY_POINTS + i] = mask[i] & ~(sets[black + i] | sets[white + i])
    for i in range((points + 63) >> 6):
        up, down, left, right = shifted(words, EMPTY_POINTS, i, shift)
        next_to_empty = (
            up | down | (left & mask[np.uintp(WORDS + i)]) | (right & mask[np.uintp(2 * WORDS + i)])
        )
        word = (sets[np.uintp(black + i)] | sets[np.uintp(white + i)]) & next_to_empty
        while word != np.uint64(0):
            p = 64 * i + lowest_bit(word)
            word &= word - np.uint64(1)
            at = get(cells, HEAD + p) * WORDS
            for k in range(4):
                q = get(near, 4 * p + k)
                empty = np.uint64(get(cells, COLOUR + q) == EMPTY)
                sets[np.uintp(at + (q >> 6))] |= empty << np.uint64(q & 63)
    for j in range(count):
        head = get(heads, j)
        liberties = 0
        for i in range(WORDS):
            liberties += popcount(sets[np.uintp(head * WORDS + i)])
        cells[np.uintp(LIBERTIES + head)] = liberties
