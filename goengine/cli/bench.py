"""`goengine bench`: how fast each part is, beside a reference measured in the same run."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from goengine.errors import GoEngineError
from goengine.util.files import check_target, whole_file
from goengine.util.interrupts import held_interrupt

if TYPE_CHECKING:
    from goengine.kernel.replay import Games
    from goengine.training.bench.measure import Report

app = typer.Typer(
    help="Measure the speed of each part, beside a reference measured in the same run.", no_args_is_help=True
)

_GamesOption = Annotated[
    Path | None,
    typer.Option(metavar="PATH", help="games, SGF or a table  [default: those that come with goengine]"),
]
_SecondsOption = Annotated[float, typer.Option(help="how long each row of the table is measured")]
_JsonOption = Annotated[
    str | None, typer.Option(metavar="FILE", help="write the figures here too; - is standard output")
]
_ModelOption = Annotated[
    str, typer.Option(help="a model's folder, its id on the hub, or default for the bundled policy")
]


@app.command()
def encode(games: _GamesOption = None, seconds: _SecondsOption = 2.0, json: _JsonOption = None) -> None:
    """Positions a second into 48 planes, beside sgfmill replaying the same games."""
    from goengine.training.bench.rules import bench_encode

    _check_destination(json)
    _publish([bench_encode(_load(games), seconds)], json)


@app.command()
def play(games: _GamesOption = None, seconds: _SecondsOption = 2.0, json: _JsonOption = None) -> None:
    """Moves a second by the rules, beside sgfmill playing the same games."""
    from goengine.training.bench.rules import bench_play

    _check_destination(json)
    _publish([bench_play(_load(games), seconds)], json)


@app.command()
def data(
    games: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="game records to read  [default: those that come with goengine]"),
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option(metavar="TABLE", help="a game table to draw from  [default: the same games]"),
    ] = None,
    seconds: _SecondsOption = 2.0,
    json: _JsonOption = None,
) -> None:
    """Games a second into a table, beside sgfmill; positions a second drawn from one, beside the encoder."""
    from goengine.data import games_path
    from goengine.training.bench.data import bench_build, bench_samples, open_table

    _check_destination(json)
    path = games_path(games or "bundled")
    drawn, said = (_load(path), str(path)) if table is None else open_table(table)
    _publish([bench_build(path, seconds), bench_samples(drawn, said, seconds)], json)


@app.command()
def playouts(games: _GamesOption = None, seconds: _SecondsOption = 2.0, json: _JsonOption = None) -> None:
    """Random games a second to their end, as scoring plays them."""
    from goengine.training.bench.rules import bench_playouts

    _check_destination(json)
    _publish([bench_playouts(_load(games), seconds)], json)


@app.command()
def infer(
    model: _ModelOption = "default",
    filters: Annotated[int, typer.Option(min=1, help="of a second policy, with random weights")] = 192,
    one_thread: Annotated[
        bool,
        typer.Option(
            "--one-thread", help="one CPU thread, by processor time: what a busy machine changes least"
        ),
    ] = False,
    seconds: _SecondsOption = 2.0,
    json: _JsonOption = None,
) -> None:
    """Milliseconds a position through the policy, beside plain PyTorch passes and ONNX Runtime."""
    with held_interrupt():
        from goengine.nn.network import PolicyNetwork
        from goengine.policy.loading import load_network
        from goengine.training.bench.infer import bench_infer
        from goengine.training.device import choose_device

    _check_destination(json)
    device = choose_device("auto")
    network = load_network(model)
    fresh = PolicyNetwork(network.size, filters)
    names = (f"the model {model}", "random weights")
    _publish(
        [
            bench_infer(each.to(device), name, seconds, one_thread)
            for each, name in zip((network, fresh), names, strict=True)
        ],
        json,
    )


@app.command()
def train(
    games: _GamesOption = None,
    config: Annotated[Path | None, typer.Option(metavar="FILE", help="training settings, TOML")] = None,
    filters: Annotated[int | None, typer.Option(help="filters a layer")] = None,
    batch_size: Annotated[int | None, typer.Option(help="positions a step")] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="any setting of the config file; may be repeated"),
    ] = None,
    sweep: Annotated[
        str | None,
        typer.Option(
            metavar="SIZES",
            help="the network alone at several positions a step instead: 512,1024,2048",
        ),
    ] = None,
    compiled: Annotated[
        str | None,
        typer.Option(
            "--compile", metavar="WAYS", help="with --sweep: each of these, of off,on,graphs  [default: off]"
        ),
    ] = None,
    seconds: _SecondsOption = 20.0,
    json: _JsonOption = None,
) -> None:
    """Positions a second of training: samples alone, the network alone, and both together.

    MFU is the model FLOP utilisation: the share of the device's rate of matrix products, measured too.
    """
    from goengine.cli.runs import parse_settings

    with held_interrupt():
        from goengine.training.bench.train import bench_sweep, bench_train
        from goengine.training.config import TrainConfig, read_config

    _check_destination(json)
    given: dict[str, Any] = {"filters": filters, "batch_size": batch_size}
    changes = {name: value for name, value in given.items() if value is not None}
    settings = read_config(config, TrainConfig) if config is not None else TrainConfig()
    settings = settings.replace(**changes | parse_settings(set_ or []))
    if sweep is None and compiled is not None:
        raise GoEngineError("--compile is for --sweep; the whole pipeline takes --set compile=on")
    loaded = _load(games)
    if sweep is None:
        report = bench_train(settings, loaded, seconds)
    else:
        ways = (compiled or "off").split(",")
        report = bench_sweep(settings, loaded, _sizes(sweep), ways, seconds, _say)
    _publish([report], json)


@app.command()
def env(
    size: Annotated[int, typer.Option(min=2, max=25, help="board size")] = 19,
    games: Annotated[int, typer.Option(min=1, help="games at once in the vector environment")] = 128,
    seconds: _SecondsOption = 2.0,
    json: _JsonOption = None,
) -> None:
    """Random steps a second of the gymnasium environment, with and without planes."""
    from goengine.training.bench.env import bench_env

    _check_destination(json)
    _publish([bench_env(size, games, seconds)], json)


@app.command()
def start(model: _ModelOption = "default", seconds: _SecondsOption = 5.0, json: _JsonOption = None) -> None:
    """Seconds until help is shown, and until the engine answers, beside Python starting."""
    from goengine.training.bench.start import bench_start

    _check_destination(json)
    _publish([bench_start(model, seconds)], json)


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _sizes(text: str) -> list[int]:
    try:
        return [int(size) for size in text.split(",")]
    except ValueError:
        raise GoEngineError(f"--sweep {text!r} is no list of numbers such as 512,1024,2048") from None


def _load(path: Path | None) -> "Games":
    from goengine.data.table.load import load_games

    return load_games(path or Path("bundled"), 19)


def _check_destination(json: str | None) -> None:
    """Raises GoEngineError, before anything is measured, if the figures could not be written afterwards."""
    if json not in (None, "-"):
        check_target(Path(json))


def _publish(reports: Sequence["Report"], json: str | None) -> None:
    """Print the tables, and write the JSON. Where that goes to standard output, the tables go to stderr."""
    import json as json_format

    from rich.console import Console

    from goengine.training.bench.measure import describe_machine

    machine = describe_machine()
    console = Console(stderr=json == "-")
    for report in reports:
        console.print(_table(report))
    console.print(
        f"{machine['processor']}, {machine['cores']} cores, load {machine['load']:.1f}; {machine['date']}",
        markup=False,
        highlight=False,
    )
    if json is None:
        return
    text = json_format.dumps(
        {
            "command": f"goengine {' '.join(sys.argv[1:])}",
            "machine": machine,
            "tables": [report.as_dict() for report in reports],
        },
        indent=2,
    )
    if json == "-":
        print(text)
        return
    with whole_file(Path(json)) as partial:
        partial.write_text(f"{text}\n", encoding="utf-8")


def _table(report: "Report") -> Any:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(
        title=escape(report.title),
        caption=escape("\n".join(report.notes)),
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("", no_wrap=True)
    for heading in (f"{report.unit}s/s", "time each", "speed-up"):
        table.add_column(heading, justify="right", min_width=len("reference"))
    if report.utilisation:
        table.add_column("MFU", justify="right")
    for figure in report.figures:
        is_reference = figure.name == report.reference
        table.add_row(
            escape(figure.name),
            _number(figure.rate),
            _duration(1 / figure.rate),
            "reference" if is_reference else f"{report.ratio(figure):.2f}",
            *([_share(report.utilisation.get(figure.name))] if report.utilisation else []),
            style="dim" if is_reference else None,
        )
    return table


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _duration(seconds: float) -> str:
    for unit, length in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= length:
            return f"{seconds / length:.2f} {unit}"
    return f"{seconds / 1e-9:.0f} ns"
