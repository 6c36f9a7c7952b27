"""A picture of a network: its layers' outputs as blocks, the way papers draw them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from goengine.drawing.charts import figure_png
from goengine.nn.layers import Convolution, FullyConnected, Pooling, RadialBasis, Shape
from goengine.nn.placement import Layer

_DPI = 80
_BLOCK_INCHES, _HEIGHT_INCHES = 1.3, 3.6
_LONGEST_LINE = 22  # letters
_SLOPE = 0.45  # how far to the right and up a block reaches into the picture, in shares of its height
_INPUT, _CONVOLUTION, _POOLING, _DENSE, _OTHER = "#b8b8b8", "#5b8fc7", "#e0a458", "#6aa772", "#c9b6d8"


@dataclass(frozen=True)
class Block:
    """An output, the names of the layers that give it, and what is written above."""

    shape: Shape
    flat: bool
    lines: tuple[str, ...]
    colour: str


def network_blocks(shape: Shape, layers: Sequence[Layer]) -> list[Block]:
    """A block for the input and for each layer that has weights or changes the shape.

    The others (ReLU, normalisation, dropout, softmax, ...) stand with the block that they work on.
    """
    blocks = [Block(shape, False, ("input",), _INPUT)]
    for layer in layers:
        kind = type(layer.spec)
        if layer.output == layer.input and not issubclass(kind, Convolution | FullyConnected | Pooling):
            last = blocks[-1]
            blocks[-1] = Block(last.shape, last.flat, (*last.lines, f"+ {layer.spec.kind}"), last.colour)
            continue
        settings = layer.spec.describe(layer.input).split(", ")
        lines = (layer.name, *(line for text in settings for line in _lines(text.partition(" = ")[0])))
        blocks.append(Block(layer.output, layer.flat, lines, _colour(layer)))
    return blocks


def network_picture(title: str, shape: Shape, layers: Sequence[Layer]) -> bytes:
    """A PNG picture of the network on an input: the larger a block's face, the larger the image; the thicker,
    the more channels (both by their roots); below each its output, channels x height x width."""
    blocks = network_blocks(shape, layers)
    figure = Figure(figsize=(_BLOCK_INCHES * len(blocks) + 0.4, _HEIGHT_INCHES), dpi=_DPI)
    axes = figure.add_axes((0, 0, 1, 0.93))
    axes.set_xlim(0, len(blocks))
    axes.set_ylim(-0.62, 1.15)
    axes.axis("off")
    figure.suptitle(title, fontsize="medium", x=0.01, ha="left")
    largest = max(block.shape.height for block in blocks) ** 0.5
    thickest = max(block.shape.channels for block in blocks) ** 0.5
    for place, block in enumerate(blocks):
        _draw(axes, place, block, largest, thickest)
        if place:
            axes.annotate(
                "",
                (place + 0.12, 0.0),
                (place - 0.04, 0.0),
                arrowprops={"arrowstyle": "->", "color": "#555555"},
            )
    return figure_png(figure)


def _draw(axes: Axes, place: int, block: Block, largest: float, thickest: float) -> None:
    if block.flat:
        height = 0.12 + 0.5 * math.log10(1 + block.shape.values) / 4
        slope, width = 0.0, 0.06
    else:
        height = 0.08 + 0.56 * block.shape.height**0.5 / largest
        slope, width = _SLOPE * height * 0.5, 0.03 + 0.3 * block.shape.channels**0.5 / thickest
    left = place + 0.5 - (width + slope) / 2
    bottom, top = -height / 2, height / 2
    faces = [
        ([(left, bottom), (left + width, bottom), (left + width, top), (left, top)], 1.0),
        (
            [
                (left, top),
                (left + width, top),
                (left + width + slope, top + slope),
                (left + slope, top + slope),
            ],
            0.6,
        ),
        (
            [
                (left + width, bottom),
                (left + width + slope, bottom + slope),
                (left + width + slope, top + slope),
                (left + width, top),
            ],
            0.8,
        ),
    ]
    for corners, shade in faces:
        axes.add_patch(
            Polygon(corners, facecolor=block.colour, alpha=shade, edgecolor="#333333", linewidth=0.6)
        )
    output = f"{block.shape.values:,}" if block.flat else str(block.shape)
    axes.text(place + 0.5, -0.42, output, ha="center", va="top", fontsize=8, weight="bold")
    axes.text(place + 0.5, 1.08, "\n".join(block.lines), ha="center", va="top", fontsize=7, linespacing=1.2)


def _lines(text: str) -> list[str]:
    """A setting in lines that are no wider than a block's place."""
    if len(text) <= _LONGEST_LINE:
        return [text] if text else []
    first, of, second = text.partition(" of ")
    return [first, f"of {second}"] if of else [text]


def _colour(layer: Layer) -> str:
    match layer.spec:
        case Convolution():
            return _CONVOLUTION
        case Pooling():
            return _POOLING
        case FullyConnected() | RadialBasis():
            return _DENSE
    return _OTHER
