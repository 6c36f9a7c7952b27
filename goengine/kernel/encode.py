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
    LOG_START,
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
    put_stone,
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
_OLD = _EMPTY + _SPAN
_IN_ATARI = _OLD + _SPAN  # opponent's stones with one liberty
_BESIDE_OWN = _IN_ATARI + _SPAN  # liberties of own chains
_BESIDE_RICH = _BESIDE_OWN + _SPAN  # liberties of own chains with nine or more
_BESIDE_TWO = _BESIDE_RICH + _SPAN  # liberties of two own chains or more
_LEGAL = _BESIDE_TWO + _SPAN
_NO_CAPTURE = _LEGAL + _SPAN
_BESIDE_ONE = _NO_CAPTURE + _SPAN  # to be done chain by chain
_ONE_BY_ONE = _BESIDE_ONE + _SPAN
_EYE_SHAPE = _ONE_BY_ONE + _SPAN
_NEW = _EYE_SHAPE + _SPAN  # empty points that a chain does not have as liberties
_AFTER = _NEW + _SPAN  # 1, 2, ..., 8 liberties after a move
_WORDS = _AFTER + 8 * _SPAN

PACKED_WORDS = (NUM_PLANES * MAX_POINTS + 63) // 64


# Scratch, a thread's own: words, sets of points; bits, the planes; moves, lists of moves and of chains.
_SHORT = ladder.MOVES_SIZE  # in moves: the opponent's chains with two liberties,
_CHAINS = _SHORT + MAX_POINTS  # then own chains,
_ROOTS = _CHAINS + MAX_POINTS  # then the escapes to try


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

    Returns how many opponent's chains have two liberties and how many own chains there are, both listed in
    moves.
    """
    points = get(cells, POINTS)
    own = get(cells, TO_PLAY)
    for i in range(WORDS):
        words[_OWN + i] = sets[np.uintp((STONES_OF + own) * WORDS + i)]
        words[_OPPONENT + i] = sets[np.uintp((STONES_OF + 3 - own) * WORDS + i)]
        words[_OLD + i] = words[_OWN + i] | words[_OPPONENT + i]
        words[_IN_ATARI + i] = 0
        words[_BESIDE_OWN + i] = 0
        words[_BESIDE_RICH + i] = 0
        words[_BESIDE_TWO + i] = 0

    ply = get(cells, PLY)
    for age in range(1, min(7, ply) + 1):
        when = ply - age + 1
        p = get(cells, RECENT + (when & 7))
        if p < points and get(cells, COLOUR + p) != EMPTY and get(cells, PLAYED + p) == when:
            _set_bit(bits, (TURNS_SINCE + age - 1) * points + p)
            words[np.uintp(_OLD + (p >> 6))] ^= np.uint64(1) << np.uint64(p & 63)
    _put(bits, TURNS_SINCE + 7, points, words, _OLD)

    short = 0
    chains = 0
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
                moves[np.uintp(_SHORT + short)] = head
                short += 1
        word = words[np.uintp(_OWN + i)]
        while word != np.uint64(0):
            p = 64 * i + lowest_bit(word)
            lowest = word & (~word + np.uint64(1))
            word ^= lowest
            head = get(cells, HEAD + p)
            liberties = get(cells, LIBERTIES + head)
            _set_bit(bits, (CHAIN_LIBERTIES + min(liberties, 8) - 1) * points + p)
            if head == p:
                moves[np.uintp(_CHAINS + chains)] = head
                chains += 1
                for n in range(WORDS):
                    beside = sets[np.uintp(head * WORDS + n)]
                    words[_BESIDE_TWO + n] |= words[_BESIDE_OWN + n] & beside
                    words[_BESIDE_OWN + n] |= beside
                    if liberties > 8:
                        words[_BESIDE_RICH + n] |= beside
    return short, chains


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


@inline
def _add(a, b, c, d):
    """Add four bits, 64 times over: the ones, the twos, and where all four are set."""
    ab = a ^ b
    cd = c ^ d
    both_ab = a & b
    both_cd = c & d
    return ab ^ cd, (both_ab ^ both_cd) | (ab & cd), both_ab & both_cd


@njit
def _empty_points(words, mask, size, suicide):
    """Sort the empty points into sets by what surrounds them, and do those that no own chain is beside."""
    shift = np.uint64(size)
    for i in range(WORDS):
        words[_EMPTY + i] = mask[i] & ~(words[_OWN + i] | words[_OPPONENT + i])
    for i in range(WORDS):
        empty = words[_EMPTY + i]
        inner_left = mask[WORDS + i]
        inner_right = mask[2 * WORDS + i]
        up, down, left, right = _shift(words, _IN_ATARI, i, shift)
        captures = up | down | (left & inner_left) | (right & inner_right)
        up, down, left, right = _shift(words, _OPPONENT, i, shift)
        beside_opponent = up | down | (left & inner_left) | (right & inner_right)
        up, down, left, right = _shift(words, _EMPTY, i, shift)
        left &= inner_left
        right &= inner_right
        ones, twos, four = _add(up, down, left, right)
        free = ones | twos | four

        allowed = empty & ~words[BANNED + i]
        plain = allowed & ~captures
        simple = plain & ~words[_BESIDE_OWN + i]
        rich = plain & words[_BESIDE_RICH + i]
        words[_AFTER + i] = simple & ones & ~twos
        words[_AFTER + _SPAN + i] = simple & twos & ~ones
        words[_AFTER + 2 * _SPAN + i] = simple & twos & ones
        words[_AFTER + 3 * _SPAN + i] = simple & four
        for k in range(4, 7):
            words[_AFTER + k * _SPAN + i] = 0
        words[_AFTER + 7 * _SPAN + i] = rich
        words[_NO_CAPTURE + i] = rich | (simple if suicide else simple & free)
        words[_BESIDE_ONE + i] = plain & words[_BESIDE_OWN + i] & ~(words[_BESIDE_TWO + i] | rich)
        words[_ONE_BY_ONE + i] = allowed & (captures | words[_BESIDE_TWO + i]) & ~rich
        words[_EYE_SHAPE + i] = empty & ~free & ~beside_opponent


@njit
def _beside_one_chain(cells, sets, words, bits, moves, chains, mask, size, suicide):
    """Planes 28-43, and the set of moves without capture, where a move extends just one own chain.

    The chain loses one liberty and gains the move's empty neighbours that were not its liberties.
    """
    shift = np.uint64(size)
    points = size * size
    for j in range(chains):
        head = get(moves, _CHAINS + j)
        liberties = get(cells, LIBERTIES + head)
        if liberties > 8:
            continue
        for i in range(WORDS):
            words[_NEW + i] = words[_EMPTY + i] & ~sets[np.uintp(head * WORDS + i)]
        row = _AFTER + (liberties - 2) * _SPAN
        for i in range((points + 63) >> 6):
            extends = sets[np.uintp(head * WORDS + i)] & words[_BESIDE_ONE + i]
            if extends == np.uint64(0):
                continue
            up, down, left, right = _shift(words, _NEW, i, shift)
            left &= mask[WORDS + i]
            right &= mask[2 * WORDS + i]
            ones, twos, four = _add(up, down, left, right)
            none = extends & ~(ones | twos | four)
            if liberties > 1:
                words[np.uintp(row + i)] |= none
            elif not suicide:
                extends ^= none
            words[np.uintp(_NO_CAPTURE + i)] |= extends
            words[np.uintp(min(row + _SPAN, _AFTER + 7 * _SPAN) + i)] |= extends & ones & ~twos
            words[np.uintp(min(row + 2 * _SPAN, _AFTER + 7 * _SPAN) + i)] |= extends & twos & ~ones
            words[np.uintp(min(row + 3 * _SPAN, _AFTER + 7 * _SPAN) + i)] |= extends & twos & ones
            if liberties < 3:
                self_atari = extends & ones & ~twos if liberties == 1 else none
                stones = min(get(cells, STONES + head) + 1, 8)
                while self_atari != np.uint64(0):
                    p = 64 * i + lowest_bit(self_atari)
                    self_atari &= self_atari - np.uint64(1)
                    _set_bit(bits, (SELF_ATARI_SIZE + stones - 1) * points + p)


@inline
def _left_by_captures(cells, near, p, own, heads, captured, limit):
    """How many stones of a captured chain lie beside p or the chains `heads`, counted up to a limit."""
    count = 0
    q = captured
    while count < limit:
        for k in range(4):
            r = get(near, 4 * q + k)
            if r == p or (get(cells, COLOUR + r) == own and get(cells, HEAD + r) in heads):
                count += 1
                break
        q = get(cells, NEXT + q)
        if q == captured:
            break
    return count


@njit
def _one_point(cells, sets, near, bits, p, suicide):
    """Planes 20-43 of an empty point where chains join or stones fall. Returns whether it is legal."""
    if p == get(cells, KO):
        return False
    own = get(cells, TO_PLAY)
    heads = (-1, -1, -1, -1)
    taken = (-1, -1, -1, -1)
    captured = 0
    stones = 1
    for k in range(4):
        q = get(near, 4 * p + k)
        c = get(cells, COLOUR + q)
        if c in (EMPTY, OFF_BOARD):
            continue
        h = get(cells, HEAD + q)
        if c == own:
            if h not in heads:
                heads = (h, heads[0], heads[1], heads[2])
                stones += get(cells, STONES + h)
        elif get(cells, LIBERTIES + h) == 1 and h not in taken:
            taken = (h, taken[0], taken[1], taken[2])
            captured += get(cells, STONES + h)

    # The liberties of all the chains but p, then p's empty neighbours, then what the captures leave.
    after = 0
    if heads[0] >= 0:
        a = heads[0] * WORDS
        b = a if heads[1] < 0 else heads[1] * WORDS
        c = a if heads[2] < 0 else heads[2] * WORDS
        d = a if heads[3] < 0 else heads[3] * WORDS
        for i in range(WORDS):
            after += popcount(
                sets[np.uintp(a + i)] | sets[np.uintp(b + i)] | sets[np.uintp(c + i)] | sets[np.uintp(d + i)]
            )
        after -= 1
    for k in range(4):
        q = get(near, 4 * p + k)
        if get(cells, COLOUR + q) == EMPTY:
            known = False
            for h in heads:
                known = known or (h >= 0 and has(sets, h, q))
            after += not known
    if captured > 0:
        for h in taken:
            if h >= 0:
                after += _left_by_captures(cells, near, p, own, heads, h, 8)
    if after == 0 and not suicide:
        return False
    points = get(cells, POINTS)
    _set_bit(bits, (CAPTURE_SIZE + min(captured, 7)) * points + p)
    if after > 0:
        _set_bit(bits, (LIBERTIES_AFTER + min(after, 8) - 1) * points + p)
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
        head = get(moves, _SHORT + j)
        a = ladder.first_liberty(sets, head)
        b = ladder.last_liberty(sets, head)
        for k in range(2):
            m = a if k == 0 else b
            e = b if k == 0 else a
            i = LADDER_CAPTURE * points + m
            if (bits[np.uintp(i >> 6)] >> np.uint64(i & 63)) & np.uint64(1) != np.uint64(0):
                continue
            if ladder.atari_works(cells, near, m, e, 3 - own) and _may_play(cells, near, words, m, own):
                put_stone(cells, sets, near, log, m, own, True)
                if ladder.read(cells, sets, near, log, head, 1, moves)[0]:
                    _set_bit(bits, i)
                rewind(cells, sets, log, LOG_START)


@njit
def _ladder_escapes(cells, sets, near, log, words, bits, moves, count):
    """Plane 45, for those of the listed own chains that are in atari."""
    points = get(cells, POINTS)
    own = get(cells, TO_PLAY)
    for j in range(count):
        head = get(moves, _CHAINS + j)
        if get(cells, LIBERTIES + head) > 1:
            continue
        n = ladder.defences(cells, sets, near, head, moves, _ROOTS)
        for k in range(n):
            m = get(moves, _ROOTS + k)
            if _may_play(cells, near, words, m, own):
                put_stone(cells, sets, near, log, m, own, True)
                liberties = get(cells, LIBERTIES + get(cells, HEAD + head))
                if liberties > 2 or (
                    liberties == 2 and not ladder.read(cells, sets, near, log, head, 1, moves)[0]
                ):
                    _set_bit(bits, LADDER_ESCAPE * points + m)
                rewind(cells, sets, log, LOG_START)


@njit
def encode(cells, sets, near, log, mask, words, bits, moves, size, suicide):
    """Write the 48 planes of a position, for the player to move, into bits.

    Bit plane * points + p is point p of a plane. Points in the set BANNED count as illegal.
    """
    points = get(cells, POINTS)
    own = get(cells, TO_PLAY)
    for i in range(((NUM_PLANES * points + 63) >> 6) + 1):
        bits[np.uintp(i)] = 0
    short, chains = _stones(cells, sets, words, bits, moves)
    _empty_points(words, mask, size, suicide)
    _put(bits, SELF_ATARI_SIZE, points, words, _AFTER)
    _beside_one_chain(cells, sets, words, bits, moves, chains, mask, size, suicide)
    for k in range(8):
        _put(bits, LIBERTIES_AFTER + k, points, words, _AFTER + k * _SPAN)
    for i in range(WORDS):
        words[_LEGAL + i] = words[_NO_CAPTURE + i]
    for i in range((points + 63) >> 6):
        word = words[np.uintp(_ONE_BY_ONE + i)]
        while word != np.uint64(0):
            lowest = word & (~word + np.uint64(1))
            if _one_point(cells, sets, near, bits, 64 * i + lowest_bit(word), suicide):
                words[np.uintp(_LEGAL + i)] |= lowest
            word ^= lowest

    _put(bits, OWN_STONE, points, words, _OWN)
    _put(bits, OPPONENT_STONE, points, words, _OPPONENT)
    _put(bits, EMPTY_POINT, points, words, _EMPTY)
    _put(bits, ONES, points, mask, 0)
    _put(bits, CAPTURE_SIZE, points, words, _NO_CAPTURE)

    for i in range((points + 63) >> 6):
        word = words[np.uintp(_EYE_SHAPE + i)]
        while word != np.uint64(0):
            lowest = word & (~word + np.uint64(1))
            if is_true_eye(cells, near, 64 * i + lowest_bit(word), own):
                words[np.uintp(_LEGAL + i)] &= ~lowest
            word ^= lowest
    _put(bits, SENSIBLE, points, words, _LEGAL)

    _ladder_captures(cells, sets, near, log, words, bits, moves, short)
    _ladder_escapes(cells, sets, near, log, words, bits, moves, chains)
