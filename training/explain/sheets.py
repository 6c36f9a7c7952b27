"""Filters, activation maps, patches and occlusion maps as PNG contact sheets."""

from collections.abc import Callable, Sequence

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

MOST_SLICES = 9  # of a filter, one for a channel
_COLOURS = 3  # channels of a colour image


def filter_sheet(network: ConvolutionNetwork, name: str, most: int) -> bytes:
    """The filters of a convolution, up to `most` of them.

    Of a network's first layer on colour images each filter is a colour picture. Of others it is a square of
    slices, one a channel: red where a weight is positive, blue where it is negative. Of more than nine
    channels those with the largest weights are shown, in rows, and named below.

    Raises GoEngineError if there is no such layer, or it has no filters.
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
        chosen = np.sort(np.argsort(-np.abs(weight).sum(axis=(1, 2)), kind="stable")[:MOST_SLICES])
        caption = str(number)
        if len(weight) > MOST_SLICES:
            caption += ": " + " ".join(map(str, chosen))
        tiles.append(Tile(_slices(weight[chosen]), caption))
    shown = (
        f"{len(tiles)} of {len(weights)} filters" if len(tiles) < len(weights) else f"{len(tiles)} filters"
    )
    return contact_sheet(tiles, f"{name}: {shown}")


def activation_sheet(
    network: ConvolutionNetwork, examples: Examples, row: int, name: str, most: int
) -> bytes:
    """One input, and what each channel of a layer gives for it: the brighter the larger.

    All maps of a sheet share one scale, from the smallest value to the largest, which are in the title.

    Raises GoEngineError if there is no such layer, or its output is no image.
    """
    if find_layer(network, name).flat:
        raise GoEngineError(f"the layer {name} gives a row of values, not maps")
    maps = layer_output(network, examples.inputs(np.array([row])), name)[0].cpu().numpy()
    low, high = float(maps.min()), float(maps.max())
    shades = (maps - low) / max(high - low, 1e-12)
    tiles = [Tile(examples.picture(row), examples.describe(row))]
    tiles += [Tile(_painted(shade, "viridis"), str(n)) for n, shade in enumerate(shades[:most])]
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
    """For each channel of a layer a row of what excites it most among the examples, the strongest first.

    Raises GoEngineError if there is no such layer or channel, or no example.
    """
    found = strongest(network, examples.inputs, examples.groups, name, channels, count)
    tiles = [
        Tile(examples.picture(number, box), f"{channel}: {value:.2f}")
        for channel, chosen in zip(channels, found, strict=True)
        for number, value, box in chosen
    ]
    title = f"{name}: what excites {len(channels)} of its channels most, of {len(examples.groups):,}"
    return contact_sheet(tiles, title, columns=len(found[0]))


def occlusion_sheet(
    network: ImageClassifier | PolicyNetwork,
    examples: Examples,
    row: int,
    answer: int | None,
    window: int,
    stride: int,
    on_progress: Callable[[float], None] = lambda _: None,
) -> tuple[bytes, str]:
    """How much the probability of an answer falls where the input is hidden: a sheet, and a line of figures.

    answer: a class or a point; None for the likeliest. Red is a fall, blue a rise.

    Raises GoEngineError for a window or stride that cannot be.
    """
    x = examples.inputs(np.array([row]))
    said = layer_output(network, x, _last(network))[0].cpu().numpy()
    answer = int(said.argmax()) if answer is None else answer
    fall = occlusion(network, x, answer, window, stride, on_progress)
    most = float(np.abs(fall).max())
    heat = _painted(fall / max(most, 1e-12) / 2 + 0.5, "RdBu_r")
    picture = examples.picture(row)
    overlay = Image.blend(picture, heat.resize(picture.size, Image.Resampling.NEAREST), 0.6)
    name = answer_name(network, answer)
    figures = (
        f"{name}: probability {said[answer]:.1%}; hiding {window}x{window} changes it by "
        f"{-100 * fall.max():+.1f} to {-100 * fall.min():+.1f} points"
    )
    tiles = [Tile(picture, examples.describe(row)), Tile(heat, f"fall of {name}"), Tile(overlay, "both")]
    return contact_sheet(tiles, figures, columns=3, side=256), figures


def _last(network: ConvolutionNetwork) -> str:
    assert isinstance(network.layers[-1].spec, Softmax)
    return network.layers[-1].name


def _slices(weight: NDArray[np.float32]) -> Image.Image:
    """Kernels [n, F, F] side by side in rows of three at most, with a line between; zero is white."""
    scale = float(np.abs(weight).max()) or 1.0
    columns = min(3, len(weight))
    rows = -(-len(weight) // columns)
    extent = weight.shape[1]
    canvas = Image.new("RGB", (columns * (extent + 1) - 1, rows * (extent + 1) - 1), "#999999")
    for number, kernel in enumerate(weight):
        row, column = divmod(number, columns)
        canvas.paste(
            _painted(kernel / scale / 2 + 0.5, "RdBu_r"), (column * (extent + 1), row * (extent + 1))
        )
    return canvas


def _painted(shades: NDArray, colours: str) -> Image.Image:
    """Values from 0 to 1, [height, width], in the colours of a matplotlib colour map."""
    return Image.fromarray(np.round(colormaps[colours](shades)[:, :, :3] * 255).astype(np.uint8))
