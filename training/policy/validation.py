"""The held-out positions that validate a policy in training."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from goengine.data.samples import Batch, encode_batch, fixed_sample
from goengine.data.table.game_table import GameTable
from goengine.data.table.outcomes import RESULT_COLUMNS, results_from_table
from goengine.data.table.players import PLAYER_COLUMNS, players_from_table, positions_of
from goengine.errors import GoEngineError
from goengine.game.board import BLACK, EMPTY
from goengine.policy.torch_policy import TorchPolicy
from goengine.training.config import TrainConfig
from goengine.training.evaluation.evaluate import measure
from goengine.training.evaluation.value import value_figures
from goengine.training.metrics import Accuracy


@dataclass(frozen=True, eq=False)
class Validation:
    """Encoded positions of held-out games, the same at every validation.

    Attributes:
        batch: B positions as they were played.
        black: Whether the player to move is Black, bool [B].
        komi: Points for White, float32 [B].
        winner: The colour that won the game, uint8 [B]; EMPTY if the position did not decide it.
    """

    batch: Batch
    black: NDArray[np.bool_]
    komi: NDArray[np.float32]
    winner: NDArray[np.uint8]

    @classmethod
    def open(cls, config: TrainConfig, size: int) -> Self:
        """Encode positions of the config's validation table.

        Args:
            config: The settings of the run.
            size: The board size of the run.

        Raises:
            GoEngineError: If the table is missing, damaged, empty or of another board size, or holds no move
                of the config's player.
        """
        table = GameTable.open(config.validation)
        games = table.games
        if games.size != size:
            raise GoEngineError(
                f"the validation table {config.validation} has a {games.size}x{games.size} board, "
                f"the table {config.table} a {size}x{size} board"
            )
        columns = pa.concat_tables(table.row_groups([*PLAYER_COLUMNS, *RESULT_COLUMNS]))
        try:
            if config.player:
                players = players_from_table(columns)
                game, ply = positions_of(games, players, config.player, config.validation_positions)
            else:
                game, ply = fixed_sample(games, config.validation_positions, seed=0)
            batch = encode_batch(games, game, ply, np.zeros(len(game), np.uint8))
        except GoEngineError as error:
            raise GoEngineError(f"{config.validation}: {error}") from error
        winner, komi = results_from_table(columns)
        black = (games.first_player[game] == BLACK) ^ (ply % 2 == 1)
        return cls(batch, black, komi[game], winner[game])

    def measure(self, policy: TorchPolicy) -> Accuracy:
        """Return the accuracy of a policy, and the loss of its value head if it has one."""
        accuracy = measure(policy, self.batch)
        decided = self.winner != EMPTY
        if not policy.has_value or not decided.any():
            return accuracy
        black = self.black[decided]
        value = policy.evaluate(self.batch.packed[decided], black, self.komi[decided])
        won = (self.winner[decided] == BLACK) == black
        return replace(accuracy, value_loss=value_figures(value.winrates, won, "validation").log_loss)
