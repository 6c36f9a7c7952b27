"""Who owns what where a random game has ended."""

import numpy as np

from goengine.kernel.playouts.board import AT_HEAD, AT_PLACE, CLOSED, RECORD, colour_at
from goengine.kernel.state import BLACK, EMPTY, OFF_BOARD, WHITE, get
from goengine.util.jit import inline, njit


@njit
def count_area(root, pseudo, steps, places, region, marks, owned, neutral):
    """Add up who owns what where a game ended; returns Black's area less White's, settled points left out.

    root: where the game began. pseudo: where it ended; regions are taken off it. places: the points that are
    not settled. region: int64, room for all points. marks: bool [padded points], all False before and after.
    owned, neutral: int64 [padded points], what `kernel.playout.play_out` calls sums.
    """
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
    """List the region of empty points around one, and take them off the board.

    Returns how many, and the colours of the stones beside, added up as bits.
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
    """Mark the heads of the chains next to an empty point that is next to both colours."""
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
