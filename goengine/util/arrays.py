"""Large arrays that are handed out again once nobody holds them.

A fresh array of some megabytes comes in pages that the system clears one by one as they are first written,
which can take as long as computing what is written into them.
"""

import sys
from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

_KEPT = 3  # an agent holds the observation before and the one at hand


class ReusedArrays:
    """Arrays of one type, as `numpy.empty` gives them."""

    def __init__(self, dtype: type[np.generic]) -> None:
        self._dtype = dtype
        self._arrays: deque[NDArray[Any]] = deque(maxlen=_KEPT)

    def empty(self, shape: tuple[int, ...]) -> NDArray[Any]:
        """An array of this shape that nobody else holds, nor any view, tensor or buffer made of it."""
        for array in self._arrays:
            # CPython counts who holds an object; views and tensors of an array hold it.
            if array.shape == shape and sys.getrefcount(array) == _UNHELD:
                return array
        fresh = np.empty(shape, self._dtype)
        self._arrays.append(fresh)  # the oldest goes, to whoever holds it
        return fresh


def _count_of_unheld() -> int:
    for array in deque([np.empty(1)]):
        return sys.getrefcount(array)
    raise AssertionError


_UNHELD = _count_of_unheld()
