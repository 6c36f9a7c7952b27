"""From a policy network to an ONNX file that was seen to compute the same as PyTorch."""

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
"""Of a probability: a hundred times what float32 sums in another order came to."""

_POSITIONS = 512


@dataclass(frozen=True)
class Agreement:
    """How far ONNX Runtime is from PyTorch on the same weights, both in float32.

    Public attributes:
      positions -- how many were compared
      games -- which they are from, for people
      difference -- the largest of any point's probability
    """

    positions: int
    games: str
    difference: float


def export_onnx(network: PolicyNetwork, path: Path, dtype: str = "float32") -> Agreement:
    """Write the network as an ONNX file, its weights stored as `dtype`, once it agrees with PyTorch.

    Raises GoEngineError if it does not, if the name does not end in .onnx or cannot be written, or there is
    no such precision.
    """
    if path.suffix.lower() != ".onnx":
        raise GoEngineError(f"{path}: the name of an ONNX model ends in .onnx")
    check_target(path)
    weights = {name: tensor.float().numpy() for name, tensor in network.state_dict().items()}
    content = build_onnx(network.config, weights, dtype).SerializeToString()
    rounded = copy.deepcopy(network).to(getattr(torch, dtype)).float()
    agreement = compare(OnnxPolicy(content, path.name), TorchPolicy(rounded, "PyTorch", torch.float32))
    if not agreement.difference <= LARGEST_DIFFERENCE:
        raise GoEngineError(
            f"{path} was not written: ONNX Runtime's probabilities are up to {agreement.difference:.2g} away "
            f"from PyTorch's on {agreement.positions} positions, {LARGEST_DIFFERENCE:g} is allowed"
        )
    with whole_file(path) as partial:
        partial.write_bytes(content)
    return agreement


def compare(policy: Policy, reference: Policy) -> Agreement:
    """Compare two policies of one board size on positions of whole games."""
    if reference.size == BUNDLED_SIZE:
        packed, games = _bundled_positions(), "the games that come with goengine"
    else:
        packed, games = _own_positions(reference), "games that the policy played with itself"
    difference = np.abs(policy.raw_policies(packed) - reference.raw_policies(packed)).max()
    return Agreement(len(packed), games, float(difference))


def _bundled_positions() -> NDArray[np.uint8]:
    games = load_games(bundled_games(), BUNDLED_SIZE)
    game, ply = fixed_sample(games, _POSITIONS)
    return encode_batch(games, game, ply, np.zeros(len(game), np.uint8)).packed


def _own_positions(policy: Policy) -> NDArray[np.uint8]:
    """Positions of games in which the policy draws its moves among those that fill no own eye."""
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
