"""Layer specs: what each kind of layer does to a shape, and what it costs.

A network is a list of specs. `goengine.nn.architectures` and `goengine.nn.patterns` make such lists,
`goengine.nn.placement` computes the shapes along a list, and `goengine.nn.network` builds its PyTorch module.
"""

import re
from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

from goengine.errors import GoEngineError
from goengine.nn.windows import Window


class Shape(NamedTuple):
    """The shape of a layer's input or output. A flattened row of n values is n x 1 x 1."""

    channels: int
    height: int
    width: int

    def __str__(self) -> str:
        return f"{self.channels}x{self.height}x{self.width}"

    @property
    def values(self) -> int:
        """The number of values."""
        return self.channels * self.height * self.width


def parse_shape(text: str) -> Shape:
    """Parse a shape written as CxHxW, such as "3x227x227".

    Raises:
        GoEngineError: If the text has another form.
    """
    if not re.fullmatch(r"[1-9][0-9]{0,5}(x[1-9][0-9]{0,5}){2}", text):
        raise GoEngineError(f"unknown shape {text!r}; expected channels x height x width, such as 3x227x227")
    return Shape(*map(int, text.split("x")))


@dataclass(frozen=True)
class LayerSpec:
    """The base of all specs. Its defaults: the shape is kept, nothing is learned, values do not mix.

    Attributes:
        kind: The name of the kind; layers of a network are named by kind and number.
        takes: The input: "image" [channels, height, width], "row" (flattened), or "either".
        mixes: Whether every output depends on all values of the input.
    """

    kind: ClassVar[str]
    takes: ClassVar[Literal["image", "row", "either"]] = "either"
    mixes: ClassVar[bool] = False

    @property
    def view(self) -> tuple[int, int]:
        """The side of the square of its input that an output depends on, and the step between squares."""
        return 1, 1

    def output(self, shape: Shape) -> Shape:
        """Return the shape of the output for an input of that shape.

        Raises:
            GoEngineError: If the spec does not fit the input.
        """
        return shape

    def weights(self, shape: Shape) -> int:  # noqa: ARG002 (one signature for all specs)
        """Return the number of weights for an input of that shape."""
        return 0

    def biases(self, shape: Shape) -> int:  # noqa: ARG002
        """Return the number of biases for an input of that shape."""
        return 0

    def multiply_adds(self, shape: Shape) -> int:  # noqa: ARG002
        """Return the number of products of an input value and a weight for one input of that shape."""
        return 0

    def describe(self, shape: Shape) -> str:  # noqa: ARG002
        """Return the settings as a text for people, for an input of that shape."""
        return ""


@dataclass(frozen=True)
class Convolution(LayerSpec):
    """K filters of extent F x F, stride S, zero padding P.

    Attributes:
        filters: K.
        extent: F.
        stride: S.
        padding: P.
        bias: Whether each filter has a bias.
        groups: The number of parts that the input's channels and the filters are split into; a filter sees
            only the channels of that part.
        connections: The channels that each filter sees, by number; None for all.

    Raises:
        GoEngineError: If a setting is out of range, or there are not as many connections as filters.
    """

    filters: int
    extent: int
    stride: int = 1
    padding: int = 0
    bias: bool = True
    groups: int = 1
    connections: tuple[tuple[int, ...], ...] | None = None

    kind = "convolution"
    takes = "image"

    def __post_init__(self) -> None:
        _check(self, filters=1, extent=1, stride=1, padding=0, groups=1)
        if self.connections is not None and (len(self.connections) != self.filters or self.groups != 1):
            raise GoEngineError("a convolution has connections for each filter, and then no groups")

    @property
    def view(self) -> tuple[int, int]:
        """The side of the square of its input that an output depends on, and the step between squares."""
        return self.extent, self.stride

    def output(self, shape: Shape) -> Shape:
        """Return the shape of the output for an input of that shape."""
        if shape.channels % self.groups or self.filters % self.groups:
            raise GoEngineError(
                f"{shape.channels} input channels and {self.filters} filters "
                f"cannot both be split into {self.groups} groups"
            )
        if self.connections is not None and not all(
            0 <= c < shape.channels for c in sum(self.connections, ())
        ):
            raise GoEngineError(f"its connections are to channels beyond the {shape.channels} of the input")
        window = Window("filter", self.extent, self.stride, self.padding, most_padding=self.extent - 1)
        return Shape(self.filters, *window.places(shape.height, shape.width))

    def channels_seen(self, shape: Shape) -> list[int]:
        """Return the number of input channels that each filter sees."""
        if self.connections is None:
            return [shape.channels // self.groups] * self.filters
        return [len(channels) for channels in self.connections]

    def weights(self, shape: Shape) -> int:
        """Return the number of weights for an input of that shape."""
        return self.extent**2 * sum(self.channels_seen(shape))

    def biases(self, shape: Shape) -> int:  # noqa: ARG002
        """Return the number of biases for an input of that shape."""
        return self.filters if self.bias else 0

    def multiply_adds(self, shape: Shape) -> int:
        """Return the number of products of an input value and a weight for one input of that shape."""
        out = self.output(shape)
        return self.weights(shape) * out.height * out.width

    def describe(self, shape: Shape) -> str:
        """Return the settings as a text for people, for an input of that shape."""
        seen = self.channels_seen(shape)
        least, most = min(seen), max(seen)
        F, depth = self.extent, str(most) if least == most else f"{least} to {most}"
        weights = f" = {_number(F * F * most, 'weight')}" if least == most else ""
        return f"{_number(self.filters, 'filter')} of {F}x{F}x{depth}{weights}" + _settings(
            self.stride != 1 and f"stride {self.stride}",
            self.padding and f"padding {self.padding}",
            self.groups != 1 and f"{self.groups} groups",
        )


@dataclass(frozen=True)
class Pooling(LayerSpec):
    """A window of extent F x F with stride S and zero padding P, on each channel separately.

    Attributes:
        extent: F.
        stride: S.
        padding: P.
        crop: Whether to ignore the last rows and columns that do not fill a window, as Keras and PyTorch do.
            Otherwise such an input is refused.

    Raises:
        GoEngineError: If a setting is out of range. A padding above F/2 is: windows would hold only padding.
    """

    extent: int = 2
    stride: int = 2
    padding: int = 0
    crop: bool = False

    takes = "image"

    def __post_init__(self) -> None:
        _check(self, extent=1, stride=1, padding=0)
        if self.padding > self.extent // 2:
            raise GoEngineError(
                f"a {self.kind} padding is at most half the extent {self.extent}, not {self.padding}"
            )

    @property
    def view(self) -> tuple[int, int]:
        """The side of the square of its input that an output depends on, and the step between squares."""
        return self.extent, self.stride

    def output(self, shape: Shape) -> Shape:
        """Return the shape of the output for an input of that shape."""
        window = Window("pooling window", self.extent, self.stride, self.padding, self.extent // 2)
        places = window.whole_places if self.crop else window.places
        return Shape(shape.channels, *places(shape.height, shape.width))

    def describe(self, shape: Shape) -> str:
        """Return the settings as a text for people, for an input of that shape."""
        F, S, P = self.extent, self.stride, self.padding
        cropped = any((W1 - F + 2 * P) % S for W1 in shape[1:])
        return f"{F}x{F}" + _settings(f"stride {S}", P and f"padding {P}", cropped and "cropped")


@dataclass(frozen=True)
class MaxPooling(Pooling):
    """The largest value in each window; padding is never the largest."""

    kind = "max_pooling"


@dataclass(frozen=True)
class AveragePooling(Pooling):
    """The mean of each window; padding counts as zeros."""

    kind = "average_pooling"


@dataclass(frozen=True)
class Subsampling(Pooling):
    """The sum of each window times a learned coefficient, plus a learned bias; both for each channel.

    LeCun et al., "Gradient-Based Learning Applied to Document Recognition" (1998), section II.B, layer S2.
    The squashing function after it is a separate layer here.
    """

    kind = "subsampling"

    def weights(self, shape: Shape) -> int:
        """Return the number of weights for an input of that shape."""
        return shape.channels

    def biases(self, shape: Shape) -> int:
        """Return the number of biases for an input of that shape."""
        return shape.channels

    def multiply_adds(self, shape: Shape) -> int:
        """Return the number of products of an input value and a weight for one input of that shape."""
        return self.output(shape).values


@dataclass(frozen=True)
class LocalResponseNormalisation(LayerSpec):
    """b_i = a_i / (k + alpha * sum of a_j^2)^beta, over `extent` neighbouring channels j around i.

    Krizhevsky et al., "ImageNet Classification with Deep Convolutional Neural Networks" (2012), section 3.3,
    whose constants are the defaults. PyTorch and Caffe need alpha times the extent for the same result.

    Raises:
        GoEngineError: If the extent is not odd and positive.
    """

    extent: int = 5
    alpha: float = 1e-4
    beta: float = 0.75
    k: float = 2.0

    kind = "normalisation"
    takes = "image"

    def __post_init__(self) -> None:
        _check(self, extent=1)
        if self.extent % 2 == 0:
            raise GoEngineError(f"a normalisation spans an odd number of channels, not {self.extent}")

    def describe(self, shape: Shape) -> str:  # noqa: ARG002
        """Return the settings as a text for people, for an input of that shape."""
        return f"across {_number(self.extent, 'channel')}"


@dataclass(frozen=True)
class BatchNormalisation(LayerSpec):
    """(x - mean) / sqrt(variance + epsilon) * weight + bias, with a learned weight and bias for each channel.

    In training, mean and variance are those of the batch. Otherwise they are running averages, of which each
    training step replaces the share `momentum`; the layer is then a scale and a shift, which can be folded
    into the convolution or fully connected layer before it (`goengine.nn.folding`).

    Ioffe and Szegedy, "Batch Normalization" (2015), algorithms 1 and 2.

    Raises:
        GoEngineError: If momentum or epsilon is out of range.
    """

    momentum: float = 0.05
    epsilon: float = 1e-5

    kind = "batch_normalisation"

    def __post_init__(self) -> None:
        if not 0 < self.momentum <= 1 or not 0 < self.epsilon <= 1:
            raise GoEngineError(
                "a batch normalisation's momentum and epsilon are above 0 and at most 1, "
                f"not {self.momentum} and {self.epsilon}"
            )

    def weights(self, shape: Shape) -> int:
        """Return the number of weights for an input of that shape."""
        return shape.channels

    def biases(self, shape: Shape) -> int:
        """Return the number of biases for an input of that shape."""
        return shape.channels

    def multiply_adds(self, shape: Shape) -> int:
        """Return the number of products of an input value and a weight for one input of that shape."""
        return shape.values

    def describe(self, shape: Shape) -> str:
        """Return the settings as a text for people, for an input of that shape."""
        return f"of {_number(shape.channels, 'channel')}"


@dataclass(frozen=True)
class ReLU(LayerSpec):
    """max(0, x), value by value."""

    kind = "relu"


@dataclass(frozen=True)
class ScaledTanh(LayerSpec):
    """1.7159 * tanh(2/3 * x), value by value: 1 gives 1, -1 gives -1 (LeCun et al., 1998, appendix A)."""

    kind = "tanh"


@dataclass(frozen=True)
class Dropout(LayerSpec):
    """Sets a share of the values to zero in training, and scales the others up to the same mean.

    Raises:
        GoEngineError: If the share is not at least 0 and below 1.
    """

    share: float = 0.5

    kind = "dropout"

    def __post_init__(self) -> None:
        if not 0 <= self.share < 1:
            raise GoEngineError(f"a dropout share is at least 0 and below 1, not {self.share}")

    def describe(self, shape: Shape) -> str:  # noqa: ARG002
        """Return the settings as a text for people, for an input of that shape."""
        return f"{self.share:.0%} in training"


@dataclass(frozen=True)
class PositionBias(LayerSpec):
    """Adds a separate learned bias to every value, as the policy's last layer does at every point."""

    kind = "position_bias"
    takes = "image"

    def biases(self, shape: Shape) -> int:
        """Return the number of biases for an input of that shape."""
        return shape.values


@dataclass(frozen=True)
class Flatten(LayerSpec):
    """Puts the values in one row: channel by channel, row by row."""

    kind = "flatten"
    takes = "image"

    def output(self, shape: Shape) -> Shape:
        """Return the shape of the output for an input of that shape."""
        return Shape(shape.values, 1, 1)


@dataclass(frozen=True)
class FullyConnected(LayerSpec):
    """Units with a bias and a weight for every value of a flattened input.

    Raises:
        GoEngineError: If there are no units.
    """

    units: int

    kind = "fully_connected"
    takes = "row"
    mixes = True

    def __post_init__(self) -> None:
        _check(self, units=1)

    def output(self, shape: Shape) -> Shape:  # noqa: ARG002
        """Return the shape of the output for an input of that shape."""
        return Shape(self.units, 1, 1)

    def weights(self, shape: Shape) -> int:
        """Return the number of weights for an input of that shape."""
        return self.units * shape.values

    def biases(self, shape: Shape) -> int:  # noqa: ARG002
        """Return the number of biases for an input of that shape."""
        return self.units

    def multiply_adds(self, shape: Shape) -> int:
        """Return the number of products of an input value and a weight for one input of that shape."""
        return self.weights(shape)

    def describe(self, shape: Shape) -> str:
        """Return the settings as a text for people, for an input of that shape."""
        return f"{_number(self.units, 'unit')} of {_number(shape.values, 'weight')}"


@dataclass(frozen=True)
class RadialBasis(LayerSpec):
    """Units, one for each class, that give minus the squared distance of the input to a fixed code word.

    LeCun et al. (1998), section II.B, whose units give the distance itself. With the opposite sign they are
    logits: their cross-entropy is the paper's criterion (9) without its constant for "none of the classes".
    The code words are those of `goengine.nn.modules.digit_code_words`.

    Raises:
        GoEngineError: If there are not ten units.
    """

    units: int = 10

    kind = "radial_basis"
    takes = "row"
    mixes = True

    def __post_init__(self) -> None:
        if self.units != 10:
            raise GoEngineError(f"a radial_basis layer has 10 units, one for each digit, not {self.units}")

    def output(self, shape: Shape) -> Shape:
        """Return the shape of the output for an input of that shape."""
        if shape.values != 84:
            raise GoEngineError(f"its input has {shape.values:,} values; expected 84, as in a code word")
        return Shape(self.units, 1, 1)

    def multiply_adds(self, shape: Shape) -> int:
        """Return the number of products of an input value and a weight for one input of that shape."""
        return self.units * shape.values

    def describe(self, shape: Shape) -> str:
        """Return the settings as a text for people, for an input of that shape."""
        return f"{_number(self.units, 'unit')}, distance to {shape.values:,} fixed values"


@dataclass(frozen=True)
class Softmax(LayerSpec):
    """exp(x_i) / sum_j exp(x_j) over the values of a flattened input; always the last layer."""

    kind = "softmax"
    takes = "row"
    mixes = True


Spec = (
    Convolution
    | MaxPooling
    | AveragePooling
    | Subsampling
    | LocalResponseNormalisation
    | BatchNormalisation
    | ReLU
    | ScaledTanh
    | Dropout
    | PositionBias
    | Flatten
    | FullyConnected
    | RadialBasis
    | Softmax
)


def _check(spec: LayerSpec, **lowest: int) -> None:
    """Raise GoEngineError if a setting is below its lowest value."""
    for name, low in lowest.items():
        if (value := getattr(spec, name)) < low:
            raise GoEngineError(f"a {spec.kind} layer's {name} is at least {low}, not {value}")


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _settings(*texts: str | bool | int) -> str:
    return "".join(f", {text}" for text in texts if text)
