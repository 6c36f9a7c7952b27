"""Policies: probabilities over the legal points of a board."""

import numpy as np
import pytest
import torch
from support.example_records import random_record
from torch import nn

from goengine.errors import GoEngineError
from goengine.game.board import BLACK, Board
from goengine.game.planes import encode, encode_packed
from goengine.nn.network import PolicyNetwork, save_model
from goengine.points import symmetry_tables
from goengine.policy.base import Policy
from goengine.policy.loading import load_policy
from goengine.policy.torch_policy import TorchPolicy


def make_network(size=9):
    torch.manual_seed(1)
    network = PolicyNetwork(size, filters=8, layers=4)
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=0.15)
    return network


@pytest.fixture(scope="module")
def policy():
    return TorchPolicy(make_network(), "test", torch.float32)


def played(seed, symmetry=0, size=9):
    """Return the position after a random game, rotated or mirrored."""
    board = Board(size)
    for move in random_record(seed, size).moves:
        board.play(int(symmetry_tables(size)[symmetry, move]))
    return board


@pytest.mark.parametrize("symmetries", [1, 8])
def test_probabilities_sum_to_one_over_the_legal_points(policy, symmetries):
    boards = [Board(9), *(played(seed) for seed in range(5))]
    probabilities = policy.policies(boards, symmetries)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    legal = np.stack([board.legal_moves() for board in boards])
    assert (probabilities[~legal] == 0).all()
    assert (probabilities[legal] > 0).all()


def test_probabilities_are_the_softmax_over_legal_points(policy):
    board = played(3)
    with torch.no_grad():
        logits = make_network()(torch.from_numpy(encode(board)[None]).float())[0]
    expected = torch.softmax(logits.masked_fill(~torch.from_numpy(board.legal_moves()), -torch.inf), dim=0)
    np.testing.assert_allclose(policy.policy(board), expected.numpy(), atol=1e-6)


def test_a_batch_equals_single_boards(policy):
    boards = [played(seed) for seed in range(3)] * 100
    together = policy.policies(boards, symmetries=8)
    apart = np.stack([policy.policies([board], symmetries=8)[0] for board in boards[:3]])
    np.testing.assert_allclose(together[:3], apart, atol=1e-6)
    np.testing.assert_allclose(together[-3:], apart, atol=1e-6)


@pytest.mark.parametrize("symmetry", range(8))
def test_the_symmetry_average_rotates_with_the_board(policy, symmetry):
    upright = policy.policies([played(2)], symmetries=8)[0]
    turned = policy.policies([played(2, symmetry)], symmetries=8)[0]
    np.testing.assert_allclose(turned[symmetry_tables(9)[symmetry, :-1]], upright, atol=1e-5)


def test_the_symmetry_average_is_the_mean_of_eight_boards(policy):
    boards = [played(2, symmetry) for symmetry in range(8)]
    apart = policy.raw_policies(np.stack([encode_packed(board) for board in boards]))
    mean = np.mean([row[table[:-1]] for row, table in zip(apart, symmetry_tables(9), strict=True)], axis=0)
    average = policy.raw_policies(encode_packed(boards[0])[None], symmetries=8)[0]
    np.testing.assert_allclose(average, mean, atol=1e-6)


def test_a_board_without_legal_points_has_no_probability():
    size = 2
    policy = TorchPolicy(make_network(size), "test", torch.float32)
    board = Board(size)
    board.setup(black=[0, 1, 2], white=[], to_play=BLACK)  # filling the last point is suicide
    assert not board.legal_moves().any()
    assert (policy.policy(board) == 0).all()


def test_underflow_at_legal_points_makes_them_equal():
    network = make_network()
    network.position_bias1.bias.data[0, 0, 0] = 1e4
    policy = TorchPolicy(network, "test", torch.float32)
    board = Board(9)
    board.play(0)
    probabilities = policy.policy(board)
    assert probabilities[0] == 0
    np.testing.assert_allclose(probabilities[1:], 1 / 80, atol=1e-7)


def test_underflow_of_one_board_does_not_affect_others():
    class Fixed(Policy):
        name, size, arithmetic = "fixed", 9, "none"

        def _average(self, packed, symmetries):
            assert symmetries == 1
            rows = np.zeros((len(packed), 81), np.float32)
            rows[0, 0] = 1
            rows[1, :3] = 0.5, 0.375, 0.125
            return rows

    board = Board(9)
    board.play(0)
    lost, known = Fixed().policies([board, board])
    np.testing.assert_allclose(lost, [0] + 80 * [1 / 80], rtol=1e-6)
    np.testing.assert_allclose(known, [0, 0.75, 0.25] + 78 * [0])


def test_an_empty_batch_gives_no_rows(policy):
    assert policy.policies([]).shape == (0, 81)


def test_another_board_size_is_refused(policy):
    with pytest.raises(GoEngineError, match="the policy test is for 9x9 boards, not 19x19"):
        policy.policy(Board(19))


def test_other_numbers_of_symmetries_are_refused(policy):
    with pytest.raises(GoEngineError, match="1 or 8 symmetries, not 4"):
        policy.policies([Board(9)], symmetries=4)


def test_the_precision_is_measured_when_none_is_given():
    policy = TorchPolicy(make_network())
    assert policy.dtype in (torch.float32, torch.bfloat16)
    assert np.isfinite(policy.policy(Board(9))).all()


def test_a_model_folder_is_loaded_by_its_path(tmp_path):
    save_model(make_network(), tmp_path / "mine", torch.float32, "")
    policy = load_policy(tmp_path / "mine")
    assert (policy.name, policy.size) == ("mine", 9)
    np.testing.assert_allclose(policy.policy(Board(9)).sum(), 1, atol=1e-6)


@pytest.mark.parametrize(("path", "message"), [("nowhere", "does not exist"), ("file", "is a file")])
def test_missing_folders_are_refused(tmp_path, path, message):
    (tmp_path / "file").write_text("x")
    with pytest.raises(GoEngineError, match=message):
        load_policy(tmp_path / path)


def test_a_network_with_other_planes_is_refused(tmp_path):
    save_model(PolicyNetwork(9, 4, 3, planes=12), tmp_path, torch.float32, "")
    with pytest.raises(GoEngineError, match="takes 12 planes; expected 48"):
        load_policy(tmp_path)


def test_the_bundled_policy_opens_in_a_corner():
    policy = load_policy()
    assert policy.size == 19
    opening = policy.policies([Board()], symmetries=8)[0].reshape(19, 19)
    middle = opening[7:12].sum() + opening[:, 7:12].sum() - opening[7:12, 7:12].sum()
    assert middle < 0.1


def test_a_policy_shows_its_name_size_filters_and_arithmetic(policy):
    assert repr(policy) == "<TorchPolicy test: 9x9, 8 filters, PyTorch, float32 on cpu>"
