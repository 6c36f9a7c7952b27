"""Placed layers: names, order, memory, receptive fields."""

import pytest
import torch
from torch import nn

from goengine.errors import GoEngineError
from goengine.nn.architectures import alexnet_layers
from goengine.nn.layers import (
    AveragePooling,
    Convolution,
    Dropout,
    Flatten,
    FullyConnected,
    LocalResponseNormalisation,
    MaxPooling,
    PositionBias,
    ReLU,
    Shape,
    Softmax,
)
from goengine.nn.placement import place, seen_by


def test_layers_are_named_by_kind_and_number():
    specs = [
        *(Convolution(2, 3), ReLU(), LocalResponseNormalisation(), MaxPooling(), Convolution(2, 3), ReLU()),
        *(AveragePooling(), PositionBias(), Flatten(), FullyConnected(9), Dropout(), Softmax()),
    ]
    assert [layer.name for layer in place(specs, Shape(1, 14, 14))] == [
        *("convolution1", "relu1", "normalisation1", "max_pooling1", "convolution2", "relu2"),
        *("average_pooling1", "position_bias1", "flatten1", "fully_connected1", "dropout1", "softmax1"),
    ]


# In which order, and what is wrong with it.
REFUSED = [
    ("behind the softmax", [Flatten(), Softmax(), ReLU()], "relu1: it follows the softmax"),
    ("no flattening", [FullyConnected(3)], "fully_connected1: its input 1x5x5 is not flattened"),
    ("softmax of an image", [ReLU(), Softmax()], "softmax1: its input 1x5x5 is not flattened"),
    ("convolution of a row", [Flatten(), Convolution(1, 1)], "convolution1: its input of 25 values is flat"),
    ("pooling of a row", [Flatten(), MaxPooling(1, 1)], "max_pooling1: its input of 25 values is flattened"),
    ("bias of a row", [Flatten(), PositionBias()], "position_bias1: its input of 25 values"),
    ("flattened twice", [Flatten(), Flatten()], "flatten2: its input of 25 values is flattened"),
    ("misfit", [ReLU(), Convolution(1, 2, 2)], r"convolution1: .*\(5 - 2 \+ 2\*0\)/2 \+ 1 is not a positive"),
]


@pytest.mark.parametrize(("name", "specs", "message"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_misplaced_layer_is_refused_by_name(name, specs, message):  # noqa: ARG001
    with pytest.raises(GoEngineError, match=f"^layer {message}"):
        place(specs, Shape(1, 5, 5))


def test_in_place_layers_take_no_memory():
    specs = [
        *(ReLU(), Convolution(4, 3), ReLU(), MaxPooling(), ReLU()),
        *(Flatten(), FullyConnected(6), ReLU(), Dropout(), Softmax()),
    ]
    values = [36, 64, 0, 16, 16, 0, 6, 0, 0, 6]
    assert [layer.activation_bytes for layer in place(specs, Shape(1, 6, 6))] == [4 * n for n in values]


# The layers, the side of an input that fits, and the side of the field.
STACKS = [
    ("two 3x3 see 5x5", [Convolution(1, 3), Convolution(1, 3)], 47, 5),
    ("three 3x3 see 7x7", [Convolution(1, 3)] * 3, 47, 7),
    ("strides multiply", [Convolution(1, 3, 2), ReLU(), Convolution(1, 3, 2), Convolution(1, 3)], 47, 15),
    ("pooling", [Convolution(1, 5), MaxPooling(2, 2), Convolution(1, 5), AveragePooling(2, 2)], 48, 16),
    ("1x1 sees no more", [Convolution(1, 3), Convolution(1, 1)], 47, 3),
]


@pytest.mark.parametrize(("name", "specs", "size", "side"), STACKS, ids=[row[0] for row in STACKS])
def test_receptive_fields_equal_nonzero_gradients(name, specs, size, side):  # noqa: ARG001
    *_, last = place(specs, Shape(1, size, size))
    assert last.receptive_field == side
    x = torch.rand(1, 1, size, size, requires_grad=True)
    y = x
    for spec in specs:  # every window as a mean: it sees all that the layer may see
        extent, stride = spec.view
        y = nn.functional.avg_pool2d(y, extent, stride)
    y[0, 0, 0, 0].backward()
    assert x.grad is not None
    seen = x.grad[0, 0].nonzero()
    assert (seen.max(dim=0).values - seen.min(dim=0).values + 1).tolist() == [side, side]


def test_fully_connected_units_see_the_whole_input():
    specs = [Convolution(1, 3), Flatten(), FullyConnected(4), ReLU(), Softmax()]
    fields = [layer.receptive_field for layer in place(specs, Shape(1, 9, 9))]
    assert fields == [3, 3, None, None, None]


def test_boxes_are_as_large_as_receptive_fields():
    layers = place(alexnet_layers(), Shape(3, 227, 227))
    for layer in layers:
        if layer.flat or layer.receptive_field is None:
            continue
        box = seen_by(layers, layer.name, 2, 3)
        assert box.bottom - box.top == box.right - box.left == layer.receptive_field, layer.name
    assert seen_by(layers, "convolution1", 0, 54) == (0, 11, 216, 227)
    assert seen_by(layers, "relu7", 0, 0) == (0, 227, 0, 227)  # all of it


def test_boxes_reach_into_the_padding():
    layers = place([Convolution(1, 5, padding=2), ReLU(), Convolution(1, 3, padding=1)], Shape(1, 9, 9))
    assert seen_by(layers, "convolution2", 0, 8) == (-3, 4, 5, 12)
