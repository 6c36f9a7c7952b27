"""Layer specs followed through from an input: each layer's name, shapes, costs and receptive field."""

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
    """A spec in its place: what goes in, what comes out, and what it costs for one input.

    Attributes:
      name -- kind and number, as tensors are named in a model file
      flat -- whether the output is a row of values, not an image
      in_place -- whether the output takes the memory of the input
      receptive_field -- side of the square of the network's input, its padding included, that one output
        depends on; None if each depends on the whole input
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
        return self.spec.weights(self.input)

    @property
    def biases(self) -> int:
        return self.spec.biases(self.input)

    @property
    def parameters(self) -> int:
        return self.weights + self.biases

    @property
    def multiply_adds(self) -> int:
        return self.spec.multiply_adds(self.input)

    @property
    def activation_bytes(self) -> int:
        """Memory that the output of one input takes in float32, beside that of the layers before."""
        return 0 if self.in_place else VALUE_BYTES * self.output.values


def place(specs: Iterable[Spec], shape: Shape) -> list[Layer]:
    """Follow an input of that shape through the specs.

    Layers are named by kind and number ("convolution1", "relu1", "convolution2", ...): the names of the
    tensors in a model file, so they never change.

    Raises GoEngineError, naming the layer, if a spec does not fit what reaches it.
    """
    layers: list[Layer] = []
    seen: dict[str, int] = {}
    flat = False
    field: int | None = 1
    step = 1  # between the fields of neighbouring outputs, in values of the network's input
    for spec in specs:
        seen[spec.kind] = seen.get(spec.kind, 0) + 1
        name = f"{spec.kind}{seen[spec.kind]}"
        try:
            _check_order(spec, layers, flat, shape)
            out = spec.output(shape)
        except GoEngineError as error:
            raise GoEngineError(f"layer {name}: {error}") from None
        flat = flat or isinstance(spec, Flatten)
        extent, stride = spec.view
        field = None if field is None or spec.mixes else field + (extent - 1) * step
        step *= stride
        layers.append(Layer(name, spec, shape, out, flat, _in_place(spec, layers), field))
        shape = out
    return layers


class Box(NamedTuple):
    """A part of an input: rows from `top` up to `bottom`, columns from `left` up to `right`.

    Where it reaches over the edges of the input it holds padding.
    """

    top: int
    bottom: int
    left: int
    right: int


def seen_by(layers: Sequence[Layer], name: str, row: int, column: int) -> Box:
    """What one output of the layer of that name sees of the network's input."""
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
    """Raises GoEngineError if the layer cannot come after those before."""
    if before and isinstance(before[-1].spec, Softmax):
        raise GoEngineError("it comes after the softmax, which is always the last layer")
    if spec.takes == "row" and not flat:
        raise GoEngineError(f"its input {shape} is not flattened; put a flatten layer before it")
    if spec.takes == "image" and flat:
        raise GoEngineError(
            f"its input, {shape.values:,} values, is flattened already; only ReLU, dropout, "
            "fully connected and softmax layers come after a flatten layer"
        )


def _in_place(spec: Spec, before: Sequence[Layer]) -> bool:
    """Whether a layer takes no memory beside its input's.

    Dropout and flattening pass it on. A ReLU writes over what a layer with weights or biases gave: that
    layer's gradient does not need it, while others', and whoever gave the network's input, may.
    """
    if isinstance(spec, ReLU):
        return bool(before) and isinstance(
            before[-1].spec, Convolution | BatchNormalisation | FullyConnected | PositionBias
        )
    return isinstance(spec, Dropout | Flatten)
