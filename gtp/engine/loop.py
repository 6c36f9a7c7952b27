"""The loop that reads lines and writes responses; only this module uses stdin and stdout."""

import contextlib
import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Iterator
from typing import BinaryIO

from goengine.gtp.engine.engine import Engine
from goengine.gtp.engine.protocol import MAX_LINE, Stream, answer

dialogue = logging.getLogger("goengine.gtp.dialogue")
"""Logs every line of input and output at level DEBUG, and nothing else."""

_QUEUED_LINES = 10_000  # of input read ahead; a controller that is further ahead waits


def serve(engine: Engine, commands: BinaryIO, responses: BinaryIO) -> None:
    """Answer lines until `quit`, the end of the input, or a closed output.

    A thread reads the lines, so that a line can end an analysis that is running. After `quit` the thread
    still waits for input, so `commands` must stay open until the process ends.
    """
    inbox = Inbox(commands)
    with contextlib.suppress(BrokenPipeError):
        for line in inbox:
            dialogue.debug("> %s", line.rstrip("\n"))
            response = answer(line, engine.handlers)
            if isinstance(response, Stream):
                _send_stream(response, inbox, responses)
            elif response is not None:
                _send(response, responses)
            if engine.finished:
                return


class Inbox:
    """An iterator over the lines of an input, which a thread reads ahead."""

    def __init__(self, stream: BinaryIO) -> None:
        """Start to read the stream."""
        self._lines: queue.Queue[str | None] = queue.Queue(_QUEUED_LINES)  # None is the end
        self._next: list[str | None] = []  # the next line, if `wait_for_line` has taken it from the queue
        threading.Thread(target=self._read, args=(stream,), name="reading", daemon=True).start()

    def wait_for_line(self, seconds: float) -> bool:
        """Wait until a line or the end of the input arrives.

        Returns:
            Whether it arrived in time. The line stays in the inbox.
        """
        if not self._next:
            with contextlib.suppress(queue.Empty):
                self._next.append(self._lines.get(timeout=max(0.0, seconds)))
        return bool(self._next)

    def __iter__(self) -> Iterator[str]:
        while (line := self._next.pop() if self._next else self._lines.get()) is not None:
            yield line

    def _read(self, stream: BinaryIO) -> None:
        try:
            for line in read_lines(stream):
                self._lines.put(line)
        except OSError as error:  # such as a closed terminal
            logging.getLogger(__name__).error("the input cannot be read: %s", error.strerror or error)
        finally:
            self._lines.put(None)


def read_lines(stream: BinaryIO) -> Iterator[str]:
    """Yield the lines of a stream as text.

    Lines end with LF alone. At most MAX_LINE + 1 bytes of a line are kept in memory, and the rest is dropped.
    Bytes that are not UTF-8 become surrogates, as in Python's file names.
    """
    while line := stream.readline(MAX_LINE + 1):
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_LINE)
        yield line.decode("utf-8", "surrogateescape")


def _send_stream(stream: Stream, inbox: Inbox, responses: BinaryIO) -> None:
    _send(f"{stream.head}\n", responses)
    due = time.monotonic()
    for line in stream.lines:
        if line:  # an empty line would end the response
            _send(f"{line}\n", responses)
        due = max(due + stream.interval, time.monotonic())
        if stream.endless and inbox.wait_for_line(due - time.monotonic()):
            break
    else:
        if stream.endless:  # the analysis failed; its response still ends with the next line of input
            inbox.wait_for_line(threading.TIMEOUT_MAX)
    _send("\n", responses)


def _send(text: str, responses: BinaryIO) -> None:
    responses.write(text.encode("utf-8", "surrogateescape"))
    responses.flush()
    if dialogue.isEnabledFor(logging.DEBUG):
        for line in text.splitlines():
            dialogue.debug("< %s", line)


@contextlib.contextmanager
def protocol_output() -> Iterator[BinaryIO]:
    """Yield the process's standard output, reserved for responses.

    Within the block, what Python code or a C library writes to standard output goes to standard error
    instead, where it cannot break the protocol.
    """
    sys.stdout.flush()
    output = os.dup(1)
    stdout = sys.stdout
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    try:
        with contextlib.suppress(BrokenPipeError), open(output, "wb", closefd=False) as responses:
            yield responses
    finally:
        sys.stdout = stdout
        os.dup2(output, 1)
        os.close(output)


def protocol_input() -> BinaryIO:
    """Return the process's standard input under a second file descriptor.

    Python closes `sys.stdin` at the end of the process, and aborts if a thread still reads from it.
    """
    return os.fdopen(os.dup(0), "rb")
