"""Evaluations, compared with counting by hand."""

import numpy as np
import pytest
import torch

from goengine.data.samples import encode_batch, fixed_sample
from goengine.data.table.game_table import GameTable
from goengine.errors import GoEngineError
from goengine.nn.network import PolicyNetwork
from goengine.policy.torch_policy import TorchPolicy
from goengine.training.evaluation.evaluate import evaluate, measure


class KnownPolicy:
    """A policy with the same probabilities in each position, proportional to the point's number."""

    size = 9

    def raw_policies(self, packed, symmetries):  # noqa: ARG002
        shares = np.arange(81, dtype=np.float32) / np.arange(81).sum()
        return np.tile(shares, (len(packed), 1))


@pytest.fixture
def games(tables):
    return GameTable.open(tables / "9.parquet").games


def test_top1_top5_and_loss_are_as_counted_by_hand(games):
    shares_done: list[float] = []
    evaluation = evaluate(KnownPolicy(), games, on_progress=shares_done.append)  # type: ignore[arg-type]
    result = evaluation.main.accuracy
    assert shares_done[-1] == 1.0
    moves = games.moves[games.moves < 81].astype(int)
    assert result.samples == len(moves)
    assert result.top1 == pytest.approx((moves == 80).mean())
    assert result.top5 == pytest.approx((moves >= 76).mean())
    shares = np.maximum(moves / np.arange(81).sum(), np.finfo(np.float32).tiny)
    assert result.loss == pytest.approx(-np.log(shares).mean(), rel=1e-5)
    assert (evaluation.games, evaluation.size) == (len(games), 9)


def test_an_untrained_network_has_the_loss_of_guessing(games):
    accuracy = evaluate(TorchPolicy(PolicyNetwork(9, 4, 3), "fresh", torch.float32), games, 100).main.accuracy
    assert accuracy.samples == 100
    assert accuracy.loss == pytest.approx(np.log(81), rel=1e-5)


def test_an_evaluation_depends_on_its_seed_alone(games):
    network = PolicyNetwork(9, 4, 3)
    torch.nn.init.normal_(network.convolution3.weight)
    policy = TorchPolicy(network, "random", torch.float32)
    first, again, other = (evaluate(policy, games, 100, seed).main.accuracy for seed in (0, 0, 1))
    assert first == again
    assert first.loss != other.loss


def test_measuring_a_batch_equals_evaluating_its_positions(games):
    network = PolicyNetwork(9, 4, 3)
    torch.nn.init.normal_(network.convolution3.weight)
    policy = TorchPolicy(network, "random", torch.float32)
    game, ply = fixed_sample(games, 100, seed=3)
    batch = encode_batch(games, game, ply, np.zeros(100, np.uint8))
    assert measure(policy, batch) == evaluate(policy, games, 100, seed=3).main.accuracy


def test_an_ensemble_and_a_single_pass_share_positions(games):
    network = PolicyNetwork(9, 4, 3)
    torch.nn.init.normal_(network.convolution3.weight)
    policy = TorchPolicy(network, "random", torch.float32)
    alone, both = (evaluate(policy, games, 100, symmetries=symmetries) for symmetries in (1, 8))
    assert alone.ensemble is None
    assert both.ensemble is not None
    assert both.main is both.ensemble
    assert both.single.accuracy == alone.main.accuracy
    game, ply = fixed_sample(games, 100, seed=0)
    np.testing.assert_array_equal(both.ensemble.predictions.game, game)
    np.testing.assert_array_equal(both.ensemble.predictions.ply, ply)
    batch = encode_batch(games, game, ply, np.zeros(100, np.uint8))
    mean = policy.raw_policies(batch.packed, symmetries=8)
    assert both.ensemble.accuracy.top1 == (mean.argmax(axis=1) == batch.target).mean()
    assert both.ensemble.rate == 100 / both.ensemble.seconds


@pytest.mark.parametrize("symmetries", [0, 2, 4])
def test_other_numbers_of_symmetries_are_refused(games, symmetries):
    with pytest.raises(GoEngineError, match=f"1 or 8 symmetries, not {symmetries}"):
        evaluate(TorchPolicy(PolicyNetwork(9, 4, 3)), games, 10, symmetries=symmetries)
