"""What the commands that train have in common: settings, Ctrl-C, several processes, the model at the end."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from goengine.errors import GoEngineError, Interrupted

if TYPE_CHECKING:
    from goengine.training.config import RunConfig
    from goengine.training.loop import TrainResult
    from goengine.training.processes import Processes

    C = TypeVar("C", bound=RunConfig)


# Options that mean the same wherever something is trained.
OutOption = Annotated[
    str | None, typer.Option(metavar="DIR", help="the folder for checkpoints, the log and the model")
]
ResumeOption = Annotated[
    Path | None,
    typer.Option(metavar="DIR|FILE", help="go on with the run in this folder, or from this checkpoint"),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        metavar="NAME|FILE",
        help="settings: a TOML file, or one that comes with goengine (goengine train --list-configs)",
    ),
]
MinutesOption = Annotated[float | None, typer.Option(help="length of the run, in minutes of training")]
ThreadsOption = Annotated[
    int | None, typer.Option(help="CPU threads; 0 measures now and then which number is fastest")
]
MaxMinutesOption = Annotated[
    float | None,
    typer.Option(
        min=0, help="stop after so long with a checkpoint to go on from, however long the run is to be"
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="any setting of the config file; may be repeated"),
]


def parse_settings(texts: list[str]) -> dict[str, str]:
    """NAME=VALUE texts as a dict. Raises GoEngineError for one of another form."""
    settings = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise GoEngineError(f"--set {text!r} is not of the form NAME=VALUE")
        settings[name] = value
    return settings


def find_checkpoint(resume: Path | None) -> Path | None:
    """The checkpoint to go on from: a file, or the one in a run's folder."""
    from goengine.training.checkpoint import CHECKPOINT

    return resume / CHECKPOINT if resume is not None and resume.is_dir() else resume


def run_settings(
    kind: "type[C]",
    config: Path | None,
    checkpoint: Path | None,
    given: dict[str, Any],
    set_: list[str] | None,
) -> "C":
    """The settings of a run: a checkpoint's or a file's, changed by options (None where left out) and --set.

    Raises GoEngineError for settings that cannot be, and for a checkpoint together with a file.
    """
    from goengine.training.checkpoint import load_checkpoint
    from goengine.training.config import read_config

    changes = {name: value for name, value in given.items() if value is not None} | parse_settings(set_ or [])
    if checkpoint is not None:
        if config is not None:
            raise GoEngineError("a run that is resumed keeps its config; change single settings with --set")
        settings = load_checkpoint(checkpoint, kind).config
    else:
        settings = read_config(config, kind) if config is not None else kind()
    return settings.replace(**changes)


def carry_out(
    train: "Callable[[Processes], TrainResult]",
    release: Callable[[Path, Path], None],
    device: str,
    unit: str,
    command: str,
) -> None:
    """Train, release the model beside the checkpoint, and say so; of a complete run only what is left of it.

    train: given this process and the others that train with it. release: a checkpoint as a model folder.
    unit: what samples are called. command: what goes on with a run.

    Raises Interrupted at Ctrl-C, after the run was saved, and what `train` raises.
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
        if not processes.first:  # the first says it
            return
        raise Interrupted(str(interruption)) from None
    except KeyboardInterrupt:
        raise Interrupted("stopped outside of training; a checkpoint saved before is kept") from None
    if not processes.first:
        return
    seen = f"{result.samples:,} {unit} in {clock(result.seconds)}"
    if not result.complete:
        print(f"{result.checkpoint}: {seen}; to go on: {command} --resume {result.checkpoint.parent}")
        return
    model = result.checkpoint.parent / "model"
    release(result.best, model)
    measured = f"; validation top-1 {result.validation.top1:.2%}" if result.validation else ""
    print(f"{model}: trained on {seen}{measured}")
