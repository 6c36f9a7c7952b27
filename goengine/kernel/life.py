"""Unconditional life and unconditional territory.

A chain is unconditionally alive if it cannot be captured even if its owner always passes: Benson, "Life in
the game of Go", Information Sciences 10:17 (1976). A region is a maximal connected set of points without a
stone of the colour in question.
"""

import numpy as np

from goengine.kernel.state import COLOUR, EMPTY, HEAD, OFF_BOARD, POINTS, get
from goengine.util.jit import njit


@njit
def unconditional(cells, near, suicide, alive, territory):
    """Write which stones are unconditionally alive, and which points are unconditional territory.

    Args:
        cells: of a `Position`.
        near: of a `Position`.
        suicide: whether suicide is legal. The opponent can then remove its own stones from a region, so a
            region is vital to a chain only if every point of it, not just every empty one, is next to it.
        alive: ``uint8 [points]``, written: the colour of an unconditionally alive stone, else 0.
        territory: ``uint8 [points]``, written: the colour that owns the point whatever either side plays,
            including points under dead stones of either colour, else 0.
    """
    points = get(cells, POINTS)
    for p in range(points):
        alive[p] = 0
        territory[p] = 0
    region = np.empty(points, np.int64)
    stack = np.empty(points, np.int64)
    for colour in (1, 2):
        safe = np.empty(points, np.bool_)
        for p in range(points):
            safe[p] = get(cells, COLOUR + p) == colour
        _keep_alive(cells, near, suicide, colour, region, stack, safe)
        for p in range(points):
            if safe[p]:
                alive[p] = colour
        _enclosed(cells, near, colour, region, stack, safe, territory)


@njit
def _keep_alive(cells, near, suicide, colour, region, stack, safe):
    """Reduce `safe`, all stones of a colour, to the unconditionally alive ones (Benson's algorithm)."""
    points = get(cells, POINTS)
    count = _regions(cells, near, safe, region, stack)
    # A chain next to every empty point of a region is next to the first of them, so at most four are.
    vital = np.full((count, 4), -1, np.int64)
    started = np.zeros(count, np.bool_)
    healthy = np.ones(count, np.bool_)
    for p in range(points):
        r = region[p]
        if r < 0 or (get(cells, COLOUR + p) != EMPTY and not suicide):
            continue
        for i in range(4):
            if not started[r]:
                q = get(near, 4 * p + i)
                if get(cells, COLOUR + q) == colour:
                    vital[r, i] = get(cells, HEAD + q)
            elif vital[r, i] >= 0 and not _touches(cells, near, p, colour, vital[r, i]):
                vital[r, i] = -1
        started[r] = True
    eyes = np.zeros(points, np.int64)
    changed = True
    while changed:
        changed = False
        eyes[:] = 0
        for r in range(count):
            for i in range(4):
                new = healthy[r] and vital[r, i] >= 0
                for j in range(i):
                    new = new and vital[r, j] != vital[r, i]
                if new:
                    eyes[vital[r, i]] += 1
        for p in range(points):
            if safe[p] and eyes[get(cells, HEAD + p)] < 2:
                safe[p] = False
                changed = True
        for p in range(points):
            if region[p] >= 0 and healthy[region[p]]:
                for k in range(4):
                    q = get(near, 4 * p + k)
                    if get(cells, COLOUR + q) == colour and not safe[q]:
                        healthy[region[p]] = False


@njit
def _touches(cells, near, p, colour, head):
    """Return whether a point is next to the chain of this colour and head."""
    for k in range(4):
        q = get(near, 4 * p + k)
        if get(cells, COLOUR + q) == colour and get(cells, HEAD + q) == head:
            return True
    return False


@njit
def _enclosed(cells, near, colour, region, stack, safe, territory):
    """Mark the regions between unconditionally alive stones in which the opponent cannot live.

    The opponent needs two eyes to live there. Each has a point that is not next to the alive stones, since
    these cannot be captured, and two such points that are next to each other belong to one eye.
    """
    points = get(cells, POINTS)
    count = _regions(cells, near, safe, region, stack)
    inner = np.zeros(count, np.int64)
    first = np.zeros(count, np.int64)
    touches = np.zeros(count, np.bool_)
    for p in range(points):
        r = region[p]
        if r < 0:
            continue
        next_to_safe = False
        for k in range(4):
            q = get(near, 4 * p + k)
            next_to_safe = next_to_safe or (get(cells, COLOUR + q) != OFF_BOARD and safe[q])
        touches[r] = touches[r] or next_to_safe
        if next_to_safe:
            continue
        if inner[r] == 0:
            first[r] = p
            inner[r] = 1
        else:
            joined = False
            for k in range(4):
                joined = joined or get(near, 4 * p + k) == first[r]
            inner[r] += 1 if joined and inner[r] == 1 else 2
    for p in range(points):
        r = region[p]
        if r >= 0 and touches[r] and inner[r] <= 2:
            territory[p] = colour


@njit
def _regions(cells, near, walls, region, stack):
    """Give a number to each maximal connected set of points outside `walls` and return how many there are.

    region: ``int64 [points]``, written: the number of the point's set, -1 on a wall.
    """
    points = get(cells, POINTS)
    count = 0
    for p in range(points):
        region[p] = -1
    for start in range(points):
        if walls[start] or region[start] >= 0:
            continue
        region[start] = count
        stack[0] = start
        top = 1
        while top > 0:
            top -= 1
            p = stack[top]
            for k in range(4):
                q = get(near, 4 * p + k)
                if get(cells, COLOUR + q) != OFF_BOARD and not walls[q] and region[q] < 0:
                    region[q] = count
                    stack[top] = q
                    top += 1
        count += 1
    return count
