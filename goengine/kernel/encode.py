"""The 48 planes of a position, written as bits.

Most empty points are done 64 at a time with bit-sliced sums over their neighbours: those without an
own stone beside them and without a capture, and those beside an own chain with so many liberties that
nothing else matters. The rest are looked at one by one. No move is played and taken back but in ladders.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from goengine.jit import inline, lowest_bit, njit, popcount
from goengine.kernel import ladder
from goengine.kernel.moves import is_true_eye
from goengine.kernel.state import (
    COLOUR,
    EMPTY,
    HEAD,
    KO,
    LIBERTIES,
    MAX_POINTS,
    NEXT,
    OFF_BOARD,
    PLAYED,
    PLY,
    POINTS,
    RECENT,
    STONES,
    STONES_OF,
    TO_PLAY,
    WORDS,
    get,
    has,
    is_legal,
    place,
    rewind,
)

NUM_PLANES = 48
OWN_STONE, OPPONENT_STONE, EMPTY_POINT, ONES = 0, 1, 2, 3
TURNS_SINCE = 4
CHAIN_LIBERTIES = 12
CAPTURE_SIZE = 20
SELF_ATARI_SIZE = 28
LIBERTIES_AFTER = 36
LADDER_CAPTURE, LADDER_ESCAPE, SENSIBLE = 44, 45, 46

# Sets in the scratch words, each with an empty word on either side for shifts to read.
BANNED = 0
_SPAN = WORDS + 2
_OWN = BANNED + _SPAN + 1
_OPPONENT = _OWN + _SPAN
_EMPTY = _OPPONENT + _SPAN
_IN_ATARI = _EMPTY + _SPAN  # opponent's stones with one liberty
_RICH = _IN_ATARI + _SPAN  # own stones with nine liberties or more
_LEGAL = _RICH + _SPAN
_NO_CAPTURE = _LEGAL + _SPAN
_ONE_BY_ONE = _NO_CAPTURE + _SPAN
_EYE_SHAPE = _ONE_BY_ONE + _SPAN
_FREE = _EYE_SHAPE + _SPAN  # 1, 2, 3, 4 empty neighbours
_AFTER_8 = _FREE + 4 * _SPAN
_OLD = _AFTER_8 + _SPAN
_UNION = _OLD + _SPAN
_WORDS = _UNION + _SPAN

PACKED_WORDS = (NUM_PLANES * MAX_POINTS + 63) // 64


# Scratch, a thread's own: words, sets of points; bits, the planes; moves, lists of moves and of chains.
_CHAINS = ladder.MOVES_SIZE  # in moves: opponent's chains with two liberties, then own chains in atari
_ROOTS = _CHAINS + 2 * MAX_POINTS  # then the escapes to try


def new_words() -> NDArray[np.uint64]:
    """Scratch for sets of points. The first WORDS hold the points that superko forbids."""
    return np.zeros(_WORDS, np.uint64)


def new_bits() -> NDArray[np.uint64]:
    """Space for the planes of one position."""
    return np.zeros(PACKED_WORDS + WORDS + 1, np.uint64)


def new_moves() -> NDArray[np.uint16]:
    """Scratch for lists of moves and chains."""
    return np.zeros(_ROOTS + MAX_POINTS, np.uint16)


@cache
def masks(size: int) -> NDArray[np.uint64]:
    """Sets of points that a board size fixes: all, all but column 0, all but the last: uint64 [3 * WORDS]."""
    columns = np.tile(np.arange(size), size)
    bits = np.zeros((3, WORDS * 64), np.uint8)
    bits[:, : size * size] = np.ones(size * size), columns > 0, columns < size - 1
    return np.packbits(bits, axis=1, bitorder="little").view(np.uint64).ravel()


@inline
def _set_bit(bits, i):
    bits[np.uintp(i >> 6)] |= np.uint64(1) << np.uint64(i & 63)


@inline
def _put(bits, plane, points, words, at):
    """Write a set of points as one plane."""
    start = plane * points
    low = np.uint64(start & 63)
    high = np.uint64(63 - (start & 63))
    start >>= 6
    for i in range((points + 63) >> 6):
        word = words[np.uintp(at + i)]
        bits[np.uintp(start + i)] |= word << low
        bits[np.uintp(start + i + 1)] |= (word >> np.uint64(1)) >> high


@njit
def _stones(cells, sets, words, bits, moves):
    """Planes 0-19. Fills the sets of stones and lists the chains whose ladders are to be read.

    Returns how many opponent's chains have two liberties (listed from 0) and how many own chains are in
    atari (listed from MAX_POINTS).
    """
    points = get(cells, POINTS)
    own = get(cells, TO_PLAY)
    for i in range(WORDS):
        words[_OWN + i] = sets[np.uintp((STONES_OF + own) * WORDS + i)]
        words[_OPPONENT + i] = sets[np.uintp((STONES_OF + 3 - own) * WORDS + i)]
        words[_OLD + i] = words[_OWN + i] | words[_OPPONENT + i]
        words[_IN_ATARI + i] = 0
        words[_RICH + i] = 0

    ply = get(cells, PLY)
    for age in range(1, min(7, ply) + 1):
        when = ply - age + 1
        p = get(cells, RECENT + (when & 7))
        if p < points and get(cells, COLOUR + p) != EMPTY and get(cells, PLAYED + p) == when:
            _set_bit(bits, (TURNS_SINCE + age - 1) * points + p)
            words[np.uintp(_OLD + (p >> 6))] ^= np.uint64(1) << np.uint64(p & 63)
    _put(bits, TURNS_SINCE + 7, points, words, _OLD)

    short = 0
    in_atari = 0
    for i in range((points + 63) >> 6):
        word = words[np.uintp(_OPPONENT + i)]
        while word != np.uint64(0):
            p = 64 * i + lowest_bit(word)
            lowest = word & (~word + np.uint64(1))
            word ^= lowest
            head = get(cells, HEAD + p)
            liberties = get(cells, LIBERTIES + head)
            _set_bit(bits, (CHAIN_LIBERTIES + min(liberties, 8) - 1) * points + p)
            if liberties == 1:
                words[np.uintp(_IN_ATARI + i)] |= lowest
            elif liberties == 2 and head == p:
                moves[np.uintp(_CHAINS + short)] = head
                short += 1
        word = words[np.uintp(_OWN + i)]
        while word != np.uint64(0):
            p = 64 * i + lowest_bit(word)
            lowest = word & (~word + np.uint64(1))
            word ^= lowest
            head = get(cells, HEAD + p)
            liberties = get(cells, LIBERTIES + head)
            _set_bit(bits, (CHAIN_LIBERTIES + min(liberties, 8) - 1) * points + p)
            if liberties > 8:
                words[np.uintp(_RICH + i)] |= lowest
            elif liberties == 1 and head == p:
                moves[np.uintp(_CHAINS + MAX_POINTS + in_atari)] = head
                in_atari += 1
    return short, in_atari


@inline
def _shift(words, at, i, size):
    """Word i of a set seen from its points' upper, lower, left and right neighbours, edges not masked."""
    word = words[at + i]
    before = words[at + i - 1]
    after = words[at + i + 1]
    up = (word << size) | (before >> (np.uint64(64) - size))
    down = (word >> size) | (after << (np.uint64(64) - size))
    left = (word << np.uint64(1)) | (before >> np.uint64(63))
    right = (word >> np.uint64(1)) | (after << np.uint64(63))
    return up, down, left, right


@njit
def _empty_points(words, mask, size, suicide):
    """Sort the empty points into sets by what surrounds them."""
    shift = np.uint64(size)
    for i in range(WORDS):
        words[_EMPTY + i] = mask[i] & ~(words[_OWN + i] | words[_OPPONENT + i])
    for i in range(WORDS):
        empty = words[_EMPTY + i]
        inner_left = mask[WORDS + i]
        inner_right = mask[2 * WORDS + i]

        up, down, left, right = _shift(words, _OWN, i, shift)
        beside_own = up | down | (left & inner_left) | (right & inner_right)
        up, down, left, right = _shift(words, _RICH, i, shift)
        beside_rich = up | down | (left & inner_left) | (right & inner_right)
        up, down, left, right = _shift(words, _IN_ATARI, i, shift)
        captures = up | down | (left & inner_left) | (right & inner_right)
        up, down, left, right = _shift(words, _OPPONENT, i, shift)
        beside_opponent = up | down | (left & inner_left) | (right & inner_right)

        up, down, left, right = _shift(words, _EMPTY, i, shift)
        left &= inner_left
        right &= inner_right
        odd_rows = up ^ down
        odd_columns = left ^ right
        both_rows = up & down
        both_columns = left & right
        ones = odd_rows ^ odd_columns
        twos = (both_rows ^ both_columns) | (odd_rows & odd_columns)
        free = up | down | left | right

        allowed = empty & ~words[BANNED + i]
        simple = allowed & ~beside_own & ~captures
        rich = allowed & beside_rich & ~captures
        legal = simple if suicide else simple & free
        words[_FREE + i] = simple & ones & ~twos
        words[_FREE + _SPAN + i] = simple & twos & ~ones
        words[_FREE + 2 * _SPAN + i] = simple & twos & ones
        words[_FREE + 3 * _SPAN + i] = simple & both_rows & both_columns
        words[_AFTER_8 + i] = rich
        words[_NO_CAPTURE + i] = legal | rich
        words[_LEGAL + i] = legal | rich
        words[_ONE_BY_ONE + i] = allowed & (beside_own | captures) & ~rich
        words[_EYE_SHAPE + i] = empty & ~free & ~beside_opponent


@inline
def _liberties_of_merger(cells, sets, near, words, p, own, heads, head_count, captured_heads, captured_count):
    """How many liberties, at most 8, a stone on p has that joins `heads` and captures `captured_heads`."""
    for i in range(WORDS):
        words[_UNION + i] = 0
    for k in range(4):
        q = get(near, 4 * p + k)
        if get(cells, COLOUR + q) == EMPTY:
            words[np.uintp(_UNION + (q >> 6))] |= np.uint64(1) << np.uint64(q & 63)
    for j in range(head_count):
        for i in range(WORDS):
            words[_UNION + i] |= sets[np.uintp(heads[j] * WORDS + i)]
    words[np.uintp(_UNION + (p >> 6))] &= ~(np.uint64(1) << np.uint64(p & 63))
    count = 0
    for i in range(WORDS):
        count += popcount(words[_UNION + i])
    # A captured stone beside the merged chain leaves it a liberty.
    for j in range(captured_count):
        q = captured_heads[j]
        while count < 8:
            for k in range(4):
                r = get(near, 4 * q + k)
                beside = r == p
                if get(cells, COLOUR + r) == own:
                    h = get(cells, HEAD + r)
                    for n in range(head_count):
                        beside = beside or h == heads[n]
                if beside:
                    count += 1
                    break
            q = get(cells, NEXT + q)
            if q == captured_heads[j]:
                break
    return min(count, 8)


@inline
def _among(head, heads, count):
    """Whether a head is one of the first `count`."""
    found = False
    for j in range(4):
        found = found or (j < count and heads[j] == head)
    return found


@njit
def _one_point(cells, sets, near, words, bits, p, suicide):
    """Planes 20-43 of an empty point beside an own stone or a capture. Returns whether it is legal."""
    if p == get(cells, KO):
        return False
    points = get(cells, POINTS)
    own = get(cells, TO_PLAY)
    heads = (0, 0, 0, 0)
    head_count = 0
    captured_heads = (0, 0, 0, 0)
    captured_count = 0
    captured = 0
    stones = 1
    most = 0
    for k in range(4):
        q = get(near, 4 * p + k)
        c = get(cells, COLOUR + q)
        if c in (EMPTY, OFF_BOARD):
            continue
        h = get(cells, HEAD + q)
        liberties = get(cells, LIBERTIES + h)
        if c == own:
            if not _among(h, heads, head_count):
                heads = (h, heads[0], heads[1], heads[2])
                head_count += 1
                stones += get(cells, STONES + h)
                most = max(most, liberties)
        elif liberties == 1 and not _among(h, captured_heads, captured_count):
            captured_heads = (h, captured_heads[0], captured_heads[1], captured_heads[2])
            captured_count += 1
            captured += get(cells, STONES + h)

    if most > 8:
        after = 8
    elif captured == 0 and head_count == 1:
        after = most - 1
        for k in range(4):
            q = get(near, 4 * p + k)
            if get(cells, COLOUR + q) == EMPTY and not has(sets, heads[0], q):
                after += 1
        after = min(after, 8)
    else:
        after = _liberties_of_merger(
            cells, sets, near, words, p, own, heads, head_count, captured_heads, captured_count
        )
    if after == 0 and not suicide:
        return False
    _set_bit(bits, (CAPTURE_SIZE + min(captured, 7)) * points + p)
    if after > 0:
        _set_bit(bits, (LIBERTIES_AFTER + after - 1) * points + p)
    if after == 1:
        _set_bit(bits, (SELF_ATARI_SIZE + min(stones, 8) - 1) * points + p)
    return True


@inline
def _may_play(cells, near, words, p, colour):
    banned = (words[np.uintp(BANNED + (p >> 6))] >> np.uint64(p & 63)) & np.uint64(1)
    return banned == np.uint64(0) and is_legal(cells, near, p, colour, False)


@njit
def _ladder_captures(cells, sets, near, log, words, bits, moves, count):
    """Plane 44, for the listed opponent's chains with two liberties."""
    points = get(cells, POINTS)
    own = get(cells, TO_PLAY)
    for j in range(count):
        head = get(moves, _CHAINS + j)
        a = ladder.first_liberty(sets, head)
        b = ladder.last_liberty(sets, head)
        for k in range(2):
            m = a if k == 0 else b
            e = b if k == 0 else a
            i = LADDER_CAPTURE * points + m
            if (bits[np.uintp(i >> 6)] >> np.uint64(i & 63)) & np.uint64(1) != np.uint64(0):
                continue
            if ladder.atari_works(cells, near, m, e, 3 - own) and _may_play(cells, near, words, m, own):
                place(cells, sets, near, log, m, own, True)
                if ladder.read(cells, sets, near, log, head, 1, moves)[0]:
                    _set_bit(bits, i)
                rewind(cells, sets, log, 1)


@njit
def _ladder_escapes(cells, sets, near, log, words, bits, moves, count):
    """Plane 45, for the listed own chains in atari."""
    points = get(cells, POINTS)
    own = get(cells, TO_PLAY)
    for j in range(count):
        head = get(moves, _CHAINS + MAX_POINTS + j)
        n = ladder.defences(cells, sets, near, head, moves, _ROOTS)
        for k in range(n):
            m = get(moves, _ROOTS + k)
            if _may_play(cells, near, words, m, own):
                place(cells, sets, near, log, m, own, True)
                liberties = get(cells, LIBERTIES + get(cells, HEAD + head))
                if liberties > 2 or (
                    liberties == 2 and not ladder.read(cells, sets, near, log, head, 1, moves)[0]
                ):
                    _set_bit(bits, LADDER_ESCAPE * points + m)
                rewind(cells, sets, log, 1)


@njit
def encode(cells, sets, near, log, mask, words, bits, moves, size, suicide):
    """Write the 48 planes of a position, for the player to move, into bits.

    Bit plane * points + p is point p of a plane. Points in the set BANNED count as illegal.
    """
    points = get(cells, POINTS)
    own = get(cells, TO_PLAY)
    for i in range(((NUM_PLANES * points + 63) >> 6) + 1):
        bits[np.uintp(i)] = 0
    short, in_atari = _stones(cells, sets, words, bits, moves)
    _empty_points(words, mask, size, suicide)

    for i in range((points + 63) >> 6):
        word = words[np.uintp(_ONE_BY_ONE + i)]
        while word != np.uint64(0):
            lowest = word & (~word + np.uint64(1))
            if _one_point(cells, sets, near, words, bits, 64 * i + lowest_bit(word), suicide):
                words[np.uintp(_LEGAL + i)] |= lowest
            word ^= lowest

    _put(bits, OWN_STONE, points, words, _OWN)
    _put(bits, OPPONENT_STONE, points, words, _OPPONENT)
    _put(bits, EMPTY_POINT, points, words, _EMPTY)
    _put(bits, ONES, points, mask, 0)
    _put(bits, CAPTURE_SIZE, points, words, _NO_CAPTURE)
    _put(bits, SELF_ATARI_SIZE, points, words, _FREE)
    for k in range(4):
        _put(bits, LIBERTIES_AFTER + k, points, words, _FREE + k * _SPAN)
    _put(bits, LIBERTIES_AFTER + 7, points, words, _AFTER_8)

    for i in range((points + 63) >> 6):
        word = words[np.uintp(_EYE_SHAPE + i)]
        while word != np.uint64(0):
            lowest = word & (~word + np.uint64(1))
            if is_true_eye(cells, near, 64 * i + lowest_bit(word), own):
                words[np.uintp(_LEGAL + i)] &= ~lowest
            word ^= lowest
    _put(bits, SENSIBLE, points, words, _LEGAL)

    _ladder_captures(cells, sets, near, log, words, bits, moves, short)
    _ladder_escapes(cells, sets, near, log, words, bits, moves, in_atari)
