"""Reading lines and writing responses: the one place of the GTP engine that touches stdin and stdout."""

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import BinaryIO

from gtp.engine import Engine
from gtp.protocol import MAX_LINE, respond


def serve(engine: Engine, commands: BinaryIO, responses: BinaryIO) -> None:
    """Answer line after line until `quit`, the end of the input, or a reader that is gone."""
    for line in read_lines(commands):
        response = respond(line, engine.handlers)
        if response is not None:
            try:
                responses.write(response.encode("utf-8", "surrogateescape"))
                responses.flush()
            except BrokenPipeError:
                return
        if engine.finished:
            return


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
