"""The client, with engines that work and engines that do not."""

import sys
import threading
import time
from pathlib import Path

import pytest

from goengine.errors import GoEngineError
from goengine.gtp.client import Client, CommandError, EngineError, EngineTimeout

STUB = [sys.executable, str(Path(__file__).with_name("stub_engine.py"))]


def program(source: str) -> list[str]:
    """Return the command of an engine in Python, in which `line()` reads a line and `say(text)` writes."""
    prelude = (
        "import sys, time\n"
        "line = sys.stdin.readline\n"
        "def say(text): sys.stdout.write(text); sys.stdout.flush()\n"
    )
    return [sys.executable, "-c", prelude + source]


def test_commands_and_errors() -> None:
    with Client(STUB, name="stub") as engine:
        assert engine.send("name") == "goengine"
        assert engine.send("boardsize 9") == ""
        assert engine.send("list_commands").split("\n")[0] == "protocol_version"
        assert engine.send("showboard").count("\n") == 12
        with pytest.raises(CommandError, match="stub refused 'boardsize 99': unacceptable size") as caught:
            engine.send("boardsize 99")
        assert caught.value.text == "unacceptable size"
        assert engine.send("protocol_version") == "2"  # the engine goes on
        assert engine.exit_code is None
    assert engine.exit_code == 0


def test_a_command_is_split_as_in_a_shell() -> None:
    with Client(f'"{STUB[0]}" "{STUB[1]}" 3') as engine:
        assert engine.send("name") == "goengine"
        assert engine.command == [*STUB, "3"]


def test_a_response_may_come_in_pieces_with_cr_and_tabs() -> None:
    source = "line(); say('\\n=1 o'); time.sleep(0.1); say('ne\\r\\n\\ttwo\\r'); say('\\n\\r\\n'); line()"
    with Client(program(source)) as engine:
        assert engine.send("any") == "one\n two"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("time.sleep(60)", "did not answer 'name' within 0.3 s"),
        ("line(); say('=1 half'); time.sleep(60)", "did not answer 'name' within 0.3 s"),
        (
            "line(); say('hello\\n\\n'); time.sleep(60)",
            "answered 'name' with 'hello', which is not a GTP response",
        ),
        ("line(); say('=2 early\\n\\n'); time.sleep(60)", "which is not a GTP response"),
        ("line(); say('=12\\n\\n'); time.sleep(60)", "which is not a GTP response"),
    ],
)
def test_an_engine_that_misbehaves_is_stopped(source: str, message: str) -> None:
    kind = EngineTimeout if "did not answer" in message else EngineError
    engine = Client(program(source), name="odd", timeout=0.3)
    started = time.monotonic()
    with pytest.raises(EngineError, match="odd ") as caught:
        engine.send("name")
    assert type(caught.value) is kind
    assert message in str(caught.value)
    assert time.monotonic() - started < 5
    assert engine.exit_code is not None
    with pytest.raises(EngineError):
        engine.send("name")
    engine.close()


@pytest.mark.parametrize(
    "source",
    [
        "line(); sys.exit('no licence found')",
        "line(); say('=1 unfinished'); sys.exit('no licence found')",
        "sys.exit('no licence found')",
    ],
)
def test_a_dying_engine_is_reported_with_its_last_line(source: str) -> None:
    with (
        Client(program(source), name="dying", timeout=10) as engine,
        pytest.raises(EngineError, match=r"dying .*\(exit code 1\); it last wrote: no licence found"),
    ):
        engine.send("name")


def test_an_endless_response_is_an_error() -> None:
    source = "line()\nwhile True: sys.stdout.write('=1 ' + 'x' * 10**6 + '\\n')"
    with (
        Client(program(source), name="flood", timeout=30) as engine,
        pytest.raises(EngineError, match="more than the 16,777,216 characters allowed"),
    ):
        engine.send("name")
    assert engine.exit_code is not None


def test_much_error_output_does_not_block_an_engine() -> None:
    source = "line(); sys.stderr.write('noise\\n' * 200_000); say('=1 done\\n\\n'); line()"
    with Client(program(source), timeout=30) as engine:
        assert engine.send("name") == "done"


def test_an_engine_that_ignores_quit_is_killed() -> None:
    engine = Client(program("while True: time.sleep(1)"))
    engine.close(timeout=0.2)
    assert engine.exit_code not in (None, 0)
    engine.close()


def test_another_thread_may_kill_an_engine_and_its_children() -> None:
    source = "import subprocess; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
    with Client(program(source)) as engine:
        started = time.monotonic()
        threading.Timer(0.3, engine.kill).start()
        with pytest.raises(EngineError, match="ended before it answered"):
            engine.send("name", timeout=30)
        engine.kill()  # a second time has no effect
    assert time.monotonic() - started < 5


def test_programs_that_cannot_be_started() -> None:
    with pytest.raises(EngineError, match="cannot start /no/such/engine: No such file"):
        Client("/no/such/engine --mode gtp")
    with pytest.raises(EngineError, match="command is empty"):
        Client("  ")
    with pytest.raises(EngineError, match="incomplete: No closing quotation"):
        Client("gnugo 'half")
    with pytest.raises(GoEngineError, match="single line"), Client(STUB) as engine:
        engine.send("name\nname")
