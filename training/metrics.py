"""What a policy's predictions of played moves are worth: accuracy, cross-entropy, calibration.

Every figure is computed from `Predictions`, four numbers a position.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goengine.util.statistics import wilson_interval

TOP_K = (1, 2, 3, 5, 10)
"""How many of the likeliest points are looked at for the move played."""

CONFIDENCE_BINS = 10

INTERVAL_METHOD = "Wilson, the number of trials divided by the design effect of whole games"

_FULL_BOARD = 361  # the board for which the phases are stated; others take their share
_OPENING, _MIDDLE = 50, 150  # last move numbers of these phases on it
_BINS_A_BOARD = 18  # bins of 20 moves on it


@dataclass(frozen=True)
class Accuracy:
    """What training keeps of a validation.

    top1, top5: shares of the samples in which the right answer (the move that was played, an image's class)
    is the likeliest, or among the five likeliest. loss: mean cross-entropy in nats.
    """

    samples: int
    top1: float
    top5: float
    loss: float


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a policy said in N positions about the moves that were played there.

    Public attributes:
      rank -- int64 [N], how many points it held likelier than the move played; 0 where it was right
      played -- float32 [N], the probability of the move played
      best -- float32 [N], the probability of the likeliest point: its confidence
      game, ply -- int64 [N], which position
    """

    rank: NDArray[np.int64]
    played: NDArray[np.float32]
    best: NDArray[np.float32]
    game: NDArray[np.int64]
    ply: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rank)

    def where(self, mask: NDArray[np.bool_]) -> "Predictions":
        """Those of the positions at which `mask`, bool [N], is set."""
        return Predictions(
            self.rank[mask], self.played[mask], self.best[mask], self.game[mask], self.ply[mask]
        )


def predictions(
    probabilities: NDArray[np.float32],
    target: NDArray[np.int64],
    game: NDArray[np.int64],
    ply: NDArray[np.int64],
) -> Predictions:
    """From float32 [N, points], and the point that was played in each position, int64 [N].

    Of points that are equally likely the one of the smaller number ranks first.
    """
    rows = np.arange(len(target))
    played = probabilities[rows, target]
    likelier = probabilities > played[:, None]
    before = np.arange(probabilities.shape[1]) < target[:, None]
    rank = (likelier | (before & (probabilities == played[:, None]))).sum(axis=1)
    return Predictions(rank, played, probabilities.max(axis=1), game, ply)


def join(parts: Sequence[Predictions]) -> Predictions:
    """The positions of all parts, one part after another."""
    names = ("rank", "played", "best", "game", "ply")
    return Predictions(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@dataclass(frozen=True)
class Figures:
    """How good predictions are.

    Public attributes:
      positions -- how many there are, at least 1
      top -- by k of TOP_K: the share of positions in which the move played is among the k likeliest points
      interval -- the 95 % interval of top-1, see `game_interval`
      loss -- mean cross-entropy in nats
    """

    positions: int
    top: dict[int, float]
    interval: tuple[float, float]
    loss: float

    @property
    def top1(self) -> float:
        return self.top[1]


def figures(found: Predictions) -> Figures:
    """The figures of one or more predictions."""
    top = {k: float((found.rank < k).mean()) for k in TOP_K}
    # A move that float32 holds impossible counts as its smallest number: 87 nats.
    floored = np.maximum(found.played, np.finfo(np.float32).tiny)
    loss = -float(np.log(floored).mean(dtype=np.float64))
    return Figures(len(found), top, game_interval(found.rank == 0, found.game), loss)


def game_interval(hits: NDArray[np.bool_], game: NDArray[np.int64]) -> tuple[float, float]:
    """The 95 % interval of the share of hits [N] in positions that come from whole games [N].

    Positions of one game are alike, so N of them say less than N independent ones. Wilson's interval is taken
    for N divided by the design effect: how many times as large the variance between games (a ratio
    estimator's, Cochran, Sampling Techniques, 1977, 6.3) is as that of independent trials. It counts as 1
    where it comes out smaller, or there is only one game to see it from.
    """
    share, count = float(hits.mean()), len(hits)
    _, member = np.unique(game, return_inverse=True)
    sizes = np.bincount(member)
    effect = 1.0
    if len(sizes) > 1 and 0 < share < 1:
        residuals = np.bincount(member, weights=hits) - share * sizes
        variance = len(sizes) / (len(sizes) - 1) * float((residuals**2).sum()) / count**2
        effect = max(1.0, variance / (share * (1 - share) / count))
    return wilson_interval(share, count / effect)


@dataclass(frozen=True)
class MoveGroup:
    """Figures of the moves numbered first to last (from 1, passes counted); last is None for no end."""

    name: str
    first: int
    last: int | None
    figures: Figures


def by_phase(found: Predictions, size: int) -> list[MoveGroup]:
    """Opening, middle game and endgame, those without a position left out.

    On 19x19 the opening is moves 1 to 50, the middle game 51 to 150, the endgame what follows; on other
    boards the bounds are the same shares of the board's points.
    """
    opening, middle = (max(1, round(bound * size * size / _FULL_BOARD)) for bound in (_OPENING, _MIDDLE))
    bounds = [("opening", 1, opening), ("middle", opening + 1, middle), ("endgame", middle + 1, None)]
    return _groups(found, bounds)


def by_move_number(found: Predictions, size: int) -> list[MoveGroup]:
    """Bins of 20 moves on 19x19, of as large a share of the points on other boards; empty ones left out."""
    width = max(1, size * size // _BINS_A_BOARD)
    starts = range(1, int(found.ply.max()) + 2, width)
    return _groups(found, [(f"{first}-{first + width - 1}", first, first + width - 1) for first in starts])


def _groups(found: Predictions, bounds: Sequence[tuple[str, int, int | None]]) -> list[MoveGroup]:
    number = found.ply + 1
    groups = []
    for name, first, last in bounds:
        mask = (number >= first) & (number <= (last or math.inf))
        if mask.any():
            groups.append(MoveGroup(name, first, last, figures(found.where(mask))))
    return groups


@dataclass(frozen=True)
class ConfidenceBin:
    """Positions in which the likeliest point's probability lies above `low` and at most at `high`.

    confidence: the mean of that probability. accuracy: the share of them in which that point was played.
    """

    low: float
    high: float
    positions: int
    confidence: float
    accuracy: float


@dataclass(frozen=True)
class Calibration:
    """bins: those that hold a position. error: the expected calibration error, 0 to 1."""

    bins: list[ConfidenceBin]
    error: float


def calibration(found: Predictions, bins: int = CONFIDENCE_BINS) -> Calibration:
    """How often the likeliest point is played, by how likely it is held.

    The expected calibration error is the mean over all positions of |accuracy - confidence| of their bin
    (Guo et al., On Calibration of Modern Neural Networks, ICML 2017).
    """
    best = found.best.astype(np.float64)
    number = np.clip(np.ceil(best * bins).astype(int) - 1, 0, bins - 1)
    filled = []
    for i in np.unique(number).tolist():
        inside = number == i
        confidence, accuracy = float(best[inside].mean()), float((found.rank[inside] == 0).mean())
        filled.append(ConfidenceBin(i / bins, (i + 1) / bins, int(inside.sum()), confidence, accuracy))
    error = sum(b.positions * abs(b.accuracy - b.confidence) for b in filled) / len(found)
    return Calibration(filled, error)
