"""Metrics of predictions, compared with counting by hand and with PyTorch."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from goengine.training.metrics import (
    INTERVAL_METHOD,
    TOP_K,
    Predictions,
    by_move_number,
    by_phase,
    calibration,
    figures,
    game_interval,
    join,
    predictions,
)
from goengine.util.statistics import wilson_interval


def made(rank, best=None, game=None, ply=None) -> Predictions:
    """Return predictions of given ranks, by default of confidence 0.5 in one position of each game."""
    count = len(rank)
    best = np.full(count, 0.5) if best is None else np.asarray(best)
    return Predictions(
        np.asarray(rank),
        best.astype(np.float32),
        best.astype(np.float32),
        np.arange(count) if game is None else np.asarray(game),
        np.zeros(count, np.int64) if ply is None else np.asarray(ply),
    )


def random_probabilities(count=500, points=81, spread=3.0):
    generator = torch.Generator().manual_seed(0)
    logits = spread * torch.randn(count, points, generator=generator)
    target = torch.randint(points, (count,), generator=generator)
    return logits, target


@pytest.mark.parametrize("k", TOP_K)
def test_top_k_is_what_torch_counts(k):
    logits, target = random_probabilities()
    result = predictions(logits.softmax(1).numpy(), target.numpy(), np.arange(500), np.zeros(500, np.int64))
    expected = (logits.topk(k, dim=1).indices == target[:, None]).any(1).float().mean()
    assert figures(result).top[k] == pytest.approx(float(expected))


def test_the_loss_is_torchs_cross_entropy():
    logits, target = random_probabilities()
    result = predictions(logits.softmax(1).numpy(), target.numpy(), np.arange(500), np.zeros(500, np.int64))
    assert figures(result).loss == pytest.approx(
        float(torch.nn.functional.cross_entropy(logits, target)), 1e-5
    )


def test_a_probability_of_zero_costs_87_nats():
    sure = np.array([[1.0, 0.0]], np.float32)
    result = predictions(sure, np.array([1]), np.array([0]), np.array([0]))
    assert figures(result).loss == pytest.approx(87.3365, abs=1e-3)


def test_of_equally_likely_points_the_first_ranks_first():
    alike = np.full((3, 4), 0.25, np.float32)
    result = predictions(alike, np.array([0, 1, 3]), np.arange(3), np.arange(3))
    assert result.rank.tolist() == [0, 1, 3]
    assert result.best.tolist() == [0.25] * 3


def test_a_board_of_fewer_points_than_k():
    result = predictions(np.full((1, 4), 0.25, np.float32), np.array([3]), np.array([0]), np.array([0]))
    assert figures(result).top == {1: 0, 2: 0, 3: 0, 5: 1, 10: 1}


def test_joined_parts_keep_their_order():
    whole = made([0, 3, 1, 2], game=[0, 0, 1, 2], ply=[5, 6, 7, 8])
    parts = [whole.where(np.array(mask, bool)) for mask in ([1, 1, 0, 0], [0, 0, 1, 1])]
    for name in ("rank", "played", "best", "game", "ply"):
        np.testing.assert_array_equal(getattr(join(parts), name), getattr(whole, name))


def test_games_of_one_position_are_independent_trials():
    hits = np.arange(100_000) % 5 < 2
    low, high = game_interval(hits, np.arange(100_000))
    assert (low, high) == pytest.approx(wilson_interval(0.4, 100_000), abs=1e-6)


def test_games_of_equal_positions_count_as_one_position():
    hits = np.repeat(np.arange(1000) % 2 == 0, 10)  # 1000 games, each all right or all wrong
    low, high = game_interval(hits, np.repeat(np.arange(1000), 10))
    assert (low, high) == pytest.approx(wilson_interval(0.5, 1000), abs=1e-4)


def test_the_interval_covers_the_true_share_95_times_in_100():
    random = np.random.default_rng(1)
    inside = 0
    for _ in range(400):
        skill = random.beta(20, 20, size=80)  # games differ
        hits = random.random((80, 25)) < skill[:, None]
        low, high = game_interval(hits.ravel(), np.repeat(np.arange(80), 25))
        inside += low < 0.5 < high
    assert 0.92 < inside / 400 < 0.98


@pytest.mark.parametrize("hits", [[True] * 20, [False] * 20, [True, False] * 10])
def test_the_design_effect_of_one_game_is_one(hits):
    share = float(np.mean(hits))
    assert game_interval(np.array(hits), np.zeros(20, int)) == wilson_interval(share, 20)
    if share in (0, 1):
        assert game_interval(np.array(hits), np.arange(20)) == wilson_interval(share, 20)


def test_the_interval_method_is_named():
    assert "Wilson" in INTERVAL_METHOD
    assert "games" in INTERVAL_METHOD


# (board size, ply from 0, phase)
PHASES = [
    (19, 0, "opening"),
    (19, 49, "opening"),
    (19, 50, "middle"),
    (19, 149, "middle"),
    (19, 150, "endgame"),
    (19, 400, "endgame"),
    (9, 10, "opening"),
    (9, 11, "middle"),
    (9, 33, "middle"),
    (9, 34, "endgame"),
    (2, 0, "opening"),
]


@pytest.mark.parametrize(("size", "ply", "phase"), PHASES)
def test_phases(size, ply, phase):
    (group,) = by_phase(made([0], ply=[ply]), size)
    assert group.name == phase


def test_every_position_is_in_one_phase():
    result = made([0, 0, 9, 0, 9, 9], ply=[0, 49, 50, 149, 150, 300])
    groups = by_phase(result, 19)
    assert [(g.name, g.first, g.last) for g in groups] == [
        ("opening", 1, 50),
        ("middle", 51, 150),
        ("endgame", 151, None),
    ]
    assert [(g.figures.positions, g.figures.top1) for g in groups] == [(2, 1.0), (2, 0.5), (2, 0.0)]


def test_move_number_groups_are_20_moves_without_empty_ones():
    groups = by_move_number(made([0, 1, 0], ply=[0, 19, 40]), 19)
    assert [(g.first, g.last, g.figures.positions, g.figures.top1) for g in groups] == [
        (1, 20, 2, 0.5),
        (41, 60, 1, 1.0),
    ]


@pytest.mark.parametrize("size", [2, 5, 9, 13, 19, 25])
def test_groups_partition_the_positions(size):
    ply = np.arange(3 * size * size)
    result = made(np.zeros(len(ply), int), ply=ply)
    for groups in (by_phase(result, size), by_move_number(result, size)):
        assert sum(group.figures.positions for group in groups) == len(ply)
        for before, after in pairwise(groups):
            assert before.last is not None
            assert after.first == before.last + 1


def test_calibration_by_hand():
    #        held likeliest at: 0.05 0.09 | 0.25 0.25 0.25 0.25 | 1.0 1.0
    result = made([0, 1, 0, 1, 1, 1, 0, 1], best=[0.05, 0.09, 0.25, 0.25, 0.25, 0.25, 1.0, 1.0])
    result = calibration(result)
    assert [(b.low, b.high, b.positions) for b in result.bins] == [
        (0, 0.1, 2),
        (0.2, 0.3, 4),
        (0.9, 1, 2),
    ]
    assert [b.confidence for b in result.bins] == pytest.approx([0.07, 0.25, 1.0])
    assert [b.accuracy for b in result.bins] == [0.5, 0.25, 0.5]
    assert result.error == pytest.approx((2 * 0.43 + 4 * 0.0 + 2 * 0.5) / 8)


def test_a_policy_with_true_probabilities_is_calibrated():
    random = np.random.default_rng(0)
    best = random.uniform(0.05, 1, 200_000)
    right = random.random(200_000) < best
    assert calibration(made(np.where(right, 0, 1), best=best)).error < 0.005
