"""Shapes, parameters and multiply-adds, against figures printed in lectures and papers."""

import pytest
import torch
from torch import nn

from goengine.errors import GoEngineError
from goengine.layers import (
    Convolution,
    Flatten,
    PositionBias,
    ReLU,
    Shape,
    Softmax,
    place,
    policy_layers,
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


@pytest.mark.parametrize(("name", "spec", "input_", "output", "parameters"), TEXTBOOK)
def test_convolutions_have_the_textbooks_figures(name, spec, input_, output, parameters):
    (layer,) = place([Convolution(*spec)], Shape(*input_))
    assert layer.output == output, name
    assert layer.parameters == parameters, name
    module = nn.Conv2d(input_[0], *spec)
    assert tuple(module(torch.zeros(1, *input_)).shape[1:]) == layer.output
    assert sum(p.numel() for p in module.parameters()) == layer.parameters


def test_multiply_adds_are_weights_times_places():
    (layer,) = place([Convolution(10, 5, padding=2)], Shape(3, 32, 32))
    assert layer.multiply_adds == 750 * 32 * 32


REFUSED = [
    ("CS231n's example", Convolution(1, 3, 2, 0), Shape(1, 10, 10), "padding 1 would fit|no padding"),
    ("larger than the input", Convolution(1, 5, 1, 0), Shape(1, 3, 3), "padding 1 or 2 would fit"),
    ("AlexNet's paper", Convolution(96, 11, 4, 0), Shape(3, 224, 224), r"\(224 - 11 \+ 2\*0\)/4 \+ 1"),
]


@pytest.mark.parametrize(("name", "spec", "shape", "message"), REFUSED)
def test_what_does_not_fit_is_refused_with_the_numbers(name, spec, shape, message):  # noqa: ARG001
    with pytest.raises(GoEngineError, match=message) as caught:
        place([ReLU(), spec], shape)
    assert "convolution1" in str(caught.value)


def test_the_paddings_it_names_do_fit():
    with pytest.raises(GoEngineError, match=r"padding (2 or 0|0 or 2) would fit"):
        place([Convolution(1, 3, 4, 1)], Shape(1, 7, 7))
    for padding in (0, 2):
        place([Convolution(1, 3, 4, padding)], Shape(1, 7, 7))


def test_the_softmax_is_the_last_layer():
    with pytest.raises(GoEngineError, match="relu1 comes after the softmax"):
        place([Flatten(), Softmax(), ReLU()], Shape(1, 3, 3))


def test_layers_are_named_by_kind_and_number():
    layers = place(policy_layers(filters=2, layers=3), Shape(48, 9, 9))
    assert [layer.name for layer in layers] == [
        *("convolution1", "relu1", "convolution2", "relu2"),
        *("convolution3", "position_bias1", "flatten1", "softmax1"),
    ]


def test_the_policy_network_is_the_papers():
    layers = place(policy_layers(), Shape(48, 19, 19))
    convolutions = [layer.spec for layer in layers if isinstance(layer.spec, Convolution)]
    assert [(c.filters, c.extent, c.stride, c.padding) for c in convolutions] == [
        (192, 5, 1, 2),
        *[(192, 3, 1, 1)] * 11,
        (1, 1, 1, 0),
    ]
    assert layers[-1].output == Shape(361, 1, 1)
    # 230,592 in the first, 11 x 331,968, 192 in the last, and a bias for each point.
    assert sum(layer.parameters for layer in layers) == 3_882_793
    assert PositionBias().biases(Shape(1, 19, 19)) == 361


@pytest.mark.parametrize(("filters", "layers"), [(0, 13), (64, 1)])
def test_a_policy_needs_filters_and_layers(filters, layers):
    with pytest.raises(GoEngineError, match="at least 2 layers and 1 filter"):
        policy_layers(filters, layers)
