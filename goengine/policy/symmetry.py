"""Averaging a network's probabilities over the eight symmetries of the board."""

from typing import Any, TypeVar

import numpy as np

from goengine.points import INVERSE, NUM_SYMMETRIES, symmetry_tables

A = TypeVar("A", bound=Any)  # an array of NumPy, or a tensor of PyTorch: both index and reshape alike


class SymmetryAverage:
    """Images of a batch under the eight symmetries, and the mean of a network's outputs for them.

    Attributes:
        images: int64 [8, size * size], where each symmetry takes each point. `to_array` makes it an array of
            the kind that the methods take.
        origins: int64 [8, size * size], the point that each image shows at each point.
    """

    def __init__(self, size: int, to_array: Any = np.asarray) -> None:
        images = symmetry_tables(size)[:, :-1].astype(np.int64)
        self.images: Any = to_array(images)
        self.origins: Any = to_array(images[list(INVERSE)])
        self._symmetries: Any = to_array(np.arange(NUM_SYMMETRIES)[:, None])

    def expand(self, planes: A) -> A:
        """Return the eight images of each row: [B, C, size, size] gives [8 * B, C, size, size]."""
        rows, channels, *sides = planes.shape
        images = planes.reshape(rows, channels, -1)[:, :, self.origins]  # [B, C, 8, points]
        expanded: A = images.swapaxes(1, 2).reshape(-1, channels, *sides)
        return expanded

    def average(self, outputs: A) -> A:
        """Return the mean over the images, each mapped back: [8 * B, points] gives [B, points]."""
        images = outputs.reshape(-1, NUM_SYMMETRIES, outputs.shape[-1])
        mean: A = images[:, self._symmetries, self.images].mean(1)
        return mean
