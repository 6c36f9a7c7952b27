"""Optimizers: Muon compared with the singular value decomposition, parameter groups, states."""

import pytest
import torch
from torch import nn

from goengine.errors import GoEngineError
from goengine.nn.layers import BatchNormalisation, Convolution, Shape, Subsampling
from goengine.nn.network import ConvolutionNetwork, PolicyNetwork
from goengine.training.config import RunConfig
from goengine.training.optim import Muon, NetworkOptimizer, orthogonalize


@pytest.mark.parametrize("shape", [(16, 16), (16, 144), (144, 16), (3, 8, 72)])
def test_orthogonal_matrices_have_singular_values_near_one(shape):
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    values = torch.linalg.svdvals(orthogonalize(matrix))
    assert values.min() > 0.4
    assert values.max() < 1.3


def test_orthogonalize_keeps_the_singular_vectors():
    matrix = torch.randn(16, 144, generator=torch.Generator().manual_seed(1))
    u, _, v = torch.linalg.svd(matrix, full_matrices=False)
    rotated = u.T @ orthogonalize(matrix) @ v.T
    torch.testing.assert_close(rotated, torch.diag(torch.diagonal(rotated)), atol=0.06, rtol=0)


def filter_norms(kernel):
    return torch.stack([weights.norm() for weights in kernel]).view(-1, *[1] * (kernel.dim() - 1))


def held(kernel, update):
    """Return a kernel after an update, with the norms of its filters unchanged."""
    moved = kernel - update
    return moved * filter_norms(kernel) / filter_norms(moved)


def test_a_step_is_independent_of_the_gradients_size():
    start, gradient = torch.randn(2, 8, 4, 3, 3, generator=torch.Generator().manual_seed(2))
    for scale in (1e-3, 1e3):
        p = nn.Parameter(start.clone())
        p.grad = scale * gradient
        Muon([p], lr=0.5).step()
        expected = held(start, 0.5 * orthogonalize(gradient.flatten(1)).view(start.shape))
        torch.testing.assert_close(p.detach(), expected, atol=0.01, rtol=0.05)


def test_the_momentum_is_nesterov_momentum():
    first, second, start = torch.randn(3, 4, 4, generator=torch.Generator().manual_seed(3))
    p = nn.Parameter(start.clone())
    optimizer = Muon([p], lr=1.0, momentum=0.9)
    for gradient in (first, second):
        before = p.detach().clone()
        p.grad = gradient.clone()
        optimizer.step()
    first, second = first / first.norm(), second / second.norm()
    average = 0.9 * 0.1 * first + 0.1 * second
    expected = held(before, orthogonalize(0.1 * second + 0.9 * average))
    torch.testing.assert_close(p.detach(), expected, atol=0.02, rtol=0)


def test_muon_updates_inner_kernels_and_adam_the_others():
    network = PolicyNetwork(5, filters=4, layers=5)
    optimizer = NetworkOptimizer(network, RunConfig())
    adam, muon = optimizer.optimizers
    assert [id(p) for p in muon.param_groups[0]["params"]] == [
        id(getattr(network, f"convolution{i}").weight) for i in (2, 3, 4)
    ]
    assert len(adam.param_groups[0]["params"]) == len(list(network.parameters())) - 3


def test_a_network_of_two_layers_has_no_inner_kernels():
    optimizer = NetworkOptimizer(PolicyNetwork(5, 4, 2), RunConfig())
    assert len(optimizer.optimizers) == 1


def test_a_learning_rate_factor_of_zero_changes_nothing():
    network = PolicyNetwork(5, filters=4, layers=3)
    before = [p.detach().clone() for p in network.parameters()]
    optimizer = NetworkOptimizer(network, RunConfig())
    network(torch.ones(2, 48, 5, 5)).sum().backward()
    optimizer.step(0.0)
    assert all(torch.equal(a, b) for a, b in zip(before, network.parameters(), strict=True))
    assert all(p.grad is None for p in network.parameters())


def stepped(p, gradients, **settings):
    """Return a module of one weight and one bias after steps with these gradients of its weight."""
    network = nn.Linear(1, 1)
    nn.init.constant_(network.weight, p)
    nn.init.constant_(network.bias, p)
    optimizer = NetworkOptimizer(network, RunConfig(**settings))
    for gradient in gradients:
        network.weight.grad = torch.tensor([[gradient]])
        network.bias.grad = torch.zeros(1)
        optimizer.step(1.0)
    return float(network.weight.detach()), float(network.bias.detach())


def test_sgd_is_plain_without_momentum_else_nesterov():
    plain, _ = stepped(1.0, [0.5, 0.25], optimizer="sgd", sgd_lr=0.1, momentum=0.0)
    assert plain == pytest.approx(1 - 0.1 * 0.75)
    nesterov, _ = stepped(1.0, [0.5, 0.25], optimizer="sgd", sgd_lr=0.1, momentum=0.9)
    first, second = 0.5, 0.25 + 0.9 * 0.5
    assert nesterov == pytest.approx(1 - 0.1 * (0.5 + 0.9 * first + 0.25 + 0.9 * second))


def test_an_adamw_step_is_independent_of_the_gradient():
    for gradient in (1e-3, 1e3):
        weight, _ = stepped(1.0, [gradient], optimizer="adamw", adam_lr=0.01)
        assert weight == pytest.approx(0.99, abs=1e-5)


@pytest.mark.parametrize(
    ("optimizer", "kept"), [("adamw", 1 - 0.01 * 0.5), ("sgd", 1 - 0.01 * 0.5 * (1 + 0.95))]
)
def test_weights_decay_and_biases_do_not(optimizer, kept):
    settings = {"adam_lr": 0.01, "sgd_lr": 0.01, "weight_decay": 0.5}
    weight, bias = stepped(1.0, [0.0], optimizer=optimizer, **settings)
    assert weight == pytest.approx(kept)
    assert bias == 1.0


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_all_weights_decay_but_those_of_normalisations(optimizer):
    layers = [Convolution(2, extent=3, bias=False), BatchNormalisation(), Subsampling(2, stride=2)]
    network = ConvolutionNetwork(layers, Shape(1, 8, 8))
    decaying, others = NetworkOptimizer(network, RunConfig(optimizer=optimizer)).optimizers[0].param_groups
    names = {id(p): name for name, p in network.named_parameters()}
    assert [names[id(p)].rpartition(".")[2] for p in decaying["params"]] == ["weight", "weight"]
    assert {tuple(p.shape) for p in decaying["params"]} == {(2, 1, 3, 3), (2,)}
    assert len(others["params"]) == 3


def test_muon_keeps_the_norms_of_filters():
    generator = torch.Generator().manual_seed(2)
    p = nn.Parameter(torch.randn(8, 4, 3, 3, generator=generator))
    before = p.detach().clone()
    optimizer = Muon([p], lr=0.5)
    for _ in range(20):
        p.grad = torch.randn(p.shape, generator=generator)
        optimizer.step()
    torch.testing.assert_close(filter_norms(p.detach()), filter_norms(before))
    assert (p - before).norm() > 1


def test_muon_averages_normalised_gradients():
    generator = torch.Generator().manual_seed(4)
    gradients = torch.randn(2, 4, 4, generator=generator)
    ends = []
    for size in (1, 1000):
        p = nn.Parameter(torch.eye(4))
        optimizer = Muon([p], lr=0.1)
        for gradient in (gradients[0] * size, gradients[1]):
            p.grad = gradient.clone()
            optimizer.step()
        ends.append(p.detach())
    torch.testing.assert_close(ends[0], ends[1], atol=1e-3, rtol=0)


@pytest.mark.parametrize("optimizer", ["muon", "adamw", "sgd"])
def test_a_state_does_not_change_the_settings(optimizer):
    """A run may resume with other rates, momentum and weight decay."""
    network = PolicyNetwork(5, filters=4, layers=3)
    before = NetworkOptimizer(network, RunConfig(optimizer=optimizer))
    network(torch.ones(2, 48, 5, 5)).sum().backward()
    before.step(0.5)
    config = RunConfig(
        optimizer=optimizer, muon_lr=0.5, adam_lr=0.25, sgd_lr=0.125, momentum=0.5, weight_decay=0.1
    )
    after = NetworkOptimizer(network, config)
    options = [{**group, "params": None} for o in after.optimizers for group in o.param_groups]
    after.load_state_dict(before.state_dict())
    assert [{**group, "params": None} for o in after.optimizers for group in o.param_groups] == options


STATES = [
    ("none", lambda states: states.clear()),
    ("one too few", lambda states: states.pop()),
    ("no parameters", lambda states: states[0].update(param_groups=[])),
    ("another shape", lambda states: states[1]["state"][0].update(momentum=torch.zeros(4, 4, 5, 5))),
]


@pytest.mark.parametrize("change", [row[1] for row in STATES], ids=[row[0] for row in STATES])
def test_states_of_other_networks_are_refused(change):
    network = PolicyNetwork(5, filters=4, layers=3)
    optimizer = NetworkOptimizer(network, RunConfig())
    network(torch.ones(2, 48, 5, 5)).sum().backward()
    optimizer.step(1.0)
    states = optimizer.state_dict()
    optimizer.load_state_dict(states)
    change(states)
    with pytest.raises(GoEngineError, match="optimizer state does not fit the network"):
        optimizer.load_state_dict(states)
