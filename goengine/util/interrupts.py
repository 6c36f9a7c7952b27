"""Defer Ctrl-C until a safe point."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

INTERRUPTED = 130
"""Exit code of a process that Ctrl-C ended, as shells report it."""


class StopRequest:
    """A request of the user to stop.

    Attributes:
        requested: whether the user has asked to stop.
    """

    requested = False


@contextmanager
def stop_request() -> Iterator[StopRequest]:
    """Turn the first Ctrl-C or SIGTERM into a request, so that the current step is completed.

    The second one acts as it does outside the block.
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
    """Defer Ctrl-C to the end of the block.

    Needed for importing PyTorch, where an exception aborts the process. Python delivers Ctrl-C to the main
    thread only; in other threads this does nothing.
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


# Ctrl-C reaches every process of a terminal. To handle it in the parent process alone, start the children
# inside `blocked_interrupt` and call `ignore_interrupt` in each of them.


@contextmanager
def blocked_interrupt() -> Iterator[None]:
    """Defer Ctrl-C to the end of the block; processes started inside it never receive it."""
    with held_interrupt():  # a signal mask is not enough: it does not cover the other threads
        if not hasattr(signal, "pthread_sigmask"):  # Windows
            yield
            return
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def ignore_interrupt() -> None:
    """Ignore Ctrl-C in this process from now on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
