"""Activations and occlusion of networks whose outputs are known by hand."""

import numpy as np
import pytest
import torch

from goengine.errors import GoEngineError
from goengine.nn.activations import filters, layer_output, occlusion, strongest
from goengine.nn.layers import Convolution, Flatten, FullyConnected, ReLU, Shape, Softmax
from goengine.nn.network import ConvolutionNetwork
from goengine.nn.placement import Box


@pytest.fixture
def network():
    """Return a network with one filter, a cross; its two logits are the sum of activations, and zero."""
    network = ConvolutionNetwork(
        [Convolution(1, 3), ReLU(), Flatten(), FullyConnected(2), Softmax()], Shape(1, 8, 8)
    ).eval()
    with torch.no_grad():
        network.convolution1.weight[:] = torch.tensor([[0, 1, 0], [1, 1, 1], [0, 1, 0.0]])
        network.convolution1.bias[:] = -4
        network.fully_connected1.weight[:] = torch.tensor([[4.0], [0.0]]).expand(2, 36)
        network.fully_connected1.bias[:] = torch.tensor([-2.0, 0.0])
    return network


def cross(row, column):
    x = torch.zeros(1, 1, 8, 8)
    x[0, 0, row, column - 1 : column + 2] = 1
    x[0, 0, row - 1 : row + 2, column] = 1
    return x


def test_layer_outputs_are_read_before_in_place_layers(network):
    x = cross(3, 4)
    before = layer_output(network, x, "convolution1")
    assert (float(before.max()), float(before.min())) == (1, -4)
    assert (before[0, 0] == before.max()).nonzero().tolist() == [[2, 3]]
    assert float(layer_output(network, x, "relu1").min()) == 0
    probabilities = layer_output(network, x, "softmax1")
    torch.testing.assert_close(probabilities, torch.softmax(torch.tensor([[2.0, 0.0]]), 1))
    assert torch.equal(x, cross(3, 4))


def test_the_strongest_patch_is_the_cross(network):
    inputs = torch.cat([torch.zeros(1, 1, 8, 8), cross(3, 4), cross(5, 2), 0.9 * cross(2, 2)])
    groups = np.array([0, 1, 1, 2])
    result = strongest(network, lambda rows: inputs[torch.from_numpy(rows)], groups, "relu1", [0], 2)
    assert result == [[(1, 1.0, Box(2, 5, 3, 6)), (3, pytest.approx(0.5), Box(1, 4, 1, 4))]]


def test_units_after_a_flatten_layer_see_the_whole_input(network):
    inputs = torch.cat([torch.zeros(1, 1, 8, 8), cross(3, 4)])
    result = strongest(
        network, lambda rows: inputs[torch.from_numpy(rows)], np.arange(2), "fully_connected1", [0], 1
    )
    assert result == [[(1, 2.0, Box(0, 8, 0, 8))]]


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_hiding_the_cross_lowers_its_probability(network, stride):
    fall = occlusion(network, cross(3, 4), answer=0, window=3, stride=stride)
    whole = torch.softmax(torch.tensor([2.0, 0.0]), 0)[0] - torch.softmax(torch.tensor([-2.0, 0.0]), 0)[0]
    assert fall.shape == (8, 8)
    assert fall[3, 4] == pytest.approx(float(whole), abs=1e-6)  # every square over the middle hides it
    assert fall.max() == fall[3, 4]
    assert fall[7, 0] == 0
    assert occlusion(network, cross(3, 4), 1, 3, stride)[3, 4] == pytest.approx(-float(whole), abs=1e-6)


def test_filters_are_the_weights_of_the_convolution(network):
    assert filters(network, "convolution1")[0, 0].tolist() == [[0, 1, 0], [1, 1, 1], [0, 1, 0]]


BAD = [
    (
        lambda n: layer_output(n, cross(3, 4), "conv1"),
        "unknown layer .conv1.; expected one of convolution1, relu1",
    ),
    (lambda n: filters(n, "relu1"), "relu1 has no filters; expected one of convolution1"),
    (
        lambda n: strongest(n, lambda _: cross(3, 4), np.arange(1), "relu1", [1], 1),
        "layer relu1 has channels 0 to 0, not",
    ),
    (lambda n: occlusion(n, cross(3, 4), 0, 8, 1), "a window of 8 does not slide over an input of 8x8"),
    (
        lambda n: occlusion(n, cross(3, 4), 0, 2, 3),
        "a stride of 3 leaves gaps between windows of 2; expected 1 to 2",
    ),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_unknown_layers_and_windows_are_refused(network, call, message):
    with pytest.raises(GoEngineError, match=message):
        call(network)
