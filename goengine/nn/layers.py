"""Layer specs: what each kind of layer does to a shape, and what it costs.

A network is a list of specs. This module knows nothing of tensors, nor of a layer's neighbours:
`goengine.nn.placement` follows an input through a list, `goengine.nn.network` builds the PyTorch module of
it, and `goengine.nn.architectures` and `goengine.nn.patterns` write such lists.
"""

import re
from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

from goengine.errors import GoEngineError
from goengine.nn.windows import Window


class Shape(NamedTuple):
    """What flows between layers: channels x height x width. A flattened row of n values is n x 1 x 1."""

    channels: int
    height: int
    width: int

    def __str__(self) -> str:
        return f"{self.channels}x{self.height}x{self.width}"

    @property
    def values(self) -> int:
        return self.channels * self.height * self.width


def parse_shape(text: str) -> Shape:
    """CxHxW as a shape. Raises GoEngineError for a text of another form."""
    if not re.fullmatch(r"[1-9][0-9]{0,5}(x[1-9][0-9]{0,5}){2}", text):
        raise GoEngineError(f"an input is channels x height x width, such as 3x227x227, not {text!r}")
    return Shape(*map(int, text.split("x")))


@dataclass(frozen=True)
class _Plain:
    """What holds for most kinds: the shape is kept, there is nothing to learn, values do not mix.

    Class attributes:
      kind -- what layers of this kind are called in a network, before their number
      takes -- "image" [channels, height, width], "row" (flattened), or either
      mixes -- whether every output depends on all values of the input
    """

    kind: ClassVar[str]
    takes: ClassVar[Literal["image", "row", "either"]] = "either"
    mixes: ClassVar[bool] = False

    @property
    def view(self) -> tuple[int, int]:
        """Side of the square of its input that an output sees, and how far apart neighbours' squares are."""
        return 1, 1

    def output(self, shape: Shape) -> Shape:
        """The shape that comes out. Raises GoEngineError if the spec does not fit the shape that goes in."""
        return shape

    def weights(self, shape: Shape) -> int:  # noqa: ARG002 (one signature for all specs)
        return 0

    def biases(self, shape: Shape) -> int:  # noqa: ARG002
        return 0

    def multiply_adds(self, shape: Shape) -> int:  # noqa: ARG002
        """Products of an input value and a weight, for one input."""
        return 0

    def describe(self, shape: Shape) -> str:  # noqa: ARG002
        """The settings in words, for an input of that shape."""
        return ""


@dataclass(frozen=True)
class Convolution(_Plain):
    """K filters of extent F x F, stride S, zero padding P; one bias a filter if `bias`.

    groups: the input's channels and the filters are cut into as many parts, and a filter sees the channels of
    its own part alone. connections: the channels that each filter sees, by number; None for all.

    Raises GoEngineError if a setting is out of range, or there are not connections for each filter.
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
            raise GoEngineError("a convolution's connections are those of each filter, without groups")

    @property
    def view(self) -> tuple[int, int]:
        return self.extent, self.stride

    def output(self, shape: Shape) -> Shape:
        if shape.channels % self.groups or self.filters % self.groups:
            raise GoEngineError(
                f"{shape.channels} input channels and {self.filters} filters "
                f"cannot both be cut into {self.groups} groups"
            )
        if self.connections is not None and not all(
            0 <= c < shape.channels for c in sum(self.connections, ())
        ):
            raise GoEngineError(f"its connections are to other channels than the input's {shape.channels}")
        window = Window("filter", self.extent, self.stride, self.padding, most_padding=self.extent - 1)
        return Shape(self.filters, *window.places(shape.height, shape.width))

    def channels_seen(self, shape: Shape) -> list[int]:
        """How many of the input's channels each filter sees."""
        if self.connections is None:
            return [shape.channels // self.groups] * self.filters
        return [len(channels) for channels in self.connections]

    def weights(self, shape: Shape) -> int:
        return self.extent**2 * sum(self.channels_seen(shape))

    def biases(self, shape: Shape) -> int:  # noqa: ARG002
        return self.filters if self.bias else 0

    def multiply_adds(self, shape: Shape) -> int:
        out = self.output(shape)
        return self.weights(shape) * out.height * out.width

    def describe(self, shape: Shape) -> str:
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
class Pooling(_Plain):
    """A window of extent F x F with stride S and zero padding P over each channel by itself.

    crop: the last rows and columns, which fill no whole window, are left out as Keras and PyTorch do;
    without it such an input is refused.

    Raises GoEngineError if a setting is out of range: a padding above F/2 makes windows of nothing but
    padding.
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
                f"a {self.kind} padding is at most half the window's {self.extent}, not {self.padding}"
            )

    @property
    def view(self) -> tuple[int, int]:
        return self.extent, self.stride

    def output(self, shape: Shape) -> Shape:
        window = Window("pooling window", self.extent, self.stride, self.padding, self.extent // 2)
        places = window.whole_places if self.crop else window.places
        return Shape(shape.channels, *places(shape.height, shape.width))

    def describe(self, shape: Shape) -> str:
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
    """The sum of each window times a learned coefficient, plus a learned bias; one of each a channel.

    LeCun et al., "Gradient-Based Learning Applied to Document Recognition" (1998), section II.B, layer S2;
    the squashing function behind it is a layer of its own here.
    """

    kind = "subsampling"

    def weights(self, shape: Shape) -> int:
        return shape.channels

    def biases(self, shape: Shape) -> int:
        return shape.channels

    def multiply_adds(self, shape: Shape) -> int:
        return self.output(shape).values


@dataclass(frozen=True)
class LocalResponseNormalisation(_Plain):
    """b_i = a_i / (k + alpha * sum of a_j^2)^beta, over `extent` neighbouring channels j around i.

    Krizhevsky et al., "ImageNet Classification with Deep Convolutional Neural Networks" (2012), section 3.3,
    whose constants are the defaults. PyTorch and Caffe take alpha times the extent for the same result.

    Raises GoEngineError if the extent is not odd and positive.
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
        return f"across {_number(self.extent, 'channel')}"


@dataclass(frozen=True)
class BatchNormalisation(_Plain):
    """(x - mean) / sqrt(variance + epsilon) * weight + bias, with a learned weight and bias for each channel.

    While training, mean and variance are those of the batch; otherwise they are their running averages, of
    which each step replaces the share `momentum`. Then the layer is a scale and a shift, which folds into a
    convolution or fully connected layer before it (`goengine.nn.folding`).

    Ioffe and Szegedy, "Batch Normalization" (2015), algorithms 1 and 2.

    Raises GoEngineError if momentum or epsilon is out of range.
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
        return shape.channels

    def biases(self, shape: Shape) -> int:
        return shape.channels

    def multiply_adds(self, shape: Shape) -> int:
        return shape.values

    def describe(self, shape: Shape) -> str:
        return f"of {_number(shape.channels, 'channel')}"


@dataclass(frozen=True)
class ReLU(_Plain):
    """max(0, x), value by value."""

    kind = "relu"


@dataclass(frozen=True)
class ScaledTanh(_Plain):
    """1.7159 * tanh(2/3 * x), value by value: 1 gives 1, -1 gives -1 (LeCun et al., 1998, appendix A)."""

    kind = "tanh"


@dataclass(frozen=True)
class Dropout(_Plain):
    """While training, sets this share of the values to zero and scales the others up to the same mean.

    Raises GoEngineError if the share is not from 0 up to 1.
    """

    share: float = 0.5

    kind = "dropout"

    def __post_init__(self) -> None:
        if not 0 <= self.share < 1:
            raise GoEngineError(f"the share that dropout drops is from 0 up to 1, not {self.share}")

    def describe(self, shape: Shape) -> str:  # noqa: ARG002
        return f"{self.share:.0%} while training"


@dataclass(frozen=True)
class PositionBias(_Plain):
    """Adds a learned number of its own to every value, as the policy's last layer does at every point."""

    kind = "position_bias"
    takes = "image"

    def biases(self, shape: Shape) -> int:
        return shape.values


@dataclass(frozen=True)
class Flatten(_Plain):
    """Lays the values out in one row: channels first, then rows, then columns."""

    kind = "flatten"
    takes = "image"

    def output(self, shape: Shape) -> Shape:
        return Shape(shape.values, 1, 1)


@dataclass(frozen=True)
class FullyConnected(_Plain):
    """As many units, each with a weight for every value of a flattened input, and a bias.

    Raises GoEngineError if there is no unit.
    """

    units: int

    kind = "fully_connected"
    takes = "row"
    mixes = True

    def __post_init__(self) -> None:
        _check(self, units=1)

    def output(self, shape: Shape) -> Shape:  # noqa: ARG002
        return Shape(self.units, 1, 1)

    def weights(self, shape: Shape) -> int:
        return self.units * shape.values

    def biases(self, shape: Shape) -> int:  # noqa: ARG002
        return self.units

    def multiply_adds(self, shape: Shape) -> int:
        return self.weights(shape)

    def describe(self, shape: Shape) -> str:
        return f"{_number(self.units, 'unit')} of {_number(shape.values, 'weight')}"


@dataclass(frozen=True)
class RadialBasis(_Plain):
    """As many units, one a class: minus the squared distance of the input to the unit's fixed code word.

    LeCun et al. (1998), section II.B, whose units give the distance itself. With the sign turned they are
    logits: their cross-entropy is the paper's criterion (9) without its constant for "none of the classes".
    The code words are the pictures of the ten digits in `goengine.nn.code_words`.

    Raises GoEngineError if there are not ten units.
    """

    units: int = 10

    kind = "radial_basis"
    takes = "row"
    mixes = True

    def __post_init__(self) -> None:
        if self.units != 10:
            raise GoEngineError(f"there are code words for 10 classes, the digits, not for {self.units}")

    def output(self, shape: Shape) -> Shape:
        if shape.values != 84:
            raise GoEngineError(f"code words have 84 values, its input has {shape.values:,}")
        return Shape(self.units, 1, 1)

    def multiply_adds(self, shape: Shape) -> int:
        return self.units * shape.values

    def describe(self, shape: Shape) -> str:
        return f"{_number(self.units, 'unit')}, distance to {shape.values:,} fixed values"


@dataclass(frozen=True)
class Softmax(_Plain):
    """exp(x_i) / sum_j exp(x_j) over the values of a flattened input; only ever the last layer."""

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


def _check(spec: _Plain, **lowest: int) -> None:
    """Raises GoEngineError if a setting is below its lowest value."""
    for name, low in lowest.items():
        if (value := getattr(spec, name)) < low:
            raise GoEngineError(f"a {spec.kind} layer's {name} is at least {low}, not {value}")


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _settings(*texts: str | bool | int) -> str:
    return "".join(f", {text}" for text in texts if text)
