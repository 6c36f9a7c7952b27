"""Who owns what on a board as it stands, and the values of points as means of whole chains."""

import numpy as np

from goengine.kernel.state import BLACK, COLOUR, EMPTY, HEAD, OFF_BOARD, POINTS, STONES, WHITE, get
from goengine.util.jit import njit


@njit
def owners(cells, near, dead, out):
    """Write the owner of each point: a live stone's colour, or the one colour that an empty region touches.

    dead: bool [points], stones that count as taken off. out: uint8 [points]; 0 where a region touches
    both colours or none.
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
    """Write the mean of the values at the points of each stone's chain, and 0 at empty points.

    values, out: float64 [points].
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
