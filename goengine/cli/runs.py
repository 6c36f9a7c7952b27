"""What the commands that train have in common: settings, checkpoints, interrupts, the model at the end."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from goengine.errors import GoEngineError, Interrupted

if TYPE_CHECKING:
    from goengine.training.config import RunConfig
    from goengine.training.loop import TrainResult
    from goengine.training.processes import Processes

    C = TypeVar("C", bound=RunConfig)


def parse_settings(texts: list[str] | None) -> dict[str, str]:
    """Return NAME=VALUE texts as a dict.

    Raises:
        GoEngineError: If a text has another form.
    """
    settings = {}
    for text in texts or []:
        name, equals, value = text.partition("=")
        if not equals:
            raise GoEngineError(f"--set {text!r} is not of the form NAME=VALUE")
        settings[name] = value
    return settings


def run_settings(kind: "type[C]", options: Mapping[str, Any]) -> "tuple[C, Path | None]":
    """Return the settings of a run, and the checkpoint to continue from, if any.

    The settings are those of the checkpoint or the config file, changed by the options and by --set.

    Args:
        kind: The settings to read.
        options: The values of the command's options by the names of its parameters, with `resume`, `config`
            and `set_`. Those that are settings of `kind`, and not None, change it; others are ignored. A
            trailing underscore does not count.

    Raises:
        GoEngineError: If a setting is invalid, or a checkpoint and a config file are given together.
    """
    from goengine.training.checkpoint import CHECKPOINT, load_checkpoint
    from goengine.training.config import read_config

    resume, config = options["resume"], options["config"]
    checkpoint = resume / CHECKPOINT if resume is not None and resume.is_dir() else resume
    given = {name.removesuffix("_"): value for name, value in options.items() if value is not None}
    changes = {name: value for name, value in given.items() if name in kind.model_fields}
    if checkpoint is not None:
        if config is not None:
            raise GoEngineError("a resumed run keeps its config; change single settings with --set")
        settings = load_checkpoint(checkpoint, kind).config
    else:
        settings = read_config(config, kind) if config is not None else kind()
    return settings.replace(**changes | parse_settings(options["set_"])), checkpoint


def run_training(
    train: "Callable[[Processes], TrainResult]",
    release: Callable[[Path, Path], None],
    device: str,
    unit: str,
    command: str,
) -> None:
    """Train, write the model to the run's folder, and print what was done.

    If the run was already complete, only a missing model is written.

    Args:
        train: Trains, given the processes that train together.
        release: Writes a checkpoint as a model folder.
        device: The device to train on.
        unit: What samples are called, such as "positions".
        command: The command that continues a run, without its arguments.

    Raises:
        Interrupted: At Ctrl-C, after the run was saved.
        GoEngineError: If the run is complete and its model exists, or training fails.
    """
    from goengine.nn.model_folder import CONFIG_FILE
    from goengine.training.loop import RunCompleteError, TrainingInterrupted
    from goengine.training.processes import joined_processes
    from goengine.training.reporting import clock

    try:
        with joined_processes(device) as processes:
            result = train(processes)
    except RunCompleteError as complete:
        result = complete.result
        if processes.first and (result.checkpoint.parent / "model" / CONFIG_FILE).exists():
            raise
    except TrainingInterrupted as interruption:
        if not processes.first:  # the first process prints the message
            return
        raise Interrupted(str(interruption)) from interruption
    except KeyboardInterrupt as interruption:
        raise Interrupted("stopped outside of training; an earlier checkpoint is kept") from interruption
    if not processes.first:
        return
    folder = result.checkpoint.parent
    amount = f"{result.samples:,} {unit} in {clock(result.seconds)}"
    if not result.complete:
        print(f"{result.checkpoint}: {amount}; to continue: {command} --resume {folder}")
        return
    model = folder / "model"
    release(result.best, model)
    accuracy = f"; validation top-1 {result.released.top1:.2%}" if result.released else ""
    print(f"{model}: trained on {amount}{accuracy}")
