"""Metrics of a policy's predictions of played moves: accuracy, cross-entropy, calibration.

All are computed from `Predictions`, which has a few numbers for each position.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goengine.util.statistics import wilson_interval

TOP_K = (1, 2, 3, 5, 10)
"""The values of k for top-k accuracy."""

CONFIDENCE_BINS = 10

INTERVAL_METHOD = "Wilson, the number of trials divided by the design effect of whole games"

_FULL_BOARD = 361  # points of the 19x19 board, to which the next constants apply
_OPENING, _MIDDLE = 50, 150  # last move numbers of these phases
_BINS_PER_BOARD = 18  # bins of 20 moves


@dataclass(frozen=True)
class Accuracy:
    """The result of a validation.

    Attributes:
        samples: The number of samples.
        top1: The share of samples whose right answer (the move played, an image's class) is the likeliest.
        top5: The share of samples whose right answer is among the five likeliest.
        loss: Mean cross-entropy in nats.
        value_loss: Mean cross-entropy in nats of the winner of decided games; None without a value head.
    """

    samples: int
    top1: float
    top5: float
    loss: float
    value_loss: float | None = None


@dataclass(frozen=True, eq=False)
class Predictions:
    """A policy's predictions in N positions of games.

    Attributes:
        rank: The number of points likelier than the move played, int64 [N]; 0 for a correct prediction.
        played: The probability of the move played, float32 [N].
        best: The probability of the likeliest point, float32 [N]: the policy's confidence.
        game: The game of each position, int64 [N].
        ply: The moves and passes before each position, int64 [N].
    """

    rank: NDArray[np.int64]
    played: NDArray[np.float32]
    best: NDArray[np.float32]
    game: NDArray[np.int64]
    ply: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rank)

    def where(self, mask: NDArray[np.bool_]) -> "Predictions":
        """Return the predictions where `mask`, bool [N], is set."""
        return Predictions(
            self.rank[mask], self.played[mask], self.best[mask], self.game[mask], self.ply[mask]
        )


def predictions(
    probabilities: NDArray[np.float32],
    target: NDArray[np.int64],
    game: NDArray[np.int64],
    ply: NDArray[np.int64],
) -> Predictions:
    """Return the predictions for probabilities; of equally likely points, the smaller number ranks first.

    Args:
        probabilities: The probability of each point, float32 [N, points].
        target: The point played in each position, int64 [N].
        game: The game of each position, int64 [N].
        ply: The moves and passes before each position, int64 [N].
    """
    rows = np.arange(len(target))
    played = probabilities[rows, target]
    likelier = probabilities > played[:, None]
    before = np.arange(probabilities.shape[1]) < target[:, None]
    rank = (likelier | (before & (probabilities == played[:, None]))).sum(axis=1)
    return Predictions(rank, played, probabilities.max(axis=1), game, ply)


def join(parts: Sequence[Predictions]) -> Predictions:
    """Concatenate predictions."""
    names = ("rank", "played", "best", "game", "ply")
    return Predictions(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@dataclass(frozen=True)
class Figures:
    """Metrics of one or more predictions.

    Attributes:
        positions: The number of predictions.
        top: For each k of TOP_K, the share of positions whose played move is among the k likeliest points.
        interval: The 95 % confidence interval of top-1 accuracy, see `game_interval`.
        loss: Mean cross-entropy in nats.
    """

    positions: int
    top: dict[int, float]
    interval: tuple[float, float]
    loss: float

    @property
    def top1(self) -> float:
        """The top-1 accuracy."""
        return self.top[1]


def figures(made: Predictions) -> Figures:
    """Return the metrics of one or more predictions."""
    top = {k: float((made.rank < k).mean()) for k in TOP_K}
    # A probability of zero counts as float32's smallest normal number: 87 nats.
    played = np.maximum(made.played, np.finfo(np.float32).tiny)
    loss = -float(np.log(played).mean(dtype=np.float64))
    return Figures(len(made), top, game_interval(made.rank == 0, made.game), loss)


def game_interval(hits: NDArray[np.bool_], game: NDArray[np.int64]) -> tuple[float, float]:
    """Return the 95 % confidence interval of the share of hits in positions of whole games.

    Positions of one game are correlated, so N of them are worth less than N independent ones. The interval is
    Wilson's for N divided by the design effect: the variance of the share between games (as a ratio
    estimator: Cochran, Sampling Techniques, 1977, section 6.3) divided by that of independent trials. The
    design effect is at least 1, and 1 for a single game.

    Args:
        hits: Whether each prediction was correct, bool [N].
        game: The game of each position, int64 [N].
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
    """Metrics of a range of move numbers.

    Attributes:
        name: The phase ("opening"), or the range ("1-20").
        first: The first move number; moves and passes are numbered from 1.
        last: The last move number; None for no end.
        figures: The metrics.
    """

    name: str
    first: int
    last: int | None
    figures: Figures


def by_phase(made: Predictions, size: int) -> list[MoveGroup]:
    """Group predictions into opening, middle game and endgame, without empty phases.

    On 19x19 the opening is moves 1 to 50, the middle game 51 to 150, and the endgame all later moves; on
    boards of another `size` the bounds are the same shares of the board's points.
    """
    opening, middle = (max(1, round(bound * size * size / _FULL_BOARD)) for bound in (_OPENING, _MIDDLE))
    bounds = [("opening", 1, opening), ("middle", opening + 1, middle), ("endgame", middle + 1, None)]
    return _groups(made, bounds)


def by_move_number(made: Predictions, size: int) -> list[MoveGroup]:
    """Group predictions by move number, without empty groups.

    On 19x19 a group is 20 moves; on boards of another `size` it is the same share of the board's points.
    """
    width = max(1, size * size // _BINS_PER_BOARD)
    starts = range(1, int(made.ply.max()) + 2, width)
    return _groups(made, [(f"{first}-{first + width - 1}", first, first + width - 1) for first in starts])


def _groups(made: Predictions, bounds: Sequence[tuple[str, int, int | None]]) -> list[MoveGroup]:
    number = made.ply + 1
    groups = []
    for name, first, last in bounds:
        mask = (number >= first) & (number <= (last or math.inf))
        if mask.any():
            groups.append(MoveGroup(name, first, last, figures(made.where(mask))))
    return groups


@dataclass(frozen=True)
class ConfidenceBin:
    """The positions whose confidence, the probability of the likeliest point, is in one range.

    Attributes:
        low: The lower end of the range, not included.
        high: The upper end of the range, included.
        positions: The number of positions.
        confidence: The mean confidence.
        accuracy: The share of positions in which the likeliest point was played.
    """

    low: float
    high: float
    positions: int
    confidence: float
    accuracy: float


@dataclass(frozen=True)
class Calibration:
    """How well confidence matches accuracy.

    Attributes:
        bins: The bins that have a position.
        error: The expected calibration error, from 0 to 1.
    """

    bins: list[ConfidenceBin]
    error: float


def calibration(made: Predictions, bins: int = CONFIDENCE_BINS) -> Calibration:
    """Return the calibration of predictions, in `bins` bins of equal width.

    The expected calibration error is the mean over all positions of |accuracy - confidence| of their bin
    (Guo et al., On Calibration of Modern Neural Networks, ICML 2017).
    """
    best = made.best.astype(np.float64)
    number = np.clip(np.ceil(best * bins).astype(int) - 1, 0, bins - 1)
    filled = []
    for i in np.unique(number).tolist():
        inside = number == i
        confidence, accuracy = float(best[inside].mean()), float((made.rank[inside] == 0).mean())
        filled.append(ConfidenceBin(i / bins, (i + 1) / bins, int(inside.sum()), confidence, accuracy))
    error = sum(b.positions * abs(b.accuracy - b.confidence) for b in filled) / len(made)
    return Calibration(filled, error)
