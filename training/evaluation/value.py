"""Metrics of a value head's winrates: accuracy, log loss, Brier score and calibration."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goengine.data.samples import encode_batch
from goengine.game.board import BLACK, EMPTY
from goengine.kernel.replay import Games
from goengine.policy.torch_policy import TorchPolicy

PHASE_PLIES = 30
"""The plies of a phase, except for the last phase."""

LAST_PHASE = 240
"""The first ply of the last phase."""

CALIBRATION_BINS = 10

_CHUNK = 1024  # positions encoded at a time


@dataclass(frozen=True)
class ValueFigures:
    """Metrics of the winrates in some positions.

    Attributes:
        name: The phase: "0-29", "from 240", "all".
        positions: The number of positions.
        accuracy: The share of positions whose winner had a winrate above one half.
        log_loss: Mean cross-entropy in nats; 0.693 for a constant winrate of one half.
        brier: Mean squared error; 0.25 for a constant winrate of one half.
        calibration: The mean difference between the winrate and the share of wins in ten bins of equal width,
            weighted by their positions.
    """

    name: str
    positions: int
    accuracy: float
    log_loss: float
    brier: float
    calibration: float


def value_figures(winrates: NDArray[np.float32], won: NDArray[np.bool_], name: str) -> ValueFigures:
    """Return the metrics of winrates, float32 [N], of players who won or did not, bool [N]."""
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
    game: NDArray[np.int64],
    ply: NDArray[np.int64],
    on_progress: Callable[[float], None] = lambda _: None,
) -> list[ValueFigures]:
    """Measure a value head on positions of decided games.

    Args:
        policy: A policy with a value head.
        games: G games.
        winner: The colour that won each game, uint8 [G]; EMPTY if it is undecided.
        komi: Points for White in each game, float32 [G].
        game: The game of each position, int64 [N]; positions of undecided games are left out.
        ply: The ply of each position, int64 [N].
        on_progress: Called with the completed share, 0 to 1.

    Returns:
        The metrics of each phase, then of all positions; empty if no position is of a decided game.
    """
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
    """Return the metrics as rows of a table, the headings first."""
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
