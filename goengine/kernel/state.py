"""A Go position in flat arrays, and playing on it.

Stones are kept as chains: every stone knows its chain's head, the stones of a chain form a circular
list, and each head has the chain's stone count, its liberties as a set of points, and their number.
All of it is kept up move by move; nothing is recounted.

A set of points is WORDS uint64 words, bit p & 63 of word p >> 6 for point p.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from goengine.jit import inline, njit, popcount

EMPTY, BLACK, WHITE, OFF_BOARD = 0, 1, 2, 3

MAX_POINTS = 25 * 25
STRIDE = MAX_POINTS + 1  # one more for the point that stands for everything off the board
WORDS = 10  # of a set of up to 25 * 25 points

# Position.cells: STRIDE values a table, then the header.
COLOUR = 0
HEAD = STRIDE
NEXT = 2 * STRIDE
STONES = 3 * STRIDE  # of the chain; meaningful at its head only, as are the liberties
LIBERTIES = 4 * STRIDE
PLAYED = 5 * STRIDE  # the ply that put the stone here, counted from 1; 0 for setup stones
HEADER = 6 * STRIDE
POINTS = HEADER  # size * size
TO_PLAY = HEADER + 1
KO = HEADER + 2  # the point that TO_PLAY may not take back, or NO_POINT
PLY = HEADER + 3
CAPTURED_BY = HEADER + 4  # + colour: how many of the other colour's stones it has taken
RECENT = HEADER + 8  # the last 8 moves, ply & 7
CELLS = HEADER + 16
NO_POINT = 65535
MAX_PLY = 65000

# Position.sets: the liberties of the chain with head h at h, then the stones by colour, then a hash.
STONES_OF = STRIDE - 1  # + colour: set of all stones
HASH = (STRIDE + 2) * WORDS
SET_WORDS = HASH + 1

# Undo log, for reading ahead. A line of 100 plies relabels at most 100 times 361 stones.
_CELL_LOG = 1 << 17
_SET_LOG = 1 << 13


class Geometry(NamedTuple):
    """What a board size fixes. Off-board neighbours are the point size * size.

    neighbours, diagonals: uint16 [4 * points].
    masks: uint64 [4 * WORDS]: all points, all but column 0, all but the last column, the edge.
    """

    neighbours: NDArray[np.uint16]
    diagonals: NDArray[np.uint16]
    masks: NDArray[np.uint64]
    size: int


class Position(NamedTuple):
    """A position and the log that takes reading back.

    cells: uint16 [CELLS]; sets: uint64 [SET_WORDS]; cell_log: uint32, index << 16 | old value;
    set_log: uint64, the index of a set and its old words; log_top: int64 [2], entries in each.
    """

    cells: NDArray[np.uint16]
    sets: NDArray[np.uint64]
    cell_log: NDArray[np.uint32]
    set_log: NDArray[np.uint64]
    log_top: NDArray[np.int64]


def _zobrist() -> NDArray[np.uint64]:
    return np.random.default_rng(20161).integers(1, 2**64, (3, STRIDE), np.uint64, endpoint=False)


ZOBRIST = _zobrist()  # [colour, point]; the same in every process


@cache
def geometry(size: int) -> Geometry:
    """The geometry of a board size, 2 to 25."""
    points = size * size
    rows, columns = np.divmod(np.arange(points), size)

    def around(offsets: list[tuple[int, int]]) -> NDArray[np.uint16]:
        table = np.full((points, 4), points, np.uint16)
        for k, (down, right) in enumerate(offsets):
            r, c = rows + down, columns + right
            on_board = (r >= 0) & (r < size) & (c >= 0) & (c < size)
            table[on_board, k] = (r * size + c)[on_board]
        return table.ravel()

    edge = (rows == 0) | (rows == size - 1) | (columns == 0) | (columns == size - 1)
    masks = np.zeros((4, WORDS * 64), np.uint8)
    masks[:, :points] = np.ones(points), columns > 0, columns < size - 1, edge
    return Geometry(
        around([(-1, 0), (0, -1), (0, 1), (1, 0)]),
        around([(-1, -1), (-1, 1), (1, -1), (1, 1)]),
        np.packbits(masks, axis=1, bitorder="little").view(np.uint64).ravel(),
        size,
    )


def new_position(size: int) -> Position:
    """An empty board, Black to play."""
    position = Position(
        np.zeros(CELLS, np.uint16),
        np.zeros(SET_WORDS, np.uint64),
        np.zeros(_CELL_LOG, np.uint32),
        np.zeros(_SET_LOG * (WORDS + 1), np.uint64),
        np.zeros(2, np.int64),
    )
    clear(position, size * size)
    return position


@inline
def get(values, i):
    """values[i] as int64, without numba's test for a negative index."""
    return np.int64(values[np.uintp(i)])


@inline
def has(sets, s, p):
    """Whether set s holds point p."""
    return (sets[np.uintp(s * WORDS + (p >> 6))] >> np.uint64(p & 63)) & np.uint64(1) != np.uint64(0)


@inline
def flip(sets, s, p):
    """Put point p into set s, or take it out."""
    sets[np.uintp(s * WORDS + (p >> 6))] ^= np.uint64(1) << np.uint64(p & 63)


@njit
def clear(position, points):
    """Empty the board, Black to play."""
    cells = position.cells
    for i in range(CELLS):
        cells[i] = 0
    cells[COLOUR + points] = OFF_BOARD
    cells[POINTS] = points
    cells[TO_PLAY] = BLACK
    cells[KO] = NO_POINT
    for i in range((STONES_OF + 1) * WORDS, SET_WORDS):
        position.sets[i] = 0
    position.log_top[0] = 0
    position.log_top[1] = 0


@inline
def _set_cell(position, i, value, reading):
    if reading:
        top = position.log_top[0]
        position.cell_log[np.uintp(top)] = np.uint32((i << 16) | get(position.cells, i))
        position.log_top[0] = top + 1
    position.cells[np.uintp(i)] = value


@inline
def _log_set(position, s, reading):
    if reading:
        top = position.log_top[1]
        start = top * (WORDS + 1)
        position.set_log[np.uintp(start)] = np.uint64(s)
        for i in range(WORDS):
            position.set_log[np.uintp(start + 1 + i)] = position.sets[np.uintp(s * WORDS + i)]
        position.log_top[1] = top + 1


@njit
def rewind(position, cell_top, set_top):
    """Take back everything logged since the log had these tops."""
    cells, sets, cell_log, set_log = position.cells, position.sets, position.cell_log, position.set_log
    top = position.log_top[0]
    while top > cell_top:
        top -= 1
        entry = get(cell_log, top)
        cells[np.uintp(entry >> 16)] = np.uint16(entry & 0xFFFF)
    position.log_top[0] = top
    top = position.log_top[1]
    while top > set_top:
        top -= 1
        start = top * (WORDS + 1)
        s = get(set_log, start)
        for i in range(WORDS):
            sets[np.uintp(s * WORDS + i)] = set_log[np.uintp(start + 1 + i)]
    position.log_top[1] = top


@njit
def _join(position, a, b, reading):
    """Make one chain of the chains with heads a and b; returns the head."""
    cells, sets = position.cells, position.sets
    if get(cells, STONES + a) < get(cells, STONES + b):
        a, b = b, a
    q = b
    while True:
        _set_cell(position, HEAD + q, a, reading)
        q = get(cells, NEXT + q)
        if q == b:
            break
    after_a = get(cells, NEXT + a)
    _set_cell(position, NEXT + a, get(cells, NEXT + b), reading)
    _set_cell(position, NEXT + b, after_a, reading)
    _set_cell(position, STONES + a, get(cells, STONES + a) + get(cells, STONES + b), reading)
    _log_set(position, a, reading)
    for i in range(WORDS):
        sets[np.uintp(a * WORDS + i)] |= sets[np.uintp(b * WORDS + i)]
    return a


@njit
def _take_off(position, geo, head, colour, reading):
    """Take a chain of this colour off the board; its points become liberties of the other's chains."""
    cells, sets = position.cells, position.sets
    other = 3 - colour
    q = head
    while True:
        _set_cell(position, COLOUR + q, EMPTY, reading)
        if not reading:
            flip(sets, STONES_OF + colour, q)
            sets[HASH] ^= ZOBRIST[colour, q]
        for k in range(4):
            r = get(geo.neighbours, 4 * q + k)
            if get(cells, COLOUR + r) == other:
                h = get(cells, HEAD + r)
                if not has(sets, h, q):
                    _log_set(position, h, reading)
                    flip(sets, h, q)
                    _set_cell(position, LIBERTIES + h, get(cells, LIBERTIES + h) + 1, reading)
        q = get(cells, NEXT + q)
        if q == head:
            break


@njit
def place(position, geo, p, colour, reading):
    """Put a stone of this colour on an empty point and take off what it captures.

    Legality is not checked. Sets KO. When reading, everything is logged for `rewind`, and the sets of
    all stones and the hash are left as they were.
    """
    cells, sets = position.cells, position.sets
    other = 3 - colour
    _set_cell(position, COLOUR + p, colour, reading)
    _set_cell(position, HEAD + p, p, reading)
    _set_cell(position, NEXT + p, p, reading)
    _set_cell(position, STONES + p, 1, reading)
    _set_cell(position, PLAYED + p, get(cells, PLY), reading)
    _set_cell(position, KO, NO_POINT, reading)
    if not reading:
        flip(sets, STONES_OF + colour, p)
        sets[HASH] ^= ZOBRIST[colour, p]
    _log_set(position, p, reading)
    for i in range(WORDS):
        sets[np.uintp(p * WORDS + i)] = 0
    liberties = 0
    for k in range(4):
        q = get(geo.neighbours, 4 * p + k)
        if get(cells, COLOUR + q) == EMPTY:
            flip(sets, p, q)
            liberties += 1

    own = p
    for k in range(4):
        q = get(geo.neighbours, 4 * p + k)
        if get(cells, COLOUR + q) == colour:
            h = get(cells, HEAD + q)
            if h != own:
                own = _join(position, own, h, reading)
    if own != p or get(cells, STONES + p) > 1:
        if has(sets, own, p):
            flip(sets, own, p)  # `own` was logged when it was joined
        liberties = 0
        for i in range(WORDS):
            liberties += popcount(sets[np.uintp(own * WORDS + i)])
    _set_cell(position, LIBERTIES + own, liberties, reading)

    captured = 0
    captured_head = 0
    for k in range(4):
        q = get(geo.neighbours, 4 * p + k)
        if get(cells, COLOUR + q) == other:
            h = get(cells, HEAD + q)
            if has(sets, h, p):
                _log_set(position, h, reading)
                flip(sets, h, p)
                left = get(cells, LIBERTIES + h) - 1
                _set_cell(position, LIBERTIES + h, left, reading)
                if left == 0:
                    captured += get(cells, STONES + h)
                    captured_head = h
                    _take_off(position, geo, h, other, reading)
    if captured > 0:
        taken = CAPTURED_BY + colour
        _set_cell(position, taken, get(cells, taken) + captured, reading)
        if captured == 1 and get(cells, STONES + own) == 1 and get(cells, LIBERTIES + own) == 1:
            _set_cell(position, KO, captured_head, reading)
    elif get(cells, LIBERTIES + own) == 0:
        taken = CAPTURED_BY + other
        _set_cell(position, taken, get(cells, taken) + get(cells, STONES + own), reading)
        _take_off(position, geo, own, colour, reading)


@njit
def is_legal(position, geo, p, colour, suicide):
    """Whether this colour may play on point p, repetition beyond simple ko left aside."""
    cells = position.cells
    if get(cells, COLOUR + p) != EMPTY:
        return False
    if p == get(cells, KO) and colour == get(cells, TO_PLAY):
        return False
    for k in range(4):
        q = get(geo.neighbours, 4 * p + k)
        c = get(cells, COLOUR + q)
        if c == EMPTY:
            return True
        if c != OFF_BOARD:
            in_atari = get(cells, LIBERTIES + get(cells, HEAD + q)) == 1
            if (c == colour) != in_atari:
                return True
    return suicide


@njit
def advance(position, geo, move, colour):
    """Play a legal move of this colour, or pass (move == points), as one ply of the game."""
    cells = position.cells
    ply = get(cells, PLY) + 1
    cells[PLY] = ply
    cells[np.uintp(RECENT + (ply & 7))] = move
    if move == get(cells, POINTS):
        cells[KO] = NO_POINT
    else:
        place(position, geo, move, colour, False)
    cells[TO_PLAY] = 3 - colour


@njit
def set_up(position, geo, p, colour):
    """Put a setup stone on an empty point. Returns False, board unchanged, if it would leave a chain without liberties."""
    cells = position.cells
    if get(cells, COLOUR + p) != EMPTY:
        return False
    other = 3 - colour
    breathes = False
    for k in range(4):
        q = get(geo.neighbours, 4 * p + k)
        c = get(cells, COLOUR + q)
        if c == other and get(cells, LIBERTIES + get(cells, HEAD + q)) == 1:
            return False
        if c == EMPTY or (c == colour and get(cells, LIBERTIES + get(cells, HEAD + q)) > 1):
            breathes = True
    if breathes:
        place(position, geo, p, colour, False)
        cells[np.uintp(PLAYED + p)] = 0
    return breathes
