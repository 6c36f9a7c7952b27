"""Many games of one size played in lockstep: each row of the arrays is the position of one game.

With superko, each game has a hash table of the positions that were on its board: ``uint64 [slots]``, open
addressing, 0 for a free slot. The hash of the empty board, where every game begins, is 0.

An action is a point, or size * size for a pass.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from goengine.kernel.encode import encode
from goengine.kernel.moves import drop_true_eyes, hash_after
from goengine.kernel.scratch import BANNED, EMPTY_POINTS, LEGAL_POINTS, Scratch, masks, shifted
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
    Position,
    advance,
    clear,
    get,
    is_legal,
    near_table,
)
from goengine.util.jit import inline, lowest_bit, njit

# Functions called from Python at every step take `Boards` and `Scratch` as plain tuples, and name the items
# again: numba takes 1 to 2 us longer to accept a NamedTuple from Python. Playing a move takes 0.1 us.

ONGOING, ENDED, ILLEGAL = 0, 1, 2
"""What `play` did: played on, ended the game by a second pass in a row, or nothing."""


class Boards(NamedTuple):
    """Games in lockstep, one a row.

    Attributes:
        cells: ``uint16 [games, CELLS]``, see `Position`.
        sets: ``uint64 [games, SET_WORDS]``, see `Position`.
        near: see `Position`.
        mask: see `scratch.masks`.
        seen: ``uint64 [games, slots]``, hashes of the positions of each game, with superko.
        visited: ``uint64 [games, 3 * WORDS]``, the set of points where each colour has played, with superko.
        record: ``uint16 [games, plies]``, the actions played.
        size: the board size.
        suicide: whether suicide is legal.
        superko: whether positional superko is in force.
    """

    cells: NDArray[np.uint16]
    sets: NDArray[np.uint64]
    near: NDArray[np.uint16]
    mask: NDArray[np.uint64]
    seen: NDArray[np.uint64]
    visited: NDArray[np.uint64]
    record: NDArray[np.uint16]
    size: int
    suicide: bool
    superko: bool


def new_boards(games: int, size: int, plies: int, suicide: bool, superko: bool) -> Boards:
    """Return games in lockstep, with room for `plies` actions each; `begin` must be called for all rows."""
    return Boards(
        cells=np.zeros((games, CELLS), np.uint16),
        sets=np.zeros((games, SET_WORDS), np.uint64),
        near=near_table(size),
        mask=masks(size),
        seen=np.zeros((games, 1 << (2 * plies).bit_length() if superko else 1), np.uint64),
        visited=np.zeros((games, 3 * WORDS), np.uint64),
        record=np.zeros((games, plies), np.uint16),
        size=size,
        suicide=suicide,
        superko=superko,
    )


@inline
def _slot_of(seen, value):
    """Return where a hash is in a hash table, or the free slot where it would go."""
    last = len(seen) - 1
    slot = np.int64(value & np.uint64(last))
    while seen[slot] != np.uint64(0) and seen[slot] != value:
        slot = (slot + 1) & last
    return slot


@njit
def _is_new(cells, sets, near, seen, p, colour):
    """Return whether a legal move makes a position that was never on the board."""
    value = hash_after(cells, sets, near, p, colour)
    return value != np.uint64(0) and seen[_slot_of(seen, value)] != value


@njit
def begin(boards, rows):
    """Empty the boards of these rows, Black to play."""
    boards = Boards(*boards)
    for row in rows:
        clear(boards.cells[row], boards.sets[row], boards.size * boards.size)
        boards.seen[row, :] = 0
        boards.visited[row, :] = 0


@njit
def play(boards, rows, actions, status):
    """Play one action on the board of each of these rows and record it.

    Args:
        boards: a tuple of the items of `Boards`.
        rows: ``int64 [n]``.
        actions: ``int64 [n]``.
        status: ``uint8 [n]``, written: ONGOING; ENDED; or ILLEGAL, and nothing was played.
    """
    boards = Boards(*boards)
    near = boards.near
    points = boards.size * boards.size
    for i in range(len(rows)):
        row = rows[i]
        action = actions[i]
        cells, sets, seen = boards.cells[row], boards.sets[row], boards.seen[row]
        colour = get(cells, TO_PLAY)
        status[i] = ONGOING
        if action == points:
            ply = get(cells, PLY)
            if ply > 0 and get(cells, RECENT + (ply & 7)) == points:
                status[i] = ENDED
        else:
            legal = 0 <= action < points and is_legal(cells, near, action, colour, boards.suicide)
            if legal and boards.superko:
                legal = _is_new(cells, sets, near, seen, action, colour)
            if not legal:
                status[i] = ILLEGAL
                continue
        boards.record[row, get(cells, PLY)] = action
        advance(cells, sets, near, action, colour)
        if boards.superko and action != points:
            value = sets[HASH]
            seen[_slot_of(seen, value)] = value
            boards.visited[row, colour * WORDS + (action >> 6)] |= np.uint64(1) << np.uint64(action & 63)


@njit
def _find_legal(boards, row, position, words):
    """Write the sets LEGAL_POINTS, and BANNED with the points that only superko forbids.

    position: that of the row, or a copy of it.
    """
    cells, sets, near = position
    mask, seen, visited = boards.mask, boards.seen[row], boards.visited[row]
    suicide = boards.suicide
    colour = get(cells, TO_PLAY)
    for i in range(WORDS):
        words[BANNED + i] = 0
        stones = sets[np.uintp((STONES_OF + 1) * WORDS + i)] | sets[np.uintp((STONES_OF + 2) * WORDS + i)]
        words[EMPTY_POINTS + i] = mask[i] & ~stones
    for i in range(WORDS):
        up, down, left, right = shifted(words, EMPTY_POINTS, i, np.uint64(boards.size))
        free = up | down | (left & mask[WORDS + i]) | (right & mask[2 * WORDS + i])
        legal = words[np.uintp(EMPTY_POINTS + i)] & free
        surrounded = words[np.uintp(EMPTY_POINTS + i)] & ~free
        suicides = np.uint64(0)
        while surrounded != np.uint64(0):
            p = 64 * i + lowest_bit(surrounded)
            lowest = surrounded & (~surrounded + np.uint64(1))
            surrounded ^= lowest
            if is_legal(cells, near, p, colour, False):
                legal |= lowest
            elif suicide and is_legal(cells, near, p, colour, True):
                suicides |= lowest
        legal |= suicides
        if boards.superko:
            # Except by a suicide, a position can only repeat by a move where this colour played before.
            word = legal & (visited[np.uintp(colour * WORDS + i)] | suicides)
            while word != np.uint64(0):
                lowest = word & (~word + np.uint64(1))
                if not _is_new(cells, sets, near, seen, 64 * i + lowest_bit(word), colour):
                    legal ^= lowest
                    words[np.uintp(BANNED + i)] |= lowest
                word ^= lowest
        words[np.uintp(LEGAL_POINTS + i)] = legal


@inline
def _unpack_legal(words, points, out):
    """Write the set LEGAL_POINTS as one value per action; passing is always legal."""
    for p in range(points):
        out[p] = (words[np.uintp(LEGAL_POINTS + (p >> 6))] >> np.uint64(p & 63)) & np.uint64(1)
    out[points] = 1


@njit
def legal_actions(boards, words, rows, out):
    """Write which actions are legal.

    Args:
        boards: a tuple of the items of `Boards`.
        words: of a `Scratch`.
        rows: ``int64 [n]``.
        out: ``int8 [n, points + 1]``, written: 0 or 1; passing is always legal.
    """
    boards = Boards(*boards)
    for i in range(len(rows)):
        row = rows[i]
        _find_legal(boards, row, Position(boards.cells[row], boards.sets[row], boards.near), words)
        _unpack_legal(words, boards.size * boards.size, out[i])


@inline
def _copy_position(from_cells, from_sets, points, cells, sets):
    """Copy the parts of a position that are in use."""
    for table in range(0, HEADER, STRIDE):
        for j in range(table, table + points + 1):
            cells[np.uintp(j)] = from_cells[np.uintp(j)]
    for j in range(HEADER, CELLS):
        cells[np.uintp(j)] = from_cells[np.uintp(j)]
    for w in range((STONES_OF + 1) * WORDS, SET_WORDS):
        sets[np.uintp(w)] = from_sets[np.uintp(w)]
    for i in range((points + 63) >> 6):
        stones = sets[(STONES_OF + 1) * WORDS + i] | sets[(STONES_OF + 2) * WORDS + i]
        while stones != np.uint64(0):
            p = 64 * i + lowest_bit(stones)
            stones &= stones - np.uint64(1)
            if get(cells, HEAD + p) == p:
                for w in range(p * WORDS, (p + 1) * WORDS):
                    sets[np.uintp(w)] = from_sets[np.uintp(w)]


@inline
def _unpack(bits, out):
    """Write each bit as a byte of 0 or 1, the lowest first."""
    packed, unpacked = bits.view(np.uint8), out.view(np.uint8)
    for w in range(len(unpacked) >> 3):
        byte = packed[np.uintp(w)]
        for j in range(8):
            unpacked[np.uintp(8 * w + j)] = (byte >> np.uint8(j)) & np.uint8(1)


@njit
def observe(boards, scratch, copy, rows, legal, unpacked, out):
    """Write which actions are legal, and the 48 planes.

    Args:
        boards: a tuple of the items of `Boards`.
        scratch: a tuple of the items of `Scratch`.
        copy: cells and sets of one position, overwritten. Every row is copied there first: reading a row once
            from end to end is faster than one cache miss after another.
        rows: ``int64 [n]``.
        legal: as `legal_actions` writes it.
        unpacked: whether planes are written as bytes of 0 and 1, instead of bits.
        out: ``uint64 [n, words]``, written: the planes, padded to whole words.
    """
    boards = Boards(*boards)
    scratch = Scratch(*scratch)
    cells, sets = copy
    position = Position(cells, sets, boards.near)
    points = boards.size * boards.size
    for i in range(len(rows)):
        row = rows[i]
        _copy_position(boards.cells[row], boards.sets[row], points, cells, sets)
        _find_legal(boards, row, position, scratch.words)
        _unpack_legal(scratch.words, points, legal[i])
        encode(position, boards.mask, scratch, boards.size, boards.suicide)
        if unpacked:
            _unpack(scratch.bits, out[i])
        else:
            for w in range(out.shape[1]):
                out[i, w] = scratch.bits[w]


@njit
def board_planes(cells, rows, legal, out):
    """Write five planes of each row's position, listed in `goengine.env.options`.

    Args:
        cells: of `Boards`.
        rows: ``int64 [n]``.
        legal: as `legal_actions` writes it.
        out: ``uint8 [n, 5, points]``, written: 0 or 1.
    """
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
    """Choose a random legal point that is not a true eye of the player to move, or a pass if there is none.

    Args:
        cells: of `Boards`.
        near: of `Boards`.
        rows: ``int64 [n]``.
        legal: as `legal_actions` writes it.
        draws: ``float64 [n]``, uniform in [0, 1).
        out: ``int64 [n]``, written: actions.
    """
    mask = np.empty(legal.shape[1] - 1, np.bool_)
    for i in range(len(rows)):
        row_cells = cells[rows[i]]
        points = get(row_cells, POINTS)
        for p in range(points):
            mask[p] = legal[i, p]
        drop_true_eyes(row_cells, near, mask)
        remaining = np.int64(draws[i] * mask.sum())
        out[i] = points
        for p in range(points):
            if mask[p]:
                if remaining == 0:
                    out[i] = p
                    break
                remaining -= 1
