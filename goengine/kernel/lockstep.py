"""Many games played in lockstep: one row of every array is one game's position (see kernel.state).

Repetition is looked up in a hash table a game: uint64 [slots], open addressing, 0 for a free slot. The
empty board's hash is 0, and every game begins there. Beside it stand sets of the points where each colour
ever had a stone: uint64 [3 * WORDS], by colour.

An action is a point, or size * size for a pass.
"""

import numpy as np

from goengine.kernel.encode import encode
from goengine.kernel.moves import drop_true_eyes, hash_after
from goengine.kernel.scratch import BANNED, EMPTY_POINTS, LEGAL_POINTS, shifted
from goengine.kernel.state import (
    CELLS,
    COLOUR,
    HASH,
    HEAD,
    HEADER,
    PLY,
    POINTS,
    RECENT,
    SET_WORDS,
    STONES_OF,
    STRIDE,
    TO_PLAY,
    WORDS,
    advance,
    clear,
    get,
    is_legal,
)
from goengine.util.jit import inline, lowest_bit, njit

ONGOING, ENDED, ILLEGAL = 0, 1, 2  # ENDED: by a second pass in a row; ILLEGAL: nothing was done


@inline
def _slot_of(seen, value):
    """Where a hash is in a game's table, or the free slot where it would go."""
    last = len(seen) - 1
    slot = np.int64(value & np.uint64(last))
    while seen[slot] != np.uint64(0) and seen[slot] != value:
        slot = (slot + 1) & last
    return slot


@njit
def _is_new(cells, sets, near, seen, p, colour):
    """Whether a play makes a position that never stood on the board."""
    value = hash_after(cells, sets, near, p, colour)
    return value != np.uint64(0) and seen[_slot_of(seen, value)] != value


@njit
def _may_play(cells, sets, near, seen, p, colour, suicide, superko):
    """Whether the rules allow a play on a point of the board."""
    legal = is_legal(cells, near, p, colour, suicide)
    if legal and superko:
        legal = _is_new(cells, sets, near, seen, p, colour)
    return legal


@njit
def begin(cells, sets, seen, stood, points, rows):
    """Empty the boards of these rows, Black to play."""
    for row in rows:
        clear(cells[row], sets[row], points)
        seen[row, :] = 0
        stood[row, :] = 0


@njit
def play(cells, sets, near, log, seen, stood, suicide, superko, record, rows, actions, status):
    """Play one action on each of these rows' boards.

    actions: int64 [n]. Written: status, uint8 [n]; the action into record, uint16 [games, plies].
    """
    for i in range(len(rows)):
        row = rows[i]
        action = actions[i]
        its_cells, its_sets, its_seen = cells[row], sets[row], seen[row]
        points = get(its_cells, POINTS)
        colour = get(its_cells, TO_PLAY)
        if action == points:
            ply = get(its_cells, PLY)
            twice = ply > 0 and get(its_cells, RECENT + (ply & 7)) == points
            status[i] = ENDED if twice else ONGOING
        elif not 0 <= action < points or not _may_play(
            its_cells, its_sets, near, its_seen, action, colour, suicide, superko
        ):
            status[i] = ILLEGAL
            continue
        else:
            status[i] = ONGOING
        record[row, get(its_cells, PLY)] = action
        advance(its_cells, its_sets, near, log, action, colour)
        if superko and action != points:
            value = its_sets[HASH]
            its_seen[_slot_of(its_seen, value)] = value
            stood[row, colour * WORDS + (action >> 6)] |= np.uint64(1) << np.uint64(action & 63)


@njit
def _find_legal(cells, sets, near, mask, words, size, seen, stood, suicide, superko):
    """Fill the sets LEGAL_POINTS, and BANNED with what only superko forbids."""
    colour = get(cells, TO_PLAY)
    for i in range(WORDS):
        words[BANNED + i] = 0
        stones = sets[np.uintp((STONES_OF + 1) * WORDS + i)] | sets[np.uintp((STONES_OF + 2) * WORDS + i)]
        words[EMPTY_POINTS + i] = mask[i] & ~stones
    for i in range(WORDS):
        up, down, left, right = shifted(words, EMPTY_POINTS, i, np.uint64(size))
        free = up | down | (left & mask[WORDS + i]) | (right & mask[2 * WORDS + i])
        legal = words[np.uintp(EMPTY_POINTS + i)] & free
        crowded = words[np.uintp(EMPTY_POINTS + i)] & ~free
        suicides = np.uint64(0)
        while crowded != np.uint64(0):
            p = 64 * i + lowest_bit(crowded)
            lowest = crowded & (~crowded + np.uint64(1))
            crowded ^= lowest
            if is_legal(cells, near, p, colour, False):
                legal |= lowest
            elif suicide and is_legal(cells, near, p, colour, True):
                suicides |= lowest
        legal |= suicides
        if superko:
            # But by a suicide, a position is only made again where this colour had a stone before.
            word = legal & (stood[np.uintp(colour * WORDS + i)] | suicides)
            while word != np.uint64(0):
                lowest = word & (~word + np.uint64(1))
                if not _is_new(cells, sets, near, seen, 64 * i + lowest_bit(word), colour):
                    legal ^= lowest
                    words[np.uintp(BANNED + i)] |= lowest
                word ^= lowest
        words[np.uintp(LEGAL_POINTS + i)] = legal


@inline
def _put_legal(words, points, out):
    """Write the set LEGAL_POINTS as a mask of actions, of which passing is always one."""
    for p in range(points):
        out[p] = (words[np.uintp(LEGAL_POINTS + (p >> 6))] >> np.uint64(p & 63)) & np.uint64(1)
    out[points] = 1


@njit
def legal_actions(cells, sets, near, mask, words, size, seen, stood, suicide, superko, rows, out):
    """Write what each of these rows' players may do: int8 [n, points + 1] of 0 and 1, passing always."""
    for i in range(len(rows)):
        row = rows[i]
        _find_legal(cells[row], sets[row], near, mask, words, size, seen[row], stood[row], suicide, superko)
        _put_legal(words, size * size, out[i])


@inline
def _fetch(cells, sets, points, its_cells, its_sets):
    """Copy what is in use of a position."""
    for table in range(0, HEADER, STRIDE):
        for j in range(table, table + points + 1):
            its_cells[np.uintp(j)] = cells[np.uintp(j)]
    for j in range(HEADER, CELLS):
        its_cells[np.uintp(j)] = cells[np.uintp(j)]
    for w in range((STONES_OF + 1) * WORDS, SET_WORDS):
        its_sets[np.uintp(w)] = sets[np.uintp(w)]
    for i in range((points + 63) >> 6):
        stones = its_sets[(STONES_OF + 1) * WORDS + i] | its_sets[(STONES_OF + 2) * WORDS + i]
        while stones != np.uint64(0):
            p = 64 * i + lowest_bit(stones)
            stones &= stones - np.uint64(1)
            if get(its_cells, HEAD + p) == p:
                for w in range(p * WORDS, (p + 1) * WORDS):
                    its_sets[np.uintp(w)] = sets[np.uintp(w)]


@inline
def _unpack(bits, out):
    """Write bits as bytes of 0 and 1, the lowest first."""
    packed, unpacked = bits.view(np.uint8), out.view(np.uint8)
    for w in range(len(unpacked) >> 3):
        byte = packed[np.uintp(w)]
        for j in range(8):
            unpacked[np.uintp(8 * w + j)] = (byte >> np.uint8(j)) & np.uint8(1)


@njit
def observe(
    cells,
    sets,
    near,
    log,
    mask,
    words,
    bits,
    moves,
    here,
    size,
    seen,
    stood,
    suicide,
    superko,
    rows,
    legal,
    unpacked,
    out,
):
    """`legal_actions`, and these rows' planes: uint64 [n, words] of bits, or, unpacked, of bytes of 0 and 1.

    here: cells and sets of one position. Rows are copied there before they are looked at from all sides: of
    many games, most lie in no near cache, and reading a row through costs less than its misses one by one.
    """
    points = size * size
    its_cells, its_sets = here
    for i in range(len(rows)):
        row = rows[i]
        _fetch(cells[row], sets[row], points, its_cells, its_sets)
        _find_legal(its_cells, its_sets, near, mask, words, size, seen[row], stood[row], suicide, superko)
        _put_legal(words, points, legal[i])
        encode(its_cells, its_sets, near, log, mask, words, bits, moves, size, suicide)
        if unpacked:
            _unpack(bits, out[i])
        else:
            for w in range(out.shape[1]):
                out[i, w] = bits[w]


@njit
def board_planes(cells, rows, legal, out):
    """Write five planes of each row's position: uint8 [n, 5, points]; see goengine.env.options."""
    for i in range(len(rows)):
        row = rows[i]
        points = get(cells[row], POINTS)
        own = get(cells[row], TO_PLAY)
        ply = get(cells[row], PLY)
        passed = ply > 0 and get(cells[row], RECENT + (ply & 7)) == points
        for p in range(points):
            colour = get(cells[row], COLOUR + p)
            out[i, 0, p] = colour == own
            out[i, 1, p] = colour == 3 - own
            out[i, 2, p] = legal[i, p]
            out[i, 3, p] = own == 1
            out[i, 4, p] = passed


@njit
def random_actions(cells, near, rows, legal, draws, out):
    """Draw a legal point that is no true eye of the player's own, or a pass where there is none.

    draws: float64 [n], from 0 to below 1. out: int64 [n].
    """
    mask = np.empty(legal.shape[1] - 1, np.bool_)
    for i in range(len(rows)):
        its_cells = cells[rows[i]]
        points = get(its_cells, POINTS)
        for p in range(points):
            mask[p] = legal[i, p]
        drop_true_eyes(its_cells, near, mask)
        left = np.int64(draws[i] * mask.sum())
        out[i] = points
        for p in range(points):
            if mask[p]:
                if left == 0:
                    out[i] = p
                    break
                left -= 1
