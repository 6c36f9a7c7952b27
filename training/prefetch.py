"""Batches drawn ahead of the steps that learn from them."""

import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Generic

import torch

from goengine.training.processes import Processes
from goengine.training.task import B, Task
from goengine.util.parallel import cores

_MOST_WORKERS = 8  # an encoding thread fills some 100,000 positions a second


class Batches(Generic[B]):
    """An endless iterator over this process's share of the steps' batches.

    Public attributes:
      waited -- seconds that have gone by in waiting for a batch
    """

    def __init__(
        self,
        pool: ThreadPoolExecutor,
        workers: int,
        task: Task[B],
        step: int,
        batch_size: int,
        processes: Processes,
    ) -> None:
        self.waited = 0.0
        self._pool = pool
        self._draw = lambda n: task.batch(n, batch_size, processes.rank, processes.world)
        self._upcoming = step
        self._ahead: deque[Future[B]] = deque()
        for _ in range(2 * workers):
            self._submit()

    def __iter__(self) -> "Batches[B]":
        return self

    def __next__(self) -> B:
        begin = time.perf_counter()
        batch = self._ahead.popleft().result()
        self.waited += time.perf_counter() - begin
        self._submit()
        return batch

    def skip_drawn(self) -> None:
        """Leave out what was drawn ahead, so that what follows is drawn as fast as it is taken."""
        for _ in range(len(self._ahead)):
            next(self)

    def _submit(self) -> None:
        self._ahead.append(self._pool.submit(self._draw, self._upcoming))
        self._upcoming += 1


@contextmanager
def prefetch(
    task: Task[B], step: int, batch_size: int, device: torch.device, processes: Processes | None = None
) -> Iterator[Batches[B]]:
    """Batches from `step` on, drawn ahead on other threads (the encoder releases the GIL)."""
    processes = processes or Processes()
    own = cores() // processes.local_world
    workers = 1 if device.type == "cpu" else min(_MOST_WORKERS, max(1, own - 1))
    pool = ThreadPoolExecutor(workers)
    try:
        yield Batches(pool, workers, task, step, batch_size, processes)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
