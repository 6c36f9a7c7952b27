"""Filters that give zero everywhere are found, layer by layer."""

import pytest
import torch

from goengine.nn.network import PolicyNetwork
from goengine.training.monitoring.health import dead_filters, dead_share


def test_dead_filters_are_counted_by_layer() -> None:
    network = PolicyNetwork(9, filters=8, layers=4)
    network.reset_parameters(torch.Generator().manual_seed(0))
    planes = (torch.rand(20, 48, 9, 9, generator=torch.Generator().manual_seed(1)) < 0.3).float()
    assert dead_filters(network, planes) == {f"convolution{i}": (0, 8) for i in (1, 2, 3)}
    with torch.no_grad():
        network.get_submodule("convolution2").bias[:3] = -1e6
    found = dead_filters(network, planes)
    assert found["convolution1"] == (0, 8)
    assert found["convolution2"] == (3, 8)
    assert dead_share(found) == pytest.approx(sum(dead for dead, _ in found.values()) / 24)
    assert dead_filters(network, planes.bfloat16())["convolution2"] == (3, 8)


def test_a_network_without_relus_has_none() -> None:
    network = PolicyNetwork(5, filters=4, layers=2)
    assert "convolution2" not in dead_filters(network, torch.zeros(1, 48, 5, 5))
    assert dead_share({}) == 0
