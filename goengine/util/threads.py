"""How many CPU threads an operation takes, on a machine that does other work too."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch

# Seconds after which all choices are timed again: soon after another was chosen, since a passing disturbance
# may have chosen it, and ever later while the choice stays.
_FIRST_PERIOD, _LAST_PERIOD = 1.0, 30.0


class ThreadChooser:
    """Runs steps on whichever number of threads has lately been fastest.

    The threads of an operation wait for each other, so one thread that shares its core with another program
    slows all of them: two threads of which one is held up were measured to run at half the speed of one in
    training, and at a thirtieth of it on a small network and one position.

    Public attributes:
      threads -- the number that steps run on now, measurements apart
    """

    def __init__(self, choices: Sequence[int], timed_steps: int = 1):
        """choices: numbers of threads, the likeliest first.

        timed_steps: how many steps each is timed for, now and then; a step more, which prepares, is not
        counted.
        """
        self._choices = list(dict.fromkeys(choices))
        self._timed_steps = timed_steps
        self._times: dict[int, list[float]] = {}
        self._measured = time.perf_counter()
        self._period = _FIRST_PERIOD
        self.threads = self._choices[0]

    @contextmanager
    def step(self) -> Iterator[None]:
        """Wraps one step, and leaves PyTorch's number of threads at the step's."""
        pending = [n for n in self._choices if len(self._times.get(n, [])) <= self._timed_steps]
        threads = pending[0] if pending else self.threads
        _set_threads(threads)
        if len(self._choices) == 1:
            yield
            return
        begin = time.perf_counter()
        yield
        end = time.perf_counter()
        if pending:
            times = self._times.setdefault(threads, [])
            times.append(end - begin)
            if len(pending) == 1 and len(times) > self._timed_steps:
                # By their sum: one step that was held up counts for what it cost.
                fastest = min(self._choices, key=lambda n: sum(self._times[n][1:]))
                self._period = (
                    min(2 * self._period, _LAST_PERIOD) if fastest == self.threads else _FIRST_PERIOD
                )
                self._measured, self.threads = end, fastest
        elif end - self._measured > self._period:
            self._times.clear()


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Lets PyTorch use so many CPU threads meanwhile."""
    before = torch.get_num_threads()
    _set_threads(count)
    try:
        yield
    finally:
        _set_threads(before)


def _set_threads(count: int) -> None:
    if torch.get_num_threads() != count:  # setting takes a while, even to what it was
        torch.set_num_threads(count)
