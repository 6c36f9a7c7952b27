"""How playouts choose moves.

After a capture of three to six stones, play the vital point of the eye. Else, mostly, capture or save a chain
that the last move put in atari. Else play a random point, but fill no true eye, and make no self-atari unless
its shape is a nakade, so that sekis are preserved.
"""

import numpy as np

from goengine.kernel.playouts.board import (
    AT_HEAD,
    AT_NEXT,
    AT_PLACE,
    AT_STONES,
    NOWHERE,
    colour_at,
    has_room,
    in_atari,
    is_true_eye,
    liberties_after,
    only_liberty,
)
from goengine.kernel.random import below
from goengine.kernel.state import OFF_BOARD, get
from goengine.util.jit import inline, njit

PLAY, SKIP, SLEEP = 0, 1, 2
"""Results of `judge`: play the point; not now; not until something changes next to it."""


@inline
def judge(pseudo, steps, p, colour):
    """Return whether a playout would play an empty point: PLAY, SKIP or SLEEP. Ko is not checked.

    SLEEP means that neither side would play there until a stone on a diagonal makes it a false eye, or a
    chain next to it is put in atari.
    """
    if is_true_eye(pseudo, p, colour):
        return SKIP if _is_threatened(pseudo, steps, p) else SLEEP
    if has_room(pseudo, p):
        return PLAY
    liberties = liberties_after(pseudo, steps, p, colour)
    if liberties == 0:
        return SLEEP if is_true_eye(pseudo, p, 3 - colour) else SKIP
    return PLAY if liberties > 1 or _is_nakade(pseudo, steps, p, colour) else SKIP


@inline
def _is_threatened(pseudo, steps, p):
    """Return whether a chain next to an eye is in atari, so that the opponent could capture it there."""
    threatened = False
    for k in range(4):
        q = p + steps[k]
        threatened |= (colour_at(pseudo, q) != OFF_BOARD) & in_atari(pseudo, get(pseudo, q + AT_HEAD))
    return threatened


@njit
def _is_nakade(pseudo, steps, p, colour):
    """Return whether the shape of the chain after a self-atari at p is worth sacrificing.

    It is for one to three stones, and for the shapes of four to six stones whose capture leaves the opponent
    a single eye: square, pyramid, bulky five, cross and rabbity six.
    """
    stones = 1
    for k in range(4):
        q = p + steps[k]
        if colour_at(pseudo, q) == colour:
            stones += get(pseudo, get(pseudo, q + AT_HEAD) + AT_STONES)
    if stones <= 3:  # an upper bound: a chain may have been counted twice
        return True
    shape = np.empty(6, np.int64)
    shape[0] = p
    stones = 1
    for k in range(4):
        q = p + steps[k]
        if colour_at(pseudo, q) != colour:
            continue
        known = False
        for i in range(1, stones):
            known = known or shape[i] == q
        if known:
            continue
        if stones + get(pseudo, get(pseudo, q + AT_HEAD) + AT_STONES) > 6:
            return False
        stone = q
        while True:
            shape[stones] = stone
            stones += 1
            stone = get(pseudo, stone + AT_NEXT)
            if stone == q:
                break
    if stones <= 3:
        return True
    pairs = 0
    most = 0
    for i in range(stones):
        neighbours = 0
        for k in range(4):
            q = shape[i] + steps[k]
            for j in range(stones):
                neighbours += q == shape[j]
        pairs += neighbours
        most = max(most, neighbours)
    pairs //= 2
    if stones == 4:
        return most == 3 or pairs == 4
    if stones == 5:
        return most == 4 or pairs == 5
    return most == 4 and pairs == 6


@inline
def vital_point(pseudo, steps, captured, count):
    """Return the vital point of the eye that a capture of three to six stones makes, or NOWHERE.

    It is the middle of three, or a point next to three or more of the others. Stones of several chains count
    together. A move there is always legal and sensible: two neighbours are empty, and ko does not apply.

    Args:
        pseudo: the board.
        steps: see `playouts.board`.
        captured: ``int64 [points]``, the points of the captured stones.
        count: the number of captured stones.
    """
    if count < 3 or count > 6:
        return NOWHERE
    for i in range(count):
        p = captured[np.uintp(i)]
        neighbours = 0
        for k in range(4):
            for j in range(count):
                neighbours += p + steps[k] == captured[np.uintp(j)]
        if (neighbours >= 3 or (count == 3 and neighbours == 2)) and get(pseudo, p + AT_PLACE) >= 0:
            return p
    return NOWHERE


@njit
def answer(pseudo, steps, last, colour, ko, state):
    """Return a move that captures the last stone or saves a chain that it put in atari, or NOWHERE.

    If there are several, one is chosen at random.

    Args:
        pseudo: the board.
        steps: see `playouts.board`.
        last: the point of the last move.
        colour: who is to move.
        ko: the point that simple ko forbids, or NOWHERE.
        state: of the random numbers.
    """
    chosen = NOWHERE
    count = 0
    if colour_at(pseudo, last) == 3 - colour:
        head = get(pseudo, last + AT_HEAD)
        if in_atari(pseudo, head):
            p = only_liberty(pseudo, head)
            if p != ko and get(pseudo, p + AT_PLACE) >= 0:
                chosen = p
                count = 1
    for k in range(4):
        q = last + steps[k]
        if colour_at(pseudo, q) != colour:
            continue
        head = get(pseudo, q + AT_HEAD)
        if not in_atari(pseudo, head):
            continue
        p = only_liberty(pseudo, head)
        if p != ko and get(pseudo, p + AT_PLACE) >= 0 and liberties_after(pseudo, steps, p, colour) > 1:
            count += 1
            if below(state, count) == 0:
                chosen = p
        stone = q
        while True:
            for j in range(4):
                r = stone + steps[j]
                if colour_at(pseudo, r) == 3 - colour:
                    attacker = get(pseudo, r + AT_HEAD)
                    if in_atari(pseudo, attacker):
                        p = only_liberty(pseudo, attacker)
                        if p != ko and get(pseudo, p + AT_PLACE) >= 0:
                            count += 1
                            if below(state, count) == 0:
                                chosen = p
            stone = get(pseudo, stone + AT_NEXT)
            if stone == q:
                break
    return chosen
