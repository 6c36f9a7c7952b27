"""Encode a position as 48 planes, one bit a point.

Empty points are sorted into sets by their neighbours, 64 points at a time. A whole set is encoded at once if
no own chain is next to its points, or one with more than eight liberties; moves that extend one own chain are
encoded chain by chain; only moves that join chains or capture stones are encoded point by point. No move is
played except to read ladders.
"""

import numpy as np

from goengine.kernel import ladder
from goengine.kernel.moves import is_true_eye
from goengine.kernel.scratch import (
    AFTER_MOVE,
    BANNED,
    EMPTY_POINTS,
    ESCAPES,
    EXTENSIONS,
    EYE_SHAPE,
    IN_ATARI,
    LEGAL_POINTS,
    MANY_LIBERTIES,
    NEW_LIBERTIES,
    NO_CAPTURE,
    NUM_PLANES,
    OLD_STONES,
    ONE_BY_ONE,
    OPPONENT_STONES,
    OWN_CHAINS,
    OWN_LIBERTIES,
    OWN_STONES,
    SHARED_LIBERTIES,
    SHORT_CHAINS,
    SPAN,
    Scratch,
    add_bits,
    put_plane,
    set_bit,
    shifted,
)
from goengine.kernel.state import (
    COLOUR,
    EMPTY,
    HEAD,
    KO,
    LIBERTIES,
    LOG_START,
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
    Position,
    get,
    has,
    is_legal,
    put_stone,
    rewind,
)
from goengine.util.jit import inline, lowest_bit, njit, popcount

# The first plane of each group; see `game.planes`.
OWN_STONE, OPPONENT_STONE, EMPTY_POINT, ONES = 0, 1, 2, 3
TURNS_SINCE = 4
CHAIN_LIBERTIES = 12
CAPTURE_SIZE = 20
SELF_ATARI_SIZE = 28
LIBERTIES_AFTER = 36
LADDER_CAPTURE, LADDER_ESCAPE, SENSIBLE = 44, 45, 46


@njit
def _encode_stones(position, scratch):
    """Write planes 4-19 and the sets of stones and own liberties; list the chains whose ladders are read.

    Returns:
        The number of opponent's chains with two liberties, and the number of own chains. Both kinds are
        listed in `scratch.moves`.
    """
    cells, sets, _ = position
    _, words, bits, moves = scratch
    points = get(cells, POINTS)
    own = get(cells, TO_PLAY)
    for i in range(WORDS):
        words[OWN_STONES + i] = sets[np.uintp((STONES_OF + own) * WORDS + i)]
        words[OPPONENT_STONES + i] = sets[np.uintp((STONES_OF + 3 - own) * WORDS + i)]
        words[OLD_STONES + i] = words[OWN_STONES + i] | words[OPPONENT_STONES + i]
        words[IN_ATARI + i] = 0
        words[OWN_LIBERTIES + i] = 0
        words[MANY_LIBERTIES + i] = 0
        words[SHARED_LIBERTIES + i] = 0

    ply = get(cells, PLY)
    for age in range(1, min(7, ply) + 1):
        when = ply - age + 1
        p = get(cells, RECENT + (when & 7))
        if p < points and get(cells, COLOUR + p) != EMPTY and get(cells, PLAYED + p) == when:
            set_bit(bits, (TURNS_SINCE + age - 1) * points + p)
            words[np.uintp(OLD_STONES + (p >> 6))] ^= np.uint64(1) << np.uint64(p & 63)
    put_plane(bits, TURNS_SINCE + 7, points, words, OLD_STONES)

    short = 0
    chains = 0
    for i in range((points + 63) >> 6):
        word = words[np.uintp(OPPONENT_STONES + i)]
        while word != np.uint64(0):
            p = 64 * i + lowest_bit(word)
            lowest = word & (~word + np.uint64(1))
            word ^= lowest
            head = get(cells, HEAD + p)
            liberties = get(cells, LIBERTIES + head)
            set_bit(bits, (CHAIN_LIBERTIES + min(liberties, 8) - 1) * points + p)
            words[np.uintp(IN_ATARI + i)] |= lowest if liberties == 1 else np.uint64(0)
            moves[np.uintp(SHORT_CHAINS + short)] = p
            short += head == p and liberties == 2
        word = words[np.uintp(OWN_STONES + i)]
        while word != np.uint64(0):
            p = 64 * i + lowest_bit(word)
            lowest = word & (~word + np.uint64(1))
            word ^= lowest
            head = get(cells, HEAD + p)
            liberties = get(cells, LIBERTIES + head)
            set_bit(bits, (CHAIN_LIBERTIES + min(liberties, 8) - 1) * points + p)
            moves[np.uintp(OWN_CHAINS + chains)] = p
            chains += head == p
    for j in range(chains):
        head = get(moves, OWN_CHAINS + j)
        many = get(cells, LIBERTIES + head) > 8
        for n in range(WORDS):
            own_liberties = sets[np.uintp(head * WORDS + n)]
            words[SHARED_LIBERTIES + n] |= words[OWN_LIBERTIES + n] & own_liberties
            words[OWN_LIBERTIES + n] |= own_liberties
            if many:
                words[MANY_LIBERTIES + n] |= own_liberties
    return short, chains


@njit
def _sort_empty_points(words, mask, size, suicide):
    """Sort the empty points into sets by their neighbours, and encode those that no own chain is next to."""
    shift = np.uint64(size)
    for i in range(WORDS):
        words[EMPTY_POINTS + i] = mask[i] & ~(words[OWN_STONES + i] | words[OPPONENT_STONES + i])
    for i in range(WORDS):
        empty = words[EMPTY_POINTS + i]
        inner_left = mask[WORDS + i]
        inner_right = mask[2 * WORDS + i]
        up, down, left, right = shifted(words, IN_ATARI, i, shift)
        captures = up | down | (left & inner_left) | (right & inner_right)
        up, down, left, right = shifted(words, OPPONENT_STONES, i, shift)
        next_to_opponent = up | down | (left & inner_left) | (right & inner_right)
        up, down, left, right = shifted(words, EMPTY_POINTS, i, shift)
        left &= inner_left
        right &= inner_right
        ones, twos, four = add_bits(up, down, left, right)
        free = ones | twos | four

        allowed = empty & ~words[BANNED + i]
        plain = allowed & ~captures
        simple = plain & ~words[OWN_LIBERTIES + i]
        many = plain & words[MANY_LIBERTIES + i]
        words[AFTER_MOVE + i] = simple & ones & ~twos
        words[AFTER_MOVE + SPAN + i] = simple & twos & ~ones
        words[AFTER_MOVE + 2 * SPAN + i] = simple & twos & ones
        words[AFTER_MOVE + 3 * SPAN + i] = simple & four
        for k in range(4, 7):
            words[AFTER_MOVE + k * SPAN + i] = 0
        words[AFTER_MOVE + 7 * SPAN + i] = many
        words[NO_CAPTURE + i] = many | (simple if suicide else simple & free)
        words[EXTENSIONS + i] = plain & words[OWN_LIBERTIES + i] & ~(words[SHARED_LIBERTIES + i] | many)
        words[ONE_BY_ONE + i] = allowed & (captures | words[SHARED_LIBERTIES + i]) & ~many
        words[EYE_SHAPE + i] = empty & ~free & ~next_to_opponent


@njit
def _encode_extensions(position, mask, scratch, chains, size, suicide):
    """Write planes 28-43 for moves that extend exactly one own chain, and add these to the set NO_CAPTURE.

    The chain loses one liberty, and gains the empty neighbours of the move that were not its liberties.
    chains: the number of own chains in `scratch.moves`.
    """
    cells, sets, _ = position
    _, words, bits, moves = scratch
    shift = np.uint64(size)
    points = size * size
    for j in range(chains):
        head = get(moves, OWN_CHAINS + j)
        liberties = get(cells, LIBERTIES + head)
        if liberties > 8:
            continue
        for i in range(WORDS):
            words[NEW_LIBERTIES + i] = words[EMPTY_POINTS + i] & ~sets[np.uintp(head * WORDS + i)]
        row = AFTER_MOVE + (liberties - 2) * SPAN
        for i in range((points + 63) >> 6):
            extends = sets[np.uintp(head * WORDS + i)] & words[EXTENSIONS + i]
            if extends == np.uint64(0):
                continue
            up, down, left, right = shifted(words, NEW_LIBERTIES, i, shift)
            left &= mask[WORDS + i]
            right &= mask[2 * WORDS + i]
            ones, twos, four = add_bits(up, down, left, right)
            none = extends & ~(ones | twos | four)
            if liberties > 1:
                words[np.uintp(row + i)] |= none
            elif not suicide:
                extends ^= none
            words[np.uintp(NO_CAPTURE + i)] |= extends
            words[np.uintp(min(row + SPAN, AFTER_MOVE + 7 * SPAN) + i)] |= extends & ones & ~twos
            words[np.uintp(min(row + 2 * SPAN, AFTER_MOVE + 7 * SPAN) + i)] |= extends & twos & ~ones
            words[np.uintp(min(row + 3 * SPAN, AFTER_MOVE + 7 * SPAN) + i)] |= extends & twos & ones
            if liberties < 3:
                self_atari = extends & ones & ~twos if liberties == 1 else none
                stones = min(get(cells, STONES + head) + 1, 8)
                while self_atari != np.uint64(0):
                    p = 64 * i + lowest_bit(self_atari)
                    self_atari &= self_atari - np.uint64(1)
                    set_bit(bits, (SELF_ATARI_SIZE + stones - 1) * points + p)


@inline
def _liberties_by_capture(cells, near, p, own, heads, captured, limit):
    """Count the stones of a captured chain that are next to p or the chains `heads`, up to a limit."""
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
def _encode_point(cells, sets, near, bits, p, suicide):
    """Write planes 20-43 for a move that joins chains or captures stones; return whether it is legal."""
    if p == get(cells, KO):
        return False
    own = get(cells, TO_PLAY)
    heads = (-1, -1, -1, -1)
    captured_heads = (-1, -1, -1, -1)
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
        elif get(cells, LIBERTIES + h) == 1 and h not in captured_heads:
            captured_heads = (h, captured_heads[0], captured_heads[1], captured_heads[2])
            captured += get(cells, STONES + h)

    # Liberties of the joined chains other than p, then empty neighbours of p, then captured stones.
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
        for h in captured_heads:
            if h >= 0:
                after += _liberties_by_capture(cells, near, p, own, heads, h, 8)
    if after == 0 and not suicide:
        return False
    points = get(cells, POINTS)
    set_bit(bits, (CAPTURE_SIZE + min(captured, 7)) * points + p)
    if after > 0:
        set_bit(bits, (LIBERTIES_AFTER + min(after, 8) - 1) * points + p)
    if after == 1:
        set_bit(bits, (SELF_ATARI_SIZE + min(stones, 8) - 1) * points + p)
    return True


@inline
def _may_play(cells, near, words, p, colour):
    """Return whether a move is legal, superko included."""
    banned = (words[np.uintp(BANNED + (p >> 6))] >> np.uint64(p & 63)) & np.uint64(1)
    return banned == np.uint64(0) and is_legal(cells, near, p, colour, False)


@njit
def _encode_ladder_captures(position, scratch, count):
    """Write plane 44, for the first `count` listed opponent's chains, which have two liberties."""
    cells, sets, near = position
    log, words, bits, moves = scratch
    points = get(cells, POINTS)
    own = get(cells, TO_PLAY)
    for j in range(count):
        head = get(moves, SHORT_CHAINS + j)
        a, b = ladder.two_liberties(sets, head)
        for k in range(2):
            m = a if k == 0 else b
            e = b if k == 0 else a
            i = LADDER_CAPTURE * points + m
            if (bits[np.uintp(i >> 6)] >> np.uint64(i & 63)) & np.uint64(1) != np.uint64(0):
                continue
            liberties = ladder.liberties_after_atari(cells, sets, near, head, m, e)
            if liberties < 3 and _may_play(cells, near, words, m, own):
                put_stone(cells, sets, near, log, m, own, True)
                if ladder.is_captured(cells, sets, near, log, moves, head, 1):
                    set_bit(bits, i)
                rewind(cells, sets, log, LOG_START)


@njit
def _encode_ladder_escapes(position, scratch, count):
    """Write plane 45, for those of the first `count` listed own chains that are in atari."""
    cells, sets, near = position
    log, words, bits, moves = scratch
    points = get(cells, POINTS)
    own = get(cells, TO_PLAY)
    for j in range(count):
        head = get(moves, OWN_CHAINS + j)
        if get(cells, LIBERTIES + head) > 1:
            continue
        n = ladder.defences(cells, sets, near, head, ladder.first_liberty(sets, head), moves, ESCAPES)
        for k in range(n):
            m = get(moves, ESCAPES + k)
            if _may_play(cells, near, words, m, own):
                if k == n - 1:
                    # The extension, last in the list: mostly its liberties are known without playing it.
                    liberties = ladder.extension(cells, near, m, own)
                    if liberties == 3:
                        set_bit(bits, LADDER_ESCAPE * points + m)
                    if liberties in (0, 1, 3):
                        continue
                put_stone(cells, sets, near, log, m, own, True)
                liberties = get(cells, LIBERTIES + get(cells, HEAD + head))
                if liberties > 2 or (
                    liberties == 2 and not ladder.is_captured(cells, sets, near, log, moves, head, 1)
                ):
                    set_bit(bits, LADDER_ESCAPE * points + m)
                rewind(cells, sets, log, LOG_START)


@njit
def encode(position, mask, scratch, size, suicide):
    """Write the 48 planes of a position, for the player to move, into `scratch.bits`.

    Args:
        position: a `Position`; its ladders are read on it, and it is unchanged when the function returns.
        mask: see `scratch.masks`.
        scratch: a `Scratch`. Points in its set BANNED count as illegal.
        size: the board size.
        suicide: whether suicide is legal.
    """
    cells, sets, near = position
    _, words, bits, _ = scratch
    points = get(cells, POINTS)
    own = get(cells, TO_PLAY)
    for i in range(((NUM_PLANES * points + 63) >> 6) + 1):
        bits[np.uintp(i)] = 0
    short, chains = _encode_stones(position, scratch)
    _sort_empty_points(words, mask, size, suicide)
    put_plane(bits, SELF_ATARI_SIZE, points, words, AFTER_MOVE)
    _encode_extensions(position, mask, scratch, chains, size, suicide)
    for k in range(8):
        put_plane(bits, LIBERTIES_AFTER + k, points, words, AFTER_MOVE + k * SPAN)
    for i in range(WORDS):
        words[LEGAL_POINTS + i] = words[NO_CAPTURE + i]
    for i in range((points + 63) >> 6):
        word = words[np.uintp(ONE_BY_ONE + i)]
        while word != np.uint64(0):
            lowest = word & (~word + np.uint64(1))
            if _encode_point(cells, sets, near, bits, 64 * i + lowest_bit(word), suicide):
                words[np.uintp(LEGAL_POINTS + i)] |= lowest
            word ^= lowest

    put_plane(bits, OWN_STONE, points, words, OWN_STONES)
    put_plane(bits, OPPONENT_STONE, points, words, OPPONENT_STONES)
    put_plane(bits, EMPTY_POINT, points, words, EMPTY_POINTS)
    put_plane(bits, ONES, points, mask, 0)
    put_plane(bits, CAPTURE_SIZE, points, words, NO_CAPTURE)

    for i in range((points + 63) >> 6):
        word = words[np.uintp(EYE_SHAPE + i)]
        while word != np.uint64(0):
            lowest = word & (~word + np.uint64(1))
            if is_true_eye(cells, near, 64 * i + lowest_bit(word), own):
                words[np.uintp(LEGAL_POINTS + i)] &= ~lowest
            word ^= lowest
    put_plane(bits, SENSIBLE, points, words, LEGAL_POINTS)

    _encode_ladder_captures(position, scratch, short)
    _encode_ladder_escapes(position, scratch, chains)


@njit
def encode_position(position, mask, scratch, size, suicide):
    """Do as `encode`, for a call from Python: numba accepts plain tuples 1 us faster than NamedTuples.

    Args:
        position: a tuple of the items of a `Position`.
        mask: see `scratch.masks`.
        scratch: a tuple of the items of a `Scratch`.
        size: the board size.
        suicide: whether suicide is legal.
    """
    encode(Position(*position), mask, Scratch(*scratch), size, suicide)
