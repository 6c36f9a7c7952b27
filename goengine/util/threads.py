"""Choose the number of CPU threads of PyTorch, on a machine that may run other programs."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch

# Seconds until all choices are timed again: short after the choice has changed, since another program may
# have disturbed the measurement; doubled each time that the choice is confirmed.
_FIRST_PERIOD, _LAST_PERIOD = 1.0, 30.0


class ThreadChooser:
    """Runs steps on the number of threads that was fastest recently.

    The threads of an operation wait for each other, so one thread that shares its core with another program
    slows down all of them. Two threads, one of them disturbed, were measured at half the speed of a single
    thread in training, and at a thirtieth of it with a small network and one position.

    Attributes:
        threads: the number on which steps run now, except while choices are timed.
    """

    def __init__(self, choices: Sequence[int], timed_steps: int = 1):
        """Create a chooser.

        Args:
            choices: numbers of threads, the most likely first.
            timed_steps: on how many steps each choice is timed, after one step that is not counted.
        """
        self._choices = list(dict.fromkeys(choices))
        self._timed_steps = timed_steps
        self._times: dict[int, list[float]] = {}
        self._measured = time.perf_counter()
        self._period = _FIRST_PERIOD
        self.threads = self._choices[0]

    @contextmanager
    def step(self) -> Iterator[None]:
        """Run the block as one step, on the chosen number of threads, which PyTorch keeps afterwards."""
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
                # The sum, not the median: a disturbed step counts for what it cost.
                fastest = min(self._choices, key=lambda n: sum(self._times[n][1:]))
                self._period = (
                    min(2 * self._period, _LAST_PERIOD) if fastest == self.threads else _FIRST_PERIOD
                )
                self._measured, self.threads = end, fastest
        elif end - self._measured > self._period:
            self._times.clear()


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Let PyTorch use this number of CPU threads in the block."""
    before = torch.get_num_threads()
    _set_threads(count)
    try:
        yield
    finally:
        _set_threads(before)


def _set_threads(count: int) -> None:
    if torch.get_num_threads() != count:  # setting is slow, even to the same number
        torch.set_num_threads(count)
