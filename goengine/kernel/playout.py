"""Random games from a position to its end, by which owners of points are estimated.

The players are random but not blind: they fill no true eye, save and capture what the last move put in atari,
and leave a chain in atari only to make a shape that takes an eye (nakade), so that sekis stay. What
`kernel.life` has settled is not played on.
"""

import numpy as np

from goengine.jit import inline, lowest_bit, njit
from goengine.kernel.moves import is_true_eye
from goengine.kernel.state import (
    BLACK,
    CAPTURED_BY,
    COLOUR,
    EMPTY,
    HEAD,
    KO,
    LIBERTIES,
    NEXT,
    NO_POINT,
    OFF_BOARD,
    POINTS,
    STONES,
    TO_PLAY,
    WHITE,
    WORDS,
    get,
    is_legal,
    put_stone,
)

_ANSWERED = 15  # of 16 ataris are answered where they can be


@njit
def play_out(cells, sets, near, fixed, first, last, seed, begin, owner_sum, neutral_sum, scores):
    """Play a game from a position for each of `scores`, and add up how they end.

    fixed: uint8 [points], the colour that owns a settled point, else 0; nobody plays there.
    first: the colour to move. last: the point of the move before, which may call for an answer; the number of
    points for none.
    owner_sum: int64 [points], gains 1 for each game in which Black owns the point, loses 1 for White's.
    neutral_sum: int64 [points], gains 1 for each game in which the stone on this point stands to the end in a
    chain next to an empty point that is next to both colours, and that neither would play.
    begin: the first game's number; a game follows from the seed and its number alone.
    scores: int64 [games], Black's area less White's.
    """
    points = get(cells, POINTS)
    work_cells = np.empty_like(cells)
    work_sets = np.empty_like(sets)
    log = np.zeros(1, np.uint64)
    empties = np.empty(points, np.int64)
    region = np.empty(points, np.int64)
    seen = np.empty(points, np.bool_)
    state = np.zeros(1, np.uint64)
    for game in range(len(scores)):
        state[0] = _mixed(np.uint64(seed) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(begin + game + 1))
        work_cells[:] = cells
        work_sets[:] = sets
        _play_game(work_cells, work_sets, near, log, fixed, first, last, state, empties)
        scores[game] = _count(cells, work_cells, near, fixed, empties, region, seen, owner_sum, neutral_sum)


@njit
def _play_game(cells, sets, near, log, fixed, first, last, state, empties):
    """Play a position to its end, two passes or a number of moves that only odd kos reach."""
    points = get(cells, POINTS)
    left = _list_empties(cells, fixed, empties)
    colour = first
    passes = 0
    moves = 0
    while passes < 2 and moves < 3 * points:
        moves += 1
        cells[TO_PLAY] = colour
        move = -1
        if last != points and (_draw(state) & 15) < _ANSWERED:
            move = _answer(cells, sets, near, fixed, last, colour, state)
        if move >= 0:
            for i in range(left):
                if empties[i] == move:
                    left -= 1
                    empties[i] = empties[left]
                    break
        else:
            open_points = left
            while open_points > 0 and move < 0:
                i = _below(state, open_points)
                p = empties[i]
                open_points -= 1
                empties[i] = empties[open_points]
                empties[open_points] = p
                if _sensible(cells, sets, near, p, colour):
                    move = p
                    left -= 1
                    empties[open_points] = empties[left]
        if move < 0:
            passes += 1
            cells[KO] = NO_POINT
            last = points
        else:
            passes = 0
            captured = get(cells, CAPTURED_BY + colour)
            _put(cells, sets, near, log, move, colour)
            if get(cells, CAPTURED_BY + colour) != captured:
                left = _list_empties(cells, fixed, empties)
            last = move
        colour = 3 - colour


@njit
def _put(cells, sets, near, log, p, colour):
    put_stone(cells, sets, near, log, p, colour, False)


@njit
def _list_empties(cells, fixed, empties):
    """List the empty points that are not settled; returns how many."""
    left = 0
    for p in range(get(cells, POINTS)):
        if get(cells, COLOUR + p) == EMPTY and fixed[p] == 0:
            empties[left] = p
            left += 1
    return left


@njit
def _sensible(cells, sets, near, p, colour):
    """Whether a random player would move here."""
    surrounded = True
    for k in range(4):
        c = get(cells, COLOUR + get(near, 4 * p + k))
        surrounded = surrounded and c in (colour, OFF_BOARD)
    if surrounded and is_true_eye(cells, near, p, colour):
        return False
    if not is_legal(cells, near, p, colour, False):
        return False
    return _breath(cells, sets, near, p, colour) > 1 or _takes_an_eye(cells, near, p, colour)


@njit
def _breath(cells, sets, near, p, colour):
    """How many liberties the chain has after a legal move here: 1, or 2 for more. A capture counts as 2."""
    free = -1
    for k in range(4):
        q = get(near, 4 * p + k)
        c = get(cells, COLOUR + q)
        if c == OFF_BOARD:
            continue
        if c == EMPTY:
            if free >= 0 and free != q:
                return 2
            free = q
            continue
        h = get(cells, HEAD + q)
        liberties = get(cells, LIBERTIES + h)
        if c != colour:
            if liberties == 1:
                return 2
        elif liberties > 2:
            return 2
        elif liberties == 2:
            other = _liberty_but(sets, h, p)
            if free >= 0 and free != other:
                return 2
            free = other
    return 1


@inline
def _liberty_but(sets, h, p):
    """A liberty of the chain with head h that is not p (points is none)."""
    for i in range(WORDS):
        word = sets[np.uintp(h * WORDS + i)]
        if i == p >> 6:
            word &= ~(np.uint64(1) << np.uint64(p & 63))
        if word != np.uint64(0):
            return 64 * i + lowest_bit(word)
    return p


@njit
def _takes_an_eye(cells, near, p, colour):
    """Whether the chain that a move here leaves in atari has a shape that is worth being captured in.

    Single stones, twos and threes, and the shapes of four to six stones in which a capture leaves the
    opponent no second eye: square, pyramid, bulky five, cross and rabbity six.
    """
    shape = np.empty(6, np.int64)
    shape[0] = p
    stones = 1
    for k in range(4):
        q = get(near, 4 * p + k)
        if get(cells, COLOUR + q) != colour:
            continue
        known = False
        for i in range(1, stones):
            known = known or shape[i] == q
        if known:
            continue
        if stones + get(cells, STONES + get(cells, HEAD + q)) > 6:
            return False
        stone = q
        while True:
            shape[stones] = stone
            stones += 1
            stone = get(cells, NEXT + stone)
            if stone == q:
                break
    if stones <= 3:
        return True
    pairs = 0
    most = 0
    for i in range(stones):
        beside = 0
        for k in range(4):
            q = get(near, 4 * shape[i] + k)
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


@njit
def _answer(cells, sets, near, fixed, last, colour, state):
    """A move that captures the stones just played or saves a chain that they put in atari, or -1."""
    chosen = -1
    found = 0
    points = get(cells, POINTS)
    if get(cells, COLOUR + last) == 3 - colour:
        h = get(cells, HEAD + last)
        if get(cells, LIBERTIES + h) == 1:
            p = _liberty_but(sets, h, points)
            if fixed[p] == 0 and is_legal(cells, near, p, colour, False):
                chosen = p
                found = 1
    for k in range(4):
        q = get(near, 4 * last + k)
        if get(cells, COLOUR + q) != colour or get(cells, LIBERTIES + get(cells, HEAD + q)) != 1:
            continue
        p = _liberty_but(sets, get(cells, HEAD + q), points)
        if (
            fixed[p] == 0
            and is_legal(cells, near, p, colour, False)
            and _breath(cells, sets, near, p, colour) > 1
        ):
            found += 1
            if _below(state, found) == 0:
                chosen = p
        stone = q
        while True:
            for j in range(4):
                r = get(near, 4 * stone + j)
                if get(cells, COLOUR + r) == 3 - colour:
                    h = get(cells, HEAD + r)
                    if get(cells, LIBERTIES + h) == 1:
                        p = _liberty_but(sets, h, points)
                        if fixed[p] == 0 and is_legal(cells, near, p, colour, False):
                            found += 1
                            if _below(state, found) == 0:
                                chosen = p
            stone = get(cells, NEXT + stone)
            if stone == q:
                break
    return chosen


@njit
def _count(root, cells, near, fixed, region, marked, seen, owner_sum, neutral_sum):
    """Add up who owns what where a game ended; returns Black's area less White's."""
    points = get(cells, POINTS)
    score = 0
    for p in range(points):
        seen[p] = False
        marked[p] = 0
    for start in range(points):
        owner = fixed[start]
        colour = get(cells, COLOUR + start)
        if owner == 0 and colour != EMPTY:
            owner = colour
        if owner != 0:
            seen[start] = True
            sign = 1 if owner == BLACK else -1
            owner_sum[start] += sign
            score += sign
    for start in range(points):
        if seen[start]:
            continue
        seen[start] = True
        region[0] = start
        size = 1
        done = 0
        touches = 0
        while done < size:
            p = region[done]
            done += 1
            for k in range(4):
                q = get(near, 4 * p + k)
                c = get(cells, COLOUR + q)
                if c == OFF_BOARD:
                    continue
                if c != EMPTY:
                    touches |= c
                elif not seen[q]:
                    seen[q] = True
                    region[size] = q
                    size += 1
        if touches in (BLACK, WHITE):
            sign = 1 if touches == BLACK else -1
            score += sign * size
            for i in range(size):
                owner_sum[region[i]] += sign
        else:
            for i in range(size):
                _mark_neutral(cells, near, region[i], marked)
    for p in range(points):
        colour = get(root, COLOUR + p)
        if colour != EMPTY and get(cells, COLOUR + p) == colour and marked[get(cells, HEAD + p)]:
            neutral_sum[p] += 1
    return score


@njit
def _mark_neutral(cells, near, p, marked):
    """Mark the heads of the chains next to an empty point that is next to both colours."""
    touches = 0
    for k in range(4):
        c = get(cells, COLOUR + get(near, 4 * p + k))
        if c != OFF_BOARD:
            touches |= c
    if touches == BLACK | WHITE:
        for k in range(4):
            q = get(near, 4 * p + k)
            if get(cells, COLOUR + q) in (BLACK, WHITE):
                marked[get(cells, HEAD + q)] = 1


@inline
def _mixed(x):
    """A well-mixed seed that is not zero (splitmix64, Steele, Lea and Flood 2014)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (x ^ (x >> np.uint64(31))) | np.uint64(1)


@inline
def _draw(state):
    """32 random bits as int64 (xorshift64*, Vigna 2016)."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return np.int64((x * np.uint64(0x2545F4914F6CDD1D)) >> np.uint64(32))


@inline
def _below(state, n):
    """A random number from 0 to n - 1."""
    return (_draw(state) * n) >> 32
