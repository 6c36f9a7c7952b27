"""Ctrl-C at a moment of one's own choosing."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

INTERRUPTED = 130
"""The shell's exit code for Ctrl-C."""


class StopRequest:
    """requested: whether the user has asked for the work to stop."""

    requested = False


@contextmanager
def stop_request() -> Iterator[StopRequest]:
    """Turns the first Ctrl-C (or SIGTERM) into a request, so that no step is cut in half.

    The second one acts as it does outside of the block.
    """
    stop = StopRequest()
    before: dict[int, Any] = {}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)
        before.clear()

    def request(_number: int, _frame: FrameType | None) -> None:
        stop.requested = True
        restore()

    for number in (signal.SIGINT, signal.SIGTERM):
        before[number] = signal.signal(number, request)
    try:
        yield stop
    finally:
        restore()


@contextmanager
def held_interrupt() -> Iterator[None]:
    """Let Ctrl-C wait until the block ends, then act.

    For the import of PyTorch: an exception in the middle of its start aborts the process. Only the main
    thread ever sees Ctrl-C; in others this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
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


# Ctrl-C reaches every process of a terminal. Where the parent alone shall act on it, it starts its children
# inside `blocked_interrupt`, and they begin with `ignore_interrupt`.


@contextmanager
def blocked_interrupt() -> Iterator[None]:
    """Let Ctrl-C wait, here and in processes started meanwhile for as long as they live."""
    with held_interrupt():  # a mask alone would not do here: other threads of this process have none
        if not hasattr(signal, "pthread_sigmask"):  # Windows
            yield
            return
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def ignore_interrupt() -> None:
    """Never act on Ctrl-C in this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
