"""Imports that Ctrl-C must not cut short."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def held_interrupt() -> Iterator[None]:
    """Let Ctrl-C wait until the block ends, then act.

    An exception in the middle of PyTorch's own start ends the process with an abort and a core dump.
    """
    held = False

    def hold(_number: int, _frame: FrameType | None) -> None:
        nonlocal held
        held = True

    before = signal.signal(signal.SIGINT, hold)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if held:
        raise KeyboardInterrupt
