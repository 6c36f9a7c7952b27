"""Model folders; tests/goengine/nn/test_network.py has the ones that are refused."""

import numpy as np
import pytest
import torch
from support.networks import small_network

from goengine.errors import GoEngineError
from goengine.nn.architectures import ARCHITECTURES
from goengine.nn.model_folder import (
    BUNDLED,
    PolicyConfig,
    check_name,
    find_model,
    parameter_shapes,
    read_config,
    read_weights,
)
from goengine.nn.network import ConvolutionNetwork, save_model


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_tensor_names_and_shapes_equal_pytorchs(name):
    architecture = ARCHITECTURES[name]
    with torch.device("meta"):
        network = ConvolutionNetwork(architecture.build(), architecture.input)
    expected = {key: tuple(tensor.shape) for key, tensor in network.state_dict().items()}
    assert parameter_shapes(network.layers) == expected


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_weights_of_every_precision_equal_pytorchs(tmp_path, dtype):
    network = small_network()
    save_model(network, tmp_path, dtype, "")
    config = read_config(tmp_path, PolicyConfig)
    assert config == PolicyConfig(size=9, filters=8, layers=4, planes=48)
    read = read_weights(tmp_path, config.place())
    for name, tensor in network.state_dict().items():
        np.testing.assert_array_equal(read[name], tensor.to(dtype).float().numpy(), err_msg=name)


def test_values_beyond_float32_are_refused(tmp_path):
    network = small_network().double()
    network.convolution1.bias.data[0] = 1e200
    save_model(network, tmp_path, torch.float64, "")
    with pytest.raises(GoEngineError, match=r"convolution1\.bias that are not finite"):
        read_weights(tmp_path, network.layers)


def test_default_is_the_bundled_model():
    assert find_model("default") == BUNDLED
    assert read_config(BUNDLED, PolicyConfig).size == 19


@pytest.mark.parametrize("name", ["somebody/their-policy", "default", "."])
def test_possible_model_names_are_accepted(name):
    check_name(name)


@pytest.mark.parametrize("name", ["nowhere", "a/b/c", "/no/such", "../other/model", "a b/c", "a/..", ""])
def test_impossible_model_names_are_refused(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    if name:
        with pytest.raises(GoEngineError, match="does not exist; expected a model folder, default, or"):
            check_name(name)
