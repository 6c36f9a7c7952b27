"""Work shared by threads: every item once, exceptions raised, usable after a fork."""

import multiprocessing
import os
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goengine.util.parallel import cores, share


@given(st.integers(0, 50), st.integers(0, 60), st.integers(1, 5))
def test_every_item_is_done_once_by_one_of_the_threads(count: int, slices: int, threads: int) -> None:
    done = np.zeros(count, np.int64)
    used: set[int] = set()

    def work(thread: int, part: slice) -> None:
        done[part] += 1
        used.add(thread)

    share(count, slices, threads, work)
    assert (done == 1).all()
    assert used <= set(range(threads))


@pytest.mark.parametrize("bad", [0, 7])
def test_exceptions_of_the_work_are_raised(bad: int) -> None:
    def work(_: int, part: slice) -> None:
        if part.start <= bad < part.stop:
            raise ValueError(f"item {bad}")

    with pytest.raises(ValueError, match=f"item {bad}"):
        share(8, 8, 2, work)


def _in_child(_: int) -> int:
    total = [0] * 3
    share(9, 9, 3, lambda thread, part: total.__setitem__(thread, total[thread] + part.stop - part.start))
    return sum(total)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_forked_process_starts_its_own_threads() -> None:
    assert _in_child(0) == 9  # starts the parent's threads
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.map_async(_in_child, [0]).get(timeout=60) == [9]


def test_there_is_at_least_one_core() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)
