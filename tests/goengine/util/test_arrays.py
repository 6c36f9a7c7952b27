"""Arrays are used again when nobody holds them, and never before."""

import numpy as np
import torch

from goengine.util.arrays import ReusedArrays


def test_an_array_that_was_dropped_is_used_again() -> None:
    arrays = ReusedArrays(np.int8)
    first = arrays.empty((3, 4))
    assert first.dtype == np.int8
    assert first.shape == (3, 4)
    where = first.ctypes.data
    del first
    assert arrays.empty((3, 4)).ctypes.data == where


def test_what_is_held_is_left_alone() -> None:
    arrays = ReusedArrays(np.int8)
    holders = []
    for hold in (
        lambda array: array,
        lambda array: array[1],
        lambda array: array[1:][:, 2:].reshape(-1),
        lambda array: torch.from_numpy(array),
        lambda array: torch.from_numpy(array)[0],
        lambda array: memoryview(array),
        lambda array: {"observation": (array,)},
    ):
        array = arrays.empty((3, 4))
        array[:] = len(holders)
        holders.append(hold(array))
        del array
        other = arrays.empty((3, 4))
        other[:] = -1
        del other
    for number, holder in enumerate(holders):
        value = holder["observation"][0] if isinstance(holder, dict) else holder
        assert (np.asarray(value) == number).all()


def test_another_shape_is_another_array() -> None:
    arrays = ReusedArrays(np.int8)
    assert arrays.empty((2, 2)).shape == (2, 2)
    assert arrays.empty((5, 2)).shape == (5, 2)


def test_who_keeps_all_gets_fresh_ones() -> None:
    arrays = ReusedArrays(np.int8)
    kept = [arrays.empty((2,)) for _ in range(10)]
    assert len({array.ctypes.data for array in kept}) == 10
