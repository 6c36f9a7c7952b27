"""Running `goengine` commands as a person does."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from goengine.cli import main

GOENGINE = [sys.executable, "-m", "goengine"]


def run_command(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    """Run `goengine WORDS...` in this process. Returns the exit code."""
    monkeypatch.setattr(sys, "argv", ["goengine", *map(str, words)])
    with pytest.raises(SystemExit) as stop:
        main()
    return int(stop.value.code or 0)


def interrupt_command(when: Callable[[], bool], *words: object, wait: float = 0.0) -> tuple[int, str, str]:
    """Run `goengine WORDS...`, and press Ctrl-C `wait` seconds after `when()` is true.

    The signal goes to all processes of the command, as a terminal sends it. Returns the exit code, what was
    written to standard output, and to standard error.
    """
    process = subprocess.Popen(
        [*GOENGINE, *map(str, words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    while not when() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(wait)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
    output, messages = process.communicate(timeout=60)
    return process.returncode, output, messages
