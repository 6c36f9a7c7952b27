"""A board for playouts, with pseudo-liberties: twice as fast to play on as `kernel.state`.

A pseudo-liberty is a pair of a stone and an empty point next to it, so a liberty of two stones of a chain
counts twice. A chain stores three sums over its pairs: their number, the sum of the empty points, and the sum
of their squares. Number zero means no liberty. One liberty is recognised by number * squares == sum * sum,
which holds only if all the points are equal (Cauchy-Schwarz); the liberty is then their mean. Adding and
removing pairs needs no search, so joining chains and computing the liberties after a move are a few
additions.

    pseudo  int32 [RECORD * padded points]  RECORD values a point: its colours, its chain, the chain's sums
    steps   int64 [8]  from a point's record to those of its four neighbours, then of its four diagonals

The padded board has a row of margin above and below and a column of margin between rows. Points of the padded
board are numbered row by row; a point is given by the index where its record begins.
"""

import numpy as np

from goengine.kernel.state import (
    COLOUR,
    EMPTY,
    HEAD,
    KO,
    NEXT,
    NO_POINT,
    OFF_BOARD,
    POINTS,
    STONES,
    WHITE,
    get,
)
from goengine.util.jit import inline, njit

RECORD = 8  # values a point
# Value 0 of a record holds the colour of the point in its lowest two bits, and above them the colours of its
# neighbours and diagonals, in the order of `steps`, two bits each.
AT_HEAD, AT_NEXT = (
    1,
    2,
)  # the head of the chain (NOWHERE without a stone); the next stone in its circular list
AT_STONES, AT_PAIRS, AT_SUM, AT_SQUARES = 3, 4, 5, 6  # of a chain, valid at its head
AT_PLACE = 7  # the index of an empty point in the caller's list, or a mark below 0

CLOSED = -1  # mark of a settled point, empty or not, on which nobody plays
NOWHERE = 0  # no point: a point of the margin that is no neighbour of the board; its sums are meaningless
_LOW = 0x55  # the lower bits of four colours


@njit
def pseudo_size(points):
    """Return the length of `pseudo` for a board of this number of points."""
    size = np.int64(np.sqrt(points))
    return RECORD * ((size + 2) * (size + 1) + 1)


@inline
def padded(p, size):
    """Return the index where the record of point p begins."""
    return RECORD * (p + p // size + size + 2)


@njit
def set_steps(steps, size):
    """Write `steps` for a board size."""
    down = RECORD * (size + 1)
    for k in range(2):
        sign = 2 * k - 1
        steps[3 * k] = sign * down
        steps[1 + k] = sign * RECORD
        steps[4 + k] = -down + sign * RECORD
        steps[6 + k] = down + sign * RECORD


@njit
def copy_position(cells, near, pseudo, steps):
    """Copy a position into `pseudo` and `steps`.

    Args:
        cells: of a `Position`.
        near: of a `Position`.
        pseudo: ``int32 [pseudo_size(points)]``, written.
        steps: ``int64 [8]``, written.

    Returns:
        The point that simple ko forbids to the player to move, or NOWHERE.
    """
    points = get(cells, POINTS)
    size = np.int64(np.sqrt(points))
    set_steps(steps, size)
    pseudo[:] = 0
    for at in range(0, len(pseudo), RECORD):
        pseudo[at] = OFF_BOARD
    for p in range(points):
        at = padded(p, size)
        around = get(cells, COLOUR + p)
        for k in range(4):
            around |= get(cells, COLOUR + get(near, 4 * p + k)) << (2 + 2 * k)
            around |= get(cells, COLOUR + get(near, 4 * (points + p) + k)) << (10 + 2 * k)
        pseudo[at] = around
    for p in range(points):
        at = padded(p, size)
        if colour_at(pseudo, at) != EMPTY:
            head = padded(get(cells, HEAD + p), size)
            pseudo[at + AT_HEAD] = head
            pseudo[at + AT_NEXT] = padded(get(cells, NEXT + p), size)
            pseudo[at + AT_STONES] = get(cells, STONES + p)
            for k in range(4):
                q = at + steps[k]
                if colour_at(pseudo, q) == EMPTY:
                    add_pair(pseudo, head, q)
    ko = get(cells, KO)
    return NOWHERE if ko == NO_POINT else padded(ko, size)


@inline
def colour_at(pseudo, p):
    """Return the colour of a point of the padded board."""
    return get(pseudo, p) & 3


@inline
def _repaint(pseudo, steps, p, colour):
    """Add a stone of this colour to an empty point, or remove it."""
    pseudo[np.uintp(p)] ^= colour
    for k in range(4):  # p is in the opposite direction from its neighbour
        pseudo[np.uintp(p + steps[k])] ^= colour << (8 - 2 * k)
        pseudo[np.uintp(p + steps[4 + k])] ^= colour << (16 - 2 * k)


@inline
def is_true_eye(pseudo, p, colour):
    """Return whether an empty point is a true eye of this colour.

    All neighbours are of this colour, and the opponent has at most one diagonal, none at the edge.
    """
    around = get(pseudo, p) >> 2
    if (around >> (colour - 1)) & _LOW != _LOW:  # a bit that both this colour and OFF_BOARD have
        return False
    low = (around >> 8) & _LOW
    high = (around >> 9) & _LOW
    opponents = (low if colour == WHITE else high) & ~(low & high)
    return opponents & (opponents - 1) == 0 and (opponents == 0 or low & high == 0)


@inline
def has_room(pseudo, p):
    """Return whether at least two neighbours of an empty point are empty."""
    around = get(pseudo, p) >> 2
    free = ~(around | (around >> 1)) & _LOW
    return free & (free - 1) != 0


@inline
def add_pair(pseudo, head, p):
    """Add the pair of a stone and the empty point p to the sums of the stone's chain."""
    n = p // RECORD
    pseudo[np.uintp(head + AT_PAIRS)] += 1
    pseudo[np.uintp(head + AT_SUM)] += n
    pseudo[np.uintp(head + AT_SQUARES)] += n * n


@inline
def drop_pair(pseudo, head, p):
    """Remove the pair of a stone and the point p from the sums of the stone's chain."""
    n = p // RECORD
    pseudo[np.uintp(head + AT_PAIRS)] -= 1
    pseudo[np.uintp(head + AT_SUM)] -= n
    pseudo[np.uintp(head + AT_SQUARES)] -= n * n


@inline
def is_single(pairs, total, squares):
    """Return whether these pairs, at least one, all have the same empty point."""
    return pairs * squares == total * total


@inline
def in_atari(pseudo, head):
    """Return whether the chain with this head has exactly one liberty."""
    return is_single(get(pseudo, head + AT_PAIRS), get(pseudo, head + AT_SUM), get(pseudo, head + AT_SQUARES))


@inline
def only_liberty(pseudo, head):
    """Return the liberty of a chain in atari."""
    return get(pseudo, head + AT_SUM) // get(pseudo, head + AT_PAIRS) * RECORD


@inline
def liberties_after(pseudo, steps, p, colour):
    """Return the liberties of a chain after a move: 0 for suicide, 1, or 2 for two or more or a capture."""
    point = p // RECORD
    pairs = 0
    total = 0
    squares = 0
    captures = np.bool_(False)
    head1 = head2 = head3 = NOWHERE  # of the chains added so far, except for a fourth
    for k in range(4):
        q = p + steps[k]
        c = colour_at(pseudo, q)
        head = get(pseudo, q + AT_HEAD)
        captures |= (c == 3 - colour) & in_atari(pseudo, head)
        if c == EMPTY:
            n = q // RECORD
            pairs += 1
            total += n
            squares += n * n
        if c == colour:
            if head != head1 and head != head2 and head != head3:
                pairs += get(pseudo, head + AT_PAIRS)
                total += get(pseudo, head + AT_SUM)
                squares += get(pseudo, head + AT_SQUARES)
                head1, head2, head3 = head, head1, head2
            pairs -= 1  # p itself
            total -= point
            squares -= point * point
    if captures:
        return 2
    if pairs == 0:
        return 0
    return 1 if is_single(pairs, total, squares) else 2


@inline
def put(pseudo, steps, p, colour, captured):
    """Play a stone and remove what it captures. The move must be legal and not suicide.

    Args:
        pseudo: the board.
        steps: see `playouts.board`.
        p: an empty point.
        colour: whose stone.
        captured: ``int64 [points]``, written: the points of the captured stones.

    Returns:
        The number of captured stones, and the point that simple ko forbids to the opponent, or NOWHERE.
    """
    _repaint(pseudo, steps, p, colour)
    pairs = 0
    total = 0
    squares = 0
    for k in range(4):
        q = p + steps[k]
        if colour_at(pseudo, q) == EMPTY:
            n = q // RECORD
            pairs += 1
            total += n
            squares += n * n
        drop_pair(pseudo, get(pseudo, q + AT_HEAD), p)
    pseudo[np.uintp(p + AT_HEAD)] = p
    pseudo[np.uintp(p + AT_NEXT)] = p
    pseudo[np.uintp(p + AT_STONES)] = 1
    pseudo[np.uintp(p + AT_PAIRS)] = pairs
    pseudo[np.uintp(p + AT_SUM)] = total
    pseudo[np.uintp(p + AT_SQUARES)] = squares
    own = p
    count = 0
    for k in range(4):
        q = p + steps[k]
        c = colour_at(pseudo, q)
        head = get(pseudo, q + AT_HEAD)
        if (c == colour) & (head != own):
            own = _join(pseudo, own, head)
        elif (c == 3 - colour) & (get(pseudo, head + AT_PAIRS) == 0):
            count = _remove_chain(pseudo, steps, head, 3 - colour, captured, count)
    ko = NOWHERE
    if count == 1 and get(pseudo, own + AT_STONES) == 1 and get(pseudo, own + AT_PAIRS) == 1:
        ko = captured[0]
    return count, ko


@njit
def _join(pseudo, a, b):
    """Join the chains with heads a and b and return the head of the result."""
    if get(pseudo, a + AT_STONES) < get(pseudo, b + AT_STONES):
        a, b = b, a
    q = b
    while True:
        pseudo[np.uintp(q + AT_HEAD)] = a
        q = get(pseudo, q + AT_NEXT)
        if q == b:
            break
    after = get(pseudo, a + AT_NEXT)
    pseudo[np.uintp(a + AT_NEXT)] = get(pseudo, b + AT_NEXT)
    pseudo[np.uintp(b + AT_NEXT)] = after
    for i in range(AT_STONES, AT_SQUARES + 1):
        pseudo[np.uintp(a + i)] += get(pseudo, b + i)
    return a


@njit
def _remove_chain(pseudo, steps, head, colour, captured, count):
    """Remove a chain, append its points to the first `count` of `captured`, and return the new count."""
    q = head
    while True:
        _repaint(pseudo, steps, q, colour)
        pseudo[np.uintp(q + AT_HEAD)] = NOWHERE
        captured[np.uintp(count)] = q
        count += 1
        for k in range(4):
            # The rest of this chain gains pairs too; its sums are not used any more.
            add_pair(pseudo, get(pseudo, q + steps[k] + AT_HEAD), q)
        q = get(pseudo, q + AT_NEXT)
        if q == head:
            return count
