"""Batch normalisation: the layer, folding and unfolding."""

import pytest
import torch

from goengine.errors import GoEngineError
from goengine.game.board import Board
from goengine.game.planes import encode
from goengine.nn.architectures import policy_layers
from goengine.nn.folding import calibrate, fold, fold_specs, unfold
from goengine.nn.layers import BatchNormalisation, Convolution, Flatten, FullyConnected, ReLU, Shape, Softmax
from goengine.nn.model_folder import VALUE_PREFIX
from goengine.nn.network import BatchNorm, ConvolutionNetwork
from goengine.nn.patterns import pattern_layers
from goengine.policy.loading import load_network


def trained(specs, shape, seed=0):
    """Return a network with statistics, scales and shifts like those after training."""
    torch.manual_seed(seed)
    network = ConvolutionNetwork(specs, shape)
    for module in network.modules():
        if isinstance(module, BatchNorm):
            module.running_mean.normal_()
            module.running_var.uniform_(0.2, 3)
            torch.nn.init.uniform_(module.weight, 0.5, 2)
            torch.nn.init.normal_(module.bias)
    return network.eval()


def folded(network):
    specs = fold_specs([layer.spec for layer in network.layers])
    other = ConvolutionNetwork(specs, network.input)
    other.load_state_dict(fold(network))
    return other.eval()


def positions():
    """Return the planes of a few positions of a game: float32 [8, 48, 19, 19]."""
    board = Board(19)
    planes = []
    for vertex in ("Q16", "D4", "C16", "R4", "O3", "Q10", "C6", "F17"):
        board.play(vertex)
        planes.append(torch.from_numpy(encode(board)))
    return torch.stack(planes).float()


@torch.no_grad()
def test_a_folded_policy_gives_the_same_logits():
    network = trained(policy_layers(16, 5, normalised=True), Shape(48, 19, 19))
    x = positions()
    torch.testing.assert_close(folded(network)(x), network(x), atol=1e-4, rtol=1e-5)


def test_a_folded_policy_has_the_papers_layers():
    assert fold_specs(policy_layers(16, 5, normalised=True)) == policy_layers(16, 5)


@torch.no_grad()
def test_patterns_fold_in_convolutions_and_units():
    specs = pattern_layers("CONV4-BN-RELU-POOL-FC6-BN-RELU-SOFTMAX3", Shape(2, 8, 8))
    network = trained(specs, Shape(2, 8, 8))
    x = torch.rand(5, 2, 8, 8)
    torch.testing.assert_close(folded(network)(x), network(x), atol=1e-5, rtol=1e-5)


def test_normalisation_after_relu_does_not_fold():
    with pytest.raises(GoEngineError, match="folds only into a convolution or a fully connected layer"):
        fold_specs([Convolution(2, 3), ReLU(), BatchNormalisation()])


@torch.no_grad()
def test_the_bundled_policy_unfolds_to_itself():
    policy = load_network("default")
    config = policy.config
    network = ConvolutionNetwork(policy_layers(config.filters, config.layers, normalised=True), policy.input)
    x = positions()
    unfold(network, policy.state_dict(), [x])
    torch.testing.assert_close(network.eval()(x), policy(x), atol=1e-2, rtol=1e-3)
    statistics = [m for m in network.modules() if isinstance(m, BatchNorm)]
    assert all(float(m.running_var.max()) > 0 for m in statistics)
    again = fold(network)
    for name, weight in policy.state_dict().items():
        if name.startswith(VALUE_PREFIX):
            continue
        torch.testing.assert_close(again[name], weight, atol=2e-3, rtol=1e-3)


@torch.no_grad()
def test_an_unfolded_network_sees_its_own_statistics():
    policy = folded(trained(policy_layers(8, 4, normalised=True), Shape(48, 19, 19)))
    network = ConvolutionNetwork(policy_layers(8, 4, normalised=True), policy.input)
    x = positions()
    unfold(network, policy.state_dict(), [x[:4], x[4:]])
    network.train()  # normalises by the batch, which is what the statistics were measured on
    torch.testing.assert_close(network(x), policy(x), atol=1e-3, rtol=1e-3)


@torch.no_grad()
def test_calibration_measures_the_inputs():
    network = ConvolutionNetwork(
        [Convolution(3, 1), BatchNormalisation(), ReLU(), Flatten(), FullyConnected(2), Softmax()],
        Shape(1, 4, 4),
    )
    x = torch.rand(64, 1, 4, 4)
    calibrate(network, [x])
    out = network.convolution1(x)
    normalisation = network.batch_normalisation1
    torch.testing.assert_close(normalisation.running_mean, out.mean(dim=(0, 2, 3)))
    torch.testing.assert_close(normalisation.running_var, out.var(dim=(0, 2, 3)))
    assert normalisation.momentum == BatchNormalisation().momentum
    assert network.training


def test_a_normalisation_counts_its_parameters():
    network = ConvolutionNetwork(policy_layers(8, 4, normalised=True), Shape(48, 9, 9))
    trained_parameters = sum(p.numel() for p in network.parameters())
    assert network.parameter_count == trained_parameters


@pytest.mark.parametrize("settings", [{"momentum": 0}, {"epsilon": 0}, {"momentum": 1.5}])
def test_settings_out_of_range_are_refused(settings):
    with pytest.raises(GoEngineError, match="momentum and epsilon"):
        BatchNormalisation(**settings)
