"""Learning to predict the moves of a game table: the policy's task, and its runs."""

from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from torch import Tensor

from goengine.data.samples import Batch, SampleStream, encode_batch, fixed_sample
from goengine.data.table.outcomes import Outcomes
from goengine.data.table.players import PLAYER_COLUMNS, players_from_table, positions_of
from goengine.data.table.table import GameTable
from goengine.errors import GoEngineError
from goengine.game.board import EMPTY
from goengine.kernel.replay import Games
from goengine.nn.model_folder import find_model, folder_hash, read_config
from goengine.nn.network import ConvolutionNetwork, PolicyNetwork, unpack
from goengine.policy.loading import load_network
from goengine.policy.torch_policy import TorchPolicy
from goengine.training.checkpoint import Checkpoint
from goengine.training.config import TrainConfig
from goengine.training.device import to_device
from goengine.training.evaluation.evaluate import measure
from goengine.training.loop import TrainResult, train
from goengine.training.metrics import Accuracy
from goengine.training.policy.learner import PolicyLearner, PolicyOutputs, loss_weights, policy_losses
from goengine.training.policy.targets import PolicyBatch, with_targets
from goengine.training.processes import Processes
from goengine.training.task import Loss

_CALIBRATION_BATCH, _CALIBRATION_STEPS = 256, 8  # positions for a starting model's statistics


class PolicyTask:
    """The task of a policy network; see `goengine.training.task.Task`."""

    command = "goengine train"
    unit = "positions"

    def __init__(
        self,
        config: TrainConfig,
        games: Games,
        outcomes: Outcomes | None = None,
        positions: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None,
    ) -> None:
        """Learn from `games`; outcomes: how they ended, for a value head; positions: the only ones to draw.

        Raises GoEngineError if they hold no position, or the validation table is missing, damaged, empty or
        of another board size.
        """
        self._config = config
        self._outcomes = outcomes
        self._known = _known_shares(games, outcomes)
        self._size = games.size
        self._stream = SampleStream(games, config.seed, symmetries=config.symmetries, positions=positions)
        self._validation = _validation_batch(config, games.size)
        self.available = self._stream.positions
        self.limit = config.positions
        self.facts = {"size": games.size}

    @classmethod
    def open(cls, config: TrainConfig) -> Self:
        """The task of the config's table.

        Raises GoEngineError if there is none, or it is damaged, and what the constructor raises.
        """
        table = GameTable.open(config.table)
        positions = None
        if config.player:
            players = players_from_table(pa.concat_tables(table.row_groups(PLAYER_COLUMNS)))
            positions = positions_of(table.games, players, config.player)
        return cls(config, table.games, _outcomes(table) if config.value_weight else None, positions)

    def network(self) -> PolicyLearner:
        generator = torch.Generator().manual_seed(self._config.seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self._config.seed)  # the heads' first weights
            network = PolicyLearner(self._size, self._config)
        network.reset_parameters(generator, self._config.identity)
        return network

    def begin(self, network: ConvolutionNetwork) -> None:
        """Give the network the weights of the model that the config starts from, if any."""
        if not self._config.start:
            return
        assert isinstance(network, PolicyLearner)
        device = next(network.parameters()).device
        batches = (self.batch(step, _CALIBRATION_BATCH) for step in range(_CALIBRATION_STEPS))
        network.start_from(
            load_network(self._config.start).to(device),
            (self.inputs(batch, device, torch.float32) for batch in batches),
        )

    def check(self, facts: dict[str, Any]) -> None:
        if (size := facts["size"]) != self._size:
            raise GoEngineError(
                f"the run is of a {size}x{size} board, "
                f"the table {self._config.table} of {self._size}x{self._size}"
            )

    def batch(self, step: int, batch_size: int, rank: int = 0, world: int = 1) -> PolicyBatch:
        try:
            batch = self._stream.batch(step, batch_size, rank, world)
            return with_targets(batch, self._stream.games, self._outcomes)
        except GoEngineError as error:  # a game that cannot be, which opening a table does not look for
            raise GoEngineError(f"{self._config.table}: {error}") from None

    def loss(self, outputs: PolicyOutputs, batch: PolicyBatch, device: torch.device) -> Loss:
        losses = policy_losses(outputs, batch, device)
        weights = loss_weights(self._config)
        weighted = [weights[name] / self._known[name] * loss for name, loss in losses.items()]
        total = torch.stack(weighted).sum()
        hits = (outputs.logits.detach().argmax(1) == torch.from_numpy(batch.target).to(device)).sum()
        parts = {name: loss.detach() / self._known[name] for name, loss in losses.items() if name != "policy"}
        return Loss(total, losses["policy"].detach(), hits, parts)

    def inputs(self, batch: PolicyBatch, device: torch.device, dtype: torch.dtype) -> Tensor:
        return unpack(to_device(batch.packed, device), self._size, dtype)

    def validate(self, network: ConvolutionNetwork, dtype: torch.dtype) -> Accuracy | None:
        if self._validation is None:
            return None
        assert isinstance(network, PolicyLearner)
        return measure(TorchPolicy(network.release(), "validation", dtype), self._validation)

    def describe(self) -> str:
        return f"{self._config.filters} filters, {self._config.layers} layers"


def train_policy(
    config: TrainConfig,
    resume: Path | None = None,
    console: Console | None = None,
    max_minutes: float | None = None,
    processes: Processes | None = None,
) -> TrainResult:
    """`goengine.training.loop.train` of a policy.

    Raises GoEngineError for a table that is missing, damaged or of another board size too.
    """
    if not config.table:
        raise GoEngineError("training needs a game table")
    if config.start and resume is None:
        config = _settings_of_start(config)
    return train(config, PolicyTask.open, resume, console, max_minutes, processes)


def _settings_of_start(config: TrainConfig) -> TrainConfig:
    """Return the config with the filters and layers of the model that it starts from, and its hash."""
    folder = find_model(config.start)
    model = read_config(folder)
    return config.replace(filters=model.filters, layers=model.layers, start_hash=folder_hash(folder))


def policy_network(checkpoint: Checkpoint[TrainConfig]) -> PolicyNetwork:
    """The network that a checkpoint releases, on the CPU.

    Raises GoEngineError if the weights are not those of a network of its settings.
    """
    network = PolicyLearner(checkpoint.facts["size"], checkpoint.config)
    checkpoint.load_into(network, averaged=True)
    return network.release()


def _outcomes(table: GameTable) -> Outcomes:
    """Return how the games of a table ended, with a progress bar while finished boards are counted."""
    console = Console(stderr=True)
    with Progress(
        TextColumn("counting finished boards"),
        BarColumn(None),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task("", total=1.0)
        return Outcomes.of(table, lambda share: bar.update(task, completed=share))


def _known_shares(games: Games, outcomes: Outcomes | None) -> dict[str, float]:
    """The share of moves for which the target of each loss is known; 1 where it is for none."""
    shares = dict.fromkeys(("policy", "reply", "next", "winner", "score", "owner"), 1.0)
    if outcomes is not None:
        moves = np.diff(games.move_starts)
        for name, known in (
            ("winner", outcomes.winner != EMPTY),
            ("score", ~np.isnan(outcomes.score)),
            ("owner", outcomes.row >= 0),
        ):
            shares[name] = float(moves[known].sum() / moves.sum()) or 1.0
    return shares


def _validation_batch(config: TrainConfig, size: int) -> Batch | None:
    if not config.validation:
        return None
    table = GameTable.open(config.validation)
    games = table.games
    if games.size != size:
        raise GoEngineError(
            f"the table {config.validation} is of a {games.size}x{games.size} board, "
            f"{config.table} of {size}x{size}"
        )
    try:
        if config.player:
            players = players_from_table(pa.concat_tables(table.row_groups(PLAYER_COLUMNS)))
            game, ply = positions_of(games, players, config.player, config.validation_positions)
        else:
            game, ply = fixed_sample(games, config.validation_positions, seed=0)
        return encode_batch(games, game, ply, np.zeros(len(game), np.uint8))
    except GoEngineError as error:
        raise GoEngineError(f"{config.validation}: {error}") from None
