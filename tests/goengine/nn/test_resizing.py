"""A network for 19x19 on smaller boards."""

import numpy as np
import pytest
import torch

from goengine.errors import GoEngineError
from goengine.game.board import Board
from goengine.nn.model_folder import PolicyConfig, parameter_shapes
from goengine.nn.network import PolicyNetwork, save_model
from goengine.nn.resizing import resize
from goengine.player.player import Player
from goengine.policy.torch_policy import TorchPolicy


def distances(size: int) -> np.ndarray:
    """Return 10 * row distance to the nearer edge + column distance: [size, size]."""
    near = np.minimum(np.arange(size), np.arange(size)[::-1])
    return (10 * near[:, None] + near[None, :]).astype(np.float32)


def make_network(size: int = 19) -> PolicyNetwork:
    torch.manual_seed(1)
    network = PolicyNetwork(size, filters=8, layers=4)
    for tensor in network.parameters():
        torch.nn.init.normal_(tensor, std=0.2)
    return network.eval()


@pytest.mark.parametrize("size", [5, 6, 9, 13, 18])
def test_a_point_takes_the_bias_at_the_same_edge_distance(size: int) -> None:
    config = PolicyConfig(19, 8, 4, 48)
    weights = {name: np.zeros(shape, np.float32) for name, shape in parameter_shapes(config.place()).items()}
    (bias,) = [name for name, values in weights.items() if values.shape == (1, 19, 19)]
    weights[bias][0] = distances(19)
    small, resized = resize(config, weights, size)
    assert small == PolicyConfig(size, 8, 4, 48)
    assert np.allclose(resized[bias][0], distances(size))
    assert {name: values.shape for name, values in resized.items()} == parameter_shapes(small.place())


def test_the_four_edges_are_distinguished() -> None:
    config = PolicyConfig(19, 8, 4, 48)
    weights = {name: np.zeros(shape, np.float32) for name, shape in parameter_shapes(config.place()).items()}
    (bias,) = [name for name, values in weights.items() if values.shape == (1, 19, 19)]
    weights[bias][0] = np.arange(19)[:, None] * 100 + np.arange(19)
    small = resize(config, weights, 5)[1][bias][0]
    assert small[0].tolist() == [0, 1, (2 + 16) / 2, 17, 18]
    assert small[:, 0].tolist() == [0, 100, 900, 1700, 1800]


def test_resizing_keeps_the_convolutions() -> None:
    network = make_network()
    small = network.for_size(9)
    assert small.config == PolicyConfig(9, 8, 4, 48)
    for (name, kept), (_, old) in zip(small.named_parameters(), network.named_parameters(), strict=True):
        if kept.shape == old.shape:
            assert torch.equal(kept, old), name
    assert sum(a.shape != b.shape for a, b in zip(small.parameters(), network.parameters(), strict=True)) == 1


def test_a_policy_plays_smaller_boards_from_5x5() -> None:
    policy = TorchPolicy(make_network(), dtype=torch.float32)
    player = Player(policy)
    assert [size for size in range(2, 26) if player.can_play(size)] == list(range(5, 20))
    board = Board(9)
    board.play("E5")
    probabilities = policy.policies([board, Board(9)], symmetries=8)
    assert probabilities.shape == (2, 81)
    assert probabilities.sum(axis=1) == pytest.approx([1.0, 1.0], abs=1e-5)
    own = TorchPolicy(make_network().for_size(9), dtype=torch.float32)
    assert np.allclose(probabilities, own.policies([board, Board(9)], symmetries=8), atol=1e-6)
    assert player.choose(board) != board.last_move


def test_sizes_that_cannot_be_played_are_reported() -> None:
    policy = TorchPolicy(make_network(), dtype=torch.float32)
    with pytest.raises(GoEngineError, match="is for 19x19 boards, not 21x21"):
        policy.policy(Board(21))
    with pytest.raises(GoEngineError, match="not 4x4"):
        policy.policy(Board(4))
    with pytest.raises(GoEngineError, match="several sizes"):
        policy.policies([Board(9), Board(13)])
    with pytest.raises(GoEngineError, match="cannot play 20x20; it plays smaller boards, from 5x5"):
        make_network().for_size(20)


def test_onnx_runtime_plays_smaller_boards(tmp_path) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    from goengine.policy.loading import load_policy

    network = make_network()
    save_model(network, tmp_path, torch.float32, "card")
    boards = [Board(9), Board(9)]
    boards[1].play("C3")
    by_onnx = load_policy(tmp_path, "onnx")
    assert by_onnx.can_play(9)
    expected = TorchPolicy(network, dtype=torch.float32).policies(boards)
    assert np.allclose(by_onnx.policies(boards), expected, atol=1e-5)
