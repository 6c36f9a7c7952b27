"""`goengine bench`: the speed of each part, compared with a reference measured in the same run."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from goengine.cli import options
from goengine.cli.output import STANDARD_OUTPUT, check_json, write_json
from goengine.cli.runs import parse_settings
from goengine.errors import GoEngineError
from goengine.util.interrupts import held_interrupt

if TYPE_CHECKING:
    from goengine.kernel.replay import Games
    from goengine.training.bench.measure import Report

app = typer.Typer(
    help="Measure the speed of each part, compared with a reference.",
    no_args_is_help=True,
)

_GamesOption = Annotated[
    Path | None,
    typer.Option(metavar="PATH", help="Games: SGF or a game table.  [default: bundled]"),
]
_SecondsOption = Annotated[float, typer.Option(help="Time for each row of the table.")]


@app.command()
def encode(games: _GamesOption = None, seconds: _SecondsOption = 2.0, json: options.Json = None) -> None:
    """Measure encoding positions as 48 planes.

    Reference: sgfmill replaying the same games.
    """
    from goengine.training.bench.rules import bench_encode

    check_json(json)
    _publish([bench_encode(_load(games), seconds)], json)


@app.command()
def play(games: _GamesOption = None, seconds: _SecondsOption = 2.0, json: options.Json = None) -> None:
    """Measure playing moves.

    Reference: sgfmill playing the same games.
    """
    from goengine.training.bench.rules import bench_play

    check_json(json)
    _publish([bench_play(_load(games), seconds)], json)


@app.command()
def data(
    games: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="Game records to read.  [default: bundled]"),
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option(metavar="TABLE", help="Game table to sample from.  [default: the same games]"),
    ] = None,
    seconds: _SecondsOption = 2.0,
    json: options.Json = None,
) -> None:
    """Measure reading games into a table and sampling positions from it.

    References: sgfmill reading the games, and encoding the same positions.
    """
    from goengine.data import games_path
    from goengine.training.bench.data import bench_build, bench_samples, open_table

    check_json(json)
    path = games_path(games or "bundled")
    sampled, name = (_load(path), str(path)) if table is None else open_table(table)
    _publish([bench_build(path, seconds), bench_samples(sampled, name, seconds)], json)


@app.command()
def playouts(games: _GamesOption = None, seconds: _SecondsOption = 2.0, json: options.Json = None) -> None:
    """Measure playouts, as for scoring."""
    from goengine.training.bench.rules import bench_playouts

    check_json(json)
    _publish([bench_playouts(_load(games), seconds)], json)


@app.command()
def infer(
    model: options.Model = "default",
    filters: Annotated[
        int, typer.Option(min=1, help="Filters of a second policy, with random weights.")
    ] = 192,
    one_thread: Annotated[
        bool,
        typer.Option(
            "--one-thread",
            help="Use one CPU thread and measure CPU time, which other load on the machine changes least.",
        ),
    ] = False,
    seconds: _SecondsOption = 2.0,
    json: options.Json = None,
) -> None:
    """Measure the time of a policy per position.

    References: plain PyTorch, and ONNX Runtime.
    """
    with held_interrupt():
        from goengine.nn.network import PolicyNetwork
        from goengine.policy.loading import load_network
        from goengine.training.bench.infer import bench_infer
        from goengine.training.device import choose_device

    check_json(json)
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
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Training settings: a TOML file.")
    ] = None,
    filters: Annotated[int | None, typer.Option(help="Filters per layer.")] = None,
    batch_size: options.BatchSize = None,
    set_: options.Set = None,
    sweep: Annotated[
        str | None,
        typer.Option(
            metavar="SIZES",
            help="Measure only the network, with these batch sizes: 512,1024,2048.",
        ),
    ] = None,
    compiled: Annotated[
        str | None,
        typer.Option(
            "--compile",
            metavar="WAYS",
            help="With --sweep: settings of compile to compare, of off,on,graphs.  [default: off]",
        ),
    ] = None,
    seconds: _SecondsOption = 20.0,
    json: options.Json = None,
) -> None:
    """Measure training: sampling, the network, and both together.

    MFU is the model FLOP utilisation: the share of the device's measured rate of matrix products.
    """
    with held_interrupt():
        from goengine.training.bench.train import bench_sweep, bench_train
        from goengine.training.config import TrainConfig, read_config

    check_json(json)
    given: dict[str, Any] = {"filters": filters, "batch_size": batch_size}
    changes = {name: value for name, value in given.items() if value is not None}
    settings = read_config(config, TrainConfig) if config is not None else TrainConfig()
    settings = settings.replace(**changes | parse_settings(set_))
    if sweep is None and compiled is not None:
        raise GoEngineError("--compile needs --sweep; use --set compile=on for the whole pipeline")
    loaded = _load(games)
    if sweep is None:
        report = bench_train(settings, loaded, seconds)
    else:
        ways = (compiled or "off").split(",")
        report = bench_sweep(settings, loaded, _sizes(sweep), ways, seconds, _say)
    _publish([report], json)


@app.command()
def env(
    size: Annotated[int, typer.Option(min=2, max=25, help="Board size.")] = 19,
    games: Annotated[int, typer.Option(min=1, help="Games in the vector environment.")] = 128,
    seconds: _SecondsOption = 2.0,
    json: options.Json = None,
) -> None:
    """Measure random steps of the gymnasium environment."""
    from goengine.training.bench.env import bench_env

    check_json(json)
    _publish([bench_env(size, games, seconds)], json)


@app.command()
def start(model: options.Model = "default", seconds: _SecondsOption = 5.0, json: options.Json = None) -> None:
    """Measure the time until help is shown and until the engine answers.

    Reference: starting Python.
    """
    from goengine.training.bench.start import bench_start

    check_json(json)
    _publish([bench_start(model, seconds)], json)


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _sizes(text: str) -> list[int]:
    try:
        return [int(size) for size in text.split(",")]
    except ValueError as error:
        raise GoEngineError(f"--sweep is {text!r}; expected numbers such as 512,1024,2048") from error


def _load(path: Path | None) -> "Games":
    from goengine.data.table.load import load_games

    return load_games(path or Path("bundled"), 19)


def _publish(reports: Sequence["Report"], json: Path | None) -> None:
    """Print the tables and write the JSON. If that goes to standard output, the tables go to stderr."""
    from rich.console import Console

    from goengine.training.bench.measure import describe_machine

    machine = describe_machine()
    console = Console(stderr=json == STANDARD_OUTPUT)
    for report in reports:
        console.print(_table(report))
    console.print(
        f"{machine['processor']}, {machine['cores']} cores, load {machine['load']:.1f}; {machine['date']}",
        markup=False,
        highlight=False,
    )
    content = {
        "command": f"goengine {' '.join(sys.argv[1:])}",
        "machine": machine,
        "tables": [report.as_dict() for report in reports],
    }
    write_json(json, content)


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
