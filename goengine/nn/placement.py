"""Layers: specs in their place in a network, with names, shapes, costs and receptive fields."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from goengine.errors import GoEngineError
from goengine.nn.layers import (
    BatchNormalisation,
    Convolution,
    Dropout,
    Flatten,
    FullyConnected,
    PositionBias,
    ReLU,
    Shape,
    Softmax,
    Spec,
)

VALUE_BYTES = 4  # of a float32


@dataclass(frozen=True)
class Layer:
    """A spec in its place in a network. Costs are those of one input.

    Attributes:
        name: Its kind and number, as in the names of tensors in a model file.
        spec: The layer spec.
        input: The shape of its input.
        output: The shape of its output.
        flat: Whether the output is a row of values, not an image.
        in_place: Whether the output uses the memory of the input.
        receptive_field: The side of the square of the network's input, padding included, that one output
            value depends on; None if each depends on the whole input.
    """

    name: str
    spec: Spec
    input: Shape
    output: Shape
    flat: bool
    in_place: bool
    receptive_field: int | None

    @property
    def weights(self) -> int:
        """The number of weights."""
        return self.spec.weights(self.input)

    @property
    def biases(self) -> int:
        """The number of biases."""
        return self.spec.biases(self.input)

    @property
    def parameters(self) -> int:
        """The number of weights and biases."""
        return self.weights + self.biases

    @property
    def multiply_adds(self) -> int:
        """The number of products of an input value and a weight."""
        return self.spec.multiply_adds(self.input)

    @property
    def activation_bytes(self) -> int:
        """The memory of the output in float32; 0 if it is computed in place."""
        return 0 if self.in_place else VALUE_BYTES * self.output.values


def place(specs: Iterable[Spec], shape: Shape) -> list[Layer]:
    """Place specs one after another, from an input of that shape.

    Layers are named by kind and number ("convolution1", "relu1", "convolution2", ...). The names are those of
    the tensors in a model file, so they never change.

    Raises:
        GoEngineError: If a spec does not fit its input. The message names the layer.
    """
    layers: list[Layer] = []
    counts: dict[str, int] = {}
    flat = False
    field: int | None = 1
    step = 1  # distance between the receptive fields of neighbouring outputs
    for spec in specs:
        counts[spec.kind] = counts.get(spec.kind, 0) + 1
        name = f"{spec.kind}{counts[spec.kind]}"
        try:
            _check_order(spec, layers, flat, shape)
            out = spec.output(shape)
        except GoEngineError as error:
            raise GoEngineError(f"layer {name}: {error}") from error
        flat = flat or isinstance(spec, Flatten)
        extent, stride = spec.view
        field = None if field is None or spec.mixes else field + (extent - 1) * step
        step *= stride
        layers.append(Layer(name, spec, shape, out, flat, _in_place(spec, layers), field))
        shape = out
    return layers


class Box(NamedTuple):
    """A rectangle of an input: rows top to bottom - 1, columns left to right - 1.

    Outside the input it covers padding.
    """

    top: int
    bottom: int
    left: int
    right: int


def seen_by(layers: Sequence[Layer], name: str, row: int, column: int) -> Box:
    """Return the receptive field, in the network's input, of one output of the layer of that name."""
    number = next(number for number, layer in enumerate(layers) if layer.name == name)
    if layers[number].receptive_field is None or layers[number].flat:
        return Box(0, layers[0].input.height, 0, layers[0].input.width)
    rows, columns = (row, row + 1), (column, column + 1)
    for layer in reversed(layers[: number + 1]):
        extent, stride = layer.spec.view
        padding = getattr(layer.spec, "padding", 0)
        rows, columns = (
            (first * stride - padding, (last - 1) * stride - padding + extent)
            for first, last in (rows, columns)
        )
    return Box(*rows, *columns)


def _check_order(spec: Spec, before: Sequence[Layer], flat: bool, shape: Shape) -> None:
    """Raise GoEngineError if a layer of this spec cannot follow the layers before."""
    if before and isinstance(before[-1].spec, Softmax):
        raise GoEngineError("it follows the softmax, which must be the last layer")
    if spec.takes == "row" and not flat:
        raise GoEngineError(f"its input {shape} is not flattened; put a flatten layer before it")
    if spec.takes == "image" and flat:
        raise GoEngineError(
            f"its input of {shape.values:,} values is flattened; only ReLU, dropout, fully connected "
            "and softmax layers may follow a flatten layer"
        )


def _in_place(spec: Spec, before: Sequence[Layer]) -> bool:
    """Return whether a layer needs no memory besides its input's.

    Dropout and flatten reuse it. A ReLU overwrites the output of a layer with weights or biases, whose
    gradient does not need that output. The gradients of other layers may need it, and the network's input
    belongs to the caller.
    """
    if isinstance(spec, ReLU):
        return bool(before) and isinstance(
            before[-1].spec, Convolution | BatchNormalisation | FullyConnected | PositionBias
        )
    return isinstance(spec, Dropout | Flatten)
