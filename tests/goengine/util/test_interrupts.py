"""Ctrl-C is deferred until a safe point."""

import os
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from goengine.util.interrupts import blocked_interrupt, held_interrupt, stop_request

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")


def press_ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("defer", [held_interrupt, blocked_interrupt])
def test_ctrl_c_acts_at_the_end_of_the_block(defer: Callable[[], AbstractContextManager[None]]) -> None:
    before = signal.getsignal(signal.SIGINT)
    done = False

    def work() -> None:
        nonlocal done
        with defer():
            press_ctrl_c()
            done = True

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done
    assert signal.getsignal(signal.SIGINT) is before
    with defer():
        pass


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_first_ctrl_c_is_a_request_and_second_acts(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with stop_request() as stop:
        assert not stop.requested
        os.kill(os.getpid(), number)
        assert stop.requested
        with pytest.raises(KeyboardInterrupt):
            press_ctrl_c()
    assert signal.getsignal(number) is before
