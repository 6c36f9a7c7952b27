"""Policies: boards in, probabilities over the legal points out, whatever computes them."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from goengine.errors import GoEngineError
from goengine.game.board import Board
from goengine.game.planes import encode_packed
from goengine.points import NUM_SYMMETRIES


class Policy(ABC):
    """A trained policy network, ready to be asked.

    `goengine.policy.torch_policy.TorchPolicy` computes it with PyTorch,
    `goengine.policy.onnx_policy.OnnxPolicy` with ONNX Runtime, which needs no PyTorch: nor does this module.

    Public attributes:
      name -- what it was loaded as
      size -- the board size it was trained for
      arithmetic -- for people: what computes it, in which precision and where
    """

    name: str
    size: int

    def __init__(self) -> None:
        self._resized: dict[int, Policy] = {}

    @property
    @abstractmethod
    def arithmetic(self) -> str: ...

    def can_play(self, size: int) -> bool:
        """Whether it can be asked about boards of this size: its own, and smaller ones where it can adapt."""
        return size == self.size

    def _resize(self, size: int) -> "Policy":
        """The same network for another size that it `can_play`."""
        raise NotImplementedError

    @abstractmethod
    def _average(self, packed: NDArray[np.uint8], symmetries: int) -> NDArray[np.float32]:
        """What `raw_policies` gives, for arguments that it has checked."""

    def policy(self, board: Board) -> NDArray[np.float32]:
        """How likely each point is played next: float32 [size * size].

        Illegal points are at zero and the rest sums to one; all are zero where no point is legal.

        Raises GoEngineError if it cannot play the board's size.
        """
        return self.policies([board])[0]

    def policies(self, boards: Sequence[Board], symmetries: int = 1) -> NDArray[np.float32]:
        """The same for many boards of one size at once: float32 [B, size * size].

        symmetries: 8 averages the probabilities over the turned and mirrored board, at eight times the cost.

        Raises GoEngineError if it cannot play a board's size, boards are of several sizes, or `symmetries` is
        not 1 or 8.
        """
        if not boards:
            return np.empty((0, self.size**2), np.float32)
        size = boards[0].size
        for board in boards:
            if not self.can_play(board.size):
                raise GoEngineError(
                    f"the policy {self.name} is for {self.size}x{self.size} boards, "
                    f"not {board.size}x{board.size}"
                )
            if board.size != size:
                raise GoEngineError(f"the boards are of several sizes, {size}x{size} and others")
        if size != self.size:
            if size not in self._resized:
                self._resized[size] = self._resize(size)
            return self._resized[size].policies(boards, symmetries)
        packed = np.stack([encode_packed(board) for board in boards])
        legal = np.stack([board.legal_moves() for board in boards])
        probabilities = self.raw_policies(packed, symmetries) * legal
        total = probabilities.sum(axis=1, keepdims=True)
        if not total.all():
            # A network so sure of an illegal point that the legal ones vanish in float32 knows nothing of
            # them.
            probabilities = np.where(total > 0, probabilities, legal)
            total = probabilities.sum(axis=1, keepdims=True)
            total[total == 0] = 1  # no point is legal
        return probabilities / total

    def raw_policies(self, packed: NDArray[np.uint8], symmetries: int = 1) -> NDArray[np.float32]:
        """The network's softmax over all points, illegal ones included: float32 [B, size * size].

        packed: uint8 [B, packed_bytes(size)], as `goengine.game.planes.encode_packed` gives them.

        Raises GoEngineError if `symmetries` is not 1 or 8.
        """
        if symmetries not in (1, NUM_SYMMETRIES):
            raise GoEngineError(f"a policy is averaged over 1 or 8 symmetries, not {symmetries}")
        return self._average(packed, symmetries)
