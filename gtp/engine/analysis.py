"""What the engine thinks of a position: the policy's moves, and what random games say of each.

A policy knows how likely a move is, and nothing of who wins. So a move's winrate, score and ownership are
those of random games from the position after it (`goengine.game.scoring`), and its visits are how many there
were. They are dealt out by the policy's probabilities, so that a likelier move is known better.
"""

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from goengine.game.board import BLACK, Board
from goengine.game.scoring import estimate
from goengine.player.player import Player
from goengine.points import format_vertex, pass_move

MAX_MOVES = 10
"""Moves shown unless a controller asks for more or fewer."""

_LEAST_PRIOR = 0.005  # of a move shown without being asked for
_LONGEST_VARIATION = 8  # plies
ENOUGH_GAMES = 4000  # for all moves together: a winrate of 50 % is then known to 1 %
_FEWEST_GAMES = 10  # a move at its first showing: Sabaki draws no text for fewer visits
_FIRST_GAMES = 200  # for all moves together, before the time is looked at


@dataclass
class Candidate:
    """A move, all figures from the view of the side whose move it is.

    move: a point, or a pass. prior: its probability. visits: random games after it.
    winrate: the share of these that it wins. score: their mean score in points.
    variation: the move, and the likeliest answers.
    ownership: float64 [size * size], the mean owner, 1 the mover's, -1 the opponent's.
    """

    move: int
    prior: float
    ownership: NDArray[np.float64]
    visits: int = 0
    winrate: float = 0.5
    score: float = 0.0
    variation: list[int] = field(default_factory=list)

    @property
    def least_winrate(self) -> float:
        """The lower end of the winrate's 95 % interval, by the normal distribution."""
        spread = 1.96 * math.sqrt(max(self.winrate * (1 - self.winrate), 1e-4) / max(self.visits, 1))
        return max(0.0, self.winrate - spread)


class Analysis:
    """An analysis that gets better the longer it lasts.

    Attributes: colour, whose moves are looked at; size, the board's; candidates, the likeliest first.
    """

    def __init__(
        self,
        player: Player,
        board: Board,
        colour: int,
        moves: int = MAX_MOVES,
        least_moves: int = 1,
        banned: Iterable[int] = (),
        chosen: int | None = None,
    ) -> None:
        """The policy is asked here; random games and variations come with `improve`.

        moves: how many are looked at, at most. least_moves: how many at least, unlikely as they may be.
        banned: points that are left out; where no point remains, a pass is looked at. chosen: a move that is
            looked at in any case; if a pass, alone.
        """
        self.colour, self.size = colour, board.size
        self._player, self._games = player, 0
        self._sign = 1 if colour == BLACK else -1
        view = board.copy()
        if colour != view.to_play:
            view.play("pass")
        priors = player.policy.policies([view], player.symmetries)[0]
        if chosen == pass_move(board.size):
            points = [chosen]
        else:
            points = _likeliest(priors, view.sensible_moves(), set(banned), moves, least_moves)
            if chosen is not None and chosen not in points:
                points = [*points[: moves - 1], chosen]
        points = points or [pass_move(board.size)]  # what is left to a side without a sensible point
        priors = np.append(priors, 0.0)  # of a pass, which a policy does not know
        self.candidates = [Candidate(p, float(priors[p]), np.zeros(board.size**2)) for p in points]
        self._after = [_played(view, candidate.move) for candidate in self.candidates]
        self._tips = [_played(view, candidate.move) for candidate in self.candidates]
        for candidate in self.candidates:
            candidate.variation.append(candidate.move)

    @property
    def visits(self) -> int:
        """Random games so far, for all moves."""
        return sum(candidate.visits for candidate in self.candidates)

    @property
    def winrate(self) -> float:
        """Of the position: the mean of the moves' winrates, by their visits."""
        return self._mean([candidate.winrate for candidate in self.candidates])

    @property
    def score(self) -> float:
        """Of the position, as `winrate`, in points."""
        return self._mean([candidate.score for candidate in self.candidates])

    @property
    def ownership(self) -> NDArray[np.float64]:
        """Of the position, as `winrate`: float64 [size * size]."""
        weights = [candidate.visits / max(1, self.visits) for candidate in self.candidates]
        return np.average([candidate.ownership for candidate in self.candidates], axis=0, weights=weights)

    def improve(self, seconds: float) -> None:
        """Think on for about so long: one ply more of each variation, then random games, at least a few.

        Once enough is known, nothing is done.
        """
        deadline = time.monotonic() + seconds
        if self._games >= ENOUGH_GAMES:
            return
        if self._games:  # not at first, which is to be quick
            self._lengthen()
        total = sum(candidate.prior for candidate in self.candidates) or 1.0
        rounds = 0
        while rounds == 0 or (time.monotonic() < deadline and self._games < ENOUGH_GAMES):
            for candidate, after in zip(self.candidates, self._after, strict=True):
                share = candidate.prior / total
                self._play(candidate, after, max(_FEWEST_GAMES, round(_FIRST_GAMES * share)))
            rounds += 1

    def _play(self, candidate: Candidate, after: Board, games: int) -> None:
        found = estimate(after, games, seed=self._games)
        self._games += games
        winrate = found.winrate if self._sign > 0 else 1 - found.winrate
        share = games / (candidate.visits + games)
        candidate.visits += games
        candidate.winrate += share * (winrate - candidate.winrate)
        candidate.score += share * (self._sign * found.score - candidate.score)
        candidate.ownership += share * (self._sign * found.ownership.ravel() - candidate.ownership)

    def _lengthen(self) -> None:
        """One ply more for each variation that has not ended, by the likeliest move."""
        growing = [
            (candidate, tip)
            for candidate, tip in zip(self.candidates, self._tips, strict=True)
            if len(candidate.variation) < _LONGEST_VARIATION
            and candidate.variation[-1] != pass_move(self.size)
        ]
        if not growing:
            return
        priors = self._player.policy.policies([tip for _, tip in growing], 1)
        for (candidate, tip), likely in zip(growing, priors, strict=True):
            sensible = tip.sensible_moves()
            move = int(np.where(sensible, likely, -1).argmax()) if sensible.any() else pass_move(self.size)
            tip.play(move)
            candidate.variation.append(move)

    def _mean(self, values: Sequence[float]) -> float:
        weights = [candidate.visits for candidate in self.candidates]
        return float(np.average(values, weights=weights)) if sum(weights) else 0.0


def _likeliest(
    priors: NDArray[np.float32], sensible: NDArray[np.bool_], banned: set[int], moves: int, least_moves: int
) -> list[int]:
    allowed = [int(point) for point in np.flatnonzero(sensible) if point not in banned]
    allowed.sort(key=lambda point: -priors[point])
    shown = [
        point for rank, point in enumerate(allowed) if rank < least_moves or priors[point] >= _LEAST_PRIOR
    ]
    return shown[:moves]


def _played(board: Board, move: int) -> Board:
    after = board.copy()
    after.play(move)
    return after


# The formats that programs read.


def leela_line(analysis: Analysis) -> str:
    """As Leela Zero's lz-analyze: rates in ten-thousandths."""
    return " ".join(
        f"info move {format_vertex(c.move, analysis.size)} visits {c.visits} "
        f"winrate {round(1e4 * c.winrate)} prior {round(1e4 * c.prior)} "
        f"lcb {round(1e4 * c.least_winrate)} order {order} pv {_vertices(c.variation, analysis.size)}"
        for order, c in enumerate(analysis.candidates)
    )


def katago_line(analysis: Analysis, ownership: bool = False, root: bool = False) -> str:
    """As KataGo's kata-analyze: rates from 0 to 1, and scores; ownership of the position if asked for."""
    parts = [
        f"info move {format_vertex(c.move, analysis.size)} visits {c.visits} winrate {c.winrate:.6f} "
        f"scoreMean {c.score:.3f} scoreLead {c.score:.3f} prior {c.prior:.6f} lcb {c.least_winrate:.6f} "
        f"order {order} pv {_vertices(c.variation, analysis.size)}"
        for order, c in enumerate(analysis.candidates)
    ]
    if root:
        parts.append(
            f"rootInfo visits {analysis.visits} winrate {analysis.winrate:.6f} scoreLead {analysis.score:.3f}"
        )
    if ownership:
        parts.append("ownership " + " ".join(f"{owner:.3f}" for owner in analysis.ownership))
    return " ".join(parts)


def cgos_object(analysis: Analysis) -> dict[str, object]:
    """As CGOS shows it: the proposal "GTP tournament game expansion" 0.1 of the CGOS project."""
    size = analysis.size
    return {
        "winrate": round(analysis.winrate, 4),
        "score": round(analysis.score, 2),
        "visits": analysis.visits,
        "moves": [
            {
                "move": format_vertex(c.move, size),
                "winrate": round(c.winrate, 4),
                "score": round(c.score, 2),
                "prior": round(c.prior, 4),
                "pv": _vertices(c.variation[1:], size),
                "visits": c.visits,
            }
            for c in analysis.candidates
        ],
        "ownership": "".join(_CGOS_LETTERS[round((owner + 1) / 2 * 62)] for owner in analysis.ownership),
    }


_CGOS_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+"  # -1 is A, 1 is +


def _vertices(moves: Iterable[int], size: int) -> str:
    return " ".join(format_vertex(move, size) for move in moves)
