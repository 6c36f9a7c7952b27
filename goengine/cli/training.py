"""`goengine train` and `export`: train a policy, and write it as a model folder or an ONNX file."""

from pathlib import Path
from typing import Annotated

import typer

from goengine.cli import options
from goengine.cli.runs import run_settings, run_training
from goengine.errors import GoEngineError
from goengine.util.interrupts import held_interrupt


def _list_configs(requested: bool) -> None:
    if requested:
        from goengine.training.config import list_configs

        for name, purpose in list_configs():
            print(f"{name:14} {purpose}")
        raise typer.Exit


def train(
    table: Annotated[
        str | None, typer.Argument(metavar="[TABLE]", help="Game table, written by goengine data build.")
    ] = None,
    out: options.Out = None,
    resume: options.Resume = None,
    config: options.Config = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="MODEL",
            help="Start with the weights of this model: default, a folder, or an id on the hub.",
        ),
    ] = None,
    player: Annotated[
        str | None, typer.Option(metavar="NAME", help="Learn only the moves of this player.")
    ] = None,
    best: Annotated[
        bool | None,
        typer.Option(
            "--best/--last", help="Release the weights with the lowest validation loss, or the last ones."
        ),
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(metavar="N", help="End the run after N validations without a lower loss."),
    ] = None,
    validation: Annotated[
        str | None, typer.Option(metavar="TABLE", help="Table of held-out games to validate on.")
    ] = None,
    minutes: options.Minutes = None,
    positions: Annotated[int | None, typer.Option(help="Length of the run, in positions.")] = None,
    filters: Annotated[int | None, typer.Option(help="Filters per layer; 192 in the paper.")] = None,
    layers: Annotated[int | None, typer.Option(help="Convolution layers.")] = None,
    batch_size: options.BatchSize = None,
    threads: options.Threads = None,
    max_minutes: options.MaxMinutes = None,
    seed: options.Seed = None,
    set_: options.Set = None,
    _: Annotated[
        bool,
        typer.Option(
            "--list-configs",
            help="List the configs installed with goengine.",
            callback=_list_configs,
            is_eager=True,
        ),
    ] = False,
) -> None:
    """Train a policy to predict the moves of a game table.

    Ctrl-C saves the run, and --resume continues it at the same sample. On several GPUs or machines, use
    torchrun --nproc-per-node=N -m goengine train with the same arguments.
    """
    with held_interrupt():
        from goengine.training.config import TrainConfig
        from goengine.training.policy.release import release
        from goengine.training.policy.task import PolicyTask, train_policy

    if start is not None and resume is not None:
        raise GoEngineError("a resumed run continues with its own weights; leave out --from")
    if start is not None and (filters or layers):
        raise GoEngineError(
            "--from takes the filters and layers of the model; leave out --filters and --layers"
        )
    settings, checkpoint = run_settings(TrainConfig, locals())
    run_training(
        lambda processes: train_policy(settings, checkpoint, max_minutes=max_minutes, processes=processes),
        release,
        settings.device,
        PolicyTask.unit,
        PolicyTask.command,
    )


def export(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="Run folder, checkpoint (.pt), or model folder.")
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Model folder or .onnx file to write.")],
    format_: Annotated[
        str | None,
        typer.Option("--format", help="folder or onnx.  [default: onnx if OUT ends in .onnx, else folder]"),
    ] = None,
    dtype: Annotated[
        str | None,
        typer.Option(
            help="Precision of the stored weights: bfloat16, float16 or float32.  "
            "[default: bfloat16 in a folder, float32 in an ONNX file]"
        ),
    ] = None,
    report: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="JSON of goengine evaluate, for the model card. May be repeated."),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Description of the training data, for the model card."),
    ] = None,
) -> None:
    """Write a checkpoint as a model folder, or a model as ONNX.

    An ONNX file is written only if ONNX Runtime computes the same from it as PyTorch.
    """
    with held_interrupt():
        from goengine.training.policy.release import checkpoint_of, network_of, release

    format_ = format_ or ("onnx" if out.suffix.lower() == ".onnx" else "folder")
    if format_ not in ("folder", "onnx"):
        raise GoEngineError(f"unknown export format {format_!r}; expected folder or onnx")
    if format_ == "folder":
        release(checkpoint_of(source), out, dtype or "bfloat16", tuple(report or ()), data)
        size = sum(file.stat().st_size for file in out.iterdir())
        print(f"{out}: {size / 1e6:.2f} MB")
        return
    if report or data:
        raise GoEngineError("--report and --data are for model cards; an ONNX file has none")
    with held_interrupt():
        from goengine.training.policy.onnx_export import export_onnx

    comparison = export_onnx(network_of(source), out, dtype or "float32")
    print(
        f"{out}: {out.stat().st_size / 1e6:.2f} MB; largest difference from PyTorch's probabilities "
        f"{comparison.difference:.1e} on {comparison.positions} positions of {comparison.games}"
    )
