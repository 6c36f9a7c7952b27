"""The figures of a match."""

import math
import statistics
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from goengine.gtp.match.record import SIDES, PlayedGame, Side
from goengine.util.statistics import wilson_interval


@dataclass(frozen=True, slots=True)
class SideSummary:
    """One engine's figures.

    share, interval: of the points, a draw half of one, with its 95 % interval. mean_seconds, slowest: a move,
    None where it was asked for none. faults: forfeits by what was done.
    """

    name: str
    wins_as_black: int
    wins_as_white: int
    games_as_black: int
    games_as_white: int
    share: float
    interval: tuple[float, float]
    mean_seconds: float | None
    slowest: float | None
    faults: Counter[str]

    @property
    def wins(self) -> int:
        return self.wins_as_black + self.wins_as_white


@dataclass(frozen=True, slots=True)
class Summary:
    """What a match's games come to.

    elo, elo_interval: how far A is above B, with the 95 % interval; infinite where one side took all.
    lengths: plies of the games without forfeits: shortest, median, longest; None where there are none.
    scored: games that both engines counted at their end. agreed: those in which they came to the same score.
    """

    games: int
    draws: int
    sides: Mapping[Side, SideSummary]
    elo: float
    elo_interval: tuple[float, float]
    lengths: tuple[float, float, float] | None
    endings: Counter[str]
    scored: int
    agreed: int

    def as_json(self) -> dict[str, Any]:
        """The figures as JSON has them; null where an Elo difference is infinite."""
        return {
            "games": self.games,
            "draws": self.draws,
            "sides": {
                side: {
                    "name": of.name,
                    "wins": of.wins,
                    "wins_as_black": of.wins_as_black,
                    "wins_as_white": of.wins_as_white,
                    "share": of.share,
                    "share_interval": of.interval,
                    "seconds_per_move": of.mean_seconds,
                    "slowest_move_seconds": of.slowest,
                    "forfeits": dict(of.faults),
                }
                for side, of in self.sides.items()
            },
            "elo_difference": _finite(self.elo),
            "elo_interval": [_finite(end) for end in self.elo_interval],
            "lengths": self.lengths,
            "endings": dict(self.endings),
            "games_scored_by_both": self.scored,
            "final_scores_agree": self.agreed,
        }


def summarise(names: Mapping[Side, str], games: Collection[PlayedGame]) -> Summary:
    """Count the games of a match, of which there is at least one."""
    draws = sum(game.winner is None for game in games)
    sides = {side: _side(side, names[side], games, draws) for side in SIDES}
    of_a = sides["A"]
    low, high = of_a.interval
    scored = [game.scores for game in games if len(game.scores) == len(SIDES)]
    lengths = [game.plies for game in games if game.ending != "forfeit"]
    return Summary(
        games=len(games),
        draws=draws,
        sides=sides,
        elo=elo_difference(of_a.share),
        elo_interval=(elo_difference(low), elo_difference(high)),
        lengths=(min(lengths), statistics.median(lengths), max(lengths)) if lengths else None,
        endings=Counter(game.ending for game in games),
        scored=len(scored),
        agreed=sum(scores["A"] == scores["B"] for scores in scored),
    )


def _side(side: Side, name: str, games: Collection[PlayedGame], draws: int) -> SideSummary:
    wins = Counter(game.black == side for game in games if game.winner == side)
    as_black = sum(game.black == side for game in games)
    points = wins.total() + draws / 2
    answers = sum(game.answers[side] for game in games)
    return SideSummary(
        name=name,
        wins_as_black=wins[True],
        wins_as_white=wins[False],
        games_as_black=as_black,
        games_as_white=len(games) - as_black,
        share=points / len(games),
        interval=wilson_interval(points / len(games), len(games)),
        mean_seconds=sum(game.seconds[side] for game in games) / answers if answers else None,
        slowest=max(game.slowest[side] for game in games) if answers else None,
        faults=Counter(game.fault for game in games if game.fault and game.winner not in (None, side)),
    )


def elo_difference(share: float) -> float:
    """Return how many Elo points a player who takes this share of the points is above its opponent.

    The logistic form of Elo, "The Rating of Chessplayers" (1978): 400 points are odds of ten to one.
    Infinite for a share of 0 or 1.
    """
    if share <= 0:
        return -math.inf
    if share >= 1:
        return math.inf
    return 400 * math.log10(share / (1 - share))


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
