"""Specs, compared with PyTorch's own layers and with figures in lectures and papers."""

import pytest
import torch
from torch import nn

from goengine.errors import GoEngineError
from goengine.nn.layers import (
    AveragePooling,
    Convolution,
    Dropout,
    Flatten,
    FullyConnected,
    LocalResponseNormalisation,
    MaxPooling,
    PositionBias,
    RadialBasis,
    ReLU,
    Shape,
    Softmax,
    Subsampling,
)

# The filters, extent, stride and padding; then input, output and parameters.
TEXTBOOK = [
    ("CS231n, ten 5x5 filters", (10, 5, 1, 2), (3, 32, 32), (10, 32, 32), 760),
    ("AlexNet's first layer", (96, 11, 4, 0), (3, 227, 227), (96, 55, 55), 34_944),
    ("LeNet-5's first layer", (6, 5, 1, 0), (1, 32, 32), (6, 28, 28), 156),
    ("a 6x6 image, stride 1", (2, 3, 1, 0), (1, 6, 6), (2, 4, 4), 20),
    ("CS231n, 7x7 input, stride 2", (1, 3, 2, 0), (1, 7, 7), (1, 3, 3), 10),
    ("the policy's first layer", (192, 5, 1, 2), (48, 19, 19), (192, 19, 19), 230_592),
    ("unlike sides", (4, 3, 2, 1), (2, 7, 11), (4, 4, 6), 76),
]


@pytest.mark.parametrize(("name", "settings", "input_", "output", "parameters"), TEXTBOOK)
def test_convolutions_have_the_textbooks_shapes_and_costs(name, settings, input_, output, parameters):
    spec, shape = Convolution(*settings), Shape(*input_)
    assert spec.output(shape) == output, name
    assert spec.weights(shape) + spec.biases(shape) == parameters, name


# What comes in, the spec, and PyTorch's layer.
PAIRS = [
    ("convolution", (3, 9, 9), Convolution(4, 3, 2, 1), nn.Conv2d(3, 4, 3, 2, 1)),
    ("no bias", (3, 9, 9), Convolution(4, 3, bias=False), nn.Conv2d(3, 4, 3, bias=False)),
    ("groups", (6, 9, 9), Convolution(4, 5, groups=2), nn.Conv2d(6, 4, 5, groups=2)),
    ("a filter a channel", (6, 9, 9), Convolution(6, 3, groups=6), nn.Conv2d(6, 6, 3, groups=6)),
    ("max pooling", (2, 8, 6), MaxPooling(2, 2), nn.MaxPool2d(2)),
    ("overlapping", (2, 13, 13), MaxPooling(3, 2), nn.MaxPool2d(3, 2)),
    ("padded pooling", (2, 7, 7), MaxPooling(3, 2, 1), nn.MaxPool2d(3, 2, 1)),
    ("cropped pooling", (2, 11, 10), MaxPooling(2, 2, crop=True), nn.MaxPool2d(2)),
    ("average pooling", (2, 8, 6), AveragePooling(2, 2), nn.AvgPool2d(2)),
    ("cropped average", (2, 11, 11), AveragePooling(3, 3, crop=True), nn.AvgPool2d(3)),
    ("normalisation", (8, 3, 3), LocalResponseNormalisation(), nn.LocalResponseNorm(5, 5e-4, 0.75, 2)),
    ("relu", (2, 3, 4), ReLU(), nn.ReLU()),
    ("dropout", (2, 3, 4), Dropout(0.5), nn.Dropout(0.5)),
    ("flatten", (2, 3, 4), Flatten(), nn.Flatten()),
    ("fully connected", (24, 1, 1), FullyConnected(10), nn.Linear(24, 10)),
    ("softmax", (10, 1, 1), Softmax(), nn.Softmax(dim=1)),
]


@pytest.mark.parametrize(("name", "shape", "spec", "module"), PAIRS, ids=[row[0] for row in PAIRS])
def test_shapes_and_parameters_equal_pytorchs(name, shape, spec, module):  # noqa: ARG001
    shape = Shape(*shape)
    flat = spec.takes == "row"
    out = module(torch.zeros(1, shape.values) if flat else torch.zeros(1, *shape))
    ours = spec.output(shape)
    assert tuple(out.shape[1:]) == (tuple(ours) if out.dim() == 4 else (ours.values,))
    sizes = {name: parameter.numel() for name, parameter in module.named_parameters()}
    assert (spec.weights(shape), spec.biases(shape)) == (sizes.get("weight", 0), sizes.get("bias", 0))


def test_multiply_adds_are_weights_times_positions():
    assert Convolution(10, 5, padding=2).multiply_adds(Shape(3, 32, 32)) == 750 * 32 * 32
    assert Convolution(10, 5, padding=2, groups=5).multiply_adds(Shape(5, 32, 32)) == 250 * 32 * 32
    assert FullyConnected(84).multiply_adds(Shape(120, 1, 1)) == 84 * 120


def test_a_filter_has_weights_for_its_channels_only():
    spec = Convolution(3, 5, connections=((0,), (1, 2), (0, 1, 2)))
    assert (spec.weights(Shape(3, 9, 9)), spec.biases(Shape(3, 9, 9))) == (25 * 6, 3)
    assert spec.multiply_adds(Shape(3, 9, 9)) == 25 * 6 * 5 * 5


def test_subsampling_has_two_parameters_per_channel():
    spec, shape = Subsampling(2, stride=2), Shape(6, 28, 28)
    assert spec.output(shape) == (6, 14, 14)
    assert (spec.weights(shape), spec.biases(shape)) == (6, 6)  # LeNet-5's S2: 12


def test_a_position_bias_has_one_bias_per_value():
    assert PositionBias().biases(Shape(1, 19, 19)) == 361


DESCRIBED = [
    (Convolution(25, 3), (1, 28, 28), "25 filters of 3x3x1 = 9 weights"),
    (Convolution(50, 3), (25, 13, 13), "50 filters of 3x3x25 = 225 weights"),
    (Convolution(1, 1), (1, 5, 5), "1 filter of 1x1x1 = 1 weight"),
    (
        Convolution(256, 5, 2, 2, groups=2),
        (96, 27, 27),
        "256 filters of 5x5x48 = 1,200 weights, stride 2, padding 2, 2 groups",
    ),
    (MaxPooling(2, crop=True), (50, 11, 11), "2x2, stride 2, cropped"),
    (MaxPooling(2, crop=True), (50, 12, 12), "2x2, stride 2"),
    (AveragePooling(3, 2, 1), (50, 11, 11), "3x3, stride 2, padding 1"),
    (LocalResponseNormalisation(), (96, 27, 27), "across 5 channels"),
    (Dropout(0.5), (9, 1, 1), "50% in training"),
    (FullyConnected(100), (1250, 1, 1), "100 units of 1,250 weights"),
    (ReLU(), (1, 1, 1), ""),
    (Convolution(2, 5, connections=((0,), (1, 2))), (3, 9, 9), "2 filters of 5x5x1 to 2"),
    (Subsampling(2, 2), (6, 28, 28), "2x2, stride 2"),
    (RadialBasis(), (84, 1, 1), "10 units, distance to 84 fixed values"),
]


@pytest.mark.parametrize(("spec", "shape", "text"), DESCRIBED)
def test_specs_describe_their_settings(spec, shape, text):
    assert spec.describe(Shape(*shape)) == text


MISFITS = [
    ("filter", Convolution(1, 3, 2, 0), (1, 10, 10), "no padding up to 2 would fit"),
    ("pooling", MaxPooling(3, 2), (1, 6, 7), r"pooling window .* an input 6 high: .*no padding up to 1"),
    ("pooling, other side", AveragePooling(3, 3), (1, 9, 7), "7 wide: .* padding 1 would fit"),
    ("cropping leaves nothing", MaxPooling(2, crop=True), (1, 1, 4), "does not fit an input 1 high"),
    ("groups of the input", Convolution(4, 3, groups=2), (3, 9, 9), "3 input channels and 4 filters"),
    (
        "connections",
        Convolution(1, 3, connections=((0, 3),)),
        (3, 9, 9),
        "to channels beyond the 3 of the input",
    ),
    ("code words", RadialBasis(), (100, 1, 1), "its input has 100 values; expected 84"),
    ("groups of the filters", Convolution(3, 3, groups=2), (4, 9, 9), "cannot both be split into 2 groups"),
]


@pytest.mark.parametrize(("name", "spec", "shape", "message"), MISFITS, ids=[row[0] for row in MISFITS])
def test_inputs_that_do_not_fit_are_refused(name, spec, shape, message):  # noqa: ARG001
    with pytest.raises(GoEngineError, match=message):
        spec.output(Shape(*shape))


NONSENSE = [
    (lambda: Convolution(0, 3), "a convolution layer's filters is at least 1, not 0"),
    (lambda: Convolution(1, 0), "extent"),
    (lambda: Convolution(1, 3, 0), "stride"),
    (lambda: Convolution(1, 3, 1, -1), "padding is at least 0"),
    (lambda: Convolution(1, 3, groups=0), "groups"),
    (lambda: MaxPooling(2, 0), "stride"),
    (lambda: MaxPooling(3, 2, 2), "at most half the extent 3, not 2"),
    (lambda: LocalResponseNormalisation(4), "odd number of channels, not 4"),
    (lambda: Dropout(1.0), "at least 0 and below 1, not 1.0"),
    (lambda: Convolution(2, 3, connections=((0,),)), "a convolution has connections for each filter"),
    (lambda: RadialBasis(9), "10 units, one for each digit, not 9"),
    (lambda: FullyConnected(0), "units is at least 1"),
]


@pytest.mark.parametrize(("make", "message"), NONSENSE)
def test_settings_out_of_range_are_refused(make, message):
    with pytest.raises(GoEngineError, match=message):
        make()
