"""A Go position in flat arrays, and playing on it.

Stones are kept as chains: every stone knows its chain's head, the stones of a chain form a circular
list, and each head has the chain's stone count, its liberties as a set of points, and their number.
All of it is kept up move by move; nothing is recounted.

A set of points is WORDS uint64 words, bit p & 63 of word p >> 6 for point p.

The arrays are handed around one by one: numba counts references when it takes an array out of a tuple,
which costs more than a move does. Their names are the same everywhere:

    cells  uint16 [CELLS]       stones and chains by point, then the header
    sets   uint64 [SET_WORDS]   the liberties of each chain, the stones of each colour, a hash
    near   uint16 [8 * points]  the board's shape: four neighbours of each point, then four diagonals
    log    uint64 [LOG_WORDS]   what reading ahead has changed; log[0] is its top, log[1] where the first
                                capture was logged, 0 before it
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from goengine.colours import BLACK as BLACK
from goengine.colours import EMPTY as EMPTY
from goengine.colours import WHITE as WHITE
from goengine.util.jit import inline, njit, popcount

OFF_BOARD = 3  # a fourth colour, of the neighbours of points on the edge

MAX_POINTS = 25 * 25
STRIDE = MAX_POINTS + 1  # one more for the point that stands for everything off the board
WORDS = 10  # of a set of up to 25 * 25 points

# cells: STRIDE values a table, then the header.
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

# sets: the liberties of the chain with head h at h, then the stones by colour, then a hash.
STONES_OF = STRIDE - 1  # + colour: set of all stones
HASH = (STRIDE + 2) * WORDS
SET_WORDS = HASH + 1

# Entries of the log: a cell's index << 16 with its old value; _A_POINT with a set's index << 16 and the
# point put in or taken out; a set's old words, then _A_SET with its index. A line of 100 plies relabels at
# most 100 times the stones of the board.
LOG_WORDS = 1 << 17
LOG_START = 2
_A_POINT = 1 << 40
_A_SET = 1 << 41


def _zobrist() -> NDArray[np.uint64]:
    return np.random.default_rng(20161).integers(1, 2**64, (3, STRIDE), np.uint64, endpoint=False)


ZOBRIST = _zobrist()  # [colour, point]; the same in every process


@cache
def near_table(size: int) -> NDArray[np.uint16]:
    """The neighbours of each point, then its diagonals: uint16 [8 * points]; off the board is size * size."""
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


def new_position(size: int) -> tuple[NDArray[np.uint16], NDArray[np.uint64]]:
    """The cells and sets of an empty board, Black to play."""
    cells, sets = np.zeros(CELLS, np.uint16), np.zeros(SET_WORDS, np.uint64)
    clear(cells, sets, size * size)
    return cells, sets


def new_log() -> NDArray[np.uint64]:
    """An empty log."""
    log = np.zeros(LOG_WORDS, np.uint64)
    log[0] = LOG_START
    return log


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
def clear(cells, sets, points):
    """Empty the board, Black to play."""
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
    """`flip`, logged when reading."""
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
    """Take back everything logged since log[0] was `mark`."""
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
    """Make one chain of the chains with heads a and b; returns the head."""
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
def _take_off(cells, sets, near, log, head, colour, reading):
    """Take a chain of this colour off the board; its points become liberties of the other's chains."""
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
    """Put a stone of this colour on an empty point, take off what it captures, and set KO.

    Legality is not checked. When reading, everything is logged for `rewind`, and the sets of all stones,
    the hash and PLAYED are left as they were.
    """
    other = 3 - colour
    _set_cell(cells, log, COLOUR + p, colour, reading)
    _set_cell(cells, log, KO, NO_POINT, reading)
    if reading:
        # Where nothing was captured since reading began, no rewind brings back an old stone on p, and what
        # the tables say of it is not missed.
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
    own_beside = 0
    own = p
    for k in range(4):
        q = get(near, 4 * p + k)
        if get(cells, COLOUR + q) == colour:
            own_beside += 1
            own = get(cells, HEAD + q)
    if own_beside == 0:
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
        if own_beside > 1:
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
            left = get(cells, LIBERTIES + h) - 1
            _set_cell(cells, log, LIBERTIES + h, left, reading)
            if left == 0:
                captured += get(cells, STONES + h)
                captured_head = h
                _take_off(cells, sets, near, log, h, other, reading)
    if captured > 0:
        taken = CAPTURED_BY + colour
        _set_cell(cells, log, taken, get(cells, taken) + captured, reading)
        if captured == 1 and get(cells, STONES + own) == 1 and get(cells, LIBERTIES + own) == 1:
            _set_cell(cells, log, KO, captured_head, reading)
    elif get(cells, LIBERTIES + own) == 0:
        taken = CAPTURED_BY + other
        _set_cell(cells, log, taken, get(cells, taken) + get(cells, STONES + own), reading)
        _take_off(cells, sets, near, log, own, colour, reading)


@inline
def is_legal(cells, near, p, colour, suicide):
    """Whether this colour may play on point p, repetition beyond simple ko left aside."""
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
def advance(cells, sets, near, log, move, colour):
    """Play a legal move of this colour, or pass (move == points), as one ply of the game."""
    ply = get(cells, PLY) + 1
    cells[PLY] = ply
    cells[np.uintp(RECENT + (ply & 7))] = move
    if move == get(cells, POINTS):
        cells[KO] = NO_POINT
    else:
        put_stone(cells, sets, near, log, move, colour, False)
    cells[TO_PLAY] = 3 - colour


@njit
def set_up(cells, sets, near, log, p, colour):
    """Put a setup stone down. Returns False, board unchanged, where it or another chain had no liberty."""
    if get(cells, COLOUR + p) != EMPTY:
        return False
    other = 3 - colour
    breathes = False
    for k in range(4):
        q = get(near, 4 * p + k)
        c = get(cells, COLOUR + q)
        if c == other and get(cells, LIBERTIES + get(cells, HEAD + q)) == 1:
            return False
        if c == EMPTY or (c == colour and get(cells, LIBERTIES + get(cells, HEAD + q)) > 1):
            breathes = True
    if breathes:
        put_stone(cells, sets, near, log, p, colour, False)
        cells[np.uintp(PLAYED + p)] = 0
    return breathes
