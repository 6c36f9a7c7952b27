"""The interface of all policies: boards in, probabilities over the legal points out."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from goengine.errors import GoEngineError
from goengine.game.board import Board
from goengine.game.planes import encode_packed
from goengine.points import NUM_SYMMETRIES


class Policy(ABC):
    """A trained policy network, ready to evaluate boards.

    `goengine.policy.torch_policy.TorchPolicy` computes it with PyTorch and
    `goengine.policy.onnx_policy.OnnxPolicy` with ONNX Runtime. This module needs neither.

    >>> from goengine import Board, load_policy
    >>> policy = load_policy()
    >>> policy.size, policy.filters
    (19, 64)
    >>> board = Board()
    >>> probabilities = policy.policy(board)
    >>> probabilities.shape
    (361,)
    >>> board.play(int(probabilities.argmax()))  # the likeliest move

    Attributes:
        name: The name it was loaded by.
        size: The board size that it was trained for.
        filters: The number of filters of each layer, None if it is not known.
        arithmetic: A text for people: which library computes it, in which precision, on which device.
    """

    name: str
    size: int
    filters: int | None = None

    def __init__(self) -> None:
        self._resized: dict[int, Policy] = {}

    @property
    @abstractmethod
    def arithmetic(self) -> str:
        """A text for people: which library computes it, in which precision, on which device."""

    def __repr__(self) -> str:
        filters = "" if self.filters is None else f", {self.filters} filters"
        return f"<{type(self).__name__} {self.name}: {self.size}x{self.size}{filters}, {self.arithmetic}>"

    def can_play(self, size: int) -> bool:
        """Return whether it can evaluate boards of this size: its own, or a smaller one if it can adapt."""
        return size == self.size

    def _resize(self, size: int) -> "Policy":
        """Return the same network for another size that it `can_play`."""
        raise NotImplementedError

    @abstractmethod
    def _average(self, packed: NDArray[np.uint8], symmetries: int) -> NDArray[np.float32]:
        """Compute `raw_policies` of arguments that it has checked."""

    def policy(self, board: Board) -> NDArray[np.float32]:
        """Return how likely each point is played next.

        Returns:
            float32 [size * size]. Illegal points have 0 and the rest sums to 1; all are 0 if no point is
            legal.

        Raises:
            GoEngineError: If it cannot play the board's size.
        """
        probabilities: NDArray[np.float32] = self.policies([board])[0]
        return probabilities

    def policies(self, boards: Sequence[Board], symmetries: int = 1) -> NDArray[np.float32]:
        """Return what `policy` returns for many boards of one size: float32 [B, size * size].

        Args:
            boards: The positions.
            symmetries: 8 averages the probabilities over the rotated and mirrored board, at eight times the
                cost; 1 does not.

        Raises:
            GoEngineError: If it cannot play a board's size, the sizes differ, or `symmetries` is not 1 or 8.
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
                raise GoEngineError(
                    f"the boards are of several sizes, {size}x{size} and {board.size}x{board.size}"
                )
        if size != self.size:
            if size not in self._resized:
                self._resized[size] = self._resize(size)
            return self._resized[size].policies(boards, symmetries)
        packed = np.stack([encode_packed(board) for board in boards])
        legal = np.stack([board.legal_moves() for board in boards])
        probabilities: NDArray[np.float32] = self.raw_policies(packed, symmetries) * legal
        total = probabilities.sum(axis=1, keepdims=True)
        if not total.all():
            # Where all legal points underflow to 0 in float32, they are equally likely.
            probabilities = np.where(total > 0, probabilities, legal).astype(np.float32)
            total = probabilities.sum(axis=1, keepdims=True)
            total[total == 0] = 1  # no point is legal
        result: NDArray[np.float32] = probabilities / total
        return result

    def raw_policies(self, packed: NDArray[np.uint8], symmetries: int = 1) -> NDArray[np.float32]:
        """Return the network's softmax over all points, illegal ones included: float32 [B, size * size].

        Args:
            packed: uint8 [B, packed_bytes(size)], rows of `goengine.game.planes.encode_packed`.
            symmetries: 1 or 8, as for `policies`.

        Raises:
            GoEngineError: If `symmetries` is not 1 or 8.
        """
        if symmetries not in (1, NUM_SYMMETRIES):
            raise GoEngineError(f"a policy is averaged over 1 or 8 symmetries, not {symmetries}")
        return self._average(packed, symmetries)
