"""Policies: boards in, probabilities over the legal points out, whatever computes them."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from goengine.board import Board
from goengine.errors import GoEngineError
from goengine.planes import encode_packed
from goengine.points import NUM_SYMMETRIES


class Policy(ABC):
    """A trained policy network, ready to be asked.

    `goengine.torch_policy.TorchPolicy` computes it with PyTorch, `goengine.onnx_policy.OnnxPolicy` with ONNX
    Runtime, which needs no PyTorch: nor does this module.

    Public attributes:
      name -- what it was loaded as
      size -- the board size it was trained for
      arithmetic -- for people: what computes it, in which precision and where
    """

    name: str
    size: int

    @property
    @abstractmethod
    def arithmetic(self) -> str: ...

    @abstractmethod
    def _average(self, packed: NDArray[np.uint8], symmetries: int) -> NDArray[np.float32]:
        """What `raw_policies` gives, for arguments that it has checked."""

    def policy(self, board: Board) -> NDArray[np.float32]:
        """How likely each point is played next: float32 [size * size].

        Illegal points are at zero and the rest sums to one; all are zero where no point is legal.

        Raises GoEngineError if the board's size is not the policy's.
        """
        return self.policies([board])[0]

    def policies(self, boards: Sequence[Board], symmetries: int = 1) -> NDArray[np.float32]:
        """The same for many boards at once: float32 [B, size * size].

        symmetries: 8 averages the probabilities over the turned and mirrored board, at eight times the cost.

        Raises GoEngineError if a board's size is not the policy's, or `symmetries` is not 1 or 8.
        """
        for board in boards:
            if board.size != self.size:
                raise GoEngineError(
                    f"the policy {self.name} is for {self.size}x{self.size} boards, "
                    f"not {board.size}x{board.size}"
                )
        if not boards:
            return np.empty((0, self.size**2), np.float32)
        probabilities = self.raw_policies(np.stack([encode_packed(board) for board in boards]), symmetries)
        legal = np.stack([board.legal_moves() for board in boards])
        probabilities = np.where(legal, probabilities, 0)
        total = probabilities.sum(axis=1, keepdims=True, dtype=np.float64)
        # A network so sure of an illegal point that the legal ones vanish in float32 knows nothing of them.
        share = legal / np.maximum(1, legal.sum(axis=1, keepdims=True))
        return np.where(total > 0, probabilities / np.where(total > 0, total, 1), share).astype(np.float32)

    def raw_policies(self, packed: NDArray[np.uint8], symmetries: int = 1) -> NDArray[np.float32]:
        """The network's softmax over all points, illegal ones included: float32 [B, size * size].

        packed: uint8 [B, packed_bytes(size)], as `goengine.planes.encode_packed` gives them.

        Raises GoEngineError if `symmetries` is not 1 or 8.
        """
        if symmetries not in (1, NUM_SYMMETRIES):
            raise GoEngineError(f"a policy is averaged over 1 or 8 symmetries, not {symmetries}")
        return self._average(packed, symmetries)
