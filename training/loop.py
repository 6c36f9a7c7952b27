"""The training loop, one for every task (`training.task`): policies and image classifiers.

A run is warm-up, stable, decay: see `learning_rate_factor`. What step n trains on is a function of (data,
seed, n), so a run that was stopped continues at the sample where it stopped.
"""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic

import torch
from rich.console import Console
from torch import Tensor
from torch.nn.functional import cross_entropy

from goengine.errors import GoEngineError
from goengine.files import make_folder
from goengine.interrupts import stop_request
from goengine.threads import ThreadChooser
from training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from training.config import C, RunConfig
from training.device import choose_device, choose_precision
from training.metrics import Accuracy
from training.optim import PolicyOptimizer
from training.progress import TrainingProgress, clock
from training.summaries import Summaries, check_tensorboard, open_summaries
from training.task import B, Task

CHECKPOINT, STABLE, LOG = "checkpoint.pt", "stable.pt", "log.jsonl"
_WINDOW_SECONDS = 10.0  # over which the figures shown are averaged


class TrainingInterrupted(KeyboardInterrupt):
    """The user stopped the run; it was saved first. The message says where, and how to go on."""


@dataclass(frozen=True)
class TrainResult:
    """How a run ended: its checkpoint, what it has seen, and its last validation, if there was any."""

    checkpoint: Path
    samples: int
    seconds: float
    validation: Accuracy | None


def progress_of(limit: int, minutes: float, samples: int, seconds: float) -> float:
    """The share of the run that is done, 0 to 1, by whichever limit is nearer; 0 is no limit."""
    shares = [0.0]
    if limit:
        shares.append(samples / limit)
    if minutes:
        shares.append(seconds / (60 * minutes))
    return min(1.0, max(shares))


def learning_rate_factor(config: RunConfig, step: int, progress: float) -> float:
    """What the peak learning rates are multiplied by: warm-up, stable, decay (Hu et al., MiniCPM, 2024).

    Unlike a cosine, the stable phase does not know where it ends: a run can go on for longer from there, and
    be released at any time with a decay of its own.
    """
    warm = min(1.0, (step + 1) / max(1, config.warmup_steps))
    return warm * (1.0 if progress < 1 - config.decay else (1 - progress) / config.decay)


def thread_chooser(config: RunConfig, device: torch.device) -> ThreadChooser:
    """What chooses the CPU threads of training steps."""
    if device.type != "cpu":
        return ThreadChooser([1])
    return ThreadChooser([config.threads] if config.threads else [torch.get_num_threads(), 1])


@dataclass
class _Window:
    """Sums since the figures were last shown; on the network's device, to be looked at seldom."""

    begin: float = field(default_factory=time.perf_counter)
    samples: int = 0
    loss: Any = 0.0
    hits: Any = 0


class Run(Generic[C, B]):
    """A run in memory, between steps: what it learns, the network, its optimizer."""

    def __init__(
        self,
        config: C,
        task: Task[B],
        resumed: Checkpoint[C] | None = None,
        console: Console | None = None,
    ):
        self.config = config
        self.task = task
        self.out = Path(config.out)
        self.device = choose_device(config.device)
        self.dtype = choose_precision(config.precision, self.device)
        network = task.network()
        if resumed is not None:
            task.check(resumed.facts)
            resumed.load_into(network)
        self.network = network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizer = PolicyOptimizer(network, config.muon_lr, config.adam_lr, config.momentum)
        self.step, self.samples, self.seconds = 0, 0, 0.0
        self.accuracy: Accuracy | None = None
        self.summaries: Summaries | None = None
        if resumed is not None:
            self.optimizer.load_state_dict(resumed.optimizer)
            self.step, self.samples, self.seconds = resumed.step, resumed.samples, resumed.seconds
            self.accuracy = resumed.validation
        self.console = console or Console(stderr=True)

    @property
    def progress(self) -> float:
        return progress_of(self.task.limit, self.config.minutes, self.samples, self.seconds)

    def train_step(self, batch: B) -> tuple[Tensor, Tensor]:
        """One update. Returns the summed loss and the number of right first guesses, before it."""
        target = torch.from_numpy(batch.target).to(self.device, non_blocking=True)
        inputs = self.task.inputs(batch, self.device, self.dtype)
        with torch.autocast(self.device.type, self.dtype, enabled=self.dtype != torch.float32):
            logits = self.network(inputs)
        loss = cross_entropy(logits, target)
        loss.backward()
        self.optimizer.step(learning_rate_factor(self.config, self.step, self.progress))
        self.step += 1
        self.samples += len(target)
        return loss.detach() * len(target), (logits.detach().argmax(1) == target).sum()

    def save(self, name: str) -> Path:
        path = self.out / name
        save_checkpoint(
            path,
            Checkpoint(
                self.config,
                self.task.facts,
                self.step,
                self.samples,
                self.seconds,
                self.network.state_dict(),
                self.optimizer.state_dict(),
                self.accuracy,
            ),
        )
        return path

    def log(self, **entry: Any) -> None:
        seen = {self.task.unit: self.samples}
        entry = {"step": self.step, **seen, "seconds": round(self.seconds, 1), **entry}
        with (self.out / LOG).open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
        if self.summaries is not None:
            self.summaries.add(self.samples, entry)


def train(
    config: C,
    open_task: Callable[[C], Task[B]],
    resume: Path | None = None,
    console: Console | None = None,
) -> TrainResult:
    """Train until a limit of the config is reached; `resume` is a checkpoint to go on from.

    Writes `checkpoint.pt` (every few minutes and at the end), `stable.pt` (once, where the decay begins) and
    `log.jsonl` into the folder `config.out`; for TensorBoard into its folder `tensorboard`, if that is set.

    Raises GoEngineError for bad settings, data or a checkpoint that is missing, damaged or of another kind,
    a folder that already holds a run, a step that does not fit in memory, a loss that is no number, or
    TensorBoard missing where it is asked for; TrainingInterrupted if the user stops the run, after saving it.
    """
    resumed = load_checkpoint(resume, type(config)) if resume is not None else None
    _check(config, resumed)
    task = open_task(config)
    _check_length(config, task, resumed)
    try:
        run = Run(config, task, resumed, console)
        make_folder(run.out)
        if resumed is not None:
            run.log(resumed=str(resume))
        with open_summaries(run.out, run.samples, config.tensorboard) as run.summaries:
            return _loop(run)
    except RuntimeError as error:
        if not isinstance(error, torch.OutOfMemoryError) and "can't allocate memory" not in str(error):
            raise
        raise GoEngineError(
            f"training {task.describe()} on {config.batch_size:,} {task.unit} a step does not fit in "
            "memory; choose fewer of either"
        ) from None


def _check(config: C, resumed: Checkpoint[C] | None) -> None:
    if not config.out:
        raise GoEngineError("training needs a folder to write to")
    if config.tensorboard:
        check_tensorboard()
    if resumed is None:
        if (Path(config.out) / CHECKPOINT).exists():
            raise GoEngineError(f"{config.out} already holds a run; resume it, or choose another folder")
        return
    for name in config.kept:
        before, now = getattr(resumed.config, name), getattr(config, name)
        if before != now:
            raise GoEngineError(
                f"a run cannot change its {name} on the way: it began with {before}, not {now}"
            )


def _check_length(config: C, task: Task[B], resumed: Checkpoint[C] | None) -> None:
    if not (task.limit or config.minutes):
        raise GoEngineError(f"training needs a limit: a number of {task.unit} or of minutes")
    if resumed and progress_of(task.limit, config.minutes, resumed.samples, resumed.seconds) >= 1:
        raise GoEngineError(
            f"the run is complete ({resumed.samples:,} {task.unit}, {resumed.seconds / 60:.0f} minutes); "
            f"to train for longer, resume from its {STABLE} with a higher limit"
        )


def _loop(run: Run[C, B]) -> TrainResult:
    config, task = run.config, run.task
    threads = thread_chooser(config, run.device)
    saved = validated = run.seconds
    window = _Window()
    last = time.perf_counter()
    with (
        TrainingProgress(run.console) as show,
        stop_request() as stop,
        prefetch(run.task, run.step, config.batch_size, run.device) as batches,
    ):
        show.say(
            f"{task.describe()}, {run.network.parameter_count:,} parameters; "
            f"{task.available:,} {task.unit} to draw from; {run.device.type}, {str(run.dtype)[6:]}"
        )
        while run.progress < 1:
            stable = run.progress < 1 - config.decay
            with threads.step():
                loss, hits = run.train_step(next(batches))
            window.loss, window.hits = window.loss + loss, window.hits + hits
            window.samples += config.batch_size
            now = time.perf_counter()
            run.seconds, last = run.seconds + now - last, now

            turning = stable and run.progress >= 1 - config.decay
            stopping = stop.requested and run.progress < 1
            saving = turning or stopping or run.seconds - saved >= 60 * config.checkpoint_minutes
            if saving or run.progress >= 1 or now - window.begin >= _WINDOW_SECONDS:
                _show(run, window, show)  # raises at a loss that is no number, before anything is saved
                window = _Window()
            if turning:
                run.save(STABLE)
            if saving:
                run.save(CHECKPOINT)
                saved = run.seconds
            if stopping:
                raise TrainingInterrupted(
                    f"stopped after {run.samples:,} {task.unit} and saved {run.out / CHECKPOINT}; "
                    f"to go on: {task.command} --resume {run.out}"
                )
            if run.progress < 1 and run.seconds - validated >= 60 * config.validation_minutes:
                _validate(run, show)
                validated = run.seconds

        _validate(run, show)
        return TrainResult(run.save(CHECKPOINT), run.samples, run.seconds, run.accuracy)


def _show(run: Run[C, B], window: _Window, show: TrainingProgress) -> None:
    """Bring the window's figures to the screen and into the log.

    Raises GoEngineError if the loss is no longer a number; the checkpoint written before stays.
    """
    loss = float(window.loss) / window.samples
    top1 = int(window.hits) / window.samples
    rate = window.samples / (time.perf_counter() - window.begin)
    if not loss < float("inf"):
        raise GoEngineError(
            f"the loss is {loss} at step {run.step}, so the run stops; {_kept(run.out / CHECKPOINT)}"
        )
    config = run.config
    left = []
    if run.task.limit:
        left.append((run.task.limit - run.samples) / rate)
    if config.minutes:
        left.append(60 * config.minutes - run.seconds)
    phase = (
        "warm-up"
        if run.step < config.warmup_steps
        else "stable"
        if run.progress < 1 - config.decay
        else "decay"
    )
    figures = (
        f"{run.samples:,} {run.task.unit}, {rate:,.0f}/s, loss {loss:.3f}, top-1 {100 * top1:.1f} %"
        + (f", validation {100 * run.accuracy.top1:.1f} %" if run.accuracy else "")
        + f", {clock(max(0.0, min(left)))} left"
    )
    show.update(run.progress, phase, figures)
    run.log(loss=round(loss, 4), top1=round(top1, 4), rate=round(rate, 1), threads=torch.get_num_threads())


def _kept(checkpoint: Path) -> str:
    if checkpoint.exists():
        return f"{checkpoint}, saved before, is kept"
    return "no checkpoint had been written yet"


def _validate(run: Run[C, B], show: TrainingProgress) -> None:
    accuracy = run.task.validate(run.network, run.dtype)
    if accuracy is None:
        return
    run.accuracy = accuracy
    show.say(
        f"after {run.samples:,} {run.task.unit}, {clock(run.seconds)}: validation top-1 "
        f"{100 * accuracy.top1:.2f} %, top-5 {100 * accuracy.top5:.2f} %, loss {accuracy.loss:.3f}"
    )
    run.log(
        validation_top1=round(accuracy.top1, 4),
        validation_top5=round(accuracy.top5, 4),
        validation_loss=round(accuracy.loss, 4),
    )


@contextmanager
def prefetch(task: Task[B], step: int, batch_size: int, device: torch.device) -> Iterator[Iterator[B]]:
    """Batches from `step` on, drawn ahead on other threads (the encoder releases the GIL)."""
    workers = 1 if device.type == "cpu" else 8
    pool = ThreadPoolExecutor(workers)

    def draw() -> Iterator[B]:
        ahead: list[Future[B]] = []
        upcoming = step
        while True:
            while len(ahead) < 2 * workers:
                ahead.append(pool.submit(task.batch, upcoming, batch_size))
                upcoming += 1
            yield ahead.pop(0).result()

    try:
        yield draw()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
