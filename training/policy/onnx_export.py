"""Exporting a policy network to an ONNX file, after comparing ONNX Runtime with PyTorch."""

import copy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from goengine.data import BUNDLED_SIZE, bundled_games
from goengine.data.samples import encode_batch, fixed_sample
from goengine.data.table.load import load_games
from goengine.errors import GoEngineError
from goengine.game.board import Board
from goengine.game.planes import encode_packed
from goengine.nn.network import PolicyNetwork
from goengine.nn.onnx import build_onnx
from goengine.policy.base import Policy
from goengine.policy.onnx_policy import OnnxPolicy
from goengine.policy.torch_policy import TorchPolicy
from goengine.util.files import check_target, whole_file

LARGEST_DIFFERENCE = 1e-4
"""The largest difference of a probability that is allowed: a hundred times the largest one measured."""

_POSITIONS = 512


@dataclass(frozen=True)
class Agreement:
    """A comparison of ONNX Runtime with PyTorch on the same weights, both in float32.

    Attributes:
        positions: The number of positions compared.
        games: The games they are from, in words.
        difference: The largest absolute difference of a point's probability.
    """

    positions: int
    games: str
    difference: float


def export_onnx(network: PolicyNetwork, path: Path, dtype: str = "float32") -> Agreement:
    """Write a network as an ONNX file, if ONNX Runtime computes the same from it as PyTorch.

    Args:
        network: The network.
        path: The file to write; its name ends in .onnx.
        dtype: The precision of the stored weights: "bfloat16", "float16" or "float32".

    Returns:
        The comparison with PyTorch.

    Raises:
        GoEngineError: If the probabilities differ by more than LARGEST_DIFFERENCE, the name has another
            ending, the file cannot be written, or the precision is unknown.
    """
    if path.suffix.lower() != ".onnx":
        raise GoEngineError(f"{path}: the name of an ONNX file ends in .onnx")
    check_target(path)
    weights = network.layer_weights()
    content = build_onnx(network.config, weights, dtype).SerializeToString()
    rounded = copy.deepcopy(network).to(getattr(torch, dtype)).float()
    agreement = compare(OnnxPolicy(content, path.name), TorchPolicy(rounded, "PyTorch", torch.float32))
    if not agreement.difference <= LARGEST_DIFFERENCE:
        raise GoEngineError(
            f"{path} was not written: the probabilities of ONNX Runtime and PyTorch differ by up to "
            f"{agreement.difference:.2g} on {agreement.positions} positions, but at most "
            f"{LARGEST_DIFFERENCE:g} is allowed"
        )
    with whole_file(path) as partial:
        partial.write_bytes(content)
    return agreement


def compare(policy: Policy, reference: Policy) -> Agreement:
    """Compare two policies for the same board size on positions of complete games."""
    if reference.size == BUNDLED_SIZE:
        packed, games = _bundled_positions(), "the bundled games"
    else:
        packed, games = _self_play_positions(reference), "games of the policy against itself"
    difference = np.abs(policy.raw_policies(packed) - reference.raw_policies(packed)).max()
    return Agreement(len(packed), games, float(difference))


def _bundled_positions() -> NDArray[np.uint8]:
    games = load_games(bundled_games(), BUNDLED_SIZE)
    game, ply = fixed_sample(games, _POSITIONS)
    return encode_batch(games, game, ply, np.zeros(len(game), np.uint8)).packed


def _self_play_positions(policy: Policy) -> NDArray[np.uint8]:
    """Return positions of games in which the policy draws each move, but never fills an own eye."""
    rng = np.random.default_rng(0)
    packed: list[NDArray[np.uint8]] = []
    while True:
        board = Board(policy.size)
        while (points := np.flatnonzero(board.sensible_moves())).size and board.ply < board.size**2:
            packed.append(encode_packed(board))
            if len(packed) == _POSITIONS:
                return np.stack(packed)
            likelihoods = policy.policy(board)[points].astype(np.float64)
            likelihoods = np.where(np.isfinite(likelihoods), likelihoods, 0) + 1e-9
            board.play(int(rng.choice(points, p=likelihoods / likelihoods.sum())))
