"""What a network computes for an input: outputs of layers, strongest inputs of filters, occlusion."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from goengine.errors import GoEngineError
from goengine.nn.layers import Convolution, Softmax
from goengine.nn.network import ConvolutionNetwork
from goengine.nn.placement import Box, Layer, seen_by

_BATCH = 64  # inputs


def find_layer(network: ConvolutionNetwork, name: str) -> Layer:
    """Return the layer of that name.

    Raises:
        GoEngineError: If there is none.
    """
    for layer in network.layers:
        if layer.name == name:
            return layer
    names = ", ".join(layer.name for layer in network.layers)
    raise GoEngineError(f"unknown layer {name!r}; expected one of {names}")


def layer_output(network: ConvolutionNetwork, x: Tensor, name: str) -> Tensor:
    """Return the output of a layer for inputs [B, channels, height, width]: [B, *output] or flat [B, values].

    Raises:
        GoEngineError: If there is no such layer.
    """
    find_layer(network, name)
    with torch.inference_mode():
        x = x.clone()  # some layers work in place
        for layer in network.layers:
            if isinstance(layer.spec, Softmax):
                x = torch.softmax(x, dim=1)
            else:
                x = network.get_submodule(layer.name)(x)
            if layer.name == name:
                break
    return x


def filters(network: ConvolutionNetwork, name: str) -> NDArray[np.float32]:
    """Return the filters of a convolution: float32 [K, channels of a group, F, F].

    Raises:
        GoEngineError: If there is no such layer, or it is not a convolution.
    """
    if not isinstance(find_layer(network, name).spec, Convolution):
        convolutions = ", ".join(
            layer.name for layer in network.layers if isinstance(layer.spec, Convolution)
        )
        raise GoEngineError(f"layer {name} has no filters; expected one of {convolutions}")
    weight = network.get_submodule(name).weight
    assert isinstance(weight, Tensor)
    return weight.detach().cpu().numpy()


def strongest(
    network: ConvolutionNetwork,
    inputs: Callable[[NDArray[np.int64]], Tensor],
    groups: NDArray[np.int64],
    name: str,
    channels: Sequence[int],
    count: int,
) -> list[list[tuple[int, float, Box]]]:
    """Return for each channel the inputs with the highest activation.

    After Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks" (2014), figure 2, without
    their deconvolution.

    Args:
        network: The network.
        inputs: Returns the network's inputs for indices, int64 [n].
        groups: int64 [N], a group for each input, such as its game; only the strongest of a group is
            returned.
        name: The layer.
        channels: The channels of the layer.
        count: The number of inputs for each channel.

    Returns:
        For each channel (input, activation, receptive field in the input), by falling activation.

    Raises:
        GoEngineError: If there is no such layer or channel.
    """
    layer = find_layer(network, name)
    if not channels or min(channels) < 0 or max(channels) >= layer.output.channels:
        raise GoEngineError(
            f"layer {name} has channels 0 to {layer.output.channels - 1}, not {list(channels)}"
        )
    values, places = [], []
    for start in range(0, len(groups), _BATCH):
        numbers = np.arange(start, min(start + _BATCH, len(groups)))
        out = layer_output(network, inputs(numbers), name)[:, list(channels)].flatten(
            2 if not layer.flat else 1
        )
        out = out if out.dim() == 3 else out[:, :, None]
        best = out.max(dim=2)
        values.append(best.values.cpu().numpy())
        places.append(best.indices.cpu().numpy())
    value, place = np.concatenate(values), np.concatenate(places)
    results = []
    for column in range(len(channels)):
        chosen: list[tuple[int, float, Box]] = []
        seen: set[int] = set()
        for number in np.argsort(-value[:, column], kind="stable").tolist():
            if len(chosen) == count:
                break
            if groups[number] in seen:
                continue
            seen.add(int(groups[number]))
            row, at = divmod(int(place[number, column]), 1 if layer.flat else layer.output.width)
            box = seen_by(network.layers, name, row, at)
            chosen.append((number, float(value[number, column]), box))
        results.append(chosen)
    return results


def occlusion(
    network: ConvolutionNetwork,
    x: Tensor,
    answer: int,
    window: int,
    stride: int,
    on_progress: Callable[[float], None] = lambda _: None,
) -> NDArray[np.float32]:
    """Return how much the probability of a class falls if a part of the input is hidden.

    A square of zeros slides over the input, also half over its edges; a point's value is the mean fall over
    the squares that hid it. After Zeiler and Fergus (2014), section 4.2, whose square is grey: the zero of a
    standardised image is the mean colour.

    Args:
        network: The network.
        x: The input, [1, channels, height, width].
        answer: The class.
        window: The side of the square.
        stride: The step between squares.
        on_progress: Called with the share that is done, from 0 to 1.

    Returns:
        float32 [height, width].

    Raises:
        GoEngineError: If the window is not smaller than the input, or the stride larger than the window.
    """
    height, width = x.shape[2:]
    if not 1 <= window < max(height, width):
        raise GoEngineError(
            f"a window of {window} does not slide over an input of {height}x{width}; expected 1 to "
            f"{max(height, width) - 1}"
        )
    if not 1 <= stride <= window:
        raise GoEngineError(
            f"a stride of {stride} leaves gaps between windows of {window}; expected 1 to {window}"
        )
    reach = (window - 1) // 2
    corners = [
        (top, left)
        for top in _starts(height, window, stride, reach)
        for left in _starts(width, window, stride, reach)
    ]
    with torch.inference_mode():
        whole = float(torch.softmax(network(x.clone()), dim=1)[0, answer])
        fall, hidden = np.zeros((height, width)), np.zeros((height, width))
        for start in range(0, len(corners), _BATCH):
            part = corners[start : start + _BATCH]
            covered = x.repeat(len(part), 1, 1, 1)
            for number, (top, left) in enumerate(part):
                covered[number, :, max(0, top) : top + window, max(0, left) : left + window] = 0
            probabilities = torch.softmax(network(covered), dim=1)[:, answer].cpu().numpy()
            for (top, left), probability in zip(part, probabilities, strict=True):
                square = np.s_[max(0, top) : top + window, max(0, left) : left + window]
                fall[square] += whole - probability
                hidden[square] += 1
            on_progress(min(1.0, (start + _BATCH) / len(corners)))
    return (fall / hidden).astype(np.float32)


def _starts(length: int, window: int, stride: int, reach: int) -> list[int]:
    """Return the starts of windows that hide every point, the last one at the far edge."""
    last = length - window + reach
    return sorted({*range(-reach, last + 1, stride), last})
