"""A picture of a network: the outputs of its layers as blocks, as in papers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from goengine.drawing import palette
from goengine.drawing.charts import figure_png
from goengine.nn.layers import Convolution, FullyConnected, Pooling, RadialBasis, Shape
from goengine.nn.placement import Layer

_DPI = 80
_BLOCK_INCHES, _HEIGHT_INCHES = 1.3, 3.6
_MAX_LINE = 22  # letters
_SLOPE = 0.45  # the depth of a block, as a share of its height


@dataclass(frozen=True)
class Block:
    """The output of a layer, as it is drawn.

    Attributes:
        shape: The shape of the output.
        flat: Whether it is a vector.
        lines: The text above the block: the names and settings of the layers that compute the output.
        colour: The colour of the block.
    """

    shape: Shape
    flat: bool
    lines: tuple[str, ...]
    colour: str


def network_blocks(shape: Shape, layers: Sequence[Layer]) -> list[Block]:
    """Return a block for the input and for each layer that has weights or changes the shape.

    The names of other layers (ReLU, normalisation, dropout, softmax, ...) are added to the block before them.
    """
    blocks = [Block(shape, False, ("input",), palette.INPUT)]
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
    """Draw a network as a PNG picture.

    The height of a block grows with the root of the image's height, its thickness with the root of the number
    of channels. Below each block is the shape of the output, channels x height x width.

    Args:
        title: The title.
        shape: The shape of the input.
        layers: The layers.
    """
    blocks = network_blocks(shape, layers)
    figure = Figure(figsize=(_BLOCK_INCHES * len(blocks) + 0.4, _HEIGHT_INCHES), dpi=_DPI)
    axes = figure.add_axes((0, 0, 1, 0.93))
    axes.set_xlim(0, len(blocks))
    axes.set_ylim(-0.62, 1.15)
    axes.axis("off")
    figure.suptitle(title, fontsize="medium", x=0.01, ha="left")
    largest = max(block.shape.height for block in blocks) ** 0.5
    thickest = max(block.shape.channels for block in blocks) ** 0.5
    for position, block in enumerate(blocks):
        _draw_block(axes, position, block, largest, thickest)
        if position:
            axes.annotate(
                "",
                (position + 0.12, 0.0),
                (position - 0.04, 0.0),
                arrowprops={"arrowstyle": "->", "color": palette.STONE_EDGE},
            )
    return figure_png(figure)


def _draw_block(axes: Axes, position: int, block: Block, largest: float, thickest: float) -> None:
    if block.flat:
        height = 0.12 + 0.5 * math.log10(1 + block.shape.values) / 4
        slope, width = 0.0, 0.06
    else:
        height = 0.08 + 0.56 * block.shape.height**0.5 / largest
        slope, width = _SLOPE * height * 0.5, 0.03 + 0.3 * block.shape.channels**0.5 / thickest
    left = position + 0.5 - (width + slope) / 2
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
            Polygon(corners, facecolor=block.colour, alpha=shade, edgecolor=palette.STONE_EDGE, linewidth=0.6)
        )
    output = f"{block.shape.values:,}" if block.flat else str(block.shape)
    axes.text(position + 0.5, -0.42, output, ha="center", va="top", fontsize=8, weight="bold")
    axes.text(
        position + 0.5, 1.08, "\n".join(block.lines), ha="center", va="top", fontsize=7, linespacing=1.2
    )


def _lines(text: str) -> list[str]:
    """Break a setting into lines that fit above a block."""
    if len(text) <= _MAX_LINE:
        return [text] if text else []
    first, of, second = text.partition(" of ")
    return [first, f"of {second}"] if of else [text]


def _colour(layer: Layer) -> str:
    match layer.spec:
        case Convolution():
            return palette.CONVOLUTION
        case Pooling():
            return palette.POOLING
        case FullyConnected() | RadialBasis():
            return palette.DENSE
    return palette.OTHER_LAYER
