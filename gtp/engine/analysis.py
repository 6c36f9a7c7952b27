"""Analysis of a position: the policy's moves, with a winrate, a score and ownership from playouts.

A policy knows how likely a move is, and nothing about who wins. So a move's winrate, score and ownership are
those of playouts from the position after it (`goengine.game.scoring`), and its visits are their number.
Likelier moves get more playouts, in proportion to their prior.
"""

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from goengine.colours import BLACK
from goengine.game.board import Board
from goengine.game.scoring import estimate
from goengine.player.player import Player
from goengine.points import pass_move

MAX_MOVES = 10
"""The most moves analysed unless a controller asks for another number."""

ENOUGH_PLAYOUTS = 4000
"""Playouts of all moves together after which an analysis ends; a winrate of 50 % is then accurate to 1 %."""

_MIN_PRIOR = 0.005  # of a move beyond the first `min_moves`
_MAX_VARIATION = 8  # plies
_MIN_PLAYOUTS = 10  # per move and round, because Sabaki shows no text for moves with fewer visits
_ROUND_PLAYOUTS = 200  # of all moves together, after which the time is checked


@dataclass
class Candidate:
    """A move under analysis. Winrate, score and ownership are from the view of the player who makes the move.

    Attributes:
        move: A point or a pass.
        prior: The policy's probability of the move, 0 for a pass.
        ownership: float64 [size * size], the mean owner of each point, 1 the player's, -1 the opponent's.
        visits: The number of playouts after the move.
        winrate: The share of playouts that the player wins.
        score: The mean score of the playouts in points.
        variation: The move, followed by the likeliest answers.
    """

    move: int
    prior: float
    ownership: NDArray[np.float64]
    visits: int = 0
    winrate: float = 0.5
    score: float = 0.0
    variation: list[int] = field(default_factory=list)

    @property
    def lower_bound(self) -> float:
        """The lower end of the winrate's 95 % interval (normal approximation)."""
        margin = 1.96 * math.sqrt(max(self.winrate * (1 - self.winrate), 1e-4) / max(self.visits, 1))
        return max(0.0, self.winrate - margin)


class Analysis:
    """An analysis of one player's moves, which `improve` makes more accurate.

    Attributes:
        colour: The player whose moves are analysed.
        size: The board size.
        candidates: The moves, the likeliest first.
    """

    def __init__(
        self,
        player: Player,
        board: Board,
        colour: int,
        max_moves: int = MAX_MOVES,
        min_moves: int = 1,
        banned: Iterable[int] = (),
        chosen: int | None = None,
    ) -> None:
        """Select the moves by the policy. Playouts and variations come with `improve`.

        Args:
            player: Gives the policy and the number of symmetries.
            board: The position. It is copied.
            colour: The player whose moves are analysed.
            max_moves: The most moves.
            min_moves: The fewest moves, even if they are unlikely.
            banned: Points that are left out. If no other sensible point exists, a pass is analysed.
            chosen: A move to be analysed in any case. If it is a pass, it is the only one.
        """
        self.colour, self.size = colour, board.size
        self._player, self._playouts = player, 0
        self._sign = 1 if colour == BLACK else -1
        position = board.copy()
        if colour != position.to_play:
            position.play("pass")
        priors = player.policy.policies([position], player.symmetries)[0]
        if chosen == pass_move(board.size):
            moves = [chosen]
        else:
            moves = _likeliest(priors, position.sensible_moves(), set(banned), max_moves, min_moves)
            if chosen is not None and chosen not in moves:
                moves = [*moves[: max_moves - 1], chosen]
        moves = moves or [pass_move(board.size)]
        priors = np.append(priors, 0.0)  # of a pass, which a policy does not know
        self.candidates = [
            Candidate(move, float(priors[move]), np.zeros(board.size**2), variation=[move]) for move in moves
        ]
        self._after = [_played(position, move) for move in moves]
        self._ends = [_played(position, move) for move in moves]  # the positions after the variations

    @property
    def visits(self) -> int:
        """The number of playouts after all moves together."""
        return sum(candidate.visits for candidate in self.candidates)

    @property
    def winrate(self) -> float:
        """The position's winrate: the mean of the moves' winrates, weighted by visits."""
        return self._mean([candidate.winrate for candidate in self.candidates])

    @property
    def score(self) -> float:
        """The position's score in points: the mean of the moves' scores, weighted by visits."""
        return self._mean([candidate.score for candidate in self.candidates])

    @property
    def ownership(self) -> NDArray[np.float64]:
        """The position's ownership, float64 [size * size]: the moves' mean, weighted by visits."""
        weights = [candidate.visits / max(1, self.visits) for candidate in self.candidates]
        return np.average([candidate.ownership for candidate in self.candidates], axis=0, weights=weights)

    def improve(self, seconds: float) -> None:
        """Add a ply to each variation, then one or more rounds of playouts.

        Does nothing once there are enough playouts. The first call adds no ply, so that its result comes
        quickly.

        Args:
            seconds: No further round begins after this time.
        """
        deadline = time.monotonic() + seconds
        if self._playouts >= ENOUGH_PLAYOUTS:
            return
        if self._playouts:
            self._extend_variations()
        total = sum(candidate.prior for candidate in self.candidates) or 1.0
        rounds = 0
        while rounds == 0 or (time.monotonic() < deadline and self._playouts < ENOUGH_PLAYOUTS):
            for candidate, after in zip(self.candidates, self._after, strict=True):
                share = candidate.prior / total
                self._add_playouts(candidate, after, max(_MIN_PLAYOUTS, round(_ROUND_PLAYOUTS * share)))
            rounds += 1

    def _add_playouts(self, candidate: Candidate, after: Board, playouts: int) -> None:
        result = estimate(after, playouts, seed=self._playouts)
        self._playouts += playouts
        winrate = result.winrate if self._sign > 0 else 1 - result.winrate
        share = playouts / (candidate.visits + playouts)
        candidate.visits += playouts
        candidate.winrate += share * (winrate - candidate.winrate)
        candidate.score += share * (self._sign * result.score - candidate.score)
        candidate.ownership += share * (self._sign * result.ownership.ravel() - candidate.ownership)

    def _extend_variations(self) -> None:
        """Add the likeliest move to each variation that has not ended."""
        extended = [
            (candidate, end)
            for candidate, end in zip(self.candidates, self._ends, strict=True)
            if len(candidate.variation) < _MAX_VARIATION and candidate.variation[-1] != pass_move(self.size)
        ]
        if not extended:
            return
        priors = self._player.policy.policies([end for _, end in extended], 1)
        for (candidate, end), prior in zip(extended, priors, strict=True):
            sensible = end.sensible_moves()
            move = int(np.where(sensible, prior, -1).argmax()) if sensible.any() else pass_move(self.size)
            end.play(move)
            candidate.variation.append(move)

    def _mean(self, values: Sequence[float]) -> float:
        weights = [candidate.visits for candidate in self.candidates]
        return float(np.average(values, weights=weights)) if sum(weights) else 0.0


def _likeliest(
    priors: NDArray[np.float32],
    sensible: NDArray[np.bool_],
    banned: set[int],
    max_moves: int,
    min_moves: int,
) -> list[int]:
    allowed = [int(point) for point in np.flatnonzero(sensible) if point not in banned]
    allowed.sort(key=lambda point: -priors[point])
    likely = [point for rank, point in enumerate(allowed) if rank < min_moves or priors[point] >= _MIN_PRIOR]
    return likely[:max_moves]


def _played(board: Board, move: int) -> Board:
    after = board.copy()
    after.play(move)
    return after
