"""The moving average of weights, step by step."""

import pytest
import torch
from torch import nn

from goengine.errors import GoEngineError
from goengine.training.average import WeightAverage


def test_early_updates_keep_less_of_the_average():
    network = nn.Linear(1, 1)
    average = WeightAverage(network, decay=0.3)
    expected = float(network.weight.detach())
    for kept, value in ((1 / 10, 2.0), (2 / 11, 5.0), (3 / 12, -1.0), (0.3, 4.0), (0.3, 0.0)):
        nn.init.constant_(network.weight, value)
        average.update()
        expected = kept * expected + (1 - kept) * value
        assert float(average.state_dict()["weights"]["weight"]) == pytest.approx(expected, rel=1e-5)


def test_an_average_continues_from_its_state():
    network = nn.Linear(2, 3)
    first = WeightAverage(network, 0.9)
    for _ in range(3):
        nn.init.normal_(network.weight)
        first.update()
    second = WeightAverage(network, 0.9)
    second.load_state_dict(first.state_dict())
    nn.init.normal_(network.weight)
    first.update()
    second.update()
    for name, tensor in first.state_dict()["weights"].items():
        assert torch.equal(second.state_dict()["weights"][name], tensor)


@pytest.mark.parametrize("state", [{}, {"steps": 3, "weights": {}}, {"steps": 3, "weights": {"weight": 0}}])
def test_states_of_other_networks_are_refused(state):
    with pytest.raises(GoEngineError, match="average of weights does not fit the network"):
        WeightAverage(nn.Linear(2, 3), 0.9).load_state_dict(state)
