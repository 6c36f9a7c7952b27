"""Moves of one board, called from Python: play a move; masks of legal, repeating and sensible moves."""

import numpy as np

from goengine.kernel.state import (
    CAPTURED_BY,
    COLOUR,
    EMPTY,
    HASH,
    HEAD,
    LIBERTIES,
    NEXT,
    OFF_BOARD,
    POINTS,
    TO_PLAY,
    WORDS,
    ZOBRIST,
    advance,
    get,
    is_legal,
)
from goengine.util.jit import inline, njit


@njit
def play_move(cells, sets, near, move, colour):
    """Play one ply of the game: a legal move of this colour, or a pass (move == points)."""
    advance(cells, sets, near, move, colour)


@njit
def is_legal_move(cells, near, p, colour, suicide):
    """Return whether this colour may play on point p; superko is not checked."""
    return is_legal(cells, near, p, colour, suicide)


@njit
def legal_mask(cells, near, suicide, out):
    """Write where the player to move may play; superko is not checked.

    Args:
        cells: of a `Position`.
        near: of a `Position`.
        suicide: whether suicide is legal.
        out: ``bool [points]``, written.
    """
    colour = get(cells, TO_PLAY)
    for p in range(get(cells, POINTS)):
        out[p] = is_legal(cells, near, p, colour, suicide)


@njit
def is_true_eye(cells, near, p, colour):
    """Return whether an empty point whose neighbours are all of this colour is a true eye."""
    opponents = 0
    at_edge = False
    for k in range(4):
        c = get(cells, COLOUR + get(near, 4 * (get(cells, POINTS) + p) + k))
        opponents += c == 3 - colour
        at_edge = at_edge or c == OFF_BOARD
    return opponents == 0 or (opponents == 1 and not at_edge)


@njit
def drop_true_eyes(cells, near, mask):
    """Remove the true eyes of the player to move from a mask of empty points, ``bool [points]``."""
    colour = get(cells, TO_PLAY)
    for p in range(get(cells, POINTS)):
        surrounded = mask[p]
        for k in range(4):
            c = get(cells, COLOUR + get(near, 4 * p + k))
            surrounded = surrounded and c in (colour, OFF_BOARD)
        if surrounded and is_true_eye(cells, near, p, colour):
            mask[p] = False


@inline
def _hash_without(cells, head, colour):
    """Return the hash of a chain's stones, by which its removal changes the hash of a position."""
    value = np.uint64(0)
    q = head
    while True:
        value ^= ZOBRIST[colour, q]
        q = get(cells, NEXT + q)
        if q == head:
            return value


@njit
def hash_after(cells, sets, near, p, colour):
    """Return the hash of the stones on the board after a legal move on p."""
    value = sets[HASH] ^ ZOBRIST[colour, p]
    captured = (-1, -1, -1, -1)
    own = (-1, -1, -1, -1)
    alive = False
    for k in range(4):
        q = get(near, 4 * p + k)
        c = get(cells, COLOUR + q)
        if c == EMPTY:
            alive = True
        elif c != OFF_BOARD:
            h = get(cells, HEAD + q)
            in_atari = get(cells, LIBERTIES + h) == 1
            if c == colour:
                alive = alive or not in_atari
                if h not in own:
                    own = (h, own[0], own[1], own[2])
            elif in_atari:
                alive = True
                if h not in captured:
                    captured = (h, captured[0], captured[1], captured[2])
                    value ^= _hash_without(cells, h, 3 - colour)
    if not alive:
        value ^= ZOBRIST[colour, p]
        for h in own:
            if h >= 0:
                value ^= _hash_without(cells, h, colour)
    return value


@njit
def ban_repetition(cells, sets, near, suicide, seen, banned):
    """Write the set of points where a move would repeat an earlier position.

    Args:
        cells: of a `Position`.
        sets: of a `Position`.
        near: of a `Position`.
        suicide: whether suicide is legal.
        seen: ``uint64 [n]``, hashes of the earlier positions.
        banned: ``uint64 [WORDS]``, written.

    Returns:
        Whether the set has any point.
    """
    colour = get(cells, TO_PLAY)
    any_banned = False
    for i in range(WORDS):
        banned[i] = 0
    # Nothing repeats before a stone was removed: the first capture leaves a stone on a point that was always
    # empty before. A suicide, however, may repeat the position in which it is played.
    if not suicide and get(cells, CAPTURED_BY + 1) + get(cells, CAPTURED_BY + 2) == 0:
        return False
    for p in range(get(cells, POINTS)):
        if is_legal(cells, near, p, colour, suicide):
            value = hash_after(cells, sets, near, p, colour)
            for i in range(len(seen)):
                if seen[i] == value:
                    banned[p >> 6] |= np.uint64(1) << np.uint64(p & 63)
                    any_banned = True
                    break
    return any_banned
