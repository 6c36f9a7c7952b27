"""A policy network on a smaller board than it was trained for.

Convolutions do not care for the board's size: they see its edge as ever. Only the bias of each point, in the
last layer, belongs to a size. A point of a small board takes that of the point as far from the same corner.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from goengine.errors import GoEngineError
from goengine.nn.layers import PositionBias
from goengine.nn.model_folder import ModelConfig

SMALLEST = 5


def can_resize(trained: int, size: int) -> bool:
    """Whether a network that was trained for one board size can play another: any smaller one from 5x5."""
    return SMALLEST <= size < trained


def resize(
    config: ModelConfig, weights: dict[str, NDArray[np.float32]], size: int
) -> tuple[ModelConfig, dict[str, NDArray[np.float32]]]:
    """The settings and weights of the same network for a smaller board.

    Raises GoEngineError for a size that `can_resize` does not allow.
    """
    if not can_resize(config.size, size):
        raise GoEngineError(
            f"a network for {config.size}x{config.size} boards cannot play {size}x{size}; "
            f"it plays smaller boards, from {SMALLEST}x{SMALLEST}"
        )
    resized = dict(weights)
    near = _as_far_from_the_edge(size, config.size)
    for layer in config.place():
        if isinstance(layer.spec, PositionBias):
            name = f"{layer.name}.bias"
            resized[name] = (near @ weights[name] @ near.T).astype(np.float32)
    return replace(config, size=size), resized


def _as_far_from_the_edge(small: int, large: int) -> NDArray[np.float32]:
    """What the rows of a small board take of a large one's: float32 [small, large].

    A row takes the one as far from the nearer edge; the middle row the mean of two.
    """
    shares = np.zeros((small, large), np.float32)
    rows = np.arange(small)
    upper, lower = 2 * rows <= small - 1, 2 * rows >= small - 1
    shares[rows[upper], rows[upper]] += 1
    shares[rows[lower], rows[lower] + large - small] += 1
    return shares / shares.sum(axis=1, keepdims=True)
