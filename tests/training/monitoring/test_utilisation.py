"""The arithmetic of a network, counted by hand; the device's rate."""

import torch

from goengine.nn.network import PolicyNetwork
from goengine.training.monitoring.utilisation import matrix_rate, training_flops


def test_operations_are_two_a_multiply_add_three_times_but_for_the_first_layers_inputs():
    network = PolicyNetwork(size=5, filters=4, layers=3)
    first, second, last = 25 * 25 * 48 * 4, 25 * 9 * 4 * 4, 25 * 4
    assert network.multiply_adds == first + second + last
    assert training_flops(network) == 2 * (2 * first + 3 * second + 3 * last)


def test_the_matrix_rate_is_that_of_a_product():
    rate = matrix_rate(torch.device("cpu"), torch.float32)
    assert 1e8 < rate < 1e14
    assert matrix_rate(torch.device("cpu"), torch.float32) == rate  # measured once
