"""Read ladders: whether a chain is captured by a series of ataris.

Two questions about a chain C answer each other:

- captured, if C has two liberties and the attacker is to move: yes if the attacker has a legal move on one
  of them that leaves C in atari, and C does not escape after it.
- escapes, if C is in atari and the defender is to move: yes if the defender has a legal move (C's liberty,
  or the capture of an attacker's chain in atari next to C) that leaves C with three or more liberties, or
  with two and not captured.

A line of more than MAX_LINE plies counts as an escape. `is_captured` answers both by one depth-first search
with an explicit stack, because numba cannot cache a recursive function.
"""

import numpy as np

from goengine.kernel.state import (
    COLOUR,
    EMPTY,
    HEAD,
    LIBERTIES,
    MAX_POINTS,
    NEXT,
    OFF_BOARD,
    TO_PLAY,
    WORDS,
    get,
    has,
    is_legal,
    put_stone,
    rewind,
)
from goengine.util.jit import inline, lowest_bit, njit, popcount

MAX_LINE = 100  # plies; the move that is asked about is the first
_MOVES = MAX_POINTS  # room for the moves at one depth
_STACK = MAX_LINE + 2
MOVES_SIZE = _STACK * (_MOVES + 4)


@inline
def first_liberty(sets, head):
    """Return the lowest liberty of the chain with this head, which must have one."""
    i = 0
    while sets[np.uintp(head * WORDS + i)] == np.uint64(0):
        i += 1
    return i * 64 + lowest_bit(sets[np.uintp(head * WORDS + i)])


@inline
def two_liberties(sets, head):
    """Return the liberties of a chain that has exactly two, the lower one first."""
    i = 0
    while sets[np.uintp(head * WORDS + i)] == np.uint64(0):
        i += 1
    word = sets[np.uintp(head * WORDS + i)]
    first = i * 64 + lowest_bit(word)
    word &= word - np.uint64(1)
    while word == np.uint64(0):
        i += 1
        word = sets[np.uintp(head * WORDS + i)]
    return first, i * 64 + lowest_bit(word)


@inline
def liberties_after_atari(cells, sets, near, head, m, e):
    """Return a lower bound of the liberties after an atari at m and an extension to e.

    m and e are the two liberties of the chain with this head. Counted are the empty points next to e and the
    liberties of the chains that the extension joins, without m and e; what the atari captures may add more.
    With at least one the extension is legal. With three or more the ladder fails, whatever the exact number.
    """
    defender = get(cells, COLOUR + head)
    free = 0
    a = b = c = d = head
    for k in range(4):
        q = get(near, 4 * e + k)
        colour = get(cells, COLOUR + q)
        if colour == EMPTY:
            free += q != m
        elif colour == defender:
            h = get(cells, HEAD + q)
            if h != head:
                if get(cells, LIBERTIES + h) >= 5:
                    return 3
                a, b, c, d = h, a, b, c
    if a == head or free > 2:
        return free
    liberties = -2  # m and e
    for i in range(WORDS):
        liberties += popcount(
            sets[np.uintp(a * WORDS + i)]
            | sets[np.uintp(b * WORDS + i)]
            | sets[np.uintp(c * WORDS + i)]
            | sets[np.uintp(d * WORDS + i)]
        )
    for k in range(4):
        q = get(near, 4 * e + k)
        if get(cells, COLOUR + q) == EMPTY and not (
            has(sets, a, q) or has(sets, b, q) or has(sets, c, q) or has(sets, d, q)
        ):
            liberties += 1
    return liberties


@inline
def _attacks(cells, sets, near, stone, moves, at):
    """Write the attacker's moves against the chain with two liberties at `stone`; return how many."""
    head = get(cells, HEAD + stone)
    a, b = two_liberties(sets, head)
    after_a = liberties_after_atari(cells, sets, near, head, a, b)
    after_b = liberties_after_atari(cells, sets, near, head, b, a)
    # The atari that leaves fewer liberties is tried first: it captures more often. An atari
    # that leaves three or more cannot capture; such a move, last in the order, is not counted.
    if after_b < after_a:
        a, b = b, a
    moves[at] = a
    moves[at + 1] = b
    return (after_a < 3) + (after_b < 3)


@inline
def extension(cells, near, e, defender):
    """Return the liberties, at most 3, after a chain in atari extends to its liberty e.

    Returns:
        -1 if the number depends on captures or on which liberties joined chains share.
    """
    free = 0
    unclear = False
    for k in range(4):
        q = get(near, 4 * e + k)
        c = get(cells, COLOUR + q)
        if c == EMPTY:
            free += 1
        elif c != OFF_BOARD:
            liberties = get(cells, LIBERTIES + get(cells, HEAD + q))
            if c == defender:
                if liberties > 3:  # one of them is e
                    return 3
                unclear = unclear or liberties > 1
            else:
                unclear = unclear or liberties == 1
    if free > 2:
        return 3
    return -1 if unclear else free


@inline
def defences(cells, sets, near, head, liberty, moves, at):
    """Write the moves that may save the chain in atari with this head: captures, then its liberty.

    Legality is not checked. The moves are written to `moves`, uint16, from index `at` on.

    Returns:
        The number of moves.
    """
    attacker = 3 - get(cells, COLOUR + head)
    n = 0
    q = head
    while True:
        for k in range(4):
            r = get(near, 4 * q + k)
            if get(cells, COLOUR + r) == attacker:
                h = get(cells, HEAD + r)
                if get(cells, LIBERTIES + h) == 1 and not has(sets, h, liberty):
                    m = first_liberty(sets, h)
                    known = False
                    for i in range(n):
                        known = known or get(moves, at + i) == m
                    if not known:
                        moves[at + n] = m
                        n += 1
        q = get(cells, NEXT + q)
        if q == head:
            break
    moves[at + n] = liberty
    return n + 1


@njit
def is_captured(cells, sets, near, log, moves, stone, ply):
    """Return whether a chain is captured in a ladder.

    The chain has two liberties and the attacker is to move, or one liberty and the defender is to move.

    Args:
        cells: of a `Position`; unchanged when the function returns.
        sets: of a `Position`; unchanged when the function returns.
        near: of a `Position`; unchanged when the function returns.
        log: of a `Scratch`.
        moves: ``uint16 [MOVES_SIZE]``, overwritten.
        stone: a point of the chain.
        ply: the number of plies of the line that were played before.
    """
    defender = get(cells, COLOUR + stone)
    attacker = 3 - defender
    to_play = cells[TO_PLAY]
    depth = 0
    # After the lists of moves come, for each depth, their count, the index of the next move to try, and a
    # mark in the log (two words).
    top = _STACK * _MOVES
    count_at = top
    index_at = top + _STACK
    mark_at = top + 2 * _STACK
    defending = get(cells, LIBERTIES + get(cells, HEAD + stone)) == 1
    entering = True
    result = False
    while True:
        decided = False
        if entering:
            cells[TO_PLAY] = defender if defending else attacker
            if defending:
                head = get(cells, HEAD + stone)
                liberty = first_liberty(sets, head)
                extended = extension(cells, near, liberty, defender)
                if extended == 3:
                    n = 0
                    result = False
                    decided = True
                else:
                    n = defences(cells, sets, near, head, liberty, moves, depth * _MOVES)
                    if n == 1 and 0 <= extended < 2 and ply + depth < MAX_LINE:
                        n = 0  # its only move leaves it in atari or is suicide
            elif ply + depth >= MAX_LINE:
                n = 0
            else:
                n = _attacks(cells, sets, near, stone, moves, depth * _MOVES)
            moves[count_at + depth] = n
            moves[index_at + depth] = 0
            entering = False
        # Try the next move at this depth, or conclude that all defences, or all attacks, failed.
        i = get(moves, index_at + depth)
        if decided:
            pass
        elif i == get(moves, count_at + depth):
            result = defending
            decided = True
        else:
            moves[index_at + depth] = i + 1
            m = get(moves, depth * _MOVES + i)
            mover = defender if defending else attacker
            if is_legal(cells, near, m, mover, False):
                if ply + depth >= MAX_LINE:  # only a defence reaches this: a line too long is an escape
                    result = False
                    decided = True
                else:
                    mark = np.int64(log[0])
                    put_stone(cells, sets, near, log, m, mover, True)
                    liberties = get(cells, LIBERTIES + get(cells, HEAD + stone))
                    if (defending and liberties == 2) or (not defending and liberties == 1):
                        moves[mark_at + 2 * depth] = mark & 0xFFFF
                        moves[mark_at + 2 * depth + 1] = mark >> 16
                        depth += 1
                        defending = not defending
                        entering = True
                    else:
                        rewind(cells, sets, log, mark)
                        if defending and liberties >= 3:
                            result = False
                            decided = True
        # Pass the result up: an escape decides for the defender, a capture for the attacker.
        while decided:
            if depth == 0:
                cells[TO_PLAY] = to_play
                return result
            depth -= 1
            defending = not defending
            mark = get(moves, mark_at + 2 * depth) + (get(moves, mark_at + 2 * depth + 1) << 16)
            rewind(cells, sets, log, mark)
            cells[TO_PLAY] = defender if defending else attacker
            decided = result != defending
