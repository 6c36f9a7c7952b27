"""The training loop, the same for every task (`goengine.training.task`).

A run has three phases, warm-up, stable and decay; see `goengine.training.schedule`. The samples of step n are
a function of (data, seed, n), so a run that was stopped resumes at the next sample, on any number of
processes.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path
from typing import Protocol

import torch
from rich.console import Console

from goengine.errors import GoEngineError
from goengine.training.checkpoint import BEST, CHECKPOINT, STABLE, Checkpoint, load_checkpoint
from goengine.training.config import C, RunConfig
from goengine.training.metrics import Accuracy
from goengine.training.prefetch import prefetch
from goengine.training.processes import Processes
from goengine.training.reporting import RunReporter, check_tensorboard, open_reporter
from goengine.training.run import Best, Run, compile_failure, thread_chooser
from goengine.training.schedule import progress_of
from goengine.training.task import B, Task
from goengine.util.files import make_folder
from goengine.util.interrupts import stop_request


class TrainingInterrupted(KeyboardInterrupt):
    """The user stopped the run, which was saved first. The message says where, and how to resume."""


@dataclass(frozen=True)
class TrainResult:
    """The result of training.

    Attributes:
        checkpoint: The last checkpoint.
        best: The checkpoint to release: that of the lowest validation loss if the config keeps it, else the
            last one.
        samples: The number of samples trained on.
        seconds: The duration of training in seconds of wall clock, without the time between sessions.
        validation: The last validation; None if there was none.
        released: The validation of `best`; None if there was none.
        complete: Whether the run reached a limit of its config; if not, it stopped after `max_minutes`.
    """

    checkpoint: Path
    best: Path
    samples: int
    seconds: float
    validation: Accuracy | None
    released: Accuracy | None
    complete: bool


class RunCompleteError(GoEngineError):
    """The run to resume is complete, and no setting has changed.

    Attributes:
        result: The result of the run.
    """

    def __init__(self, message: str, result: TrainResult) -> None:
        super().__init__(message)
        self.result = result


class _Stop(IntEnum):
    """The reason to stop before the end. If processes have different reasons, the highest applies."""

    NO = 0
    TIME = 1
    USER = 2


def train(
    config: C,
    open_task: Callable[[C], Task[B]],
    resume: Path | None = None,
    console: Console | None = None,
    max_minutes: float | None = None,
    processes: Processes | None = None,
) -> TrainResult:
    """Train until a limit of the config is reached.

    The first process writes into the folder `config.out`: `checkpoint.pt` every few minutes and at the end,
    `stable.pt` when the decay begins, `best.pt` at the lowest validation loss, `log.jsonl`, and the folder
    `tensorboard` if `config.tensorboard` is set.

    Args:
        config: The settings.
        open_task: Returns the task of the settings.
        resume: The checkpoint to resume from; None to begin a run.
        console: Where to show progress; None for the standard error.
        max_minutes: The time in minutes after which this call saves a checkpoint and returns. The schedule
            does not depend on it.
        processes: This process among those of the run; None if it is alone.

    Raises:
        GoEngineError: If a setting is wrong, data or the checkpoint is missing, damaged or of another kind,
            the folder already contains another run, a step does not fit in memory, the network cannot be
            compiled, the loss or a weight is not finite, or TensorBoard is asked for but not installed.
        RunCompleteError: If the run to resume is complete.
        TrainingInterrupted: If the user stops the run, which is saved first.
    """
    deadline = time.perf_counter() + 60 * max_minutes if max_minutes is not None else float("inf")
    processes = processes or Processes()
    resumed = load_checkpoint(resume, type(config)) if resume is not None else None
    check_run(config, resume, resumed, processes)
    task = open_task(config)
    _check_length(config, task, resume, resumed)
    try:
        run = Run(config, task, resumed, processes)
        make_folder(run.out)
        with open_reporter(run, console) as reporter:
            reporter.begin(resume)
            return _loop(run, reporter, deadline)
    except RuntimeError as error:
        if reason := compile_failure(error):
            raise GoEngineError(
                f"the network could not be compiled ({reason}); train with --set compile=off"
            ) from error
        if not isinstance(error, torch.OutOfMemoryError) and "can't allocate memory" not in str(error):
            raise
        raise GoEngineError(
            f"training {task.describe()} with batches of {config.batch_size:,} {task.unit} does not fit in "
            "memory; choose a smaller network or batch size"
        ) from error


def check_run(config: C, resume: Path | None, resumed: Checkpoint[C] | None, processes: Processes) -> None:
    """Check that a run may begin, or resume from `resumed`, read from the file `resume`.

    Raises:
        GoEngineError: If a setting is missing, was changed, or does not fit the number of processes, or
            `config.out` already contains another run.
    """
    if not config.out:
        raise GoEngineError("training needs a folder to write to")
    if config.batch_size < processes.world:
        raise GoEngineError(
            f"a batch of {config.batch_size} samples is too small for {processes.world} processes"
        )
    if config.patience and not getattr(config, "validation", ""):
        raise GoEngineError("patience counts validations; give held-out data to validate on")
    if config.tensorboard:
        check_tensorboard()
    existing = Path(config.out) / CHECKPOINT
    if existing.exists() and not (resume is not None and existing.samefile(resume)):
        raise GoEngineError(f"{config.out} already contains a run; resume it, or choose another folder")
    if resumed is None:
        return
    for name in config.kept:
        before, now = getattr(resumed.config, name), getattr(config, name)
        if before != now:
            raise GoEngineError(f"a resumed run cannot change its {name} from {before} to {now}")


def _check_length(config: C, task: Task[B], resume: Path | None, resumed: Checkpoint[C] | None) -> None:
    if not (task.limit or config.minutes):
        raise GoEngineError(f"training needs a limit: a number of {task.unit} or of minutes")
    if not resume or not resumed:
        return
    if progress_of(task.limit, config.minutes, resumed.samples, resumed.seconds) >= 1:
        message = (
            f"the run is complete ({resumed.samples:,} {task.unit}, {resumed.seconds / 60:.0f} minutes); "
            f"to train for longer, resume from its {STABLE} with a higher limit and another folder"
        )
        # A run that is complete only because its limit was lowered has no result to release.
        if resume.parent != Path(config.out) or config != resumed.config.replace(out=config.out):
            raise GoEngineError(message)
        best = _best(resume, config)
        released = load_checkpoint(best, type(config)).validation
        result = TrainResult(
            resume, best, resumed.samples, resumed.seconds, resumed.validation, released, True
        )
        raise RunCompleteError(message, result)


def _loop(run: Run[C, B], reporter: RunReporter[C, B], deadline: float) -> TrainResult:
    with prefetch(run.task, run.step, run.config.batch_size, run.device, run.processes) as batches:
        batches.wait_for_first()  # compiling is no part of the run's time
        actions = Actions(
            command=run.task.command,
            step=lambda: reporter.add(run.train_step(next(batches))),
            report=lambda: reporter.show(batches.waited),  # raises before a save if the loss is not finite
            report_due=lambda: reporter.due,
            validate=lambda: _validate(run, reporter),
            seen=lambda: f"{run.samples:,} {run.task.unit}",
            say=reporter.say,
        )
        complete = run_loop(run, actions, deadline)
    if not complete:
        return _result(run)
    _report_overfitting(run, reporter)
    return replace(_result(run), complete=True)


class LoopState(Protocol):
    """The state of a run that `run_loop` needs: `goengine.training.run.Run` is one."""

    seconds: float

    @property
    def config(self) -> RunConfig:
        """The settings."""

    @property
    def processes(self) -> Processes:
        """This process among those of the run."""

    @property
    def device(self) -> torch.device:
        """The device that trains."""

    @property
    def out(self) -> Path:
        """The run's folder."""

    @property
    def progress(self) -> float:
        """The completed share of the run, 0 to 1."""

    @property
    def stable(self) -> bool:
        """Whether the learning rates have not begun to fall; a change to False saves STABLE."""

    def save(self, name: str) -> Path:
        """Write a checkpoint of that name into the run's folder."""


@dataclass(frozen=True)
class Actions:
    """What `run_loop` does in a run.

    Attributes:
        command: The command that resumes the run.
        step: Takes a step.
        report: Shows and logs figures.
        report_due: Returns whether it is time to report.
        validate: Validates, and returns the number of validations since the best one.
        seen: Returns what the run has trained on so far, in words: "1,200 positions".
        say: Shows a line of text.
    """

    command: str
    step: Callable[[], None]
    report: Callable[[], None]
    report_due: Callable[[], bool]
    validate: Callable[[], int]
    seen: Callable[[], str]
    say: Callable[[str], None]


def run_loop(run: LoopState, actions: Actions, deadline: float) -> bool:
    """Take steps, save, report and validate until the run is complete or the deadline has passed.

    A run that is complete already is only validated and saved.

    Args:
        run: The state of the run.
        actions: What to do in it.
        deadline: The time of `time.perf_counter` at which to save and stop.

    Returns:
        Whether the run is complete.

    Raises:
        TrainingInterrupted: If the user stops the run, which is saved first.
    """
    config, processes = run.config, run.processes
    threads = thread_chooser(config, run.device)
    saved = validated = run.seconds
    last = time.perf_counter()
    with stop_request() as request:
        while run.progress < 1:
            stable = run.stable
            with threads.step():
                actions.step()
            now = time.perf_counter()
            reason = _Stop.USER if request.requested else _Stop.TIME if now >= deadline else _Stop.NO
            run.seconds, agreed = processes.highest(run.seconds + now - last, reason)
            last = now

            decay_begins = stable and not run.stable
            stop = _Stop(int(agreed)) if run.progress < 1 else _Stop.NO
            saving = decay_begins or stop or run.seconds - saved >= 60 * config.checkpoint_minutes
            if saving or run.progress >= 1 or actions.report_due():
                actions.report()
            if decay_begins:
                _save(run, STABLE)
            if saving:
                _save(run, CHECKPOINT)
                saved = run.seconds
            if stop is _Stop.USER:
                raise TrainingInterrupted(
                    f"stopped after {actions.seen()} and saved {run.out / CHECKPOINT}; "
                    f"to continue: {actions.command} --resume {run.out}"
                )
            if stop is _Stop.TIME:
                return False
            if run.progress < 1 and run.seconds - validated >= 60 * config.validation_minutes:
                since_best = actions.validate()
                validated = run.seconds
                since_best = int(processes.highest(since_best)[0])
                if config.patience and since_best >= config.patience:
                    actions.say(
                        f"the validation loss has not fallen in {since_best} validations: the run ends"
                    )
                    break
        else:
            actions.validate()
        _save(run, CHECKPOINT)
        return True


def _save(run: LoopState, name: str) -> None:
    if run.processes.first:
        run.save(name)


def _validate(run: Run[C, B], reporter: RunReporter[C, B]) -> int:
    """Validate in the first process, and save BEST, if the config keeps it, at the lowest loss so far.

    The other processes wait for the first one at their next communication.

    Returns:
        The number of validations since the lowest loss; 0 in the other processes.
    """
    if not run.processes.first:
        return 0
    accuracy = run.task.validate(run.released_network(), run.dtype)
    if accuracy is None:
        return 0
    run.accuracy = accuracy
    reporter.validated(accuracy, run.dead_share())
    if run.best is None or accuracy.loss <= run.best.validation.loss:
        run.best = Best(run.samples, accuracy)
        if run.config.best:
            run.save(BEST)
        run.validations_since_best = 0
    else:
        run.validations_since_best += 1
    return run.validations_since_best


def _report_overfitting(run: Run[C, B], reporter: RunReporter[C, B]) -> None:
    """Show a message if the validation loss rose after its minimum, and BEST is released."""
    best, last = run.best, run.accuracy
    if run.config.best and best is not None and last is not None and best.validation.loss < last.loss:
        reporter.say(
            f"the run overfitted: its validation loss was lowest, {best.validation.loss:.3f}, after "
            f"{best.samples:,} {run.task.unit}, and {last.loss:.3f} at the end; "
            f"the model is released from {BEST}"
        )


def _best(checkpoint: Path, config: RunConfig) -> Path:
    """Return the checkpoint to release, given the last checkpoint of a run."""
    best = checkpoint.with_name(BEST)
    return best if config.best and best.is_file() else checkpoint


def _result(run: Run[C, B]) -> TrainResult:
    checkpoint = run.out / CHECKPOINT
    saved = run.config.best and run.best is not None  # else another run may have left a BEST
    best = run.out / BEST if saved else checkpoint
    released = run.best.validation if saved and run.best is not None else run.accuracy
    return TrainResult(checkpoint, best, run.samples, run.seconds, run.accuracy, released, run.progress >= 1)
