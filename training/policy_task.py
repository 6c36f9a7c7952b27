"""Learning to predict the moves of a game table: the policy's task, and its runs."""

from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from rich.console import Console
from torch import Tensor

from data.samples import Batch, SampleStream, encode_batch, fixed_sample
from data.table import GameTable
from goengine.errors import GoEngineError
from goengine.kernel.replay import Games
from goengine.network import ConvolutionNetwork, PolicyNetwork, unpack
from goengine.torch_policy import TorchPolicy
from training.checkpoint import Checkpoint
from training.config import TrainConfig
from training.device import to_device
from training.evaluate import measure
from training.loop import TrainResult, train
from training.metrics import Accuracy
from training.processes import Processes


class PolicyTask:
    """The task of a policy network; see `training.task.Task`."""

    command = "goengine train"
    unit = "positions"

    def __init__(self, config: TrainConfig, games: Games) -> None:
        """Learns from `games`.

        Raises GoEngineError if they hold no position, or the validation table is missing, damaged, empty or
        of another board size.
        """
        self._config = config
        self._size = games.size
        self._stream = SampleStream(games, config.seed, symmetries=config.symmetries)
        self._validation = _validation_batch(config, games.size)
        self.available = self._stream.positions
        self.limit = config.positions
        self.facts = {"size": games.size}

    @classmethod
    def open(cls, config: TrainConfig) -> Self:
        """The task of the config's table.

        Raises GoEngineError if there is none, or it is damaged, and what the constructor raises.
        """
        return cls(config, GameTable.open(config.table).games)

    def network(self) -> PolicyNetwork:
        network = PolicyNetwork(self._size, self._config.filters, self._config.layers)
        network.reset_parameters(torch.Generator().manual_seed(self._config.seed), self._config.identity)
        return network

    def check(self, facts: dict[str, Any]) -> None:
        if (size := facts["size"]) != self._size:
            raise GoEngineError(
                f"the run is of a {size}x{size} board, "
                f"the table {self._config.table} of {self._size}x{self._size}"
            )

    def batch(self, step: int, batch_size: int, rank: int = 0, world: int = 1) -> Batch:
        try:
            return self._stream.batch(step, batch_size, rank, world)
        except GoEngineError as error:  # a game that cannot be, which opening a table does not look for
            raise GoEngineError(f"{self._config.table}: {error}") from None

    def inputs(self, batch: Batch, device: torch.device, dtype: torch.dtype) -> Tensor:
        return unpack(to_device(batch.packed, device), self._size, dtype)

    def validate(self, network: ConvolutionNetwork, dtype: torch.dtype) -> Accuracy | None:
        if self._validation is None:
            return None
        assert isinstance(network, PolicyNetwork)
        return measure(TorchPolicy(network, "validation", dtype), self._validation)

    def describe(self) -> str:
        return f"{self._config.filters} filters, {self._config.layers} layers"


def train_policy(
    config: TrainConfig,
    resume: Path | None = None,
    console: Console | None = None,
    max_minutes: float | None = None,
    processes: Processes | None = None,
) -> TrainResult:
    """`training.loop.train` of a policy.

    Raises GoEngineError for a table that is missing, damaged or of another board size too.
    """
    if not config.table:
        raise GoEngineError("training needs a game table")
    return train(config, PolicyTask.open, resume, console, max_minutes, processes)


def policy_network(checkpoint: Checkpoint[TrainConfig]) -> PolicyNetwork:
    """The network that a checkpoint releases, on the CPU.

    Raises GoEngineError if the weights are not those of a network of its settings.
    """
    config = checkpoint.config
    network = PolicyNetwork(checkpoint.facts["size"], config.filters, config.layers)
    checkpoint.load_into(network, averaged=True)
    return network


def _validation_batch(config: TrainConfig, size: int) -> Batch | None:
    if not config.validation:
        return None
    games = GameTable.open(config.validation).games
    if games.size != size:
        raise GoEngineError(
            f"the table {config.validation} is of a {games.size}x{games.size} board, "
            f"{config.table} of {size}x{size}"
        )
    try:
        game, ply = fixed_sample(games, config.validation_positions, seed=0)
        return encode_batch(games, game, ply, np.zeros(len(game), np.uint8))
    except GoEngineError as error:
        raise GoEngineError(f"{config.validation}: {error}") from None
