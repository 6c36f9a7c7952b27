"""The loop: standard input and output of the engine."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
from support.stub_policy import UniformPolicy

from goengine.gtp.engine.commands import COMMANDS
from goengine.gtp.engine.commands.analysis import analyze
from goengine.gtp.engine.engine import Engine
from goengine.gtp.engine.loop import dialogue, read_lines, serve
from goengine.gtp.engine.protocol import MAX_LINE, Stream, answer
from goengine.gtp.engine.session import Session
from goengine.player.player import Player

STUB = [sys.executable, str(Path(__file__).parents[1] / "stub_engine.py")]
ANY_BYTES = bytes(byte for byte in range(256) if byte not in b"\n#")


def answers(text: bytes) -> bytes:
    player = Player(UniformPolicy(9))
    responses = BytesIO()
    serve(Engine(Session(lambda: player)), BytesIO(text), responses)
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
def test_responses_to_input(commands: bytes, responses: bytes) -> None:
    assert answers(commands) == responses


@pytest.mark.parametrize("length", [MAX_LINE - 1, MAX_LINE, MAX_LINE + 1, MAX_LINE + 2, 3 * MAX_LINE])
def test_a_long_line_is_one_line(length: int) -> None:
    lines = list(read_lines(BytesIO(b"x" * (length - 1) + b"\nname\n")))
    assert [len(line) for line in lines] == [min(length, MAX_LINE + 1), 5]


def test_an_analysis_without_lines_is_interrupted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COMMANDS, "lz-analyze", partial(analyze, format_line=lambda *_: ""))
    assert answers(b"1 lz-analyze b 5\n2 name\n") == b"=1\n\n=2 goengine\n\n"


@pytest.mark.parametrize("name", ["analyze b 5", "kata-analyze 5 ownership true", "lz-analyze b interval 5"])
@pytest.mark.parametrize("interrupt", [b"protocol_version\n", b"\n", b"# interrupt\n", b"  \n"])
def test_any_line_ends_an_analysis(name: str, interrupt: bytes) -> None:
    process = subprocess.Popen(STUB, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"4 {name}\n".encode())
    process.stdin.flush()
    assert process.stdout.readline() == b"=4\n"
    for _ in range(3):
        assert process.stdout.readline().startswith(b"info move ")
    process.stdin.write(interrupt + b"5 name\n6 quit\n")
    process.stdin.flush()
    rest = process.stdout.read()
    more, _, answers = rest.partition(b"\n\n") if rest.startswith(b"info") else (b"", b"", rest[1:])
    assert all(line.startswith(b"info move ") for line in more.splitlines())
    protocol_version = b"= 2\n\n" if interrupt.startswith(b"p") else b""
    assert answers == protocol_version + b"=5 goengine\n\n=6\n\n"
    assert process.wait(20) == 0


def test_waiting_lines_are_answered_in_order() -> None:
    text = b"1 lz-analyze b 5\n2 genmove_analyze b 50\n3 name\n"
    first, second, third = answers(text).decode().removesuffix("\n\n").split("\n\n")
    assert [line.split()[0] for line in first.split("\n")] == ["=1", "info"]
    assert [line.split()[0] for line in second.split("\n")] == ["=2", "info", "play"]
    assert third == "=3 goengine"


def test_an_analysis_ends_with_the_input() -> None:
    assert answers(b"lz-analyze b 5\n").startswith(b"=\ninfo move")
    assert answers(b"lz-analyze b 5").endswith(b"\n\n")


def test_an_analysis_keeps_its_interval() -> None:
    process = subprocess.Popen(STUB, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"lz-analyze b 30\n")
    process.stdin.flush()
    process.stdout.readline()  # the response begins, and with it the first interval
    begin = time.monotonic()
    for _ in range(4):
        process.stdout.readline()
    spent = time.monotonic() - begin
    process.stdin.write(b"quit\n")
    process.stdin.flush()
    process.communicate(timeout=20)
    assert spent >= 0.85  # three intervals before the fourth line


def test_a_failed_analysis_ends_with_the_next_line(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> Stream:
        def lines() -> Iterator[str]:
            yield "info move A1"
            raise ZeroDivisionError("secret")

        return Stream(lines(), 0.01, endless=True)

    engine = Engine(Session(lambda: Player(UniformPolicy(9))))
    engine.handlers["broken"] = broken
    responses = BytesIO()
    serve(engine, BytesIO(b"1 broken\n2 name\n"), responses)
    assert responses.getvalue().endswith(b"\n\n=2 goengine\n\n")
    list(answer("broken", engine.handlers).lines)  # type: ignore[union-attr]
    assert "ZeroDivisionError: secret" in caplog.text


def test_the_dialogue_is_logged() -> None:
    lines: list[str] = []

    class ListHandler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    handler = ListHandler()
    dialogue.addHandler(handler)
    dialogue.setLevel(logging.DEBUG)
    try:
        answers(b"1 name\n\nlz-analyze b 5\n2 genmov\n")
    finally:
        dialogue.removeHandler(handler)
        dialogue.setLevel(logging.NOTSET)
    assert lines[:3] == ["> 1 name", "< =1 goengine", "< "]
    assert lines[3:6] == ["> ", "> lz-analyze b 5", "< ="]
    assert lines[6].startswith("< info move")
    assert lines[-3:] == ["> 2 genmov", "< ?2 unknown command", "< "]


def test_a_closed_output_ends_the_engine() -> None:
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
    """What a library prints, in Python or in C, goes to standard error."""
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
