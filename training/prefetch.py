"""Drawing batches on other threads, ahead of the steps that train on them."""

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

_MAX_WORKERS = 8  # each encodes about 100,000 positions per second


class Batches(Generic[B]):
    """An endless iterator over this process's shares of the batches.

    Attributes:
        waited: The seconds spent waiting for batches so far.
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
        """Begin to draw the batches from `step` on; see `prefetch`."""
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

    def wait_for_first(self) -> None:
        """Wait until the next batch is there, which takes a minute where code is compiled first."""
        self._ahead[0].result()

    def skip_drawn(self) -> None:
        """Skip the batches already drawn, so that a benchmark does not take them for fast ones."""
        for _ in range(len(self._ahead)):
            next(self)

    def _submit(self) -> None:
        self._ahead.append(self._pool.submit(self._draw, self._upcoming))
        self._upcoming += 1


@contextmanager
def prefetch(
    task: Task[B], step: int, batch_size: int, device: torch.device, processes: Processes | None = None
) -> Iterator[Batches[B]]:
    """Draw batches ahead until the block ends; the encoder releases the GIL.

    Args:
        task: Draws the batches.
        step: The step of the first batch.
        batch_size: The size of a batch of all processes together.
        device: The device that trains; the CPU leaves one thread for drawing.
        processes: This process among those of the run; by default the only one.
    """
    processes = processes or Processes()
    threads = cores() // processes.local_world
    workers = 1 if device.type == "cpu" else min(_MAX_WORKERS, max(1, threads - 1))
    pool = ThreadPoolExecutor(workers)
    try:
        yield Batches(pool, workers, task, step, batch_size, processes)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
