"""Reinforcement learning runs: a step plays games against the pool and learns from them.

The games of a step are a function of (seed, step, weights), so a resumed run continues as if it had never
stopped.
"""

import copy
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console

from goengine.errors import GoEngineError
from goengine.nn.model_folder import CONFIG_FILE
from goengine.nn.network import PolicyNetwork
from goengine.policy.loading import load_network
from goengine.training.checkpoint import CHECKPOINT, Checkpoint, load_checkpoint, save_checkpoint
from goengine.training.device import choose_device, choose_precision
from goengine.training.loop import Actions, check_run, run_loop
from goengine.training.optim import NetworkOptimizer
from goengine.training.processes import Processes
from goengine.training.reinforce.config import ReinforceConfig
from goengine.training.reinforce.gradient import accumulate
from goengine.training.reinforce.pool import Pool
from goengine.training.reinforce.self_play import Mover, Play, play_games
from goengine.training.reporting import TrainingProgress, append_log, clock
from goengine.training.schedule import learning_rate_factor, phase_of, progress_of, remaining_seconds
from goengine.util.files import make_folder
from goengine.util.parallel import cores

COMMAND = "goengine reinforce"
_EVALUATION = 2**32  # added to the step for the seed of evaluation games


@dataclass(frozen=True)
class ReinforceResult:
    """The result of a run.

    Attributes:
        checkpoint: The latest checkpoint.
        steps: The steps taken.
        games: The games played.
        seconds: The time trained.
        against_start: The share of games won against the starting policy in the last evaluation, or None.
        complete: Whether the run reached a limit of its config; else it stopped at `max_minutes`.
    """

    checkpoint: Path
    steps: int
    games: int
    seconds: float
    against_start: float | None
    complete: bool


class ReinforceRun:
    """The state of a run between steps.

    Attributes:
        config: The settings.
        processes: This process, the only one.
        out: The run's folder.
        device: The device that trains.
        dtype: The precision of the network's convolutions.
        network: The policy.
        optimizer: The optimizer of its weights.
        pool: Its snapshots.
        size: The board size.
        step: The steps taken.
        games: The games played.
        seconds: The time trained.
        against_start: The share of games won against the starting policy in the last evaluation, or None.
        stable: False, since no checkpoint is kept where the learning rates begin to fall.
    """

    stable = False

    def __init__(self, config: ReinforceConfig, resumed: Checkpoint[ReinforceConfig] | None = None) -> None:
        """Begin a run, or continue from a checkpoint.

        Raises:
            GoEngineError: If the starting policy or the pool cannot be read, or does not fit the checkpoint.
        """
        self.config = config
        self.processes = Processes()
        self.out = Path(config.out)
        self.device = choose_device(config.device)
        self.dtype = choose_precision(config.precision, self.device)
        self.step, self.games, self.seconds = 0, 0, 0.0
        self.against_start: float | None = None
        if resumed is None:
            network = first_network(config)
        else:
            network = copy.deepcopy(Pool(self.out / "pool", resumed.step).network(0))
            resumed.load_into(network)
            self.step, self.games, self.seconds = resumed.step, resumed.samples, resumed.seconds
            self.against_start = resumed.facts["against_start"]
        self.size = network.size
        self._max_moves = config.max_moves or 2 * self.size**2
        self.network = network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizer = NetworkOptimizer(network, config)
        if resumed is not None:
            self.optimizer.load_state_dict(resumed.optimizer)
        self.pool = Pool(self.out / "pool", self.step)
        if not self.pool.steps:
            self.pool.add(0, network)

    @property
    def progress(self) -> float:
        """The completed share of the run, 0 to 1."""
        return progress_of(self.config.steps, self.config.minutes, self.step, self.seconds)

    def learn(self) -> dict[str, Any]:
        """Play a step's games and learn from them.

        Returns:
            The figures for the log.

        Raises:
            GoEngineError: If the likelihood of the moves is not finite.
        """
        config = self.config
        random = np.random.default_rng([config.seed, self.step])
        opponent_step, opponent = self.pool.draw(random)
        play = self._play(opponent, config.games, random)
        likelihood, entropy = accumulate(self.network, play, config.batch_size, self.size, self.dtype)
        self.optimizer.step(learning_rate_factor(config, self.step, self.progress))
        self.step += 1
        self.games += config.games
        if self.step % config.pool_every == 0:
            self.pool.add(self.step, self.network)
        if not np.isfinite(likelihood):
            raise GoEngineError(
                f"the likelihood of the moves is {likelihood} at step {self.step}, so the run stops; "
                f"{self.out / CHECKPOINT}, saved before, is kept"
            )
        return {
            "opponent": opponent_step,
            "win_rate": round(play.win_rate, 4),
            "plies": round(float(play.plies.mean()), 1),
            "positions": len(play.point),
            "log_likelihood": round(likelihood, 4),
            "entropy": round(entropy, 4),
        }

    def evaluate(self) -> float:
        """Play against the starting policy, both sampling their moves, and return the share of games won."""
        random = np.random.default_rng([self.config.seed, self.step + _EVALUATION])
        play = self._play(self.pool.network(0), self.config.evaluation_games, random)
        self.against_start = play.win_rate
        return play.win_rate

    def _play(self, opponent: PolicyNetwork, games: int, random: np.random.Generator) -> Play:
        first, second = (
            Mover(network.to(self.device), self.size, self.device, self.dtype)
            for network in (self.network, opponent)
        )
        threads = self.config.threads or cores()
        komi, max_moves = self.config.komi, self._max_moves
        return play_games(first, second, games, self.size, komi, max_moves, random, threads)

    def save(self, name: str) -> Path:
        """Write a checkpoint of that name into the run's folder."""
        path = self.out / name
        save_checkpoint(
            path,
            Checkpoint(
                self.config,
                {"size": self.size, "against_start": self.against_start},
                self.step,
                self.games,
                self.seconds,
                self.network.state_dict(),
                self.optimizer.state_dict(),
                None,
            ),
        )
        return path


class _Reporter:
    """Shows and logs the figures of a run."""

    def __init__(self, run: ReinforceRun, progress: TrainingProgress) -> None:
        self._run = run
        self._progress = progress
        self._figures: dict[str, Any] = {}
        self._begin = time.perf_counter()

    def learn(self) -> None:
        """Take a step."""
        self._begin = time.perf_counter()
        self._figures = self._run.learn()

    def report(self) -> None:
        """Show and log the figures of the last step."""
        run, config, figures = self._run, self._run.config, self._figures
        spent = max(time.perf_counter() - self._begin, 1e-9)
        rate = config.games / spent
        self._log(**figures, rate=round(rate, 1))
        remaining = remaining_seconds(config.steps, config.minutes, run.step, run.seconds, 1 / spent)
        against = "" if run.against_start is None else f", {run.against_start:.0%} against the start"
        self._progress.update(
            run.progress,
            phase_of(config, run.step, run.progress),
            f"{run.games:,} games, {rate:,.0f}/s, {figures['win_rate']:.0%} won against the pool{against}, "
            f"entropy {figures['entropy']:.2f}, {clock(remaining)} left",
        )

    def evaluate(self) -> int:
        """Evaluate the policy, show and log the result; 0, since no evaluation ends a run."""
        run = self._run
        share = run.evaluate()
        self._log(against_start=round(share, 4))
        self._progress.say(
            f"after {run.games:,} games, {clock(run.seconds)}: "
            f"{share:.0%} of {run.config.evaluation_games} games won against the start"
        )
        return 0

    def _log(self, **figures: Any) -> None:
        run = self._run
        entry = {"step": run.step, "games": run.games, "seconds": round(run.seconds, 1), **figures}
        append_log(run.out, entry)


def first_network(config: ReinforceConfig) -> PolicyNetwork:
    """Return the network that a run starts from.

    Raises:
        GoEngineError: If the config's model does not exist or cannot be read.
    """
    if config.start:
        network = load_network(config.start)
        network.value_head = None  # it was trained for the policy that the run changes
        return network
    network = PolicyNetwork(config.size, config.filters, config.layers)
    network.reset_parameters(torch.Generator().manual_seed(config.seed))
    return network


def reinforce(
    config: ReinforceConfig,
    resume: Path | None = None,
    console: Console | None = None,
    max_minutes: float | None = None,
) -> ReinforceResult:
    """Train a policy by reinforcement learning until a limit of the config is reached.

    Writes `checkpoint.pt`, `log.jsonl` and the folder `pool` into `config.out`. A complete run that was
    stopped before its model was released is only evaluated again.

    Args:
        config: The settings.
        resume: The checkpoint to continue from.
        console: Shows the progress; standard error by default.
        max_minutes: Save and stop after this time, to resume later.

    Raises:
        GoEngineError: If a setting is missing or was changed, the folder contains another run, or the
            starting policy or the checkpoint cannot be read.
        TrainingInterrupted: If the user stops the run, which is saved first.
    """
    deadline = time.perf_counter() + 60 * max_minutes if max_minutes is not None else float("inf")
    resumed = load_checkpoint(resume, ReinforceConfig) if resume is not None else None
    check_run(config, resume, resumed, Processes())
    if not (config.steps or config.minutes):
        raise GoEngineError("training needs a limit: a number of steps or of minutes")
    make_folder(Path(config.out))
    run = ReinforceRun(config, resumed)
    unchanged = resumed is not None and config == resumed.config.replace(out=config.out)
    if run.progress >= 1 and not (unchanged and not (run.out / "model" / CONFIG_FILE).exists()):
        raise GoEngineError(f"the run is complete ({run.step:,} steps); resume it with a higher limit")
    with TrainingProgress(console or Console(stderr=True)) as progress:
        progress.say(
            f"{run.network.parameter_count:,} parameters on {run.size}x{run.size}, "
            f"{config.games} games a step; {run.device.type}, {str(run.dtype)[6:]}"
        )
        reporter = _Reporter(run, progress)
        actions = Actions(
            command=COMMAND,
            step=reporter.learn,
            report=reporter.report,
            report_due=lambda: True,
            validate=reporter.evaluate,
            seen=lambda: f"{run.games:,} games",
            say=progress.say,
        )
        complete = run_loop(run, actions, deadline)
    return ReinforceResult(
        run.out / CHECKPOINT, run.step, run.games, run.seconds, run.against_start, complete
    )
