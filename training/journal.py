"""What a run says of itself: to the screen, into its log, and to TensorBoard."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic

import torch
from rich.console import Console

from goengine.errors import GoEngineError
from goengine.training.config import C
from goengine.training.metrics import Accuracy
from goengine.training.monitoring.progress import TrainingProgress, clock
from goengine.training.monitoring.summaries import Summaries, open_summaries
from goengine.training.monitoring.utilisation import matrix_rate, training_flops
from goengine.training.run import Run
from goengine.training.schedule import learning_rate_factor, phase_of
from goengine.training.task import B, Loss

LOG = "log.jsonl"
WINDOW_SECONDS = 10.0
"""Over how long the figures shown are averaged."""


@dataclass
class _Window:
    """Sums since the figures were last shown; loss and hits on the network's device, looked at seldom."""

    begin: float  # in seconds of the run
    step: int
    waited: float  # seconds that had been waited for samples by then
    samples: int = 0
    loss: Any = 0.0
    hits: Any = 0
    parts: dict[str, Any] = field(default_factory=dict)


class Journal(Generic[C, B]):
    """The records of a run; only the first of several processes writes and shows any.

    Its log has a JSON object a line: step, samples seen, seconds, and figures since the line before.
    """

    def __init__(self, run: Run[C, B], show: TrainingProgress, summaries: Summaries | None) -> None:
        self._run = run
        self._show = show
        self._summaries = summaries
        self._matrix_rate = matrix_rate(run.device, run.dtype)
        self._window = _Window(run.seconds, run.step, 0.0)

    def begin(self, resume: Path | None) -> None:
        """Say what is trained, on what, and from which checkpoint it goes on."""
        run, task = self._run, self._run.task
        if resume is not None:
            self._log(resumed=str(resume))
        world = run.processes.world
        self.say(
            f"{task.describe()}, {run.network.parameter_count:,} parameters; "
            f"{task.available:,} {task.unit} to draw from; "
            + (f"{world} processes, " if world > 1 else "")
            + f"{run.device.type}, {str(run.dtype)[6:]}, "
            f"matrix products at {self._matrix_rate / 1e12:,.2f} TFLOP/s"
        )

    def say(self, message: str) -> None:
        if self._run.processes.first:
            self._show.say(message)

    def add(self, loss: Loss) -> None:
        """Count a step in: what `Run.train_step` gave."""
        window = self._window
        window.loss, window.hits = window.loss + loss.main, window.hits + loss.hits
        for name, part in loss.parts.items():
            window.parts[name] = window.parts.get(name, 0.0) + part
        window.samples += self._run.config.batch_size

    @property
    def due(self) -> bool:
        """Whether it is time to show figures again."""
        return self._run.seconds - self._window.begin >= WINDOW_SECONDS

    def show(self, waited: float) -> None:
        """Bring the figures since the last time to the screen and into the log.

        waited: seconds that this process has waited for samples since the run began.

        Raises GoEngineError if the loss is no longer a number.
        """
        run, window = self._run, self._window
        world = run.processes.world
        parts = [float(part) for part in window.parts.values()]
        lost, hits, waits, *parts = run.processes.sums(
            float(window.loss), float(window.hits), waited - window.waited, *parts
        )
        loss, top1 = lost / window.samples, hits / window.samples
        if not loss < float("inf"):
            steps = f"at step {run.step}"
            if run.step > window.step + 1:
                steps = f"between steps {window.step + 1} and {run.step}"
            raise GoEngineError(f"the loss is {loss} {steps}, so the run stops; {run.kept}")
        spent = max(run.seconds - window.begin, 1e-9)
        rate = window.samples / spent
        waiting = waits / world / spent
        utilisation = rate * training_flops(run.network) / world / self._matrix_rate
        left = []
        if run.task.limit:
            left.append((run.task.limit - run.samples) / rate)
        if run.config.minutes:
            left.append(60 * run.config.minutes - run.seconds)
        figures = (
            f"{run.samples:,} {run.task.unit}, {rate:,.0f}/s, loss {loss:.3f}, top-1 {100 * top1:.1f} %"
            + (f", validation {100 * run.accuracy.top1:.1f} %" if run.accuracy else "")
            + (f", waiting {100 * waiting:.0f} %" if waiting >= 0.005 else "")
            + f", MFU {100 * utilisation:.0f} %, {clock(max(0.0, min(left)))} left"
        )
        if run.processes.first:
            self._show.update(run.progress, phase_of(run.config, run.step, run.progress), figures)
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
        """Say and note a validation, and the share of filters that are dead."""
        run = self._run
        self.say(
            f"after {run.samples:,} {run.task.unit}, {clock(run.seconds)}: validation top-1 "
            f"{100 * accuracy.top1:.2f} %, top-5 {100 * accuracy.top5:.2f} %, loss {accuracy.loss:.3f}"
            + (f"; {100 * dead:.0f} % of the filters are dead" if dead >= 0.005 else "")
        )
        self._log(
            validation_top1=round(accuracy.top1, 4),
            validation_top5=round(accuracy.top5, 4),
            validation_loss=round(accuracy.loss, 4),
            dead_filters=round(dead, 4),
        )

    def _log(self, **figures: Any) -> None:
        run = self._run
        if not run.processes.first:
            return
        entry = {"step": run.step, run.task.unit: run.samples, "seconds": round(run.seconds, 1), **figures}
        with (run.out / LOG).open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
        if self._summaries is not None:
            self._summaries.add(run.samples, entry)


@contextmanager
def open_journal(run: Run[C, B], console: Console | None) -> Iterator[Journal[C, B]]:
    """The journal of a run, on the console (by default standard error) until the block ends."""
    with (
        open_summaries(run.out, run.samples, run.config.tensorboard and run.processes.first) as summaries,
        TrainingProgress(console or Console(stderr=True, quiet=not run.processes.first)) as show,
    ):
        yield Journal(run, show, summaries)
