"""Train a policy to predict the moves of a game table."""

from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from torch import Tensor

from goengine.data.samples import SampleStream
from goengine.data.table.game_table import GameTable
from goengine.data.table.outcomes import Outcomes
from goengine.data.table.players import PLAYER_COLUMNS, players_from_table, positions_of
from goengine.errors import GoEngineError
from goengine.game.board import EMPTY
from goengine.kernel.replay import Games
from goengine.nn.model_folder import PolicyConfig, find_model, folder_hash, read_config
from goengine.nn.network import ConvolutionNetwork, PolicyNetwork, unpack
from goengine.policy.loading import load_network
from goengine.policy.torch_policy import TorchPolicy
from goengine.training.checkpoint import Checkpoint
from goengine.training.config import TrainConfig
from goengine.training.device import to_device
from goengine.training.loop import TrainResult, train
from goengine.training.metrics import Accuracy
from goengine.training.policy.learner import PolicyLearner, PolicyOutputs, loss_weights, policy_losses
from goengine.training.policy.targets import PolicyBatch, with_targets
from goengine.training.policy.validation import Validation
from goengine.training.processes import Processes
from goengine.training.task import Loss

_CALIBRATION_BATCH, _CALIBRATION_STEPS = 256, 8  # positions for the statistics of a model to start from


class PolicyTask:
    """The training task of a policy network; see `goengine.training.task.Task`."""

    command = "goengine train"
    unit = "positions"

    def __init__(
        self,
        config: TrainConfig,
        games: Games,
        outcomes: Outcomes | None = None,
        positions: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None,
    ) -> None:
        """Make the task of learning from games.

        Args:
            config: The settings of the run.
            games: The games to learn from.
            outcomes: How the games ended, for a value head.
            positions: The only positions to draw, (game, ply), int64 [N] each; None for all.

        Raises:
            GoEngineError: If the games hold no position, or what `Validation.open` raises.
        """
        self._config = config
        self._outcomes = outcomes
        self._known = _known_shares(games, outcomes)
        self._size = games.size
        self._stream = SampleStream(games, config.seed, symmetries=config.symmetries, positions=positions)
        self._validation = Validation.open(config, games.size) if config.validation else None
        self.available = self._stream.positions
        self.limit = config.positions
        self.facts = {"size": games.size}

    @classmethod
    def open(cls, config: TrainConfig) -> Self:
        """Open the config's game table.

        Raises:
            GoEngineError: If there is no such table or it is damaged, and what the constructor raises.
        """
        table = GameTable.open(config.table)
        positions = None
        if config.player:
            players = players_from_table(pa.concat_tables(table.row_groups(PLAYER_COLUMNS)))
            positions = positions_of(table.games, players, config.player)
        return cls(config, table.games, _outcomes(table) if config.value_weight else None, positions)

    def network(self) -> PolicyLearner:
        """Return the network with its random initial weights."""
        generator = torch.Generator().manual_seed(self._config.seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self._config.seed)  # the heads' initial weights
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
        """Check that a run with these facts has the same board size.

        Raises:
            GoEngineError: If it has another board size.
        """
        if (size := facts["size"]) != self._size:
            raise GoEngineError(
                f"the run has a {size}x{size} board, "
                f"the table {self._config.table} a {self._size}x{self._size} board"
            )

    def batch(self, step: int, batch_size: int, rank: int = 0, world: int = 1) -> PolicyBatch:
        """Return this process's share of the samples of a step."""
        try:
            batch = self._stream.batch(step, batch_size, rank, world)
            return with_targets(batch, self._stream.games, self._outcomes)
        except GoEngineError as error:  # an illegal game: opening a table does not check
            raise GoEngineError(f"{self._config.table}: {error}") from error

    def loss(self, outputs: PolicyOutputs, batch: PolicyBatch, device: torch.device) -> Loss:
        """Return the weighted sum of the losses of all heads."""
        losses = policy_losses(outputs, batch, device)
        weights = loss_weights(self._config)
        weighted = [weights[name] / self._known[name] * loss for name, loss in losses.items()]
        total = torch.stack(weighted).sum()
        hits = (outputs.logits.detach().argmax(1) == torch.from_numpy(batch.target).to(device)).sum()
        parts = {name: loss.detach() / self._known[name] for name, loss in losses.items() if name != "policy"}
        return Loss(total, losses["policy"].detach(), hits, parts)

    def inputs(self, batch: PolicyBatch, device: torch.device, dtype: torch.dtype) -> Tensor:
        """Return the planes of a batch, [B, 48, size, size]."""
        return unpack(to_device(batch.packed, device), self._size, dtype)

    def validate(self, network: ConvolutionNetwork, dtype: torch.dtype) -> Accuracy | None:
        """Measure the released policy on the validation positions; None if there are none."""
        if self._validation is None:
            return None
        assert isinstance(network, PolicyLearner)
        return self._validation.measure(TorchPolicy(network.release(), "validation", dtype))

    def describe(self) -> str:
        """Return the network in a few words."""
        return f"{self._config.filters} filters, {self._config.layers} layers"


def train_policy(
    config: TrainConfig,
    resume: Path | None = None,
    console: Console | None = None,
    max_minutes: float | None = None,
    processes: Processes | None = None,
) -> TrainResult:
    """Train a policy; see `goengine.training.loop.train` for arguments and results.

    Raises:
        GoEngineError: What `train` raises, and if a table or the model to start from is missing, damaged or
            of another board size.
    """
    if not config.table:
        raise GoEngineError("training needs a game table")
    if config.start and resume is None:
        config = _settings_of_start(config)
    return train(config, PolicyTask.open, resume, console, max_minutes, processes)


def _settings_of_start(config: TrainConfig) -> TrainConfig:
    """Return the config with the filters and layers of the model that it starts from, and its hash."""
    folder = find_model(config.start)
    model = read_config(folder, PolicyConfig)
    return config.replace(filters=model.filters, layers=model.layers, start_hash=folder_hash(folder))


def policy_network(checkpoint: Checkpoint[TrainConfig]) -> PolicyNetwork:
    """Return the policy that a checkpoint releases, on the CPU.

    Raises:
        GoEngineError: If the weights do not fit the network of its settings.
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
        return Outcomes.from_table(table, lambda share: bar.update(task, completed=share))


def _known_shares(games: Games, outcomes: Outcomes | None) -> dict[str, float]:
    """Return the share of moves for which the target of each loss is known; 1 if it is known for none."""
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
