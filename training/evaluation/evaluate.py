"""Asking a policy about positions in which people played."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from goengine.data.samples import Batch, encode_batch, fixed_sample
from goengine.data.table.players import Players, positions_of
from goengine.errors import GoEngineError
from goengine.kernel.replay import Games
from goengine.policy.base import Policy
from goengine.training.metrics import Accuracy, Predictions, figures, join, predictions

_CHUNK = 1024  # positions encoded at a time


def measure(policy: Policy, batch: Batch) -> Accuracy:
    """The accuracy on a batch that is already there, one pass a position."""
    return _accuracy(_ask(policy, batch, symmetries=1))


@dataclass(frozen=True)
class Measurement:
    """What a policy said, averaged over 1 or 8 symmetries; seconds include computing the planes."""

    symmetries: int
    predictions: Predictions
    seconds: float

    @property
    def rate(self) -> float:
        """Positions a second."""
        return len(self.predictions) / self.seconds

    @property
    def accuracy(self) -> Accuracy:
        return _accuracy(self.predictions)


@dataclass(frozen=True)
class Evaluation:
    """Measurements on the same positions, drawn by `seed` from so many games of board size `size`.

    single: one pass a position. ensemble: the mean over 8 symmetries, where it was asked for. moving: who
    was to move in each position, where that was given. player: whose moves alone were looked at, if any.
    """

    games: int
    size: int
    seed: int
    single: Measurement
    ensemble: Measurement | None
    moving: Players | None = None
    player: str | None = None

    @property
    def asked(self) -> Measurement:
        """The ensemble where there is one, else the single pass."""
        return self.ensemble or self.single

    @property
    def measurements(self) -> list[Measurement]:
        """The single pass, and the ensemble where there is one."""
        return [self.single, *([self.ensemble] if self.ensemble else [])]


def evaluate(
    policy: Policy,
    games: Games,
    positions: int | None = None,
    seed: int = 0,
    symmetries: int = 1,
    on_progress: Callable[[float], None] = lambda _: None,
    players: Players | None = None,
    player: str | None = None,
) -> Evaluation:
    """Measure a policy on `positions` of the games drawn by `seed`, or on all of them.

    symmetries: 8 also averages the policy over the eight turned and mirrored boards. on_progress is called
    with the share that is done. players: of the games, for accuracy by rank and by player. player: the name
    of one of them, to look at their moves alone.

    Raises GoEngineError if the games hold no position, or none of the player's, or `symmetries` is not 1
    or 8.
    """
    if symmetries not in (1, 8):
        raise GoEngineError(f"a policy is averaged over 1 or 8 symmetries, not {symmetries}")
    if player is not None and players is not None:
        game, ply = positions_of(games, players, player, positions, seed)
    else:
        game, ply = fixed_sample(games, positions, seed)
    answers: dict[int, list[Predictions]] = {s: [] for s in sorted({1, symmetries})}
    seconds = dict.fromkeys(answers, 0.0)
    for start in range(0, len(game), _CHUNK):
        part = slice(start, start + _CHUNK)
        begin = time.perf_counter()
        batch = encode_batch(games, game[part], ply[part], np.zeros(len(game[part]), np.uint8))
        encoding = time.perf_counter() - begin
        for number, said in answers.items():
            begin = time.perf_counter()
            said.append(_ask(policy, batch, number))
            seconds[number] += time.perf_counter() - begin + encoding
        on_progress(min(1.0, (start + _CHUNK) / len(game)))
    measured = {s: Measurement(s, join(said), seconds[s]) for s, said in answers.items()}
    moving = players.moving(games, game, ply) if players is not None else None
    return Evaluation(len(games), games.size, seed, measured[1], measured.get(8), moving, player)


def _ask(policy: Policy, batch: Batch, symmetries: int) -> Predictions:
    probabilities = policy.raw_policies(batch.packed, symmetries)
    return predictions(probabilities, batch.target, batch.game, batch.ply)


def _accuracy(found: Predictions) -> Accuracy:
    said = figures(found)
    return Accuracy(said.positions, said.top[1], said.top[5], said.loss)
