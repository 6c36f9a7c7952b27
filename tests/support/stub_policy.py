"""Policies without a network, for tests of what uses one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from goengine.game.board import Board


class UniformPolicy:
    """Every legal point is as likely as any other."""

    def __init__(self, size: int = 9) -> None:
        self.size = size
        self.symmetries_seen: list[int] = []

    def can_play(self, size: int) -> bool:
        return size == self.size

    def policies(self, boards: Sequence[Board], symmetries: int = 1) -> NDArray[np.float32]:
        self.symmetries_seen.append(symmetries)
        legal = np.array([board.legal_moves() for board in boards], np.float32)
        return legal / np.maximum(legal.sum(axis=1, keepdims=True), 1)


class FixedPolicy:
    """The same numbers in every position, illegal points at zero."""

    def __init__(self, probabilities: NDArray[np.float32]) -> None:
        self.probabilities = probabilities
        self.size = int(len(probabilities) ** 0.5)
        self.symmetries_seen: list[int] = []

    def can_play(self, size: int) -> bool:
        return size == self.size

    def policies(self, boards: Sequence[Board], symmetries: int = 1) -> NDArray[np.float32]:
        self.symmetries_seen.append(symmetries)
        return np.array([self.probabilities * board.legal_moves() for board in boards], np.float32)
