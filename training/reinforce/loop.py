"""The loop of learning by playing: games against the pool, a step, now and then a copy into the pool.

What a step plays is a function of (seed, step, weights), so a run that was stopped goes on as if it had not
been.
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
from goengine.training.loop import TrainingInterrupted
from goengine.training.optim import NetworkOptimizer
from goengine.training.reinforce.config import ReinforceConfig
from goengine.training.reinforce.gradient import accumulate
from goengine.training.reinforce.pool import Pool
from goengine.training.reinforce.self_play import Mover, Play, play_games
from goengine.training.reporting import TrainingProgress, append_log, clock
from goengine.training.run import thread_chooser
from goengine.training.schedule import learning_rate_factor, phase_of, progress_of, remaining_seconds
from goengine.util.files import make_folder
from goengine.util.interrupts import stop_request
from goengine.util.parallel import cores

COMMAND = "goengine reinforce"
_EVALUATION = 2**32  # added to a step, for evaluation games that are not its own


@dataclass(frozen=True)
class ReinforceResult:
    """How a run ended: its checkpoint, steps, games, seconds, and the last share won against the start.

    complete: whether it reached a limit of its config; if not, it has used the minutes that it was given.
    """

    checkpoint: Path
    steps: int
    games: int
    seconds: float
    against_start: float | None
    complete: bool


class ReinforceRun:
    """A run in memory, between steps.

    Public attributes:
      network, optimizer, pool -- what learns, how, and its earlier selves
      step, games, seconds -- how far it is
    """

    def __init__(self, config: ReinforceConfig, resumed: Checkpoint[ReinforceConfig] | None = None) -> None:
        self.config = config
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
        self.max_moves = config.max_moves or 2 * self.size**2
        self.network = network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizer = NetworkOptimizer(network, config)
        if resumed is not None:
            self.optimizer.load_state_dict(resumed.optimizer)
        self.pool = Pool(self.out / "pool", self.step)
        if not self.pool.steps:
            self.pool.add(0, network)

    @property
    def progress(self) -> float:
        """The share of the run that is done, 0 to 1."""
        return progress_of(self.config.steps, self.config.minutes, self.step, self.seconds)

    def learn(self) -> dict[str, Any]:
        """Play a step's games, learn from them; returns what is logged."""
        config = self.config
        random = np.random.default_rng([config.seed, self.step])
        kept, opponent = self.pool.draw(random)
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
            "opponent": kept,
            "win_rate": round(play.win_rate, 4),
            "plies": round(float(play.plies.mean()), 1),
            "positions": len(play.point),
            "log_likelihood": round(likelihood, 4),
            "entropy": round(entropy, 4),
        }

    def evaluate(self) -> float:
        """The share of games that it wins against the start, both drawing their moves."""
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
        return play_games(first, second, games, self.size, self.config.komi, self.max_moves, random, threads)

    def save(self) -> None:
        """Write the checkpoint."""
        save_checkpoint(
            self.out / CHECKPOINT,
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

    def log(self, **figures: Any) -> None:
        """Add a line to the log."""
        entry = {"step": self.step, "games": self.games, "seconds": round(self.seconds, 1), **figures}
        append_log(self.out, entry)


def first_network(config: ReinforceConfig) -> PolicyNetwork:
    """The network that a run begins with.

    Raises GoEngineError if there is no such model.
    """
    if config.start:
        return load_network(config.start)
    network = PolicyNetwork(config.size, config.filters, config.layers)
    network.reset_parameters(torch.Generator().manual_seed(config.seed))
    return network


def reinforce(
    config: ReinforceConfig,
    resume: Path | None = None,
    console: Console | None = None,
    max_minutes: float | None = None,
) -> ReinforceResult:
    """Learn by playing until a limit of the config is reached; `resume` is a checkpoint to go on from.

    A run that is complete but was stopped before its model was released is only evaluated once more.
    max_minutes: stop after so long, with a checkpoint to go on from. Writes `checkpoint.pt`, `log.jsonl` and
    the `pool` into the folder `config.out`.

    Raises GoEngineError for settings that cannot be, a folder that holds another run, a start or a checkpoint
    that cannot be read; TrainingInterrupted, the run saved, if the user stops it.
    """
    deadline = time.perf_counter() + 60 * max_minutes if max_minutes is not None else float("inf")
    if not config.out:
        raise GoEngineError("learning needs a folder to write to: --out")
    if not (config.steps or config.minutes):
        raise GoEngineError("learning needs a limit: a number of steps or of minutes")
    out = Path(config.out)
    if resume is None and (out / CHECKPOINT).exists():
        raise GoEngineError(f"{out} already holds a run; resume it, or choose another folder")
    checkpoint = load_checkpoint(resume, ReinforceConfig) if resume is not None else None
    if checkpoint is not None:
        _check_kept(config, checkpoint.config)
    make_folder(out)
    run = ReinforceRun(config, checkpoint)
    unchanged = checkpoint is not None and config == checkpoint.config.replace(out=config.out)
    if run.progress >= 1 and not (unchanged and not (out / "model" / CONFIG_FILE).exists()):
        raise GoEngineError(f"the run is complete ({run.step:,} steps); resume it with a higher limit")
    with TrainingProgress(console or Console(stderr=True)) as show, stop_request() as request:
        show.say(
            f"{run.network.parameter_count:,} parameters on {run.size}x{run.size}, "
            f"{config.games} games a step; "
            f"{run.device.type}, {str(run.dtype)[6:]}"
        )
        return _loop(run, show, request, deadline)


def _check_kept(config: ReinforceConfig, before: ReinforceConfig) -> None:
    for name in config.kept:
        if getattr(config, name) != getattr(before, name):
            raise GoEngineError(
                f"a run cannot change its {name} on the way: "
                f"it began with {getattr(before, name)!r}, not {getattr(config, name)!r}"
            )


def _loop(run: ReinforceRun, show: TrainingProgress, request: Any, deadline: float) -> ReinforceResult:
    config = run.config
    threads = thread_chooser(config, run.device)
    saved = evaluated = run.seconds
    last = time.perf_counter()

    def tick() -> float:
        nonlocal last
        now = time.perf_counter()
        run.seconds, spent, last = run.seconds + now - last, now - last, now
        return spent

    def evaluate() -> None:
        share = run.evaluate()
        tick()
        run.log(against_start=round(share, 4))
        show.say(
            f"after {run.games:,} games, {clock(run.seconds)}: "
            f"{share:.0%} of {config.evaluation_games} games won against the start"
        )

    while run.progress < 1:
        with threads.step():
            figures = run.learn()
        spent = tick()
        run.log(**figures, rate=round(config.games / spent, 1))
        show.update(run.progress, phase_of(config, run.step, run.progress), _figures(run, figures, spent))
        stopping, late = request.requested, time.perf_counter() >= deadline
        if stopping or late or run.seconds - saved >= 60 * config.checkpoint_minutes:
            run.save()
            saved = run.seconds
        if stopping and run.progress < 1:
            raise TrainingInterrupted(
                f"stopped after {run.games:,} games and saved {run.out / CHECKPOINT}; "
                f"to go on: {COMMAND} --resume {run.out}"
            )
        if late and run.progress < 1:
            break
        if run.progress < 1 and run.seconds - evaluated >= 60 * config.validation_minutes:
            evaluate()
            evaluated = run.seconds
    else:
        evaluate()
        run.save()
    complete = run.progress >= 1
    return ReinforceResult(
        run.out / CHECKPOINT, run.step, run.games, run.seconds, run.against_start, complete
    )


def _figures(run: ReinforceRun, figures: dict[str, Any], spent: float) -> str:
    config = run.config
    remaining = remaining_seconds(config.steps, config.minutes, run.step, run.seconds, 1 / spent)
    against = "" if run.against_start is None else f", {run.against_start:.0%} against the start"
    return (
        f"{run.games:,} games, {run.config.games / spent:,.0f}/s, "
        f"{figures['win_rate']:.0%} won against the pool{against}, entropy {figures['entropy']:.2f}, "
        f"{clock(remaining)} left"
    )
