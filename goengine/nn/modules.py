"""PyTorch modules of layer specs, and the code words of LeNet-5's output units."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from goengine.nn.layers import (
    AveragePooling,
    BatchNormalisation,
    Convolution,
    Dropout,
    Flatten,
    FullyConnected,
    LocalResponseNormalisation,
    MaxPooling,
    PositionBias,
    RadialBasis,
    ReLU,
    ScaledTanh,
    Shape,
    Softmax,
    Subsampling,
)
from goengine.nn.placement import Layer


class _PositionBias(nn.Module):
    """Add a learned [C, H, W] to every input of the batch."""

    def __init__(self, shape: Shape):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(shape))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.bias


class _PartialConvolution(nn.Conv2d):
    """A convolution whose filters are each connected to some of the channels.

    Its weights [K, C, F, F] to the other channels count as zero, whatever they are.
    """

    _connected: Tensor

    def __init__(self, *settings: Any, connections: Sequence[Sequence[int]], bias: bool):
        super().__init__(*settings, bias=bias)  # type: ignore[misc]
        connected = torch.zeros(self.weight.shape[:2])
        for number, channels in enumerate(connections):
            connected[number, list(channels)] = 1
        self.register_buffer("_connected", connected[:, :, None, None], persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self._conv_forward(x, self.weight * self._connected, self.bias)
        return result


class _Subsampling(nn.Module):
    """The sum of each window times a weight plus a bias, both learned, [C]."""

    def __init__(self, channels: int, extent: int, stride: int, padding: int):
        super().__init__()
        self.weight = nn.Parameter(torch.full((channels,), 1 / extent**2))
        self.bias = nn.Parameter(torch.zeros(channels))
        self._sum = nn.AvgPool2d(extent, stride, padding, divisor_override=1)

    def forward(self, x: Tensor) -> Tensor:
        sums: Tensor = self._sum(x)
        return sums * self.weight[:, None, None] + self.bias[:, None, None]


class BatchNorm(nn.modules.batchnorm._BatchNorm):
    """Batch normalisation of [B, C] or [B, C, H, W], without PyTorch's counter of batches."""

    def __init__(self, channels: int, epsilon: float, momentum: float):
        super().__init__(channels, epsilon, momentum)
        self.num_batches_tracked = None

    def _check_input_dim(self, input: Tensor) -> None:
        """Accept any number of dimensions."""

    def _load_from_state_dict(self, *arguments: Any) -> None:
        """Load the tensors; PyTorch's own version would add a counter of batches."""
        nn.Module._load_from_state_dict(self, *arguments)


class _ScaledTanh(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return 1.7159 * torch.tanh(x * (2 / 3))


class _RadialBasis(nn.Module):
    """Minus the squared distances of [B, 84] to the code words: [B, 10]."""

    _codes: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("_codes", torch.from_numpy(digit_code_words()), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return -(x[:, None] - self._codes).square().sum(dim=2)


def build_module(layer: Layer) -> nn.Module:
    """Build the PyTorch module of a layer."""
    match layer.spec:
        case Convolution(
            filters=K, extent=F, stride=S, padding=P, bias=bias, groups=groups, connections=connections
        ):
            if connections is not None:
                return _PartialConvolution(
                    layer.input.channels, K, F, S, P, connections=connections, bias=bias
                )
            return nn.Conv2d(layer.input.channels, K, F, S, P, groups=groups, bias=bias)
        case MaxPooling(extent=F, stride=S, padding=P):  # always crops; `place` refused misfits
            return nn.MaxPool2d(F, S, P)
        case AveragePooling(extent=F, stride=S, padding=P):
            return nn.AvgPool2d(F, S, P)
        case Subsampling(extent=F, stride=S, padding=P):
            return _Subsampling(layer.input.channels, F, S, P)
        case LocalResponseNormalisation(extent=n, alpha=alpha, beta=beta, k=k):
            return nn.LocalResponseNorm(n, alpha * n, beta, k)  # PyTorch averages the n squares
        case BatchNormalisation(momentum=momentum, epsilon=epsilon):
            return BatchNorm(layer.input.channels, epsilon, momentum)
        case ReLU():
            return nn.ReLU(inplace=layer.in_place)
        case ScaledTanh():
            return _ScaledTanh()
        case Dropout(share=share):
            return nn.Dropout(share)
        case PositionBias():
            return _PositionBias(layer.input)
        case Flatten():
            return nn.Flatten()
        case FullyConnected(units=units):
            return nn.Linear(layer.input.values, units)
        case RadialBasis():
            return _RadialBasis()
        case Softmax():
            return nn.Softmax(dim=1)
    raise AssertionError(layer)


def module_function(module: nn.Module) -> Callable[[Tensor], Tensor]:
    """Return a function that computes what a module does, without the module's overhead where possible."""
    match module:
        case _PartialConvolution():
            return module
        case nn.Conv2d(weight=weight, bias=bias, stride=S, padding=P, groups=groups):
            return partial(torch.conv2d, weight=weight, bias=bias, stride=S, padding=P, groups=groups)
        case nn.ReLU(inplace=in_place):
            return torch.relu_ if in_place else torch.relu
    return module


_PICTURES = """
.......  .......  .......  .......  .......  .......  .......  .......  .......  .......
..###..  ...##..  .#####.  .#####.  ....##.  ######.  ..####.  #######  .#####.  .#####.
.##.##.  ..###..  ##...##  ##...##  ...###.  ##.....  .##....  .....##  ##...##  ##...##
##...##  .####..  .....##  .....##  ..####.  ##.....  ##.....  .....##  ##...##  ##...##
##...##  ...##..  .....##  .....##  .##.##.  ##.....  ##.....  ....##.  ##...##  ##...##
##...##  ...##..  ....##.  ..####.  ##..##.  #####..  ######.  ....##.  .#####.  ##...##
##...##  ...##..  ...##..  .....##  #######  ....##.  ##...##  ...##..  ##...##  .######
##...##  ...##..  ..##...  .....##  ....##.  .....##  ##...##  ...##..  ##...##  .....##
##...##  ...##..  .##....  .....##  ....##.  .....##  ##...##  ..##...  ##...##  .....##
.##.##.  ...##..  ##.....  ##...##  ....##.  ##...##  ##...##  ..##...  ##...##  ....##.
..###..  .######  #######  .#####.  ....##.  .#####.  .#####.  ..##...  .#####.  .####..
.......  .......  .......  .......  .......  .......  .......  .......  .......  .......
"""


def digit_code_words() -> NDArray[np.float32]:
    """Return the code words of the ten digits: float32 [10, 84], pictures of 12 rows by 7 columns.

    LeNet-5's output units compare their input with them. Digits that look alike have code words that are
    close to each other (LeCun et al., "Gradient-Based Learning Applied to Document Recognition" (1998),
    section II.B). The paper's own pictures, figure 3, are stylised print; these are new drawings.

    Returns:
        1 where a digit's picture is black and -1 elsewhere.
    """
    rows = [line.split() for line in _PICTURES.strip().splitlines()]
    pictures = np.array([[list(row[digit]) for row in rows] for digit in range(10)])
    return np.where(pictures == "#", 1, -1).reshape(10, -1).astype(np.float32)
