"""A Go position in flat arrays, and playing on it.

Stones are kept as chains. Every stone knows the head of its chain, the stones of a chain form a circular
list, and each head stores the chain's number of stones, its set of liberties and their number. Each move
updates these values; nothing is recounted.

A set of points is WORDS uint64 words: point p is bit p & 63 of word p >> 6.

Compiled functions take the arrays of a position together, as a `Position`. Functions that are inlined into
them, and those called once a point, take the arrays one by one: numba counts references whenever an array is
taken out of a tuple, which would make a move 5 % slower. The arrays have the same names everywhere.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from goengine.colours import BLACK as BLACK
from goengine.colours import EMPTY as EMPTY
from goengine.colours import WHITE as WHITE
from goengine.util.jit import inline, njit, popcount

OFF_BOARD = 3  # a fourth colour, of the neighbours of points on the edge

MAX_POINTS = 25 * 25
STRIDE = MAX_POINTS + 1  # one more, for the point that represents everything off the board
WORDS = 10  # in a set of up to 25 * 25 points

# Indices into `Position.cells`: tables of STRIDE values each, then a header.
COLOUR = 0
HEAD = STRIDE
NEXT = 2 * STRIDE
STONES = 3 * STRIDE  # number of the chain's stones; valid at its head only, like LIBERTIES
LIBERTIES = 4 * STRIDE
PLAYED = 5 * STRIDE  # the ply that played the stone, counted from 1; 0 for setup stones
HEADER = 6 * STRIDE
POINTS = HEADER  # size * size
TO_PLAY = HEADER + 1
KO = HEADER + 2  # the point that simple ko forbids to TO_PLAY, or NO_POINT
PLY = HEADER + 3
CAPTURED_BY = HEADER + 4  # + colour: how many of the opponent's stones it has captured
RECENT = HEADER + 8  # the last 8 moves; that of a ply is at ply & 7
CELLS = HEADER + 16
NO_POINT = 65535
MAX_PLY = 65000

# Indices into `Position.sets`. Set h holds the liberties of the chain with head h.
STONES_OF = STRIDE - 1  # + colour: the index of the set of all stones of that colour
HASH = (STRIDE + 2) * WORDS  # the index of the word with the Zobrist hash of all stones
SET_WORDS = HASH + 1

# The log that reading ahead keeps, uint64 [LOG_WORDS]. Word 0 is the index after its last entry, word 1 where
# the first capture was logged (0 if there was none). An entry is one of
#   cell index << 16 | old value                  a cell that was changed
#   _A_POINT | set index << 16 | point            a point that was added to a set or removed from it
#   WORDS old words, then _A_SET | set index      a set that was replaced
# A line of 100 plies relabels the stones of the whole board at most 100 times.
LOG_WORDS = 1 << 17
LOG_START = 2
_A_POINT = 1 << 40
_A_SET = 1 << 41


class Position(NamedTuple):
    """The arrays of one position.

    Attributes:
        cells: ``uint16 [CELLS]``, stones and chains by point, then the header.
        sets: ``uint64 [SET_WORDS]``, the liberties of each chain, the stones of each colour, the hash.
        near: ``uint16 [8 * points]``, the four neighbours of each point, then its four diagonals; see
            `near_table`.
    """

    cells: NDArray[np.uint16]
    sets: NDArray[np.uint64]
    near: NDArray[np.uint16]


def _zobrist() -> NDArray[np.uint64]:
    return np.random.default_rng(20161).integers(1, 2**64, (3, STRIDE), np.uint64, endpoint=False)


ZOBRIST = _zobrist()  # [colour, point]; the same in every process


@cache
def near_table(size: int) -> NDArray[np.uint16]:
    """Return the neighbours and diagonals of every point of a board.

    Returns:
        ``uint16 [8 * points]``, read-only: four neighbours of each point, then four diagonals of each point.
        Neighbours off the board are given as point size * size.
    """
    points = size * size
    rows, columns = np.divmod(np.arange(points), size)
    table = np.full((2, points, 4), points, np.uint16)
    neighbours = [(-1, 0), (0, -1), (0, 1), (1, 0)]
    diagonals = [(-1, -1), (-1, 1), (1, -1), (1, 1)]
    for kind, offsets in enumerate((neighbours, diagonals)):
        for k, (down, right) in enumerate(offsets):
            r, c = rows + down, columns + right
            on_board = (r >= 0) & (r < size) & (c >= 0) & (c < size)
            table[kind, on_board, k] = (r * size + c)[on_board]
    table.flags.writeable = False
    return table.ravel()


def new_position(size: int) -> Position:
    """Return an empty board, Black to play."""
    position = Position(np.zeros(CELLS, np.uint16), np.zeros(SET_WORDS, np.uint64), near_table(size))
    clear(position.cells, position.sets, size * size)
    return position


def new_log() -> NDArray[np.uint64]:
    """Return an empty log, ``uint64 [LOG_WORDS]``."""
    log = np.zeros(LOG_WORDS, np.uint64)
    log[0] = LOG_START
    return log


@inline
def get(values, i):
    """Return values[i] as int64, without numba's test for a negative index."""
    return np.int64(values[np.uintp(i)])


@inline
def has(sets, s, p):
    """Return whether set s holds point p."""
    return (sets[np.uintp(s * WORDS + (p >> 6))] >> np.uint64(p & 63)) & np.uint64(1) != np.uint64(0)


@inline
def flip(sets, s, p):
    """Add point p to set s if it is not in it, else remove it."""
    sets[np.uintp(s * WORDS + (p >> 6))] ^= np.uint64(1) << np.uint64(p & 63)


@njit
def clear(cells, sets, points):
    """Remove all stones from a board and let Black play first."""
    for i in range(points):
        cells[COLOUR + i] = EMPTY
    for i in range(HEADER, CELLS):
        cells[i] = 0
    cells[COLOUR + points] = OFF_BOARD
    cells[POINTS] = points
    cells[TO_PLAY] = BLACK
    cells[KO] = NO_POINT
    for i in range((STONES_OF + 1) * WORDS, SET_WORDS):
        sets[i] = 0


@inline
def _set_cell(cells, log, i, value, reading):
    if reading:
        top = log[0]
        log[np.uintp(top)] = np.uint64((i << 16) | get(cells, i))
        log[0] = top + np.uint64(1)
    cells[np.uintp(i)] = value


@inline
def _flip(sets, log, s, p, reading):
    """Do as `flip`, and log it when reading."""
    if reading:
        top = log[0]
        log[np.uintp(top)] = np.uint64(_A_POINT | (s << 16) | p)
        log[0] = top + np.uint64(1)
    flip(sets, s, p)


@inline
def _log_set(sets, log, s):
    top = np.int64(log[0])
    for i in range(WORDS):
        log[np.uintp(top + i)] = sets[np.uintp(s * WORDS + i)]
    log[np.uintp(top + WORDS)] = np.uint64(_A_SET | s)
    log[0] = np.uint64(top + WORDS + 1)


@inline
def rewind(cells, sets, log, mark):
    """Undo everything that was logged since log[0] was `mark`."""
    top = np.int64(log[0])
    while top > mark:
        top -= 1
        entry = get(log, top)
        if entry < _A_POINT:
            cells[np.uintp(entry >> 16)] = np.uint16(entry & 0xFFFF)
        elif entry < _A_SET:
            flip(sets, (entry >> 16) & 0xFFFF, entry & 0xFFFF)
        else:
            top -= WORDS
            for i in range(WORDS):
                sets[np.uintp((entry - _A_SET) * WORDS + i)] = log[np.uintp(top + i)]
    log[0] = np.uint64(top)
    if np.int64(log[1]) >= mark:
        log[1] = 0


@njit
def _join(cells, sets, log, a, b, reading):
    """Join the chains with heads a and b and return the head of the result."""
    if get(cells, STONES + a) < get(cells, STONES + b):
        a, b = b, a
    q = b
    while True:
        _set_cell(cells, log, HEAD + q, a, reading)
        q = get(cells, NEXT + q)
        if q == b:
            break
    after_a = get(cells, NEXT + a)
    _set_cell(cells, log, NEXT + a, get(cells, NEXT + b), reading)
    _set_cell(cells, log, NEXT + b, after_a, reading)
    _set_cell(cells, log, STONES + a, get(cells, STONES + a) + get(cells, STONES + b), reading)
    if reading:
        _log_set(sets, log, a)
    liberties = 0
    for i in range(WORDS):
        sets[np.uintp(a * WORDS + i)] |= sets[np.uintp(b * WORDS + i)]
        liberties += popcount(sets[np.uintp(a * WORDS + i)])
    _set_cell(cells, log, LIBERTIES + a, liberties, reading)
    return a


@njit
def _remove_chain(cells, sets, near, log, head, colour, reading):
    """Remove a chain of this colour; its points become liberties of the opponent's chains."""
    other = 3 - colour
    if reading and log[1] == np.uint64(0):
        log[1] = log[0]
    q = head
    while True:
        _set_cell(cells, log, COLOUR + q, EMPTY, reading)
        if not reading:
            flip(sets, STONES_OF + colour, q)
            sets[HASH] ^= ZOBRIST[colour, q]
        for k in range(4):
            r = get(near, 4 * q + k)
            if get(cells, COLOUR + r) == other:
                h = get(cells, HEAD + r)
                if not has(sets, h, q):
                    _flip(sets, log, h, q, reading)
                    _set_cell(cells, log, LIBERTIES + h, get(cells, LIBERTIES + h) + 1, reading)
        q = get(cells, NEXT + q)
        if q == head:
            break


@inline
def put_stone(cells, sets, near, log, p, colour, reading):
    """Play a stone on an empty point: join chains, remove what is captured, set KO.

    Legality is not checked.

    Args:
        cells: of a `Position`.
        sets: of a `Position`.
        near: of a `Position`.
        log: changes are appended when reading, for `rewind`. Any uint64 array when not reading.
        p: the point.
        colour: whose stone.
        reading: whether the move will be rewound. Then the sets of all stones, the hash and PLAYED are not
            updated.
    """
    other = 3 - colour
    _set_cell(cells, log, COLOUR + p, colour, reading)
    _set_cell(cells, log, KO, NO_POINT, reading)
    if reading:
        # If nothing was captured since reading began, no rewind brings back an earlier stone on p, so the
        # old table entries of p need not be logged.
        if log[1] != np.uint64(0):
            _set_cell(cells, log, HEAD + p, p, True)
            _set_cell(cells, log, NEXT + p, p, True)
            _set_cell(cells, log, STONES + p, 1, True)
            _set_cell(cells, log, LIBERTIES + p, 0, True)
            _log_set(sets, log, p)
    else:
        cells[np.uintp(PLAYED + p)] = cells[PLY]
        flip(sets, STONES_OF + colour, p)
        sets[HASH] ^= ZOBRIST[colour, p]
    own_neighbours = 0
    own = p
    for k in range(4):
        q = get(near, 4 * p + k)
        if get(cells, COLOUR + q) == colour:
            own_neighbours += 1
            own = get(cells, HEAD + q)
    if own_neighbours == 0:
        for i in range(WORDS):
            sets[np.uintp(p * WORDS + i)] = 0
        cells[np.uintp(HEAD + p)] = p
        cells[np.uintp(NEXT + p)] = p
        cells[np.uintp(STONES + p)] = 1
        liberties = 0
    else:
        cells[np.uintp(HEAD + p)] = own
        cells[np.uintp(NEXT + p)] = cells[np.uintp(NEXT + own)]
        _set_cell(cells, log, NEXT + own, p, reading)
        _set_cell(cells, log, STONES + own, get(cells, STONES + own) + 1, reading)
        if own_neighbours > 1:
            for k in range(4):
                q = get(near, 4 * p + k)
                if get(cells, COLOUR + q) == colour and get(cells, HEAD + q) != own:
                    own = _join(cells, sets, log, own, get(cells, HEAD + q), reading)
        _flip(sets, log, own, p, reading)
        liberties = get(cells, LIBERTIES + own) - 1
    for k in range(4):
        q = get(near, 4 * p + k)
        if get(cells, COLOUR + q) == EMPTY and not has(sets, own, q):
            _flip(sets, log, own, q, reading)
            liberties += 1
    _set_cell(cells, log, LIBERTIES + own, liberties, reading)

    captured = 0
    captured_head = 0
    for k in range(4):
        q = get(near, 4 * p + k)
        h = get(cells, HEAD + q)
        if get(cells, COLOUR + q) == other and has(sets, h, p):
            _flip(sets, log, h, p, reading)
            remaining = get(cells, LIBERTIES + h) - 1
            _set_cell(cells, log, LIBERTIES + h, remaining, reading)
            if remaining == 0:
                captured += get(cells, STONES + h)
                captured_head = h
                _remove_chain(cells, sets, near, log, h, other, reading)
    if captured > 0:
        total = CAPTURED_BY + colour
        _set_cell(cells, log, total, get(cells, total) + captured, reading)
        if captured == 1 and get(cells, STONES + own) == 1 and get(cells, LIBERTIES + own) == 1:
            _set_cell(cells, log, KO, captured_head, reading)
    elif get(cells, LIBERTIES + own) == 0:
        total = CAPTURED_BY + other
        _set_cell(cells, log, total, get(cells, total) + get(cells, STONES + own), reading)
        _remove_chain(cells, sets, near, log, own, colour, reading)


@inline
def is_legal(cells, near, p, colour, suicide):
    """Return whether this colour may play on point p; superko is not checked."""
    if get(cells, COLOUR + p) != EMPTY:
        return False
    if p == get(cells, KO) and colour == get(cells, TO_PLAY):
        return False
    for k in range(4):
        q = get(near, 4 * p + k)
        c = get(cells, COLOUR + q)
        if c == EMPTY:
            return True
        if c != OFF_BOARD:
            in_atari = get(cells, LIBERTIES + get(cells, HEAD + q)) == 1
            if (c == colour) != in_atari:
                return True
    return suicide


@inline
def advance(cells, sets, near, move, colour):
    """Play one ply of the game: a legal move of this colour, or a pass (move == points)."""
    ply = get(cells, PLY) + 1
    cells[PLY] = ply
    cells[np.uintp(RECENT + (ply & 7))] = move
    if move == get(cells, POINTS):
        cells[KO] = NO_POINT
    else:
        put_stone(cells, sets, near, sets, move, colour, False)  # sets: stands for a log, which is not used
    cells[TO_PLAY] = 3 - colour


@njit
def set_up(position, p, colour):
    """Add a setup stone, unless it or a neighbouring chain would have no liberty.

    Returns:
        Whether the stone was added.
    """
    cells, sets, near = position
    if get(cells, COLOUR + p) != EMPTY:
        return False
    other = 3 - colour
    has_liberty = False
    for k in range(4):
        q = get(near, 4 * p + k)
        c = get(cells, COLOUR + q)
        if c == other and get(cells, LIBERTIES + get(cells, HEAD + q)) == 1:
            return False
        if c == EMPTY or (c == colour and get(cells, LIBERTIES + get(cells, HEAD + q)) > 1):
            has_liberty = True
    if has_liberty:
        put_stone(cells, sets, near, sets, p, colour, False)
        cells[np.uintp(PLAYED + p)] = 0
    return has_liberty
