"""Games between two policies, and the policy gradient."""

import numpy as np
import pytest
import torch

from goengine.game.board import BLACK, WHITE, Board
from goengine.game.planes import encode, encode_packed
from goengine.nn.network import PolicyNetwork, unpack
from goengine.training.reinforce.gradient import accumulate, advantages
from goengine.training.reinforce.self_play import Mover, Play, play_games, sensible_logits

CPU = torch.device("cpu")


def network(seed: int = 0, size: int = 5) -> PolicyNetwork:
    result = PolicyNetwork(size, filters=4, layers=2)
    for parameter in result.parameters():
        torch.nn.init.normal_(parameter, std=0.2, generator=torch.Generator().manual_seed(seed))
    return result


def mover(seed: int = 0, size: int = 5) -> Mover:
    return Mover(network(seed, size), size, CPU, torch.float32)


def play(games: int = 6, seed: int = 0, max_moves: int = 60, threads: int = 1) -> Play:
    return play_games(mover(1), mover(2), games, 5, 0.5, max_moves, np.random.default_rng(seed), threads)


def test_moves_are_sampled_from_the_networks_probabilities() -> None:
    board = Board(5)
    board.play("C3")
    packed = np.repeat(encode_packed(board)[None], 20_000, axis=0)
    draws = (np.arange(20_000) + 0.5) / 20_000
    points = mover(1).choose(packed, draws)
    planes = torch.from_numpy(encode(board)[None]).float()
    with torch.no_grad():
        expected = torch.softmax(sensible_logits(network(1)(planes), planes), dim=1)[0].numpy()
    assert np.bincount(points, minlength=25) / 20_000 == pytest.approx(expected, abs=1e-4)
    assert expected[12] == 0


def test_a_policy_without_a_sensible_point_passes() -> None:
    board = Board(2, rules="aga")
    for move in ("A1", "pass", "B1", "pass"):
        board.play(move)
    assert mover(size=2).choose(encode_packed(board)[None], np.zeros(1)).tolist() != [4]
    board.play("A2")
    board.play("pass")
    assert mover(size=2).choose(encode_packed(board)[None], np.zeros(1)).tolist() == [4]


def test_games_are_played_by_the_rules() -> None:
    """The positions are those in which the first policy moved."""
    result = play()
    assert result.colour.tolist() == [BLACK] * 3 + [WHITE] * 3
    assert set(result.outcome) <= {-1.0, 1.0}
    assert (result.plies <= 60).all()
    planes = unpack(torch.from_numpy(result.packed), 5, torch.float32)
    sensible = planes[:, 46].flatten(1)
    assert (sensible[torch.arange(len(result.point)), torch.from_numpy(result.point)] == 1).all()
    first = planes[(result.game == 0)][0]
    assert first[2].all()  # Black's first position is the empty board
    assert result.win_rate == (result.outcome == 1).mean()


def test_games_depend_on_the_seed_alone() -> None:
    one, other = play(seed=3), play(seed=3, threads=2)
    assert (one.point == other.point).all()
    assert (one.outcome == other.outcome).all()
    different = play(seed=4)
    assert len(one.point) != len(different.point) or (one.point != different.point).any()


def test_a_game_at_the_limit_of_moves_is_scored() -> None:
    result = play(max_moves=2)
    assert result.plies.tolist() == [2] * 6
    assert len(result.point) == 6


def test_advantages_are_relative_to_games_of_the_same_colour() -> None:
    result = Play(
        np.zeros((0, 8), np.uint8),
        np.zeros(0, np.int64),
        np.zeros(0, np.int64),
        np.array([1, 1, -1, 1, -1, -1], np.float32),
        np.array([1, 1, 1, 2, 2, 2], np.int8),
        np.zeros(6, np.int64),
    )
    assert advantages(result) == pytest.approx([2 / 3, 2 / 3, -4 / 3, 4 / 3, -2 / 3, -2 / 3])


def test_the_gradient_follows_the_formula_of_reinforce() -> None:
    """In small batches or all at once."""
    result = play()
    gradients = []
    for batch_size in (7, 10_000):
        learner = network(1)
        accumulate(learner, result, batch_size, 5, torch.float32)
        gradients.append(torch.cat([p.grad.flatten() for p in learner.parameters()]))
    learner = network(1)
    planes = unpack(torch.from_numpy(result.packed), 5, torch.float32)
    logs = torch.log_softmax(sensible_logits(learner(planes), planes), dim=1)
    chosen = logs[torch.arange(len(result.point)), torch.from_numpy(result.point)]
    weights = torch.from_numpy(advantages(result)[result.game])
    (-(weights * chosen).mean()).backward()
    expected = torch.cat([p.grad.flatten() for p in learner.parameters()])
    for gradient in gradients:
        assert torch.allclose(gradient, expected, atol=1e-6)
    assert expected.abs().max() > 1e-4
