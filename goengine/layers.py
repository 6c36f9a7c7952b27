"""Layer specs, and the arithmetic of shapes, parameters and multiply-adds that they imply.

A network is a list of specs. This module knows what each layer does to a shape and what it costs; it knows
nothing of tensors. `goengine.network` builds the PyTorch module of the same list.

The formula of a convolution's output is the lecture's, W2 = (W1 - F + 2P)/S + 1 and the same for H2
(Karpathy, CS231n, "Convolutional Neural Networks"). A convolution that does not fit its input exactly is
refused rather than rounded down: a network that silently drops a column has a mistake in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from goengine.errors import GoEngineError


class Shape(NamedTuple):
    """What flows between layers: channels x height x width."""

    channels: int
    height: int
    width: int

    def __str__(self) -> str:
        return f"{self.channels}x{self.height}x{self.width}"

    @property
    def values(self) -> int:
        return self.channels * self.height * self.width


@dataclass(frozen=True)
class Convolution:
    """K filters of extent F x F x (input channels), stride S, zero padding P; one bias a filter if `bias`."""

    filters: int
    extent: int
    stride: int = 1
    padding: int = 0
    bias: bool = True

    def output(self, shape: Shape) -> Shape:
        return Shape(self.filters, self._length(shape.height, "high"), self._length(shape.width, "wide"))

    def weights(self, shape: Shape) -> int:
        return self.filters * self.extent**2 * shape.channels

    def biases(self, shape: Shape) -> int:  # noqa: ARG002 (one signature for all specs)
        return self.filters if self.bias else 0

    def multiply_adds(self, shape: Shape) -> int:
        out = self.output(shape)
        return self.weights(shape) * out.height * out.width

    def _length(self, W1: int, axis: str) -> int:
        """W2 of an input W1 long, padding counted as input."""
        F, S, P = self.extent, self.stride, self.padding
        steps, rest = divmod(W1 - F + 2 * P, S)
        if steps >= 0 and rest == 0:
            return steps + 1
        fits = [p for p in range(F) if W1 - F + 2 * p >= 0 and (W1 - F + 2 * p) % S == 0]
        nearest = sorted(sorted(fits, key=lambda p: abs(p - P))[:2])
        hint = (
            f"padding {' or '.join(map(str, nearest))} would fit"
            if nearest
            else "no padding below F would fit"
        )
        raise GoEngineError(
            f"a {F}x{F} filter with stride {S} and padding {P} does not fit an input {W1} {axis}: "
            f"({W1} - {F} + 2*{P})/{S} + 1 is no positive whole number; {hint}"
        )


@dataclass(frozen=True)
class _KeepsShape:
    """A layer without parameters whose output has its input's shape."""

    def output(self, shape: Shape) -> Shape:
        return shape

    def weights(self, shape: Shape) -> int:  # noqa: ARG002
        return 0

    def biases(self, shape: Shape) -> int:  # noqa: ARG002
        return 0

    def multiply_adds(self, shape: Shape) -> int:  # noqa: ARG002
        return 0


@dataclass(frozen=True)
class ReLU(_KeepsShape):
    """max(0, x), value by value."""


@dataclass(frozen=True)
class PositionBias(_KeepsShape):
    """Adds a learned number of its own to every value, as the policy's last layer does at every point."""

    def biases(self, shape: Shape) -> int:
        return shape.values


@dataclass(frozen=True)
class Flatten(_KeepsShape):
    """Lays the values out in one row: channels first, then rows, then columns."""

    def output(self, shape: Shape) -> Shape:
        return Shape(shape.values, 1, 1)


@dataclass(frozen=True)
class Softmax(_KeepsShape):
    """exp(x_i) / sum_j exp(x_j) over the values of a flattened input; only ever the last layer."""


Spec = Convolution | ReLU | PositionBias | Flatten | Softmax


@dataclass(frozen=True)
class Layer:
    """A spec in its place: what goes in, what comes out, and what it costs for one input."""

    name: str
    spec: Spec
    input: Shape
    output: Shape

    @property
    def parameters(self) -> int:
        return self.spec.weights(self.input) + self.spec.biases(self.input)

    @property
    def multiply_adds(self) -> int:
        return self.spec.multiply_adds(self.input)


def place(specs: Sequence[Spec], shape: Shape) -> list[Layer]:
    """Follow an input of that shape through the specs.

    Layers are named by kind and number ("convolution1", "relu1", "convolution2", ...): the names of the
    tensors in a model file, so they never change.

    Raises GoEngineError, naming the layer, if a spec does not fit what reaches it.
    """
    layers: list[Layer] = []
    seen: dict[str, int] = {}
    for spec in specs:
        kind = _NAMES[type(spec)]
        seen[kind] = seen.get(kind, 0) + 1
        name = f"{kind}{seen[kind]}"
        if layers and isinstance(layers[-1].spec, Softmax):
            raise GoEngineError(f"layer {name} comes after the softmax, which is always the last layer")
        try:
            out = spec.output(shape)
        except GoEngineError as error:
            raise GoEngineError(f"layer {name}: {error}") from None
        layers.append(Layer(name, spec, shape, out))
        shape = out
    return layers


_NAMES: dict[type, str] = {
    Convolution: "convolution",
    ReLU: "relu",
    PositionBias: "position_bias",
    Flatten: "flatten",
    Softmax: "softmax",
}


def policy_layers(filters: int = 192, layers: int = 13) -> list[Spec]:
    """The policy network of Silver et al., Nature 529:484 (2016), Methods, "Policy network: neural network".

    Layer 1 is 5x5 on the planes, layers 2 to layers-1 are 3x3, the last is 1x1 with a bias for every
    point, then the softmax over the points. No pooling, no fully connected layer.

    Raises GoEngineError if there are fewer than 2 layers, or no filters.
    """
    if layers < 2 or filters < 1:
        raise GoEngineError(
            f"a policy network has at least 2 layers and 1 filter, not {layers} and {filters}"
        )
    specs: list[Spec] = [Convolution(filters, extent=5, padding=2), ReLU()]
    for _ in range(layers - 2):
        specs += [Convolution(filters, extent=3, padding=1), ReLU()]
    return [*specs, Convolution(1, extent=1, bias=False), PositionBias(), Flatten(), Softmax()]
