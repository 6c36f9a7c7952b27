"""The owner of each point of a board, and means of values over chains."""

import numpy as np

from goengine.kernel.state import BLACK, COLOUR, EMPTY, HEAD, OFF_BOARD, POINTS, STONES, WHITE, get
from goengine.util.jit import njit


@njit
def owners(cells, near, dead, out):
    """Write the owner of each point: the colour of a live stone, or the only colour next to an empty region.

    Args:
        cells: of a `Position`.
        near: of a `Position`.
        dead: ``bool [points]``, stones that count as removed.
        out: ``uint8 [points]``, written: a colour, or 0 if both colours or none are next to the region.
    """
    points = get(cells, POINTS)
    visited = np.zeros(points, np.bool_)
    region = np.empty(points, np.int64)
    for p in range(points):
        colour = get(cells, COLOUR + p)
        if colour != 0 and not dead[p]:
            out[p] = colour
            visited[p] = True
    for start in range(points):
        if visited[start]:
            continue
        visited[start] = True
        region[0] = start
        count = 1
        done = 0
        touches = 0
        while done < count:
            p = region[done]
            done += 1
            for k in range(4):
                q = get(near, 4 * p + k)
                c = get(cells, COLOUR + q)
                if c == OFF_BOARD:
                    continue
                if c != 0 and not dead[q]:
                    touches |= c
                elif not visited[q]:
                    visited[q] = True
                    region[count] = q
                    count += 1
        owner = touches if touches in (BLACK, WHITE) else 0
        for i in range(count):
            out[region[i]] = owner


@njit
def means_of_chains(cells, values, out):
    """Write, for each stone, the mean of the values at the points of its chain, and 0 at empty points.

    Args:
        cells: of a `Position`.
        values: ``float64 [points]``.
        out: ``float64 [points]``, written.
    """
    points = get(cells, POINTS)
    sums = np.zeros(points)
    for p in range(points):
        if get(cells, COLOUR + p) != EMPTY:
            sums[get(cells, HEAD + p)] += values[p]
    for p in range(points):
        out[p] = 0.0
        if get(cells, COLOUR + p) != EMPTY:
            head = get(cells, HEAD + p)
            out[p] = sums[head] / get(cells, STONES + head)
