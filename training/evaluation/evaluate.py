"""Measuring a policy on positions of games: overall, by the rank of the player, and by player."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goengine.data.samples import Batch, encode_batch, fixed_sample
from goengine.data.sgf.game_info import rank_name
from goengine.data.table.players import Players, positions_of
from goengine.errors import GoEngineError
from goengine.kernel.replay import Games
from goengine.policy.base import Policy
from goengine.training.metrics import Accuracy, Figures, Predictions, figures, join, predictions

MOST_PLAYERS = 10
"""The number of players that are reported by name."""

_CHUNK = 1024  # positions encoded at a time


def measure(policy: Policy, batch: Batch) -> Accuracy:
    """Return the accuracy of a policy on an encoded batch, in one pass per position."""
    return _accuracy(_predict(policy, batch, symmetries=1))


@dataclass(frozen=True)
class Measurement:
    """The predictions of a policy.

    Attributes:
        symmetries: The symmetries that the policy was averaged over, 1 or 8.
        predictions: The predictions.
        seconds: The time taken, including the computation of the planes.
    """

    symmetries: int
    predictions: Predictions
    seconds: float

    @property
    def rate(self) -> float:
        """Positions per second."""
        return len(self.predictions) / self.seconds

    @property
    def accuracy(self) -> Accuracy:
        """Top-1 and top-5 accuracy, and the loss."""
        return _accuracy(self.predictions)


@dataclass(frozen=True)
class PlayerGroup:
    """Metrics of the moves of the players of one rank, or of one player, by name."""

    name: str
    figures: Figures


@dataclass(frozen=True)
class Evaluation:
    """One or two measurements of a policy on the same positions.

    Attributes:
        games: The number of games that the positions were drawn from.
        size: The board size.
        seed: The seed of the draw.
        single: The measurement of one pass per position.
        ensemble: The measurement of the mean over 8 symmetries, or None.
        moving: The player to move in each position, or None if unknown.
        player: The player whose moves alone were evaluated, or None for all players.
    """

    games: int
    size: int
    seed: int
    single: Measurement
    ensemble: Measurement | None
    moving: Players | None = None
    player: str | None = None

    @property
    def main(self) -> Measurement:
        """The ensemble if there is one, else the single pass."""
        return self.ensemble or self.single

    @property
    def measurements(self) -> list[Measurement]:
        """The single pass, and the ensemble if there is one."""
        return [self.single, *([self.ensemble] if self.ensemble else [])]

    @property
    def ranks(self) -> list[PlayerGroup]:
        """The main metrics by the rank of the player to move; empty if no rank is known."""
        return by_rank(self.main.predictions, self.moving.ranks) if self.moving else []

    @property
    def players(self) -> list[PlayerGroup]:
        """The main metrics of the players with the most moves; empty if no name is known."""
        return by_player(self.main.predictions, self.moving.names) if self.moving else []


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
    """Measure how well a policy predicts the moves of games.

    Args:
        policy: The policy.
        games: The games.
        positions: The number of positions to draw; None for all.
        seed: The seed of the draw.
        symmetries: 8 to measure the mean over the board's symmetries too, 1 for a single pass alone.
        on_progress: Called with the completed share, 0 to 1.
        players: The players of the games, for accuracy by rank and by player.
        player: The name of a player to evaluate the moves of this player alone; needs `players`.

    Raises:
        GoEngineError: If there is no position, or none of the player, or `symmetries` is not 1 or 8.
    """
    if symmetries not in (1, 8):
        raise GoEngineError(f"a policy is averaged over 1 or 8 symmetries, not {symmetries}")
    game, ply = draw_positions(games, positions, seed, players, player)
    parts: dict[int, list[Predictions]] = {number: [] for number in sorted({1, symmetries})}
    seconds = dict.fromkeys(parts, 0.0)
    for start in range(0, len(game), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        begin = time.perf_counter()
        batch = encode_batch(games, game[chunk], ply[chunk], np.zeros(len(game[chunk]), np.uint8))
        encoding = time.perf_counter() - begin
        for number, made in parts.items():
            begin = time.perf_counter()
            made.append(_predict(policy, batch, number))
            seconds[number] += time.perf_counter() - begin + encoding
        on_progress(min(1.0, (start + _CHUNK) / len(game)))
    measured = {number: Measurement(number, join(made), seconds[number]) for number, made in parts.items()}
    moving = players.moving(games, game, ply) if players is not None else None
    return Evaluation(len(games), games.size, seed, measured[1], measured.get(8), moving, player)


def draw_positions(
    games: Games,
    positions: int | None = None,
    seed: int = 0,
    players: Players | None = None,
    player: str | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the positions that `evaluate` measures: game and ply, int64 [N] each; arguments as there.

    Raises:
        GoEngineError: If there is no position, or none of the player.
    """
    if player is not None and players is not None:
        return positions_of(games, players, player, positions, seed)
    return fixed_sample(games, positions, seed)


def by_rank(made: Predictions, ranks: NDArray[np.float32]) -> list[PlayerGroup]:
    """Group predictions by the rank of the player to move, the lowest rank first, unknown ranks last.

    Args:
        made: N predictions.
        ranks: The rank of each player to move, float32 [N], on the scale of
            `goengine.data.sgf.game_info.parse_rank`; NaN if unknown.

    Returns:
        A group for each rank ("5k", "9d", "9p"), without fractions; empty if no rank is known.
    """
    known = np.isfinite(ranks)
    if not known.any():
        return []
    steps = np.floor(ranks)
    groups = [(rank_name(float(step)), steps == step) for step in np.unique(steps[known])]
    return _groups(made, [*groups, ("unknown", ~known)])


def by_player(made: Predictions, names: NDArray[np.object_]) -> list[PlayerGroup]:
    """Group predictions by the player to move, for the MOST_PLAYERS players with the most moves.

    Args:
        made: N predictions.
        names: The name of each player to move, str, object [N]; "" if unknown, which has no group.
    """
    distinct, counts = np.unique(names[names != ""].astype(str), return_counts=True)
    most = np.argsort(-counts, kind="stable")[:MOST_PLAYERS]
    return _groups(made, [(str(distinct[i]), names == distinct[i]) for i in most])


def _groups(made: Predictions, masks: Iterable[tuple[str, NDArray[np.bool_]]]) -> list[PlayerGroup]:
    return [PlayerGroup(name, figures(made.where(mask))) for name, mask in masks if mask.any()]


def _predict(policy: Policy, batch: Batch, symmetries: int) -> Predictions:
    probabilities = policy.raw_policies(batch.packed, symmetries)
    return predictions(probabilities, batch.target, batch.game, batch.ply)


def _accuracy(made: Predictions) -> Accuracy:
    metrics = figures(made)
    return Accuracy(metrics.positions, metrics.top[1], metrics.top[5], metrics.loss)
