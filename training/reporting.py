"""What a run reports: figures on the screen, in its log, and for TensorBoard."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self

import torch
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from goengine.errors import GoEngineError
from goengine.training.config import C
from goengine.training.metrics import Accuracy
from goengine.training.monitoring import matrix_rate, training_flops
from goengine.training.run import Run
from goengine.training.schedule import WARMUP_SHARE, learning_rate_factor, phase_of, remaining_seconds
from goengine.training.task import B, Loss

LOG = "log.jsonl"
"""The file in a run's folder with a JSON object per line."""

TENSORBOARD = "tensorboard"
"""The folder in a run's folder for TensorBoard."""

WINDOW_SECONDS = 10.0
"""The figures shown are averages over this time."""

_LINE_SECONDS = 30.0  # between two lines of progress where there is no terminal

_TAGS = {  # of the log's figures in TensorBoard
    "loss": "loss/training",
    "validation_loss": "loss/validation",
    "top1": "top-1/training",
    "validation_top1": "top-1/validation",
    "validation_top5": "top-5/validation",
    "dead_filters": "network/share of filters that are dead",
    "rate": "speed/samples a second",
    "waiting": "speed/share of time waiting for samples",
    "mfu": "speed/model FLOP utilisation",
}


@dataclass
class _Window:
    """Sums since the figures were last shown; loss and hits stay on the network's device until then."""

    begin: float  # in seconds of the run
    step: int
    waited: float  # seconds spent waiting for samples before
    samples: int = 0
    loss: Any = 0.0
    hits: Any = 0
    parts: dict[str, Any] = field(default_factory=dict)


class RunReporter(Generic[C, B]):
    """Reports the figures of a run; only the first of several processes shows and writes them.

    Each line of the log is a JSON object: step, samples seen, seconds, and averages since the line before.
    """

    def __init__(self, run: Run[C, B], progress: "TrainingProgress", summaries: "Summaries | None") -> None:
        """Report to a display and, unless None, to TensorBoard."""
        self._run = run
        self._progress = progress
        self._summaries = summaries
        self._matrix_rate = matrix_rate(run.device, run.dtype)
        self._rate_measured = run.seconds
        self._window = _Window(run.seconds, run.step, 0.0)
        self._warmup_shortened = False

    def begin(self, resume: Path | None) -> None:
        """Show what is trained and on what device; log the checkpoint that the run resumes from."""
        run, task = self._run, self._run.task
        if resume is not None:
            self._log(resumed=str(resume))
        world = run.processes.world
        self.say(
            f"{task.describe()}, {run.network.parameter_count:,} parameters; "
            f"{task.available:,} {task.unit} to draw from; "
            + (f"{world} processes, " if world > 1 else "")
            + f"{run.device.type}, {str(run.dtype)[6:]}, "
            f"matrix products at {self._matrix_rate.flops / 1e12:,.2f} TFLOP/s"
        )

    def say(self, message: str) -> None:
        """Show a line that stays."""
        if self._run.processes.first:
            self._progress.say(message)

    def add(self, loss: Loss) -> None:
        """Add a step's loss, the result of `Run.train_step`."""
        run, window = self._run, self._window
        window.loss, window.hits = window.loss + loss.main, window.hits + loss.hits
        for name, part in loss.parts.items():
            window.parts[name] = window.parts.get(name, 0.0) + part
        window.samples += run.config.batch_size
        warmup = run.config.warmup_steps
        if not self._warmup_shortened and run.step < warmup and run.progress >= WARMUP_SHARE:
            self._warmup_shortened = True
            self.say(
                f"the warm-up ends after {run.step} steps instead of {warmup}, "
                f"at {100 * WARMUP_SHARE:.0f} % of the run"
            )

    @property
    def due(self) -> bool:
        """Whether it is time to show figures again."""
        return self._run.seconds - self._window.begin >= WINDOW_SECONDS

    def show(self, waited: float) -> None:
        """Show and log the figures since the last call.

        Args:
            waited: The seconds that this process has waited for samples since the run began.

        Raises:
            GoEngineError: If the loss is not finite.
        """
        run, window = self._run, self._window
        world = run.processes.world
        parts = [float(part) for part in window.parts.values()]
        loss_sum, hits, waits, *parts = run.processes.sums(
            float(window.loss), float(window.hits), waited - window.waited, *parts
        )
        loss, top1 = loss_sum / window.samples, hits / window.samples
        if not loss < float("inf"):
            steps = f"at step {run.step}"
            if run.step > window.step + 1:
                steps = f"between steps {window.step + 1} and {run.step}"
            raise GoEngineError(f"the loss is {loss} {steps}, so the run stops; {run.saved_note}")
        spent = max(run.seconds - window.begin, 1e-9)
        rate = window.samples / spent
        waiting = waits / world / spent
        if run.seconds - self._rate_measured >= WINDOW_SECONDS:
            self._matrix_rate.measure()
            self._rate_measured = run.seconds
        utilisation = rate * training_flops(run.network) / world / self._matrix_rate.flops
        remaining = remaining_seconds(run.task.limit, run.config.minutes, run.samples, run.seconds, rate)
        figures = (
            f"{run.samples:,} {run.task.unit}, {rate:,.0f}/s, loss {loss:.3f}, top-1 {100 * top1:.1f} %"
            + (f", validation {100 * run.accuracy.top1:.1f} %" if run.accuracy else "")
            + (f", waiting {100 * waiting:.0f} %" if waiting >= 0.005 else "")
            + f", MFU {100 * utilisation:.0f} %, {clock(remaining)} left"
        )
        if run.processes.first:
            self._progress.update(run.progress, phase_of(run.config, run.step, run.progress), figures)
        self._log(
            loss=round(loss, 4),
            top1=round(top1, 4),
            **{name: round(part / window.samples, 4) for name, part in zip(window.parts, parts, strict=True)},
            learning_rate=round(learning_rate_factor(run.config, run.step, run.progress), 5),
            epoch=round(run.samples / run.task.available, 4),
            rate=round(rate, 1),
            waiting=round(waiting, 4),
            mfu=round(utilisation, 4),
            threads=torch.get_num_threads(),
        )
        self._window = _Window(run.seconds, run.step, waited)

    def validated(self, accuracy: Accuracy, dead: float) -> None:
        """Show and log a validation, and the share of filters that are dead."""
        run = self._run
        self.say(
            f"after {run.samples:,} {run.task.unit}, {clock(run.seconds)}: validation top-1 "
            f"{100 * accuracy.top1:.2f} %, top-5 {100 * accuracy.top5:.2f} %, loss {accuracy.loss:.3f}"
            + (f", winner {accuracy.value_loss:.3f}" if accuracy.value_loss is not None else "")
            + (f"; {100 * dead:.0f} % of the filters are dead" if dead >= 0.005 else "")
        )
        self._log(
            validation_top1=round(accuracy.top1, 4),
            validation_top5=round(accuracy.top5, 4),
            validation_loss=round(accuracy.loss, 4),
            **({"validation_winner": round(accuracy.value_loss, 4)} if accuracy.value_loss else {}),
            dead_filters=round(dead, 4),
        )

    def _log(self, **figures: Any) -> None:
        run = self._run
        if not run.processes.first:
            return
        entry = {"step": run.step, run.task.unit: run.samples, "seconds": round(run.seconds, 1), **figures}
        append_log(run.out, entry)
        if self._summaries is not None:
            self._summaries.add(run.samples, entry)


def append_log(out: Path, entry: Mapping[str, Any]) -> None:
    """Append a line to the log of the run in the folder `out`."""
    with (out / LOG).open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")


@contextmanager
def open_reporter(run: Run[C, B], console: Console | None) -> Iterator[RunReporter[C, B]]:
    """Open the reporter of a run until the block ends; its console is standard error by default."""
    with (
        open_summaries(run.out, run.samples, run.config.tensorboard and run.processes.first) as summaries,
        TrainingProgress(console or Console(stderr=True, quiet=not run.processes.first)) as progress,
    ):
        yield RunReporter(run, progress, summaries)


class TrainingProgress:
    """The progress of a run: a bar on a terminal, a line every 30 seconds elsewhere.

    A context manager; `update` may be called at every step.
    """

    def __init__(self, console: Console):
        """Show progress on a console."""
        self._console = console
        self._bar: Progress | None = None
        self._last_line = time.perf_counter()
        if console.is_terminal:
            self._bar = Progress(
                TextColumn("{task.fields[phase]}"),
                BarColumn(bar_width=None),
                TextColumn("{task.percentage:>5.1f} %"),
                TextColumn("{task.fields[figures]}"),
                console=console,
            )
            self._task = self._bar.add_task("", total=1.0, phase="starting", figures="")

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar:
            self._bar.stop()

    def update(self, progress: float, phase: str, figures: str) -> None:
        """Show the completed share of the run (0 to 1), the schedule's phase, and other figures."""
        if self._bar:
            self._bar.update(self._task, completed=progress, phase=phase, figures=figures)
        elif time.perf_counter() - self._last_line >= _LINE_SECONDS:
            self._last_line = time.perf_counter()
            self.say(f"{100 * progress:5.1f} % {phase:7} {figures}")

    def say(self, message: str) -> None:
        """Show a line that stays."""
        self._console.print(Text(message), soft_wrap=True)


def clock(seconds: float) -> str:
    """Format seconds as h:mm:ss."""
    minutes, s = divmod(round(seconds), 60)
    hours, m = divmod(minutes, 60)
    return f"{hours}:{m:02}:{s:02}"


class Summaries:
    """The event file of a run for TensorBoard; its horizontal axis is the number of samples seen."""

    def __init__(self, folder: Path, samples: int) -> None:
        """Continue after `samples` samples; TensorBoard no longer shows what was written of later ones."""
        from torch.utils.tensorboard import SummaryWriter  # takes a second

        self._writer = SummaryWriter(str(folder), purge_step=samples + 1 if samples else None)

    def add(self, samples: int, entry: Mapping[str, Any]) -> None:
        """Write those values of a log entry that TensorBoard shows."""
        for name in _TAGS.keys() & entry.keys():
            self._writer.add_scalar(_TAGS[name], entry[name], samples)
        self._writer.flush()

    def close(self) -> None:
        """Close the event file."""
        self._writer.close()


def check_tensorboard() -> None:
    """Check that TensorBoard is installed.

    Raises:
        GoEngineError: If it is not.
    """
    if find_spec("tensorboard") is None:
        raise GoEngineError("tensorboard is not installed; pip install 'goengine[tensorboard]'")


@contextmanager
def open_summaries(out: Path, samples: int, enabled: bool) -> Iterator[Summaries | None]:
    """Open the summaries of the run in the folder `out` after `samples` samples; None unless enabled."""
    if not enabled:
        yield None
        return
    summaries = Summaries(out / TENSORBOARD, samples)
    try:
        yield summaries
    finally:
        summaries.close()
