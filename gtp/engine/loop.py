"""Reading lines and writing responses: the one place of the GTP engine that touches stdin and stdout."""

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
"""Every line in and out at level DEBUG, and nothing else: a file's handler is hung on it."""

_WAITING_LINES = 10_000  # read ahead; a controller that sends more waits


def serve(engine: Engine, commands: BinaryIO, responses: BinaryIO) -> None:
    """Answer line after line until `quit`, the end of the input, or a reader that is gone.

    Lines are read by a thread of their own, so that a line can end an analysis that runs. The thread stays
    behind in its read when `quit` ends this: `commands` must then be left open until the process ends.
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
    """The lines of an input, read ahead by a thread."""

    def __init__(self, stream: BinaryIO) -> None:
        self._lines: queue.Queue[str | None] = queue.Queue(_WAITING_LINES)
        self._held: list[str | None] = []  # at most one line, that `arrives` has seen
        threading.Thread(target=self._read, args=(stream,), name="reading", daemon=True).start()

    def arrives(self, seconds: float) -> bool:
        """Whether there is a line to be read, or the end, within so many seconds."""
        if not self._held:
            with contextlib.suppress(queue.Empty):
                self._held.append(self._lines.get(timeout=max(0.0, seconds)))
        return bool(self._held)

    def __iter__(self) -> Iterator[str]:
        while (line := self._held.pop() if self._held else self._lines.get()) is not None:
            yield line

    def _read(self, stream: BinaryIO) -> None:
        try:
            for line in read_lines(stream):
                self._lines.put(line)
        except OSError as error:  # a terminal that is gone
            logging.getLogger(__name__).error("the input cannot be read: %s", error.strerror or error)
        finally:
            self._lines.put(None)


def read_lines(stream: BinaryIO) -> Iterator[str]:
    """Lines of any bytes as text, ended by LF alone; of a line beyond MAX_LINE the rest is dropped.

    At most MAX_LINE + 1 bytes of a line are held, however long it is. Bytes that are no UTF-8 are kept
    as Python keeps them in file names.
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
        if line:  # an empty one would end the response
            _send(f"{line}\n", responses)
        due = max(due + stream.interval, time.monotonic())
        if stream.endless and inbox.arrives(due - time.monotonic()):
            break
    else:
        if stream.endless:  # what thinks has failed: the response still ends when the controller goes on
            inbox.arrives(threading.TIMEOUT_MAX)
    _send("\n", responses)


def _send(text: str, responses: BinaryIO) -> None:
    responses.write(text.encode("utf-8", "surrogateescape"))
    responses.flush()
    if dialogue.isEnabledFor(logging.DEBUG):
        for line in text.splitlines():
            dialogue.debug("< %s", line)


@contextlib.contextmanager
def protocol_output() -> Iterator[BinaryIO]:
    """The process's standard output for responses alone.

    Within the block whatever else is written to standard output, by Python code or by a library in C,
    goes to standard error: a stray line would break the protocol.
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
    """The process's standard input, by a descriptor of its own.

    `sys.stdin` would not do: Python closes it at the end of the process, and aborts if a thread still reads.
    """
    return os.fdopen(os.dup(0), "rb")
