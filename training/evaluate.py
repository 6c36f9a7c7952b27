"""How well a policy predicts the moves that people played."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from data.samples import Batch, encode_batch, fixed_sample
from goengine.kernel.replay import Games
from goengine.policy import Policy

_CHUNK = 1024  # positions encoded at a time


@dataclass(frozen=True)
class Accuracy:
    """top1, top5: shares of the positions in which the move played is the likeliest, or among the five
    likeliest. loss: mean cross-entropy in nats."""

    positions: int
    top1: float
    top5: float
    loss: float


def interval(share: float, count: int) -> tuple[float, float]:
    """The 95 % interval of a share of `count` independent trials (Wilson, 1927)."""
    z = 1.959964
    centre = share + z * z / (2 * count)
    margin = z * math.sqrt(share * (1 - share) / count + (z / (2 * count)) ** 2)
    scale = 1 + z * z / count
    return (centre - margin) / scale, (centre + margin) / scale


class _Sums:
    def __init__(self) -> None:
        self.positions, self.hits1, self.hits5, self.loss = 0, 0, 0, 0.0

    def add(self, policy: Policy, batch: Batch, symmetries: int) -> None:
        probabilities = policy.raw_policies(batch.packed, symmetries)
        rows = np.arange(len(batch.target))
        played = probabilities[rows, batch.target]
        best = torch.from_numpy(probabilities).topk(min(5, probabilities.shape[1]), dim=1).indices.numpy()
        hits = best == batch.target[:, None]
        self.positions += len(rows)
        self.hits1 += int(hits[:, 0].sum())
        self.hits5 += int(hits.sum())
        # A move that float32 holds impossible counts as its smallest number: 87 nats.
        self.loss -= float(np.log(np.maximum(played, np.finfo(np.float32).tiny)).sum(dtype=np.float64))

    def accuracy(self) -> Accuracy:
        n = self.positions
        return Accuracy(n, self.hits1 / n, self.hits5 / n, self.loss / n)


def measure(policy: Policy, batch: Batch) -> Accuracy:
    """The accuracy on a batch that is already there, one pass a position."""
    sums = _Sums()
    sums.add(policy, batch, symmetries=1)
    return sums.accuracy()


@dataclass(frozen=True)
class Evaluation:
    """An accuracy, and how it was come by; seconds include computing the planes."""

    accuracy: Accuracy
    games: int
    symmetries: int
    seed: int
    seconds: float


def evaluate(
    policy: Policy,
    games: Games,
    positions: int | None = None,
    seed: int = 0,
    symmetries: int = 1,
    on_progress: Callable[[float], None] = lambda _: None,
) -> Evaluation:
    """Measure a policy on `positions` of the games drawn by `seed`, or on all of them.

    symmetries: 1 for a single pass, 8 for the mean of the eight turned and mirrored boards. on_progress is
    called with the share that is done.

    Raises GoEngineError if the games hold no position, or `symmetries` is not 1 or 8.
    """
    game, ply = fixed_sample(games, positions, seed)
    begin = time.perf_counter()
    sums = _Sums()
    for start in range(0, len(game), _CHUNK):
        part = slice(start, start + _CHUNK)
        unturned = np.zeros(len(game[part]), np.uint8)
        sums.add(policy, encode_batch(games, game[part], ply[part], unturned), symmetries)
        on_progress(sums.positions / len(game))
    return Evaluation(sums.accuracy(), len(games), symmetries, seed, time.perf_counter() - begin)
