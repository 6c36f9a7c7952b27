"""Accuracies, compared with counting by hand."""

import numpy as np
import pytest
import torch

from data.samples import encode_batch, fixed_sample
from data.table import GameTable
from goengine.network import PolicyNetwork
from goengine.policy import Policy
from training.evaluate import evaluate, interval, measure


class KnownPolicy:
    """Gives the same probabilities whatever the position: point p has share p."""

    size = 9

    def raw_policies(self, packed, symmetries):  # noqa: ARG002
        shares = np.arange(81, dtype=np.float32) / np.arange(81).sum()
        return np.tile(shares, (len(packed), 1))


@pytest.fixture
def games(tables):
    return GameTable.open(tables / "9.parquet").games


def test_top1_top5_and_loss_are_as_counted_by_hand(games):
    shares_done: list[float] = []
    result = evaluate(KnownPolicy(), games, on_progress=shares_done.append)  # type: ignore[arg-type]
    assert shares_done[-1] == 1.0
    moves = games.moves[games.moves < 81].astype(int)
    assert result.accuracy.positions == len(moves)
    assert result.accuracy.top1 == pytest.approx((moves == 80).mean())
    assert result.accuracy.top5 == pytest.approx((moves >= 76).mean())
    shares = np.maximum(moves / np.arange(81).sum(), np.finfo(np.float32).tiny)
    assert result.accuracy.loss == pytest.approx(-np.log(shares).mean(), rel=1e-5)
    assert result.games == len(games)


def test_a_fresh_network_knows_nothing(games):
    accuracy = evaluate(Policy(PolicyNetwork(9, 4, 3), "fresh", torch.float32), games, positions=100).accuracy
    assert accuracy.positions == 100
    assert accuracy.loss == pytest.approx(np.log(81), rel=1e-5)


def test_an_evaluation_is_repeatable_and_moves_with_its_seed(games):
    network = PolicyNetwork(9, 4, 3)
    torch.nn.init.normal_(network.convolution3.weight)
    policy = Policy(network, "random", torch.float32)
    first, again, other = (evaluate(policy, games, 100, seed).accuracy for seed in (0, 0, 1))
    assert first == again
    assert first.loss != other.loss


def test_measuring_a_batch_is_evaluating_its_positions(games):
    network = PolicyNetwork(9, 4, 3)
    torch.nn.init.normal_(network.convolution3.weight)
    policy = Policy(network, "random", torch.float32)
    game, ply = fixed_sample(games, 100, seed=3)
    batch = encode_batch(games, game, ply, np.zeros(100, np.uint8))
    assert measure(policy, batch) == evaluate(policy, games, 100, seed=3).accuracy


# Wilson's interval, from R: prop.test(x, n, correct = FALSE)
INTERVALS = [
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0, 0.1611),
    (20, 20, 0.8389, 1.0),
    (500, 1000, 0.4691, 0.5309),
]


@pytest.mark.parametrize(("hits", "count", "low", "high"), INTERVALS)
def test_the_interval_is_wilsons(hits, count, low, high):
    assert interval(hits / count, count) == pytest.approx((low, high), abs=2e-4)
