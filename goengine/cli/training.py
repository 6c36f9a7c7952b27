"""`goengine train` and `export`: from a game table to a policy."""

from pathlib import Path
from typing import Annotated, Any

import typer

from goengine.cli.runs import (
    ConfigOption,
    MaxMinutesOption,
    MinutesOption,
    OutOption,
    ResumeOption,
    SetOption,
    ThreadsOption,
    carry_out,
    find_checkpoint,
    run_settings,
)
from goengine.errors import GoEngineError
from goengine.util.interrupts import held_interrupt


def _show_configs(wanted: bool) -> None:
    if wanted:
        from goengine.training.config import list_configs

        for name, purpose in list_configs():
            print(f"{name:14} {purpose}")
        raise typer.Exit


def train(
    table: Annotated[
        str | None, typer.Argument(metavar="[TABLE]", help="a game table, as goengine data build writes it")
    ] = None,
    out: OutOption = None,
    resume: ResumeOption = None,
    config: ConfigOption = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="MODEL",
            help="begin with the weights of this model: default, a folder, or an id of the hub",
        ),
    ] = None,
    player: Annotated[
        str | None, typer.Option(metavar="NAME", help="learn the moves of this player alone")
    ] = None,
    best: Annotated[
        bool | None,
        typer.Option(
            "--best/--last", help="release the weights of the lowest validation loss, or the last ones"
        ),
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(metavar="N", help="end the run after N validations without a lower loss"),
    ] = None,
    validation: Annotated[
        str | None, typer.Option(metavar="TABLE", help="a table of other games to measure on meanwhile")
    ] = None,
    minutes: MinutesOption = None,
    positions: Annotated[int | None, typer.Option(help="length of the run, in positions")] = None,
    filters: Annotated[int | None, typer.Option(help="filters a layer (192 in the paper)")] = None,
    layers: Annotated[int | None, typer.Option(help="convolution layers")] = None,
    batch_size: Annotated[int | None, typer.Option(help="positions a step")] = None,
    threads: ThreadsOption = None,
    max_minutes: MaxMinutesOption = None,
    seed: Annotated[int | None, typer.Option(help="of the first weights and the order of the data")] = None,
    set_: SetOption = None,
    _list_configs: Annotated[
        bool,
        typer.Option(
            "--list-configs",
            help="Show the configs that come with goengine.",
            callback=_show_configs,
            is_eager=True,
        ),
    ] = False,
) -> None:
    """Train a policy to predict the moves of a game table.

    Ctrl-C stops at any time: the run is saved, and --resume goes on at the same sample. On several GPUs or
    machines: torchrun --nproc-per-node=N -m goengine train, with the same arguments.
    """
    with held_interrupt():
        from goengine.training.config import TrainConfig
        from goengine.training.policy.release import release
        from goengine.training.policy.task import PolicyTask, train_policy

    given: dict[str, Any] = {
        "table": table,
        "out": out,
        "validation": validation,
        "minutes": minutes,
        "positions": positions,
        "start": start,
        "player": player,
        "best": best,
        "patience": patience,
        "filters": filters,
        "layers": layers,
        "batch_size": batch_size,
        "threads": threads,
        "seed": seed,
    }
    checkpoint = find_checkpoint(resume)
    if start is not None and checkpoint is not None:
        raise GoEngineError("a run that is resumed goes on with its own weights; leave out --from")
    if start is not None and (filters or layers):
        raise GoEngineError("with --from the filters and layers are those of the model; leave them out")
    settings = run_settings(TrainConfig, config, checkpoint, given, set_)
    carry_out(
        lambda processes: train_policy(settings, checkpoint, max_minutes=max_minutes, processes=processes),
        release,
        settings.device,
        PolicyTask.unit,
        PolicyTask.command,
    )


def export(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="a run's folder, a checkpoint (.pt), or a model's folder")
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="the model folder or .onnx file to write")],
    format_: Annotated[
        str | None,
        typer.Option("--format", help="folder or onnx  [default: onnx if OUT ends in .onnx, else folder]"),
    ] = None,
    dtype: Annotated[
        str | None,
        typer.Option(
            help="precision of the stored weights: bfloat16, float16 or float32  "
            "[default: bfloat16 in a folder, float32 in an ONNX file]"
        ),
    ] = None,
    report: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", help="what evaluate --json wrote, for a folder's model card; may be repeated"
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="what it learnt from, in words, for a folder's model card"),
    ] = None,
) -> None:
    """Turn a training checkpoint into a model folder, or a checkpoint or model folder into an ONNX file.

    An ONNX file is written once ONNX Runtime is seen to compute the same from it as PyTorch.
    """
    with held_interrupt():
        from goengine.training.policy.release import checkpoint_of, network_of, release

    format_ = format_ or ("onnx" if out.suffix.lower() == ".onnx" else "folder")
    if format_ not in ("folder", "onnx"):
        raise GoEngineError(f"there is no format {format_!r} to export to; expected folder or onnx")
    if format_ == "folder":
        release(checkpoint_of(source), out, dtype or "bfloat16", tuple(report or ()), data)
        size = sum(file.stat().st_size for file in out.iterdir())
        print(f"{out}: {size / 1e6:.2f} MB")
        return
    if report or data:
        raise GoEngineError("--report and --data fill a model card, which an ONNX file has none of")
    with held_interrupt():
        from goengine.training.policy.onnx_export import export_onnx

    agreed = export_onnx(network_of(source), out, dtype or "float32")
    print(
        f"{out}: {out.stat().st_size / 1e6:.2f} MB; largest difference from PyTorch's probabilities "
        f"{agreed.difference:.1e} on {agreed.positions} positions of {agreed.games}"
    )
