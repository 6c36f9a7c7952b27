"""The end of a game, for a player who does not read: what is left to gain, what is to be taken off."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goengine.game.board import BLACK, EMPTY, Board, opponent
from goengine.game.planes import NUM_PLANES, PLANES, encode
from goengine.game.scoring import Playouts, estimate_either, points_next_to_seki, score_of
from goengine.kernel.playouts.endgame import find_gain, find_open

_LATE = 0.3  # share of the points that must have been played on before a game is looked at
_NEARLY_FULL = 0.65  # share of the points with stones from which on half of all positions are settled
# Random games in all:
_GLANCE = 8  # mostly tell a game in full swing from one near its end
_SECOND_GLANCE = 32  # where they do not
_LOOK = 40  # of a closer look: decisions on the end of real games are those of 2048 in 85 %
_LONG_LOOK = 48  # where it may decide the game: in 90 %
SURE = 0.9
"""The share of random games to win for a pass that may end a game in which points are left to play for."""
_CHECK = 32  # of a look at the position after a move
_UNSETTLED = 0.5  # a point owned less surely than this may yet change hands
_HARDLY = 0.1  # of the games in which a chain is beside a point that neither side plays: it may be a seki
_NOISE = 1.5  # points by which an estimate may fall though nothing was lost
_TRIED = 8  # moves that are looked at to find one that takes dead stones off


def _group(name: str) -> list[int]:
    """The planes of a group."""
    return [plane.index for plane in PLANES if plane.group == name]


_CAPTURES = _group("capture size")[1:]  # the first is for no stone
_IN_ATARI = _group("self-atari size")
_LIBERTIES = _group("liberties after move")


@dataclass(frozen=True)
class Outlook:
    """A position near its end as the player to move sees it; figures from that player's view.

    gain: bool [points], empty points where a move may be worth something to either side: between the
        colours, not in a seki, or not safely owned.
    ownership: float64 [points], 1 the player's, -1 the opponent's.
    winrate: the share of random games that the player wins.
    lead: points with dead stones taken off. lead_as_it_stands: with all stones taken for alive.
    dead: dead stones of the opponent's.
    """

    gain: NDArray[np.bool_]
    ownership: NDArray[np.float64]
    winrate: float
    lead: float
    lead_as_it_stands: float
    dead: list[int]


def is_late(board: Board) -> bool:
    """Whether enough was played for the game to be near its end: a stone for three points of ten."""
    stones = int((board.stones != EMPTY).sum()) + sum(board.captures.values())
    return stones >= _LATE * board.size**2


def is_settled(board: Board, games: Playouts, thorough: bool = False) -> bool:
    """Whether, at a glance, few empty points may yet change hands. Plays some random games.

    games: of this board, from either side, none played yet. thorough: a second glance is a longer look.
    """
    nearly_full = int((board.stones != EMPTY).sum()) >= _NEARLY_FULL * board.size**2
    second = _LONG_LOOK if thorough else _SECOND_GLANCE
    for enough in (second,) if nearly_full else (_GLANCE, second):
        games.play(enough - len(games))
        unsettled = (board.stones == EMPTY) & (np.abs(games.ownership) < _UNSETTLED)
        if int(unsettled.sum()) > few_points(board):
            return False
    return True


def plainly_open(board: Board, games: Playouts) -> NDArray[np.bool_]:
    """Empty points that a closer look would find something to gain on too: bool [points].

    Owned by both sides nearly as often in these few games, or between stones of both that live in nearly all
    of them; and beside none of what may be a seki.
    """
    cells, _, near = board.arrays
    found = np.empty(board.size**2, np.bool_)
    ownership, neutral = games.ownership.ravel(), games.neutral.ravel()
    find_open(cells, near, ownership, neutral, _UNSETTLED, _UNSETTLED / 2, _HARDLY, found)
    return found


def few_points(board: Board) -> int:
    """So many points or fewer are left to play for at the end of a game: 22 on 19x19, 6 on 9x9."""
    return board.size**2 // 18 + 2


def look(board: Board, games: Playouts | None = None, thorough: bool = True) -> Outlook:
    """A closer look at a position for the player to move.

    thorough: a longer one.
    games: of this board, from either side, if some were played already.
    """
    sign = 1 if board.to_play == BLACK else -1
    if games is None:
        games = Playouts(board, first=EMPTY)
    enough = _LONG_LOOK if thorough else _LOOK
    if len(games) < enough:
        games.play(enough - len(games))
    found = games.estimate()
    cells, _, near = board.arrays
    stones, ownership = board.stones.ravel(), found.ownership.ravel().astype(np.float64)
    gain = np.empty(board.size**2, np.bool_)
    find_gain(cells, near, ownership, board.owner(found.dead), _UNSETTLED, gain)
    gain[list(points_next_to_seki(board, found.dead, found.seki))] = False
    return Outlook(
        gain=gain,
        ownership=sign * ownership,
        winrate=found.winrate if sign > 0 else 1 - found.winrate,
        lead=sign * score_of(board, found.dead, found.seki),
        lead_as_it_stands=sign * board.score(),
        dead=[p for p in found.dead if stones[p] == opponent(board.to_play)],
    )


def cleaning_move(board: Board, view: Outlook, sensible: NDArray[np.bool_]) -> int | None:
    """The move of the player to move that brings dead stones nearest to being taken off, None for none.

    A capture is best, then a liberty of the dead chain with the fewest, then another point of their region.
    A move by which the player would lose something, as random games see it, is not made.
    """
    planes = encode(board).reshape(NUM_PLANES, -1)
    captures = planes[_CAPTURES].max(axis=0) == 1
    in_atari = (planes[_IN_ATARI].max(axis=0) == 1) & ~captures
    breathes = planes[_LIBERTIES].max(axis=0) == 1  # no suicide
    dead, near = set(view.dead), board.arrays[2].reshape(-1, 4)

    def rank(point: int) -> tuple[bool, bool, int, int]:
        """Lower is better."""
        liberties = [board.liberties(q) for q in map(int, near[point]) if q in dead]
        return not captures[point], bool(in_atari[point]), min(liberties, default=99), point

    sign = 1 if board.to_play == BLACK else -1
    beside = [p for p in points_next_to_seki(board, view.dead, view.dead) if sensible[p] and breathes[p]]
    for point in sorted(beside, key=rank)[:_TRIED]:
        after = board.copy()
        after.play(point)
        found = estimate_either(after, _CHECK)
        if sign * score_of(after, found.dead, found.seki) >= view.lead - _NOISE:
            return point
    return None
