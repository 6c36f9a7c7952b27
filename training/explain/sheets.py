"""Filters, activation maps, patches and occlusion maps as PNG contact sheets."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray
from PIL import Image

from goengine.drawing.contact_sheet import Tile, contact_sheet
from goengine.errors import GoEngineError
from goengine.nn.activations import filters, find_layer, layer_output, occlusion, strongest
from goengine.nn.classifier import ImageClassifier
from goengine.nn.layers import Softmax
from goengine.nn.network import ConvolutionNetwork, PolicyNetwork
from goengine.training.explain.examples import Examples, answer_name

_MAX_SLICES = 9  # channels shown of a filter
_COLOURS = 3  # channels of a colour image


def filter_sheet(network: ConvolutionNetwork, name: str, most: int) -> bytes:
    """Draw up to `most` filters of a convolution.

    A filter of the first layer on colour images is a colour picture. Other filters are grids of slices, one
    for each channel: red for positive weights, blue for negative ones. Of more than nine channels, those with
    the largest weights are shown and listed in the caption.

    Raises:
        GoEngineError: If there is no such layer, or it has no filters.
    """
    weights = filters(network, name)
    first = network.layers[0].name == name
    tiles = []
    for number, weight in enumerate(weights[:most]):
        if first and isinstance(network, ImageClassifier) and len(weight) == _COLOURS:
            low, high = weight.min(), weight.max()
            shades = np.round(255 * (weight - low) / max(high - low, 1e-12)).astype(np.uint8)
            tiles.append(Tile(Image.fromarray(shades.transpose(1, 2, 0)), str(number)))
            continue
        channels = np.sort(np.argsort(-np.abs(weight).sum(axis=(1, 2)), kind="stable")[:_MAX_SLICES])
        caption = str(number)
        if len(weight) > _MAX_SLICES:
            caption += ": " + " ".join(map(str, channels))
        tiles.append(Tile(_slices(weight[channels]), caption))
    shown = (
        f"{len(tiles)} of {len(weights)} filters" if len(tiles) < len(weights) else f"{len(tiles)} filters"
    )
    return contact_sheet(tiles, f"{name}: {shown}")


def activation_sheet(
    network: ConvolutionNetwork, examples: Examples, row: int, name: str, most: int
) -> bytes:
    """Draw an example and up to `most` activation maps of a layer, larger values brighter.

    All maps share one scale, from the smallest value to the largest, which the title names.

    Raises:
        GoEngineError: If there is no such layer, or its output has no height and width.
    """
    if find_layer(network, name).flat:
        raise GoEngineError(f"the output of the layer {name} is a vector; expected a layer with maps")
    maps = layer_output(network, examples.inputs(np.array([row])), name)[0].cpu().numpy()
    low, high = float(maps.min()), float(maps.max())
    shades = (maps - low) / max(high - low, 1e-12)
    tiles = [Tile(examples.picture(row), examples.describe(row))]
    tiles += [Tile(_colour(shade, "viridis"), str(n)) for n, shade in enumerate(shades[:most])]
    return contact_sheet(
        tiles, f"{name}: {min(most, len(maps))} of {len(maps)} maps, {low:.2f} to {high:.2f}"
    )


def patch_sheet(
    network: ConvolutionNetwork,
    examples: Examples,
    name: str,
    channels: Sequence[int],
    count: int,
) -> bytes:
    """Draw, for each channel of a layer, a row of the parts of examples that activate it most.

    Args:
        network: The network.
        examples: The examples to search.
        name: The layer.
        channels: The channels.
        count: The parts in a row, at most one from each group of examples, the strongest first.

    Raises:
        GoEngineError: If there is no such layer or channel, or no example.
    """
    rows = strongest(network, examples.inputs, examples.groups, name, channels, count)
    tiles = [
        Tile(examples.picture(number, box), f"{channel}: {value:.2f}")
        for channel, parts in zip(channels, rows, strict=True)
        for number, value, box in parts
    ]
    title = f"{name}: strongest activations of {len(channels)} channels in {len(examples.groups):,} examples"
    return contact_sheet(tiles, title, columns=len(rows[0]))


def occlusion_sheet(
    network: ImageClassifier | PolicyNetwork,
    examples: Examples,
    row: int,
    answer: int | None,
    window: int,
    stride: int,
    on_progress: Callable[[float], None] = lambda _: None,
) -> tuple[bytes, str]:
    """Draw how much the probability of an answer falls where a window hides the input.

    Args:
        network: The network.
        examples: The examples.
        row: The example to explain.
        answer: A class or a point; None for the likeliest.
        window: The side of the window.
        stride: The distance between two places of the window.
        on_progress: Called with the completed share, 0 to 1.

    Returns:
        The sheet as PNG, red where the probability falls and blue where it rises; and a line of figures.

    Raises:
        GoEngineError: If the window or the stride is out of range.
    """
    x = examples.inputs(np.array([row]))
    probabilities = layer_output(network, x, _last(network))[0].cpu().numpy()
    answer = int(probabilities.argmax()) if answer is None else answer
    fall = occlusion(network, x, answer, window, stride, on_progress)
    most = float(np.abs(fall).max())
    heat = _colour(fall / max(most, 1e-12) / 2 + 0.5, "RdBu_r")
    picture = examples.picture(row)
    overlay = Image.blend(picture, heat.resize(picture.size, Image.Resampling.NEAREST), 0.6)
    name = answer_name(network, answer)
    figures = (
        f"{name}: probability {probabilities[answer]:.1%}; hiding {window}x{window} changes it by "
        f"{-100 * fall.max():+.1f} to {-100 * fall.min():+.1f} points"
    )
    tiles = [Tile(picture, examples.describe(row)), Tile(heat, f"fall of {name}"), Tile(overlay, "both")]
    return contact_sheet(tiles, figures, columns=3, side=256), figures


def _last(network: ConvolutionNetwork) -> str:
    assert isinstance(network.layers[-1].spec, Softmax)
    return network.layers[-1].name


def _slices(weight: NDArray[np.float32]) -> Image.Image:
    """Draw kernels [n, F, F] in rows of up to three, with lines between them; zero is white."""
    scale = float(np.abs(weight).max()) or 1.0
    columns = min(3, len(weight))
    rows = -(-len(weight) // columns)
    extent = weight.shape[1]
    canvas = Image.new("RGB", (columns * (extent + 1) - 1, rows * (extent + 1) - 1), "#999999")
    for number, kernel in enumerate(weight):
        row, column = divmod(number, columns)
        canvas.paste(_colour(kernel / scale / 2 + 0.5, "RdBu_r"), (column * (extent + 1), row * (extent + 1)))
    return canvas


def _colour(shades: NDArray[np.floating[Any]], colours: str) -> Image.Image:
    """Draw values from 0 to 1, [height, width], in the colours of a matplotlib colour map."""
    return Image.fromarray(np.round(colormaps[colours](shades)[:, :, :3] * 255).astype(np.uint8))
