"""How well a value head predicts who wins: log loss, Brier score, accuracy and calibration."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goengine.data.samples import encode_batch, fixed_sample
from goengine.game.board import BLACK, EMPTY
from goengine.kernel.replay import Games
from goengine.policy.torch_policy import TorchPolicy

PHASE_PLIES = 30
"""Plies of a phase; the last one, from LAST_PHASE on, has no end."""

LAST_PHASE = 240
CALIBRATION_BINS = 10

_CHUNK = 1024  # positions encoded at a time


@dataclass(frozen=True)
class ValueFigures:
    """How well winrates predict the winners of some positions.

    Attributes:
      name -- the phase: "0-29", "all"
      positions -- how many
      accuracy -- share of positions whose winner had a winrate above one half
      log_loss -- mean cross-entropy, in nats; 0.693 for a constant half
      brier -- mean squared error; 0.25 for a constant half
      calibration -- mean difference between the winrate and the share of wins in ten bins of equal width,
        weighted by their positions
    """

    name: str
    positions: int
    accuracy: float
    log_loss: float
    brier: float
    calibration: float


def value_figures(winrates: NDArray[np.float32], won: NDArray[np.bool_], name: str) -> ValueFigures:
    """Return the figures of winrates, float32 [N], for whether the players won, bool [N]."""
    p = np.clip(winrates.astype(np.float64), 1e-7, 1 - 1e-7)
    bins = np.minimum((p * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    error = sum(abs(p[bins == b].sum() - won[bins == b].sum()) for b in np.unique(bins))
    return ValueFigures(
        name,
        len(p),
        float(((p > 0.5) == won).mean()),
        float(-np.where(won, np.log(p), np.log1p(-p)).mean()),
        float(((p - won) ** 2).mean()),
        float(error / len(p)),
    )


def evaluate_value(
    policy: TorchPolicy,
    games: Games,
    winner: NDArray[np.uint8],
    komi: NDArray[np.float32],
    positions: int | None = None,
    seed: int = 0,
    on_progress: Callable[[float], None] = lambda _: None,
) -> list[ValueFigures]:
    """Measure a value head on positions of decided games: a row for each phase, then one for all.

    Args:
        policy: A policy with a value head.
        games: G games.
        winner: The colour that won each, uint8 [G]; EMPTY for games that are left out.
        komi: Points for White, float32 [G].
        positions: How many to draw by `seed`, before undecided games are left out; None for all.
        seed: Of the draw; the same positions as `evaluate` draws.
        on_progress: Called with the share that is done.

    Returns:
        The figures, or nothing if no position is of a decided game.
    """
    game, ply = fixed_sample(games, positions, seed)
    decided = winner[game] != EMPTY
    game, ply = game[decided], ply[decided]
    if not len(game):
        return []
    black = (games.first_player[game] == BLACK) ^ (ply % 2 == 1)
    won = (winner[game] == BLACK) == black
    winrates = np.empty(len(game), np.float32)
    for start in range(0, len(game), _CHUNK):
        part = slice(start, start + _CHUNK)
        batch = encode_batch(games, game[part], ply[part], np.zeros(len(game[part]), np.uint8))
        winrates[part] = policy.evaluate(batch.packed, black[part], komi[game[part]]).winrates
        on_progress(min(1.0, (start + _CHUNK) / len(game)))
    phase = np.minimum(ply // PHASE_PLIES * PHASE_PLIES, LAST_PHASE)
    rows = []
    for first in np.unique(phase).tolist():
        inside = phase == first
        name = f"{first}-{first + PHASE_PLIES - 1}" if first < LAST_PHASE else f"from {first}"
        rows.append(value_figures(winrates[inside], won[inside], name))
    return [*rows, value_figures(winrates, won, "all")]


def value_rows(measured: list[ValueFigures]) -> list[list[str]]:
    """Return the figures as a table of text, a heading first."""
    rows = [["plies", "positions", "winner right", "log loss", "Brier score", "calibration error"]]
    for row in measured:
        rows.append(
            [
                row.name,
                f"{row.positions:,}",
                f"{row.accuracy:.1%}",
                f"{row.log_loss:.3f}",
                f"{row.brier:.3f}",
                f"{row.calibration:.1%}",
            ]
        )
    return rows
