"""`goengine inspect`: the layers of a network, their shapes and their arithmetic."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from goengine.cli import options
from goengine.cli.output import STANDARD_OUTPUT, check_json, check_picture, write_json, write_picture
from goengine.errors import GoEngineError
from goengine.util.interrupts import held_interrupt

if TYPE_CHECKING:
    from rich.table import Table

    from goengine.nn.layers import Shape
    from goengine.nn.placement import Layer

_MIN_SETTINGS_WIDTH = 12  # of the column of settings, in characters


@dataclass(frozen=True)
class _Network:
    title: str
    input: "Shape"
    layers: Sequence["Layer"]


def inspect(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="Network: policy, lenet5, lenet5-1998, alexnet, alexnet-ungrouped, alexnet-lecture, "
            "alexnet-2014 or keras-cnn; a model folder; or a pattern such as "
            "'[(CONV-RELU)*2-POOL?]*3-(FC-RELU)*1,SOFTMAX'.",
        ),
    ],
    input_: Annotated[
        str | None,
        typer.Option(
            "--input",
            metavar="CxHxW",
            help="Channels, height and width of the input; a pattern requires them.  "
            "[default: those of the network]",
        ),
    ] = None,
    json: options.Json = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE.png", help="Draw the network, a block for each layer.")
    ] = None,
) -> None:
    """Show the shapes and the arithmetic of a network's layers.

    Columns: output, parameters, multiply-adds, memory and receptive field, for one input. Memory is for
    float32; a multiply-add is the product of an input and a weight.
    """
    from rich.console import Console

    from goengine.nn.layers import parse_shape

    check_json(json)
    check_picture(plot)
    network = _find(name, None if input_ is None else parse_shape(input_))
    console = Console(stderr=json == STANDARD_OUTPUT)
    table = _table(network)
    # The column of settings is folded to fit a terminal. If that is not enough, lines are wider than it.
    widest = console.measure(table, options=console.options.update(max_width=1000)).maximum
    longest = max([_MIN_SETTINGS_WIDTH, *(len(layer.spec.describe(layer.input)) for layer in network.layers)])
    console.width = (
        max(console.width, widest - longest + _MIN_SETTINGS_WIDTH) if console.is_terminal else widest
    )
    console.print(table)
    if plot is not None:
        from goengine.drawing.network_picture import network_picture  # matplotlib takes a second

        write_picture(plot, network_picture(network.title, network.input, network.layers))
    write_json(json, _as_dict(network))


def _find(name: str, shape: "Shape | None") -> _Network:
    """Return the network of a name, folder or pattern, for inputs of a shape; None for the network's own.

    Raises:
        GoEngineError: If there is no such network, or it does not take such inputs.
    """
    from goengine.nn.architectures import ARCHITECTURES
    from goengine.nn.patterns import EXAMPLE, is_pattern, pattern_layers
    from goengine.nn.placement import place

    if (architecture := ARCHITECTURES.get(name)) is not None:
        shape = shape or architecture.input
        return _Network(f"{name}: {architecture.title}", shape, place(architecture.build(), shape))
    if Path(name).is_dir():
        network = _in_folder(Path(name))
        if shape not in (None, network.input):
            raise GoEngineError(f"--input is {shape}; the model {name} takes inputs of {network.input}")
        return network
    if is_pattern(name):
        if shape is None:
            raise GoEngineError("a pattern needs --input CxHxW, such as 3x32x32")
        return _Network(name, shape, place(pattern_layers(name, shape), shape))
    raise GoEngineError(
        f"unknown network {name!r}; expected one of {', '.join(ARCHITECTURES)}, a model folder, "
        f"or a pattern such as {EXAMPLE}"
    )


def _in_folder(folder: Path) -> _Network:
    """Return the network of a model folder, a classifier or a policy."""
    with held_interrupt():
        from goengine.nn.classifier import ImageClassifier, is_classifier
        from goengine.nn.network import PolicyNetwork

    if is_classifier(folder):
        classifier = ImageClassifier.from_pretrained(folder)
        title = f"{folder}: {classifier.network}, {len(classifier.classes)} classes"
        return _Network(title, classifier.input, classifier.layers)
    policy = PolicyNetwork.from_pretrained(folder)
    return _Network(f"{folder}: a policy network", policy.input, policy.layers)


def _table(network: _Network) -> "Table":
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    layers = network.layers
    table = Table(title=escape(network.title), box=box.SIMPLE_HEAD, title_justify="left", show_footer=True)
    totals = _totals(layers)
    table.add_column("layer", "total", no_wrap=True)
    table.add_column("", overflow="fold", min_width=_MIN_SETTINGS_WIDTH)
    for heading, footer in (
        ("output", ""),
        ("weights", f"{totals['weights']:,}"),
        ("biases", f"{totals['biases']:,}"),
        ("parameters", f"{totals['parameters']:,}"),
        ("multiply-adds", f"{totals['multiply_adds']:,}"),
        ("memory", _memory(totals["activation_bytes"])),
        ("receptive\nfield", ""),
    ):
        table.add_column(heading, footer, justify="right", no_wrap=True)
    table.add_row("input", "", str(network.input), "", "", "", "", "", "")
    for layer in layers:
        field = layer.receptive_field
        table.add_row(
            layer.name,
            layer.spec.describe(layer.input),
            f"{layer.output.values:,}" if layer.flat else str(layer.output),
            *(_count(n) for n in (layer.weights, layer.biases, layer.parameters, layer.multiply_adds)),
            "in place" if layer.in_place else _memory(layer.activation_bytes),
            "all" if field is None else f"{field}x{field}",
        )
    table.caption = (
        f"{_memory(totals['parameter_bytes'])} of parameters and {_memory(totals['activation_bytes'])} of "
        "outputs, in float32, for one input"
    )
    table.caption_justify = "left"
    return table


def _as_dict(network: _Network) -> dict[str, Any]:
    rows: list[dict[str, Any]] = [
        {
            "name": layer.name,
            "kind": layer.spec.kind,
            "settings": dataclasses.asdict(layer.spec),
            "input": list(layer.input),
            "output": [layer.output.values] if layer.flat else list(layer.output),
            "weights": layer.weights,
            "biases": layer.biases,
            "parameters": layer.parameters,
            "multiply_adds": layer.multiply_adds,
            "activation_bytes": layer.activation_bytes,
            "receptive_field": layer.receptive_field,
        }
        for layer in network.layers
    ]
    return {
        "network": network.title,
        "input": list(network.input),
        "layers": rows,
        "total": _totals(network.layers),
    }


def _totals(layers: Sequence["Layer"]) -> dict[str, int]:
    from goengine.nn.placement import VALUE_BYTES

    names = ("weights", "biases", "parameters", "multiply_adds", "activation_bytes")
    totals = {name: sum(getattr(layer, name) for layer in layers) for name in names}
    return totals | {"parameter_bytes": VALUE_BYTES * totals["parameters"]}


def _count(number: int) -> str:
    return f"{number:,}" if number else ""


def _memory(size: int) -> str:
    for unit, length in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= length:
            return f"{size / length:.2f} {unit}"
    return f"{size} B"
