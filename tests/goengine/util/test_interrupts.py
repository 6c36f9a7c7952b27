"""Ctrl-C comes when it is let in."""

import os
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from goengine.util.interrupts import blocked_interrupt, held_interrupt, stop_request

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")


def press_ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("waiting", [held_interrupt, blocked_interrupt])
def test_it_waits_until_the_block_has_ended(waiting: Callable[[], AbstractContextManager[None]]) -> None:
    before = signal.getsignal(signal.SIGINT)
    done = False

    def work() -> None:
        nonlocal done
        with waiting():
            press_ctrl_c()
            done = True

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done
    assert signal.getsignal(signal.SIGINT) is before
    with waiting():
        pass


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_is_requested_once_and_the_next_ctrl_c_acts(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with stop_request() as stop:
        assert not stop.requested
        os.kill(os.getpid(), number)
        assert stop.requested
        with pytest.raises(KeyboardInterrupt):
            press_ctrl_c()
    assert signal.getsignal(number) is before
