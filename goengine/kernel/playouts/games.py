"""Random games from a position to its end, by which owners of points are estimated.

`kernel.random_player` says what the players do. What `kernel.life` has settled is not played on.
"""

import numpy as np

from goengine.kernel.playouts.area import count_area
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

_ANSWERED = 15  # of 16 ataris are answered where they can be
ASLEEP = -2  # the mark of an empty point, an eye, on which neither side would play for the time being


@njit
def play_out(cells, near, fixed, first, last, seed, begin, owner_sum, neutral_sum, scores):
    """Play a game from a position for each of `scores`, and add up how they end.

    fixed: uint8 [points], the colour that owns a settled point, else 0; nobody plays there.
    first: the colour to move. last: the point of the move before, which may call for an answer; the number of
    points for none.
    owner_sum: int64 [points], gains 1 for each game in which Black owns the point, loses 1 for White's.
    neutral_sum: int64 [points], gains 1 for each game in which the stone on this point, if it is not settled,
    stands to the end in a chain next to an empty point that is next to both colours, and that neither would
    play.
    begin: the first game's number; a game follows from the seed and its number alone.
    scores: int64 [games], Black's area less White's.
    """
    points = get(cells, POINTS)
    size = np.int64(np.sqrt(points))
    root = np.empty(pseudo_size(points), np.int32)
    pseudo = np.empty_like(root)
    steps = np.empty(8, np.int64)
    ko = copy_position(cells, near, root, steps)
    if first != get(cells, TO_PLAY):
        ko = NOWHERE
    before = NOWHERE if last == points else padded(last, size)
    places = np.empty(points, np.int64)  # of points that are not settled, empty or not
    empties = np.empty(points, np.int64)
    taken = np.empty(points, np.int64)
    owned, neutral = np.zeros((2, len(root) // RECORD), np.int64)
    marks = np.zeros(len(root) // RECORD, np.bool_)
    state = np.zeros(1, np.uint64)
    open_points, empty = list_open(root, fixed, places, empties)
    settled = 0
    for p in range(points):
        if fixed[p] != 0:
            sign = 1 if fixed[p] == BLACK else -1
            owned[padded(p, size) // RECORD] = sign * len(scores)
            settled += sign
    first_empties = empties[:empty].copy()
    for game in range(len(scores)):  # of at most 3 moves a point, which only odd kos reach
        state[0] = mixed(np.uint64(seed) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(begin + game + 1))
        pseudo[:] = root
        empties[:empty] = first_empties
        play_game(pseudo, steps, first, before, ko, state, empties, empty, taken, 3 * points)
        scores[game] = settled + count_area(
            root, pseudo, steps, places[:open_points], taken, marks, owned, neutral
        )
    for p in range(points):
        owner_sum[p] += owned[padded(p, size) // RECORD]
        neutral_sum[p] += neutral[padded(p, size) // RECORD]


@njit
def list_open(pseudo, fixed, places, empties):
    """List the points that are not settled, and the empty ones of these; marks the others CLOSED.

    Returns how many of each.
    """
    size = np.int64(np.sqrt(len(fixed)))
    listed = 0
    empty = 0
    for p in range(len(fixed)):
        at = padded(p, size)
        if fixed[p] != 0:
            pseudo[at + AT_PLACE] = CLOSED
            continue
        places[listed] = at
        listed += 1
        if colour_at(pseudo, at) == EMPTY:
            empty = _list(pseudo, empties, empty, at)
    return listed, empty


@njit
def play_game(pseudo, steps, first, last, ko, state, empties, left, taken, most):
    """Play a position to its end, two passes or so many moves.

    last: the point of the move before, or NOWHERE. ko: the point that `first` may not play, or NOWHERE.
    empties: the first `left` are the points that may be played on, each with its place in its record.
    taken: int64, room for all points.

    Returns how many of `empties` are left; others that are empty sleep.
    """
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
        untried = left
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
                left -= 1
                _swap(pseudo, empties, untried, left)
                pseudo[np.uintp(p + AT_PLACE)] = ASLEEP
        last = move
        vital = NOWHERE
        if move == NOWHERE:
            passes += 1
            ko = NOWHERE
        else:
            passes = 0
            left -= 1
            _swap(pseudo, empties, get(pseudo, move + AT_PLACE), left)
            captured, ko = put(pseudo, steps, move, colour, taken)
            for i in range(captured):
                if get(pseudo, taken[np.uintp(i)] + AT_PLACE) != CLOSED:  # a settled chain may be thrown away
                    left = _list(pseudo, empties, left, taken[np.uintp(i)])
            left = _wake(pseudo, steps, move, empties, left)
            vital = vital_point(pseudo, steps, taken, captured)
        colour = 3 - colour
    return left


@inline
def _swap(pseudo, empties, i, j):
    """Change two entries of a list of points for each other."""
    p = empties[np.uintp(i)]
    q = empties[np.uintp(j)]
    empties[np.uintp(i)] = q
    empties[np.uintp(j)] = p
    pseudo[np.uintp(q + AT_PLACE)] = i
    pseudo[np.uintp(p + AT_PLACE)] = j


@inline
def _list(pseudo, empties, left, p):
    """Add a point to the list; returns its length."""
    empties[np.uintp(left)] = p
    pseudo[np.uintp(p + AT_PLACE)] = left
    return left + 1


@inline
def _wake(pseudo, steps, move, empties, left):
    """List sleeping points again that a move concerns; returns the length of the list.

    They are eyes, whose neighbours are stones. An eye is to be looked at again where a stone on its diagonal
    made it a false one, and where a chain beside it came into atari. A chain beside it cannot be captured
    but by a move there.
    """
    for k in range(4):
        p = move + steps[4 + k]
        if get(pseudo, p + AT_PLACE) == ASLEEP and not (
            is_true_eye(pseudo, p, BLACK) or is_true_eye(pseudo, p, WHITE)
        ):
            left = _list(pseudo, empties, left, p)
    for k in range(-1, 4):
        q = move if k < 0 else move + steps[k]
        head = get(pseudo, q + AT_HEAD)
        if (head != NOWHERE) & in_atari(pseudo, head):
            p = only_liberty(pseudo, head)
            if get(pseudo, p + AT_PLACE) == ASLEEP:
                left = _list(pseudo, empties, left, p)
    return left
