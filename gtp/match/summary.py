"""The statistics of a match."""

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
    """One engine's statistics.

    Attributes:
        name: The engine's name and version.
        wins_as_black: Games won with Black.
        wins_as_white: Games won with White.
        games_as_black: Games played with Black.
        games_as_white: Games played with White.
        share: The share of the points; a draw is half a point.
        interval: The 95 % interval of `share` (Wilson's, a little too wide where there are draws).
        mean_seconds: Mean seconds per move, None if it was never asked for a move.
        slowest: Seconds of the slowest move, None if it was never asked for a move.
        faults: The number of games lost by each kind of fault.
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
        """Games won with either colour."""
        return self.wins_as_black + self.wins_as_white


@dataclass(frozen=True, slots=True)
class Summary:
    """The statistics of a match.

    Attributes:
        games: The number of games.
        draws: The number of draws.
        sides: The statistics of each engine.
        elo: How many Elo points A is above B; infinite if one engine won all games.
        elo_interval: The 95 % interval of `elo`.
        lengths: Shortest, median and longest game in plies, forfeits left out; None if all were forfeits.
        endings: The number of games by how they ended.
        scored: The number of games for which both engines gave a final score.
        agreed: The number of these in which the scores are equal.
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
        """Return the statistics as JSON values; an infinite Elo difference becomes null."""
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
    """Return the statistics of a match.

    Args:
        names: The engines' names and versions.
        games: The finished games, at least one.
    """
    draws = sum(game.winner is None for game in games)
    sides = {side: _summarise_side(side, names[side], games, draws) for side in SIDES}
    low, high = sides["A"].interval
    scored = [game.scores for game in games if len(game.scores) == len(SIDES)]
    lengths = [game.plies for game in games if game.ending != "forfeit"]
    return Summary(
        games=len(games),
        draws=draws,
        sides=sides,
        elo=elo_difference(sides["A"].share),
        elo_interval=(elo_difference(low), elo_difference(high)),
        lengths=(min(lengths), statistics.median(lengths), max(lengths)) if lengths else None,
        endings=Counter(game.ending for game in games),
        scored=len(scored),
        agreed=sum(scores["A"] == scores["B"] for scores in scored),
    )


def _summarise_side(side: Side, name: str, games: Collection[PlayedGame], draws: int) -> SideSummary:
    wins = Counter(game.black == side for game in games if game.winner == side)  # True: as Black
    games_as_black = sum(game.black == side for game in games)
    share = (wins.total() + draws / 2) / len(games)
    answers = sum(game.answers[side] for game in games)
    return SideSummary(
        name=name,
        wins_as_black=wins[True],
        wins_as_white=wins[False],
        games_as_black=games_as_black,
        games_as_white=len(games) - games_as_black,
        share=share,
        interval=wilson_interval(share, len(games)),
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
