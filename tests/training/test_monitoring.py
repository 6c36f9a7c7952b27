"""Dead filters, the arithmetic of training, and the reference rate of matrix products."""

import itertools

import pytest
import torch

from goengine.nn.network import PolicyNetwork
from goengine.training import monitoring
from goengine.training.monitoring import MatrixRate, dead_filters, dead_share, matrix_rate, training_flops

CPU = torch.device("cpu")


def test_dead_filters_are_counted_by_layer() -> None:
    network = PolicyNetwork(9, filters=8, layers=4)
    network.reset_parameters(torch.Generator().manual_seed(0))
    planes = (torch.rand(20, 48, 9, 9, generator=torch.Generator().manual_seed(1)) < 0.3).float()
    assert dead_filters(network, planes) == {f"convolution{i}": (0, 8) for i in (1, 2, 3)}
    with torch.no_grad():
        bias = network.get_submodule("convolution2").bias
        assert isinstance(bias, torch.Tensor)
        bias[:3] = -1e6
    counts = dead_filters(network, planes)
    assert counts["convolution1"] == (0, 8)
    assert counts["convolution2"] == (3, 8)
    assert dead_share(counts) == pytest.approx(sum(dead for dead, _ in counts.values()) / 24)
    assert dead_filters(network, planes.bfloat16())["convolution2"] == (3, 8)


def test_a_network_without_relus_has_no_dead_filters() -> None:
    network = PolicyNetwork(5, filters=4, layers=2)
    assert "convolution2" not in dead_filters(network, torch.zeros(1, 48, 5, 5))
    assert dead_share({}) == 0


def test_training_takes_three_passes_except_in_the_first_layer() -> None:
    network = PolicyNetwork(size=5, filters=4, layers=3)
    first, second, last = 25 * 25 * 48 * 4, 25 * 9 * 4 * 4, 25 * 4
    assert network.multiply_adds == first + second + last
    assert training_flops(network) == 2 * (2 * first + 3 * second + 3 * last)


@pytest.fixture
def rate_of(monkeypatch):
    """The MatrixRate of measurements that take these seconds; its first seven at construction."""
    monkeypatch.setitem(monitoring._MATRIX_SIZE, "cpu", 10)

    def make(seconds: list[float]) -> MatrixRate:
        # Each measurement reads the clock twice: at its beginning and its end.
        times = iter(itertools.accumulate(itertools.chain.from_iterable((0.0, s) for s in seconds)))
        rate = MatrixRate(CPU, torch.float32, clock=lambda: next(times))
        for _ in seconds[7:]:
            rate.measure()
        return rate

    return make


def test_a_disturbed_start_does_not_lower_the_matrix_rate(rate_of) -> None:
    assert rate_of([8.0] * 7).flops == 2000 / 8
    assert rate_of([8.0] * 7 + [2.0]).flops == 2000 / 2
    assert rate_of([8.0] * 7 + [4.0, 2.0] * 6).flops == 2000 / 2


def test_one_measurement_that_is_too_fast_does_not_count(rate_of) -> None:
    assert rate_of([2.0] * 19 + [0.001]).flops == 2000 / 2


def test_the_matrix_rate_is_that_of_a_product() -> None:
    rate = matrix_rate(CPU, torch.float32)
    assert 1e8 < rate.flops < 1e14
    assert matrix_rate(CPU, torch.float32) is rate
