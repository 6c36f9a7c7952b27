"""The targets of a policy's heads for the samples of a batch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goengine.data.samples import Batch
from goengine.data.table.outcomes import Outcomes
from goengine.game.board import BLACK, EMPTY
from goengine.kernel.replay import Games
from goengine.points import pass_move, symmetry_tables

IGNORED = -100
"""The target for a pass or a move that was not played; the default `ignore_index` of PyTorch's losses."""

UNKNOWN_OWNER = 255
"""The owner of all points of a position whose game was not counted."""


@dataclass(frozen=True)
class PolicyBatch:
    """B samples of a policy's run, with the targets of all heads.

    Attributes:
        packed: Bit-packed planes, as in `goengine.data.samples.Batch`.
        target: The move played, int64 [B].
        reply: The move after the target, int64 [B], or IGNORED.
        next: The move after the reply, int64 [B], or IGNORED.
        black: Whether the player to move is Black, bool [B].
        komi: Points for White, float32 [B].
        won: float32 [B], 1 if the player to move won, 0 if they lost, NaN if the position did not decide it.
        score: float32 [B], the final score of the player to move in points, without komi; NaN if unknown.
        owned: uint8 [B, size * size], the final owner of each point: 2 the player to move, 1 nobody, 0 the
            opponent; UNKNOWN_OWNER for all points if unknown.
    """

    packed: NDArray[np.uint8]
    target: NDArray[np.int64]
    reply: NDArray[np.int64]
    next: NDArray[np.int64]
    black: NDArray[np.bool_]
    komi: NDArray[np.float32]
    won: NDArray[np.float32]
    score: NDArray[np.float32]
    owned: NDArray[np.uint8]


def later_move(games: Games, batch: Batch, plies: int) -> NDArray[np.int64]:
    """Return the moves `plies` after the targets under the samples' symmetries, int64 [B], or IGNORED."""
    start = games.move_starts[batch.game]
    index = start + batch.ply + plies
    exists = index < games.move_starts[batch.game + 1]
    move = games.moves[np.where(exists, index, start)].astype(np.int64)
    exists &= move != pass_move(games.size)
    image = symmetry_tables(games.size)[batch.symmetry, move].astype(np.int64)
    return np.where(exists, image, IGNORED)


def with_targets(batch: Batch, games: Games, outcomes: Outcomes | None) -> PolicyBatch:
    """Return the batch with targets; without outcomes those of the value head are unknown."""
    B, points = len(batch.target), games.size**2
    black = (games.first_player[batch.game] == BLACK) ^ (batch.ply % 2 == 1)
    won = np.full(B, np.nan, np.float32)
    score = np.full(B, np.nan, np.float32)
    komi = np.zeros(B, np.float32)
    owned = np.full((B, points), UNKNOWN_OWNER, np.uint8)
    if outcomes is not None:
        winner = outcomes.winner[batch.game]
        won = np.where(winner == EMPTY, np.nan, (winner == BLACK) == black).astype(np.float32)
        komi = outcomes.komi[batch.game]
        score = np.where(black, outcomes.score[batch.game], -outcomes.score[batch.game]).astype(np.float32)
        tables = symmetry_tables(games.size)
        for i, row in enumerate(outcomes.row[batch.game]):
            if row >= 0:
                owner = outcomes.owners[row]
                mine = np.where(owner == EMPTY, 1, np.where((owner == BLACK) == black[i], 2, 0))
                owned[i, tables[batch.symmetry[i], :points]] = mine
    return PolicyBatch(
        batch.packed,
        batch.target,
        later_move(games, batch, 1),
        later_move(games, batch, 2),
        black,
        komi,
        won,
        score,
        owned,
    )
