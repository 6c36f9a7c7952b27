"""A policy network on a smaller board than it was trained for.

Convolutions work on any board size, and see its edge as before. Only the last layer, with a bias for each
point, depends on the size. A point of the small board takes the bias of the point at the same distance from
the same corner.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from goengine.errors import GoEngineError
from goengine.nn.layers import PositionBias
from goengine.nn.model_folder import PolicyConfig

SMALLEST = 5


def can_resize(trained: int, size: int) -> bool:
    """Return whether a network trained for one board size can play another: any smaller one from 5x5."""
    return SMALLEST <= size < trained


def resize(
    config: PolicyConfig, weights: dict[str, NDArray[np.float32]], size: int
) -> tuple[PolicyConfig, dict[str, NDArray[np.float32]]]:
    """Return the config and the weights of the same network for a smaller board.

    Raises:
        GoEngineError: If `can_resize` does not allow the size.
    """
    if not can_resize(config.size, size):
        raise GoEngineError(
            f"a network for {config.size}x{config.size} boards cannot play {size}x{size}; "
            f"it plays smaller boards, from {SMALLEST}x{SMALLEST}"
        )
    resized = dict(weights)
    shares = _row_shares(size, config.size)
    for layer in config.place():
        if isinstance(layer.spec, PositionBias):
            name = f"{layer.name}.bias"
            resized[name] = (shares @ weights[name] @ shares.T).astype(np.float32)
    return replace(config, size=size), resized


def _row_shares(small: int, large: int) -> NDArray[np.float32]:
    """Return the shares that the rows of a small board take of those of a large one: float32 [small, large].

    A row takes the row at the same distance from its nearer edge, the middle row the mean of two.
    """
    shares = np.zeros((small, large), np.float32)
    rows = np.arange(small)
    upper, lower = 2 * rows <= small - 1, 2 * rows >= small - 1
    shares[rows[upper], rows[upper]] += 1
    shares[rows[lower], rows[lower] + large - small] += 1
    shares /= shares.sum(axis=1, keepdims=True)
    return shares
