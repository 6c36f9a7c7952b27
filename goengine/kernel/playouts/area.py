"""Count the area of each side at the end of a playout."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from goengine.kernel.playouts.board import AT_HEAD, AT_PLACE, CLOSED, RECORD, colour_at
from goengine.kernel.state import BLACK, EMPTY, OFF_BOARD, WHITE, get
from goengine.util.jit import inline, njit


class Tally(NamedTuple):
    """Counts over playouts, by point of the padded board.

    Attributes:
        owned: ``int64 [padded points]``, 1 for each playout in which Black owns the point, -1 for White's.
        neutral: ``int64 [padded points]``, the number of playouts in which the stone on this point is still
            there at the end, in a chain next to a neutral point: an empty point next to both colours.
        marks: ``bool [padded points]``, memory; all False between calls.
    """

    owned: NDArray[np.int64]
    neutral: NDArray[np.int64]
    marks: NDArray[np.bool_]


@njit
def count_area(root, pseudo, steps, places, region, tally):
    """Count the owners of the points that are not settled, at the end of a playout.

    Args:
        root: the position where the playout began.
        pseudo: the position where it ended; its empty points are overwritten.
        steps: see `playouts.board`.
        places: ``int64 [n]``, the points that are not settled.
        region: ``int64 [points]``, overwritten.
        tally: a `Tally`, to which the counts are added.

    Returns:
        Black's area less White's.
    """
    owned, neutral, marks = tally
    score = 0
    for i in range(len(places)):
        p = places[np.uintp(i)]
        c = colour_at(pseudo, p)
        if c != EMPTY:
            sign = 1 if c == BLACK else -1
            owned[np.uintp(p // RECORD)] += sign
            score += sign
    shared = False
    for i in range(len(places)):
        start = places[np.uintp(i)]
        if colour_at(pseudo, start) != EMPTY:
            continue
        size, touches = _flood(pseudo, steps, start, region)
        if touches in (BLACK, WHITE):
            sign = 1 if touches == BLACK else -1
            score += sign * size
            for j in range(size):
                owned[np.uintp(region[np.uintp(j)] // RECORD)] += sign
        else:
            shared = True
            for j in range(size):
                _mark_neutral(pseudo, steps, region[np.uintp(j)], marks)
    if shared:
        for i in range(len(places)):
            p = places[np.uintp(i)]
            c = colour_at(root, p)
            head = get(pseudo, p + AT_HEAD)
            if c != EMPTY and colour_at(pseudo, p) == c and marks[np.uintp(head // RECORD)]:
                neutral[np.uintp(p // RECORD)] += 1
        marks[:] = False
    return score


@inline
def _flood(pseudo, steps, start, region):
    """List the region of empty points around one, and overwrite them with OFF_BOARD.

    Returns:
        The number of points, and the colours of the stones next to them, combined as bits.
    """
    region[0] = start
    pseudo[np.uintp(start)] = OFF_BOARD
    size = 1
    done = 0
    touches = 0
    while done < size:
        p = region[np.uintp(done)]
        done += 1
        for k in range(4):
            q = p + steps[k]
            c = colour_at(pseudo, q)
            if c == EMPTY:
                if get(pseudo, q + AT_PLACE) == CLOSED:
                    continue
                pseudo[np.uintp(q)] = OFF_BOARD
                region[np.uintp(size)] = q
                size += 1
            elif c != OFF_BOARD:
                touches |= c
    return size, touches


@inline
def _mark_neutral(pseudo, steps, p, marks):
    """If an empty point is next to both colours, mark the heads of the chains next to it."""
    touches = 0
    for k in range(4):
        c = colour_at(pseudo, p + steps[k])
        if c != OFF_BOARD:
            touches |= c
    if touches == BLACK | WHITE:
        for k in range(4):
            q = p + steps[k]
            if colour_at(pseudo, q) != OFF_BOARD:
                marks[np.uintp(get(pseudo, q + AT_HEAD) // RECORD)] = True
