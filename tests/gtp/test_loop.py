"""The engine as a process: what goes over standard input and output."""

import os
import signal
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path

import pytest
from support.stub_policy import UniformPolicy

from goengine.player import Player
from gtp.engine import Engine
from gtp.loop import read_lines, serve
from gtp.protocol import MAX_LINE

STUB = [sys.executable, str(Path(__file__).parent / "stub_engine.py")]
ANY_BYTES = bytes(byte for byte in range(256) if byte not in b"\n#")


def answers(text: bytes) -> bytes:
    player = Player(UniformPolicy(9))
    responses = BytesIO()
    serve(Engine(lambda: player), BytesIO(text), responses)
    return responses.getvalue()


@pytest.mark.parametrize(
    ("commands", "responses"),
    [
        (b"1 name\n2 protocol_version\n", b"=1 goengine\n\n=2 2\n\n"),
        (b"1 name\r\n\r\n2 name\r\n", b"=1 goengine\n\n=2 goengine\n\n"),
        (b"1 name", b"=1 goengine\n\n"),  # the input ends without a newline
        (b"1 quit\n2 name\n", b"=1\n\n"),
        (b"", b""),
        (b"\n\n  \n# a comment\n", b""),
        (b"\xff\xfe\x00\x01\n1 name\n", b"? unknown command\n\n=1 goengine\n\n"),
        (b"known_command \xff\n", b"= false\n\n"),
        (b"7\n", b"?7 unknown command\n\n"),
        (b"x" * 1_000_000 + b"\n1 name\n", b"? line too long\n\n=1 goengine\n\n"),
        (b"5 " + ANY_BYTES * 4000 + b"\n1 name\n", b"?5 line too long\n\n=1 goengine\n\n"),
        (b"1 name # " + b"x" * 1_000_000 + b"\n2 name\n", b"=1 goengine\n\n=2 goengine\n\n"),
        (b"x" * 1_000_000, b"? line too long\n\n"),
    ],
)
def test_lines_in_responses_out(commands: bytes, responses: bytes) -> None:
    assert answers(commands) == responses


@pytest.mark.parametrize("length", [MAX_LINE - 1, MAX_LINE, MAX_LINE + 1, MAX_LINE + 2, 3 * MAX_LINE])
def test_a_long_line_is_one_line(length: int) -> None:
    lines = list(read_lines(BytesIO(b"x" * (length - 1) + b"\nname\n")))
    assert [len(line) for line in lines] == [min(length, MAX_LINE + 1), 5]


def test_a_reader_that_is_gone_ends_the_engine() -> None:
    process = subprocess.Popen(STUB, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    process.stdin.write(b"name\n" * 10)
    process.stdin.flush()
    assert process.wait(20) == 0
    assert process.stderr.read() == b""


def test_standard_output_carries_gtp_alone() -> None:
    """Whatever a library prints, in Python or in C, goes to standard error."""
    done = subprocess.run(
        [*STUB, "1", "noisy"], input=b"1 boardsize 9\n2 name\nquit\n", capture_output=True, timeout=60
    )
    assert done.stdout == b"=1\n\n=2 goengine\n\n=\n\n"
    assert b"a library prints" in done.stderr
    assert b"a library in C prints" in done.stderr
    assert done.returncode == 0


def test_each_response_is_flushed() -> None:
    process = subprocess.Popen(STUB, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    for command, response in (
        (b"1 name\n", b"=1 goengine\n"),
        (b"2 genmove b\n", b"=2 "),
        (b"3 quit\n", b"=3\n"),
    ):
        process.stdin.write(command)
        process.stdin.flush()
        assert process.stdout.readline().startswith(response)
        assert process.stdout.readline() == b"\n"
    assert process.wait(20) == 0


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_ctrl_c_ends_the_process() -> None:
    process = subprocess.Popen(
        STUB, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"name\n")
    process.stdin.flush()
    process.stdout.readline()
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) != 0
    process.communicate()
