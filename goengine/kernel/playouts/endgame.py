"""Where something is left to gain near the end of a game, by what random games say of its points."""

import numpy as np

from goengine.kernel.score import means_of_chains
from goengine.kernel.state import BLACK, COLOUR, EMPTY, OFF_BOARD, POINTS, WHITE, get
from goengine.util.jit import njit


@njit
def find_open(cells, near, ownership, neutral, unsettled, split, hardly, out):
    """Mark the empty points that are owned less surely than `split`, or lie between stones of both colours.

    Stones that random games see taken, in that they are not owned by their colour more surely than
    `unsettled`, do not count; nor do points beside a stone whose `neutral` is above `hardly`.
    ownership: float32 [points], 1 Black's. neutral: float64 [points]. out: bool [points].
    """
    for p in range(get(cells, POINTS)):
        out[p] = False
        if get(cells, COLOUR + p) != EMPTY:
            continue
        beside = 0
        in_seki = False
        for k in range(4):
            q = get(near, 4 * p + k)
            colour = get(cells, COLOUR + q)
            if (colour == BLACK and ownership[q] > unsettled) or (
                colour == WHITE and ownership[q] < -unsettled
            ):
                beside |= colour
            in_seki |= colour != OFF_BOARD and neutral[q] > hardly
        out[p] = not in_seki and (abs(ownership[p]) < split or beside == BLACK | WHITE)


@njit
def find_gain(cells, near, ownership, owner, unsettled, out):
    """Mark the empty points that are nobody's, or owned less surely than `unsettled`, or beside such a chain.

    ownership: float64 [points], 1 Black's. owner: uint8 [points], the colour whose area each point is.
    out: bool [points].
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
