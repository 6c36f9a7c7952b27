"""Share work among threads. Meant for compiled code, which releases the GIL."""

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def share(count: int, slices: int, threads: int, work: Callable[[int, slice], None]) -> None:
    """Call work(thread, part) for each slice of range(count), on several threads.

    The calling thread is number 0 and takes part in the work. An exception in `work` is raised here.

    Args:
        count: the number of items.
        slices: the number of slices. With more slices than threads, a thread that starts late or gets slow
            slices does fewer of them.
        threads: the number of threads.
        work: gets the number of its thread and the slice.
    """
    slices = max(1, min(slices, count))
    if slices == 1 or threads <= 1:
        work(0, slice(0, count))
        return
    bounds = [count * i // slices for i in range(slices + 1)]
    parts = deque(slice(begin, end) for begin, end in pairwise(bounds))

    def take(thread: int) -> None:
        while True:
            try:
                part = parts.popleft()
            except IndexError:
                return
            work(thread, part)

    others = [_pool(threads - 1).submit(take, thread) for thread in range(1, min(threads, slices))]
    try:
        take(0)
    finally:
        parts.clear()
        for other in others:
            other.result()


@cache
def _pool(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, thread_name_prefix="share")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)  # a child has none of its parent's threads
