"""How many CPU threads a step takes, on a machine that does other work too."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import torch

# Every so many seconds each number of threads is timed again, for so many steps.
_PERIOD, _STEPS = 30.0, 2


class ThreadChooser:
    """Runs steps on all threads or on one, whichever has lately been faster.

    The threads of an operation wait for each other, so one thread that shares its core with another program
    slows all of them: two threads of which one is held up were measured to run at half the speed of one.
    """

    def __init__(self, threads: int):
        """`threads` fixes the number; 0 lets it be measured."""
        most = threads or torch.get_num_threads()
        self._choices = [most] if threads or most == 1 else [most, 1]
        self._times: dict[int, list[float]] = {}
        self._best = most
        self._measured = time.perf_counter()
        torch.set_num_threads(most)

    @contextmanager
    def step(self) -> Iterator[None]:
        """Wraps one training step."""
        if len(self._choices) == 1:
            yield
            return
        pending = [n for n in self._choices if len(self._times.get(n, [])) < _STEPS]
        threads = pending[0] if pending else self._best
        torch.set_num_threads(threads)
        begin = time.perf_counter()
        yield
        end = time.perf_counter()
        if pending:
            self._times.setdefault(threads, []).append(end - begin)
            if threads == pending[-1] and len(self._times[threads]) == _STEPS:
                self._best = min(self._choices, key=lambda n: min(self._times[n]))
                self._measured = end
        elif end - self._measured > _PERIOD:
            self._times.clear()
