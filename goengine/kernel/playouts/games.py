"""Playouts: games from a position to its end, from which the owners of points are estimated.

Points that unconditional life has settled (`kernel.life`) are not played on.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from goengine.kernel.playouts.area import Tally, count_area
from goengine.kernel.playouts.board import (
    AT_HEAD,
    AT_PLACE,
    CLOSED,
    NOWHERE,
    RECORD,
    colour_at,
    copy_position,
    in_atari,
    is_true_eye,
    only_liberty,
    padded,
    pseudo_size,
    put,
)
from goengine.kernel.playouts.moves import PLAY, SLEEP, answer, judge, vital_point
from goengine.kernel.random import below, draw, mixed
from goengine.kernel.state import BLACK, EMPTY, POINTS, TO_PLAY, WHITE, get
from goengine.util.jit import inline, njit

_ANSWERED = 15  # of 16 moves that put a chain in atari are answered if possible
_MOST_MOVES = 3  # per point; only unusual kos reach it
ASLEEP = -2  # the mark of an empty point, an eye, where neither side would play for now


class Playout(NamedTuple):
    """The arrays of one playout.

    Attributes:
        pseudo: the board, see `playouts.board`.
        steps: see `playouts.board`.
        empties: ``int64 [points]``, the list of empty points that may be played. Each has its index in the
            list in its record.
        captured: ``int64 [points]``, memory for the points of captured stones.
        state: of the random numbers.
    """

    pseudo: NDArray[np.int32]
    steps: NDArray[np.int64]
    empties: NDArray[np.int64]
    captured: NDArray[np.int64]
    state: NDArray[np.uint64]


@njit
def play_out(position, settled, first, last, seed, begin, sums, scores):
    """Play a playout from a position for each of `scores`, and add up the results.

    Args:
        position: a `Position`.
        settled: ``uint8 [points]``, the colour that owns a settled point, else 0; nobody plays there.
        first: the colour to move.
        last: the point of the move before, which may be answered; the number of points for none.
        seed: a playout depends only on the seed and its number.
        begin: the number of the first playout.
        sums: ``int64 [2, points]``, to which the counts `owned` and `neutral` of `Tally` are added.
        scores: ``int64 [playouts]``, written: Black's area less White's.
    """
    cells, _, near = position
    points = get(cells, POINTS)
    size = np.int64(np.sqrt(points))
    root = np.empty(pseudo_size(points), np.int32)
    steps = np.empty(8, np.int64)
    ko = copy_position(cells, near, root, steps)
    if first != get(cells, TO_PLAY):
        ko = NOWHERE
    before = NOWHERE if last == points else padded(last, size)
    places = np.empty(points, np.int64)  # of points that are not settled, empty or not
    empties = np.empty(points, np.int64)
    playout = Playout(np.empty_like(root), steps, empties, np.empty(points, np.int64), np.zeros(1, np.uint64))
    padded_points = len(root) // RECORD
    tally = Tally(
        np.zeros(padded_points, np.int64),
        np.zeros(padded_points, np.int64),
        np.zeros(padded_points, np.bool_),
    )
    open_points, empty = list_open(root, settled, places, empties)
    settled_area = 0
    for p in range(points):
        if settled[p] != 0:
            sign = 1 if settled[p] == BLACK else -1
            tally.owned[padded(p, size) // RECORD] = sign * len(scores)
            settled_area += sign
    first_empties = empties[:empty].copy()
    for i in range(len(scores)):
        number = np.uint64(begin + i + 1)
        playout.state[0] = mixed(np.uint64(seed) * np.uint64(0x9E3779B97F4A7C15) + number)
        playout.pseudo[:] = root
        empties[:empty] = first_empties
        play_game(playout, first, before, ko, empty, _MOST_MOVES * points)
        scores[i] = settled_area + count_area(
            root, playout.pseudo, steps, places[:open_points], playout.captured, tally
        )
    for p in range(points):
        sums[0, p] += tally.owned[padded(p, size) // RECORD]
        sums[1, p] += tally.neutral[padded(p, size) // RECORD]


@njit
def list_open(pseudo, settled, places, empties):
    """List the points that are not settled, and the empty ones among them; mark settled points CLOSED.

    Args:
        pseudo: the board.
        settled: ``uint8 [points]``, not 0 on settled points.
        places: ``int64 [points]``, written.
        empties: ``int64 [points]``, written.

    Returns:
        The lengths of the two lists.
    """
    size = np.int64(np.sqrt(len(settled)))
    count = 0
    empty = 0
    for p in range(len(settled)):
        at = padded(p, size)
        if settled[p] != 0:
            pseudo[at + AT_PLACE] = CLOSED
            continue
        places[count] = at
        count += 1
        if colour_at(pseudo, at) == EMPTY:
            empty = _append(pseudo, empties, empty, at)
    return count, empty


@njit
def play_game(playout, first, last, ko, count, most):
    """Play a position until two passes in a row.

    Args:
        playout: a `Playout`.
        first: the colour to move.
        last: the point of the move before, or NOWHERE.
        ko: the point that `first` may not play, or NOWHERE.
        count: the number of points in `playout.empties`.
        most: the number of moves after which the playout ends anyway.

    Returns:
        The number of points in `playout.empties` at the end. Other empty points are asleep.
    """
    pseudo, steps, empties, captured, state = playout
    colour = first
    passes = 0
    moves = 0
    vital = NOWHERE
    while passes < 2 and moves < most:
        moves += 1
        move = NOWHERE
        if vital != NOWHERE:
            move = vital
        elif last != NOWHERE and (draw(state) & 15) < _ANSWERED:
            move = answer(pseudo, steps, last, colour, ko, state)
        untried = count
        while untried > 0 and move == NOWHERE:
            i = below(state, untried)
            p = empties[np.uintp(i)]
            verdict = judge(pseudo, steps, p, colour)
            if verdict == PLAY and p != ko:
                move = p
                break
            untried -= 1
            _swap(pseudo, empties, i, untried)
            if verdict == SLEEP:
                count -= 1
                _swap(pseudo, empties, untried, count)
                pseudo[np.uintp(p + AT_PLACE)] = ASLEEP
        last = move
        vital = NOWHERE
        if move == NOWHERE:
            passes += 1
            ko = NOWHERE
        else:
            passes = 0
            count -= 1
            _swap(pseudo, empties, get(pseudo, move + AT_PLACE), count)
            stones, ko = put(pseudo, steps, move, colour, captured)
            for i in range(stones):
                # A settled chain may be captured if its owner plays badly.
                if get(pseudo, captured[np.uintp(i)] + AT_PLACE) != CLOSED:
                    count = _append(pseudo, empties, count, captured[np.uintp(i)])
            count = _wake(pseudo, steps, move, empties, count)
            vital = vital_point(pseudo, steps, captured, stones)
        colour = 3 - colour
    return count


@inline
def _swap(pseudo, empties, i, j):
    """Exchange two entries of a list of points."""
    p = empties[np.uintp(i)]
    q = empties[np.uintp(j)]
    empties[np.uintp(i)] = q
    empties[np.uintp(j)] = p
    pseudo[np.uintp(q + AT_PLACE)] = i
    pseudo[np.uintp(p + AT_PLACE)] = j


@inline
def _append(pseudo, empties, count, p):
    """Append a point to a list of `count` points and return the new length."""
    empties[np.uintp(count)] = p
    pseudo[np.uintp(p + AT_PLACE)] = count
    return count + 1


@inline
def _wake(pseudo, steps, move, empties, count):
    """Append sleeping points that a move may have made worth playing; return the new length of the list.

    Sleeping points are eyes. An eye is woken if a stone on its diagonal made it a false eye, or if a chain
    next to it was put in atari. A chain next to an eye can be captured only by a move in the eye.
    """
    for k in range(4):
        p = move + steps[4 + k]
        if get(pseudo, p + AT_PLACE) == ASLEEP and not (
            is_true_eye(pseudo, p, BLACK) or is_true_eye(pseudo, p, WHITE)
        ):
            count = _append(pseudo, empties, count, p)
    for k in range(-1, 4):
        q = move if k < 0 else move + steps[k]
        head = get(pseudo, q + AT_HEAD)
        if (head != NOWHERE) & in_atari(pseudo, head):
            p = only_liberty(pseudo, head)
            if get(pseudo, p + AT_PLACE) == ASLEEP:
                count = _append(pseudo, empties, count, p)
    return count
