"""What the players of random games do beside drawing points.

They halve the eye that a capture has made, else mostly save and capture what the last move put in atari, fill
no true eye, and leave a chain in atari only in a shape that takes an eye (nakade), so that sekis stay.
"""

import numpy as np

from goengine.kernel.playouts.board import (
    AT_HEAD,
    AT_NEXT,
    AT_PLACE,
    AT_STONES,
    NOWHERE,
    breath,
    colour_at,
    has_room,
    in_atari,
    is_true_eye,
    only_liberty,
)
from goengine.kernel.random import below
from goengine.kernel.state import OFF_BOARD, get
from goengine.util.jit import inline, njit

PLAY, SKIP, SLEEP = 0, 1, 2  # what `judge` says


@inline
def judge(pseudo, steps, p, colour):
    """Whether a random player would move on an empty point, ko left aside: PLAY, SKIP or SLEEP.

    SLEEP: neither side would, until a stone on its diagonal makes it a false eye, or a chain beside it comes
    into atari.
    """
    if is_true_eye(pseudo, p, colour):
        return SKIP if _is_threatened(pseudo, steps, p) else SLEEP
    if has_room(pseudo, p):
        return PLAY
    left = breath(pseudo, steps, p, colour)
    if left == 0:
        return SLEEP if is_true_eye(pseudo, p, 3 - colour) else SKIP
    return PLAY if left > 1 or _takes_an_eye(pseudo, steps, p, colour) else SKIP


@inline
def _is_threatened(pseudo, steps, p):
    """Whether a chain beside an eye is in atari, so that the opponent could capture it there."""
    threatened = False
    for k in range(4):
        q = p + steps[k]
        threatened |= (colour_at(pseudo, q) != OFF_BOARD) & in_atari(pseudo, get(pseudo, q + AT_HEAD))
    return threatened


@njit
def _takes_an_eye(pseudo, steps, p, colour):
    """Whether the chain that a move here leaves in atari has a shape that is worth being captured in.

    Single stones, twos and threes, and the shapes of four to six stones in which a capture leaves the
    opponent no second eye: square, pyramid, bulky five, cross and rabbity six.
    """
    stones = 1
    for k in range(4):
        q = p + steps[k]
        if colour_at(pseudo, q) == colour:
            stones += get(pseudo, get(pseudo, q + AT_HEAD) + AT_STONES)
    if stones <= 3:  # even if a chain was counted twice
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
        beside = 0
        for k in range(4):
            q = shape[i] + steps[k]
            for j in range(stones):
                beside += q == shape[j]
        pairs += beside
        most = max(most, beside)
    pairs //= 2
    if stones == 4:
        return most == 3 or pairs == 4
    if stones == 5:
        return most == 4 or pairs == 5
    return most == 4 and pairs == 6


@inline
def vital_point(pseudo, steps, taken, captured):
    """The point that halves the eye left by a capture of three to six stones, or NOWHERE.

    The middle of three, or one with three or more of the others beside it. Stones of several chains count
    together. A move there is always sensible: it has room, and no ko forbids it.
    """
    if captured < 3 or captured > 6:
        return NOWHERE
    for i in range(captured):
        p = taken[np.uintp(i)]
        beside = 0
        for k in range(4):
            for j in range(captured):
                beside += p + steps[k] == taken[np.uintp(j)]
        if (beside >= 3 or (captured == 3 and beside == 2)) and get(pseudo, p + AT_PLACE) >= 0:
            return p
    return NOWHERE


@njit
def answer(pseudo, steps, last, colour, ko, state):
    """A move that captures the stones just played or saves a chain that they put in atari, or NOWHERE."""
    chosen = NOWHERE
    found = 0
    if colour_at(pseudo, last) == 3 - colour:
        head = get(pseudo, last + AT_HEAD)
        if in_atari(pseudo, head):
            p = only_liberty(pseudo, head)
            if p != ko and get(pseudo, p + AT_PLACE) >= 0:
                chosen = p
                found = 1
    for k in range(4):
        q = last + steps[k]
        if colour_at(pseudo, q) != colour:
            continue
        head = get(pseudo, q + AT_HEAD)
        if not in_atari(pseudo, head):
            continue
        p = only_liberty(pseudo, head)
        if p != ko and get(pseudo, p + AT_PLACE) >= 0 and breath(pseudo, steps, p, colour) > 1:
            found += 1
            if below(state, found) == 0:
                chosen = p
        stone = q
        while True:
            for j in range(4):
                r = stone + steps[j]
                if colour_at(pseudo, r) == 3 - colour:
                    beside = get(pseudo, r + AT_HEAD)
                    if in_atari(pseudo, beside):
                        p = only_liberty(pseudo, beside)
                        if p != ko and get(pseudo, p + AT_PLACE) >= 0:
                            found += 1
                            if below(state, found) == 0:
                                chosen = p
            stone = get(pseudo, stone + AT_NEXT)
            if stone == q:
                break
    return chosen
