"""Find the points that are still worth playing in the endgame, from playout statistics."""

import numpy as np

from goengine.kernel.score import means_of_chains
from goengine.kernel.state import BLACK, COLOUR, EMPTY, OFF_BOARD, POINTS, WHITE, get
from goengine.util.jit import njit


@njit
def find_open(cells, near, ownership, neutral, unsettled, disputed, seki, out):
    """Mark the empty points that are disputed, or next to live stones of both colours.

    A point is disputed if its absolute ownership is below a limit. A stone counts as alive if its ownership
    by its colour is above `unsettled`. Points next to a stone that may be in seki are not marked.

    Args:
        cells: of a `Position`.
        near: of a `Position`.
        ownership: ``float32 [points]``, 1 for Black, -1 for White.
        neutral: ``float64 [points]``, the share of playouts in which a stone ends next to a neutral point.
        unsettled: the limit of ownership for stones.
        disputed: the limit of absolute ownership for empty points.
        seki: the value of `neutral` above which a stone may be in seki.
        out: ``bool [points]``, written.
    """
    for p in range(get(cells, POINTS)):
        out[p] = False
        if get(cells, COLOUR + p) != EMPTY:
            continue
        colours = 0
        in_seki = False
        for k in range(4):
            q = get(near, 4 * p + k)
            colour = get(cells, COLOUR + q)
            if (colour == BLACK and ownership[q] > unsettled) or (
                colour == WHITE and ownership[q] < -unsettled
            ):
                colours |= colour
            in_seki |= colour != OFF_BOARD and neutral[q] > seki
        out[p] = not in_seki and (abs(ownership[p]) < disputed or colours == BLACK | WHITE)


@njit
def find_gain(cells, near, ownership, owner, unsettled, out):
    """Mark the empty points that have no owner, are unsettled, or are next to an unsettled chain.

    A point, or a chain in the mean, is unsettled if its absolute ownership is below a limit.

    Args:
        cells: of a `Position`.
        near: of a `Position`.
        ownership: ``float64 [points]``, 1 for Black, -1 for White.
        owner: ``uint8 [points]``, the colour to whose area each point belongs, or EMPTY.
        unsettled: the limit of absolute ownership.
        out: ``bool [points]``, written.
    """
    points = get(cells, POINTS)
    means = np.empty(points)
    means_of_chains(cells, ownership, means)
    for p in range(points):
        out[p] = False
        if get(cells, COLOUR + p) != EMPTY:
            continue
        gain = owner[p] == EMPTY or abs(ownership[p]) < unsettled
        for k in range(4):
            q = get(near, 4 * p + k)
            if get(cells, COLOUR + q) in (BLACK, WHITE):
                gain |= abs(means[q]) < unsettled
        out[p] = gain
