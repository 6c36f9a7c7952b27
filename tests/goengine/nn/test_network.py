"""Networks from specs, and model folders that load or are refused."""

import json
import socket

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from goengine.errors import GoEngineError
from goengine.game.planes import unpack as unpack_numpy
from goengine.nn.architectures import keras_cnn_layers, lenet5_layers
from goengine.nn.layers import Convolution, Flatten, MaxPooling, ReLU, Shape, Softmax
from goengine.nn.network import ConvolutionNetwork, PolicyNetwork, save_model, unpack


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    network = PolicyNetwork(size=9, filters=8, layers=4)
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=0.1)
    return network.eval()


def test_forward_equals_pytorchs_own_layers(network):
    planes = torch.randint(0, 2, (5, 48, 9, 9)).float()
    weights = network.state_dict()
    x = planes
    for i, padding in ((1, 2), (2, 1), (3, 1)):
        kernel, bias = weights[f"convolution{i}.weight"], weights[f"convolution{i}.bias"]
        x = torch.relu(torch.conv2d(x, kernel, bias, padding=padding))
    x = torch.conv2d(x, weights["convolution4.weight"]) + weights["position_bias1.bias"]
    torch.testing.assert_close(network(planes), x.flatten(1))


def test_parameter_count_equals_pytorchs(network):
    assert network.parameter_count == sum(p.numel() for p in network.parameters())


def test_logits_are_float32_under_autocast(network):
    with torch.autocast("cpu", torch.bfloat16):
        logits = network(torch.zeros(2, 48, 9, 9))
    assert logits.dtype == torch.float32
    assert logits.shape == (2, 81)


@pytest.mark.parametrize(("dtype", "atol"), [(torch.float32, 1e-5), (torch.bfloat16, 0.1)])
def test_inference_agrees_and_keeps_the_network_unchanged(network, dtype, atol):
    planes = torch.randint(0, 2, (4, 48, 9, 9)).float()
    expected = network(planes)
    logits = network.for_inference(dtype)(planes.to(dtype))
    assert logits.dtype == torch.float32
    torch.testing.assert_close(logits, expected, atol=atol, rtol=0.05)
    assert all(p.dtype == torch.float32 and p.requires_grad for p in network.parameters())


def test_inference_keeps_its_own_copy_of_the_weights(network):
    infer = network.for_inference(torch.float32)
    planes = torch.ones(1, 48, 9, 9)
    before = infer(planes)
    with torch.no_grad():
        network.convolution1.weight.zero_()
    assert torch.equal(infer(planes), before)


def test_a_fresh_policy_is_uniform_and_passes_gradients():
    network = PolicyNetwork(size=9, filters=16, layers=13)
    planes = torch.randint(0, 2, (8, 48, 9, 9)).float()
    assert torch.equal(network(planes), torch.zeros(8, 81))
    network.convolution13.weight.data.normal_()
    network(planes).square().mean().backward()
    norms = [getattr(network, f"convolution{i}").weight.grad.norm() for i in range(2, 13)]
    assert max(norms) < 10 * min(norms)


def test_fresh_weights_depend_on_the_generator_alone():
    first, second = PolicyNetwork(5, 4, 3), PolicyNetwork(5, 4, 3)
    for network in (first, second):
        network.reset_parameters(torch.Generator().manual_seed(7))
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))


def test_networks_of_other_specs_compute_logits():
    network = ConvolutionNetwork([Convolution(4, 3, stride=2), ReLU()], Shape(1, 7, 7))
    assert network(torch.zeros(3, 1, 7, 7)).shape == (3, 4, 3, 3)


@pytest.mark.parametrize("specs", [lenet5_layers(), [Convolution(1, 1), Flatten(), Softmax()]])
def test_a_fresh_network_ending_in_logits_is_uniform(specs):
    network = ConvolutionNetwork(specs, Shape(1, 32, 32)).eval()
    logits = network(torch.rand(2, 1, 32, 32))
    assert torch.equal(logits, torch.zeros_like(logits))


def test_a_last_filter_before_a_relu_is_not_zero():
    network = ConvolutionNetwork([Convolution(1, 3), ReLU()], Shape(1, 5, 5))
    assert network.get_submodule("convolution1").weight.abs().min() > 0


def test_fresh_grouped_convolutions_start_near_identity():
    network = ConvolutionNetwork([Convolution(8, 3, padding=1, groups=2), ReLU()], Shape(8, 9, 9))
    x = torch.rand(4, 8, 9, 9)
    assert torch.corrcoef(torch.stack([x.flatten(), network(x).flatten()]))[0, 1] > 0.8


def test_in_place_relus_overwrite_nothing_needed():
    """They keep the network's input and what the gradients of layers before need."""
    specs = [ReLU(), ReLU(), MaxPooling(), ReLU(), Convolution(2, 3), ReLU(), ReLU(), Flatten(), ReLU()]
    network = ConvolutionNetwork(specs, Shape(1, 8, 8))
    x = torch.randn(3, 1, 8, 8)
    kept = x.clone()
    network(x).sum().backward()
    infer = network.for_inference(torch.float32)
    with torch.inference_mode():
        torch.testing.assert_close(infer(x), network(x))
    assert torch.equal(x, kept)


def test_classifiers_train_under_autocast():
    network = ConvolutionNetwork(keras_cnn_layers(), Shape(1, 28, 28))
    network.get_submodule("fully_connected2").weight.data.normal_()
    with torch.autocast("cpu", torch.bfloat16):
        logits = network(torch.rand(2, 1, 28, 28))
        nn.functional.cross_entropy(logits, torch.tensor([3, 7])).backward()
    assert logits.dtype == torch.float32
    assert all(parameter.grad.abs().sum() > 0 for parameter in network.parameters())


@pytest.mark.parametrize("size", [2, 9, 13, 19, 25])
def test_unpack_agrees_with_numpy(size):
    width = (48 * size * size + 63) // 64 * 8
    packed = np.random.default_rng(size).integers(0, 256, (3, width), dtype=np.uint8)
    planes = unpack(torch.from_numpy(packed), size, torch.float32)
    np.testing.assert_array_equal(planes.numpy(), unpack_numpy(packed, size))


# Model folders


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_a_saved_network_loads_unchanged(network, tmp_path, dtype):
    save_model(network, tmp_path, dtype, "# A card\n")
    assert {path.name for path in tmp_path.iterdir()} == {"config.json", "model.safetensors", "README.md"}
    assert (tmp_path / "README.md").read_text() == "# A card\n"
    stored = load_file(tmp_path / "model.safetensors")
    assert {tensor.dtype for tensor in stored.values()} == {dtype}
    loaded = PolicyNetwork.from_pretrained(tmp_path)
    assert not loaded.training
    for (name, ours), theirs in zip(network.state_dict().items(), loaded.state_dict().values(), strict=True):
        assert theirs.dtype == torch.float32
        assert torch.equal(ours.to(dtype).float(), theirs), name


def test_saving_over_a_model_replaces_it(network, tmp_path):
    save_model(network, tmp_path, torch.float32, "old")
    save_model(PolicyNetwork(5, 3, 2), tmp_path, torch.float32, "new")
    assert PolicyNetwork.from_pretrained(tmp_path).size == 5
    assert (tmp_path / "README.md").read_text() == "new"


def test_loading_a_folder_is_silent_and_offline(network, tmp_path, capfd, monkeypatch):
    save_model(network, tmp_path, torch.float32, "")

    def refuse(*_):
        raise AssertionError("the network was touched")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    PolicyNetwork.from_pretrained(tmp_path)
    network.save_pretrained(tmp_path / "again")
    assert capfd.readouterr() == ("", "")


def test_names_that_are_no_folder_or_hub_id_are_refused(tmp_path):
    with pytest.raises(GoEngineError, match="does not exist; expected a model folder"):
        PolicyNetwork.from_pretrained(tmp_path / "nowhere" / "at" / "all")


def _config(folder, **changes):
    path = folder / "config.json"
    config = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({name: value for name, value in config.items() if value is not None}))


def _folder(path):
    path.unlink()
    path.mkdir()


def _weights(folder, change):
    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(weights, folder / "model.safetensors")


def _truncate(path, share):
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])


BROKEN = [
    ("no config", lambda f: (f / "config.json").unlink(), "not a model folder: config.json"),
    ("no weights", lambda f: (f / "model.safetensors").unlink(), "model.safetensors is missing"),
    ("empty config", lambda f: (f / "config.json").write_text(""), "it is not JSON"),
    ("binary config", lambda f: (f / "config.json").write_bytes(b"\xff\xfe\x00"), "it is not JSON"),
    ("config of a list", lambda f: (f / "config.json").write_text("[1]"), "it is not a JSON object"),
    ("foreign config", lambda f: (f / "config.json").write_text('{"hidden_size": 8}'), "not the config"),
    ("a setting too many", lambda f: _config(f, pooling=2), "not the config of a policy network"),
    ("a setting too few", lambda f: _config(f, planes=None), "not the config of a policy network"),
    (
        "a setting of text",
        lambda f: _config(f, filters="8"),
        "sets filters to 8; it should be a valid integer",
    ),
    (
        "a board of 50",
        lambda f: _config(f, size=50),
        "sets size to 50; it should be less than or equal to 25",
    ),
    ("a million layers", lambda f: _config(f, layers=10**6), "sets layers to 1000000"),
    ("more filters than memory", lambda f: _config(f, filters=4096, layers=100), "lacks convolution10.bias"),
    ("deep nesting", lambda f: (f / "config.json").write_text("[" * 100_000), "it is not JSON"),
    ("a folder for a config", lambda f: _folder(f / "config.json"), "Is a directory"),
    ("a folder for weights", lambda f: _folder(f / "model.safetensors"), "model.safetensors is missing"),
    ("another board", lambda f: _config(f, size=13), r"position_bias1.bias of shape \[1, 9, 9\]"),
    ("more layers", lambda f: _config(f, layers=5), "lacks convolution4.bias, convolution5.weight"),
    ("fewer layers", lambda f: _config(f, layers=3), "holds convolution3.bias|holds convolution4.weight"),
    ("other planes", lambda f: _config(f, planes=12), "convolution1.weight of shape"),
    ("truncated weights", lambda f: _truncate(f / "model.safetensors", 0.5), "is damaged"),
    ("truncated header", lambda f: _truncate(f / "model.safetensors", 0.001), "is damaged"),
    ("empty weights", lambda f: _truncate(f / "model.safetensors", 0), "is damaged"),
    ("a tensor less", lambda f: _weights(f, lambda w: w.pop("convolution2.bias")), "lacks convolution2.bias"),
    (
        "a tensor more",
        lambda f: _weights(f, lambda w: w.update(x=torch.zeros(1))),
        "holds x, which its config.json does not ask for",
    ),
    ("not a number", lambda f: _weights(f, lambda w: w["convolution2.bias"].fill_(torch.nan)), "not finite"),
    (
        "whole numbers",
        lambda f: _weights(f, lambda w: w.update({"convolution2.bias": torch.zeros(8, dtype=torch.int64)})),
        "not finite floating-point",
    ),
]


@pytest.mark.parametrize(("name", "breakage", "message"), BROKEN, ids=[row[0] for row in BROKEN])
def test_a_broken_folder_is_refused_with_one_sentence(network, tmp_path, name, breakage, message):  # noqa: ARG001
    save_model(network, tmp_path, torch.bfloat16, "")
    breakage(tmp_path)
    with pytest.raises(GoEngineError, match=message) as caught:
        PolicyNetwork.from_pretrained(tmp_path)
    assert "\n" not in str(caught.value)
