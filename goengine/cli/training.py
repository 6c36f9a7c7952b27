"""`goengine train` and `export`: from a game table to a policy."""

from pathlib import Path
from typing import Annotated, Any

import typer

from goengine.errors import GoEngineError, Interrupted
from goengine.interrupts import held_interrupt


def train(
    table: Annotated[
        str | None, typer.Argument(metavar="[TABLE]", help="a game table, as goengine data build writes it")
    ] = None,
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="the folder for checkpoints, the log and the model")
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(metavar="DIR|FILE", help="go on with the run in this folder, or from this checkpoint"),
    ] = None,
    config: Annotated[Path | None, typer.Option(metavar="FILE", help="settings, a TOML file")] = None,
    validation: Annotated[
        str | None, typer.Option(metavar="TABLE", help="a table of other games to measure on meanwhile")
    ] = None,
    minutes: Annotated[float | None, typer.Option(help="length of the run, in minutes of training")] = None,
    positions: Annotated[int | None, typer.Option(help="length of the run, in positions")] = None,
    filters: Annotated[int | None, typer.Option(help="filters a layer (192 in the paper)")] = None,
    layers: Annotated[int | None, typer.Option(help="convolution layers")] = None,
    batch_size: Annotated[int | None, typer.Option(help="positions a step")] = None,
    threads: Annotated[
        int | None, typer.Option(help="CPU threads; 0 measures now and then which number is fastest")
    ] = None,
    max_minutes: Annotated[
        float | None,
        typer.Option(
            min=0, help="stop after so long with a checkpoint to go on from, however long the run is to be"
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="of the first weights and the order of the data")] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="any setting of the config file; may be repeated"),
    ] = None,
) -> None:
    """Train a policy to predict the moves of a game table.

    Ctrl-C stops at any time: the run is saved, and --resume goes on at the same sample. On several GPUs or
    machines: torchrun --nproc-per-node=N -m training, with the same arguments.
    """
    with held_interrupt():
        from training.checkpoint import CHECKPOINT, load_checkpoint
        from training.config import TrainConfig, read_config
        from training.loop import TrainingInterrupted
        from training.policy_task import train_policy
        from training.processes import joined_processes
        from training.progress import clock
        from training.release import release

    given: dict[str, Any] = {
        "table": table,
        "out": out,
        "validation": validation,
        "minutes": minutes,
        "positions": positions,
        "filters": filters,
        "layers": layers,
        "batch_size": batch_size,
        "threads": threads,
        "seed": seed,
    }
    changes = {name: value for name, value in given.items() if value is not None} | parse_settings(set_ or [])
    if resume is not None:
        if config is not None:
            raise GoEngineError("a run that is resumed keeps its config; change single settings with --set")
        resume = resume / CHECKPOINT if resume.is_dir() else resume
        settings = load_checkpoint(resume, TrainConfig).config
    else:
        settings = read_config(config, TrainConfig) if config is not None else TrainConfig()
    settings = settings.replace(**changes)
    try:
        with joined_processes(settings.device) as processes:
            result = train_policy(settings, resume, max_minutes=max_minutes, processes=processes)
    except TrainingInterrupted as interruption:
        if not processes.first:  # the first says it
            return
        raise Interrupted(str(interruption)) from None
    except KeyboardInterrupt:
        raise Interrupted("stopped outside of training; a checkpoint saved before is kept") from None
    if not processes.first:
        return
    seen = f"{result.samples:,} positions in {clock(result.seconds)}"
    if not result.complete:
        print(f"{result.checkpoint}: {seen}; to go on: goengine train --resume {result.checkpoint.parent}")
        return
    model = result.checkpoint.parent / "model"
    release(result.checkpoint, model)
    measured = f"; validation top-1 {result.validation.top1:.2%}" if result.validation else ""
    print(f"{model}: trained on {seen}{measured}")


def export(
    checkpoint: Annotated[Path, typer.Argument(metavar="CHECKPOINT", help="a run's folder, or a .pt file")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="the model folder to write")],
    dtype: Annotated[
        str, typer.Option(help="precision of the stored weights: bfloat16, float16 or float32")
    ] = "bfloat16",
    report: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="what evaluate --json wrote, for the model card; may be repeated"),
    ] = None,
) -> None:
    """Turn a training checkpoint into a model folder."""
    with held_interrupt():
        from training.checkpoint import CHECKPOINT
        from training.release import release

    path = checkpoint / CHECKPOINT if checkpoint.is_dir() else checkpoint
    release(path, out, dtype, tuple(report or ()))
    size = sum(file.stat().st_size for file in out.iterdir())
    print(f"{out}: {size / 1e6:.2f} MB")


def parse_settings(texts: list[str]) -> dict[str, str]:
    """NAME=VALUE texts as a dict. Raises GoEngineError for one of another form."""
    settings = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise GoEngineError(f"--set {text!r} is not of the form NAME=VALUE")
        settings[name] = value
    return settings
