"""A board for random games: enough of the rules to play on, in half the time of `kernel.state`.

Chains know their liberties by three sums only, over every pair of a stone and an empty point beside it: how
many there are, the sum of these points, and of their squares. So a point that two stones touch counts twice.
No liberty is left where the number is zero, and a single one where number times squares is the sum squared
(by Cauchy and Schwarz that is so for equal points alone); it is the mean then. Adding and taking off pairs
needs no search, which makes joining chains, and seeing what a move would leave, a few additions.

    pseudo  int32 [RECORD * padded points]  RECORD values a point: what is there, its chain, the chain's sums
    steps   int64 [8]  from a point's record to those of its four neighbours, then of its four diagonals

Points are numbered row by row with a row of margin above and below and a column of it between rows, which a
step leads to from the edge. They are named by where their record begins.
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
# The first is the colour of the point in its lowest two bits, above them of its neighbours and its diagonals,
# in the order of `steps`, two bits each.
AT_HEAD, AT_NEXT = 1, 2  # the head of the chain, NOWHERE for no stone; the next stone of the chain's circle
AT_STONES, AT_PAIRS, AT_SUM, AT_SQUARES = 3, 4, 5, 6  # of a chain, at its head
AT_PLACE = 7  # of an empty point in a list that the caller keeps, or a mark below 0

CLOSED = -1  # the mark of a settled point, on which nobody plays, empty or not
NOWHERE = 0  # the point of the margin beyond a corner's diagonal, so no chain's head; its sums mean nothing
_LOW = 0x55  # the lower bits of four colours


@njit
def pseudo_size(points):
    """The length of `pseudo` for a board of so many points."""
    size = np.int64(np.sqrt(points))
    return RECORD * ((size + 2) * (size + 1) + 1)


@inline
def padded(p, size):
    """Where the record of point p begins."""
    return RECORD * (p + p // size + size + 2)


@njit
def set_steps(steps, size):
    down = RECORD * (size + 1)
    for k in range(2):
        sign = 2 * k - 1
        steps[3 * k] = sign * down
        steps[1 + k] = sign * RECORD
        steps[4 + k] = -down + sign * RECORD
        steps[6 + k] = down + sign * RECORD


@njit
def copy_position(cells, near, pseudo, steps):
    """Take a position over. Returns the point that the player to move may not play for a ko, or NOWHERE."""
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
    return get(pseudo, p) & 3


@inline
def _repaint(pseudo, steps, p, colour):
    """Put a colour on an empty point, or take it off again."""
    pseudo[np.uintp(p)] ^= colour
    for k in range(4):  # seen from there p lies the other way
        pseudo[np.uintp(p + steps[k])] ^= colour << (8 - 2 * k)
        pseudo[np.uintp(p + steps[4 + k])] ^= colour << (16 - 2 * k)


@inline
def is_true_eye(pseudo, p, colour):
    """Whether an empty point is an eye of this colour: its own all around, and the diagonals too.

    One diagonal may be the opponent's where none is off the board.
    """
    around = get(pseudo, p) >> 2
    if (around >> (colour - 1)) & _LOW != _LOW:  # bits that this colour and what is off the board have
        return False
    low = (around >> 8) & _LOW
    high = (around >> 9) & _LOW
    opponents = (low if colour == WHITE else high) & ~(low & high)
    return opponents & (opponents - 1) == 0 and (opponents == 0 or low & high == 0)


@inline
def has_room(pseudo, p):
    """Whether two or more empty points are beside an empty point."""
    around = get(pseudo, p) >> 2
    free = ~(around | (around >> 1)) & _LOW
    return free & (free - 1) != 0


@inline
def add_pair(pseudo, head, p):
    n = p // RECORD
    pseudo[np.uintp(head + AT_PAIRS)] += 1
    pseudo[np.uintp(head + AT_SUM)] += n
    pseudo[np.uintp(head + AT_SQUARES)] += n * n


@inline
def drop_pair(pseudo, head, p):
    n = p // RECORD
    pseudo[np.uintp(head + AT_PAIRS)] -= 1
    pseudo[np.uintp(head + AT_SUM)] -= n
    pseudo[np.uintp(head + AT_SQUARES)] -= n * n


@inline
def is_single(pairs, total, squares):
    """Whether all of these pairs, at least one, have the same empty point."""
    return pairs * squares == total * total


@inline
def in_atari(pseudo, head):
    return is_single(get(pseudo, head + AT_PAIRS), get(pseudo, head + AT_SUM), get(pseudo, head + AT_SQUARES))


@inline
def only_liberty(pseudo, head):
    """The liberty of a chain in atari."""
    return get(pseudo, head + AT_SUM) // get(pseudo, head + AT_PAIRS) * RECORD


@inline
def breath(pseudo, steps, p, colour):
    """What a move on an empty point leaves its chain: 0 for suicide, 1 liberty, 2 for more or a capture."""
    point = p // RECORD
    pairs = 0
    total = 0
    squares = 0
    captures = np.bool_(False)
    head1 = head2 = head3 = NOWHERE  # of the chains that were added, but for a fourth
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
def put(pseudo, steps, p, colour, taken):
    """Put a stone down and take off what it captures. The move must be legal, and no suicide.

    taken: int64, room for all points; the points that became empty are written there.

    Returns how many did, and the point that may not be played next for a ko, or NOWHERE.
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
    captured = 0
    for k in range(4):
        q = p + steps[k]
        c = colour_at(pseudo, q)
        head = get(pseudo, q + AT_HEAD)
        if (c == colour) & (head != own):
            own = _join(pseudo, own, head)
        elif (c == 3 - colour) & (get(pseudo, head + AT_PAIRS) == 0):
            captured = _take_off(pseudo, steps, head, 3 - colour, taken, captured)
    ko = NOWHERE
    if captured == 1 and get(pseudo, own + AT_STONES) == 1 and get(pseudo, own + AT_PAIRS) == 1:
        ko = taken[0]
    return captured, ko


@njit
def _join(pseudo, a, b):
    """Make one chain of the chains with heads a and b; returns the head."""
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
def _take_off(pseudo, steps, head, colour, taken, count):
    """Take a chain off; its points go behind the first `count` of `taken`. Returns the new count."""
    q = head
    while True:
        _repaint(pseudo, steps, q, colour)
        pseudo[np.uintp(q + AT_HEAD)] = NOWHERE
        taken[np.uintp(count)] = q
        count += 1
        for k in range(4):
            # Stones of this chain that are still there gain pairs too, which nobody asks for any more.
            add_pair(pseudo, get(pseudo, q + steps[k] + AT_HEAD), q)
        q = get(pseudo, q + AT_NEXT)
        if q == head:
            return count
