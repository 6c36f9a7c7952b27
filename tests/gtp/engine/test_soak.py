"""Ten thousand lines, most of them nonsense: each gets its response, and the engine still works."""

import random
import re
import subprocess
import sys
import threading

import pytest

from goengine.game.board import Board
from goengine.gtp.engine.commands import COMMANDS
from goengine.gtp.engine.protocol import MAX_LINE, parse_command

ENGINE = [sys.executable, "-m", "goengine", "gtp"]
LINES = 10_000

_SLOW = re.compile(
    "analy|genmove|final|ownership|top_moves_gfx|estimate|handicap"
)  # commands that take a tenth of a second
_WORDS = [
    "b",
    "w",
    "black",
    "WHITE",
    "d4",
    "Q16",
    "t1",
    "pass",
    "z9",
    "i5",
    "9",
    "19",
    "3",
    "0",
    "-1",
    "7.5",
    "nan",
]
_WORDS += [
    "alive",
    "dead",
    "true",
    "interval",
    "maxmoves",
    "1e999",
    "99999999999999999999",
    "\u00e9",
    "\x00",
    "\t",
    "#",
]


def test_ten_thousand_lines() -> None:
    draw = random.Random(11)
    lines = [_line(draw) for _ in range(LINES)]
    board = Board(19)
    last = ["komi 7.5", "boardsize 19"]
    for colour, vertex in [("b", "q16"), ("w", "d4"), ("b", "q4"), ("w", "c3"), ("w", "e3"), ("b", "pass")]:
        board.play(vertex, {"b": 1, "w": 2}[colour])
        last.append(f"play {colour} {vertex}")
    last += ["showboard", "1 name", "2 quit"]
    sent = [*lines, *(line.encode() for line in last)]

    output = _dialogue(b"\n".join(sent) + b"\n")
    responses = output.decode("utf-8", "surrogateescape").split("\n\n")
    assert responses.pop() == ""
    due = [command for line in sent if (command := parse_command(line.decode("utf-8", "surrogateescape")))]
    assert len(responses) == len(due)
    for command, response in zip(due, responses, strict=True):
        head = response.partition("\n")[0]
        assert re.match(rf"[=?]{command.id}( |$)", head), (command, response)
        assert "internal error" not in head, (command, response)
        if command.name not in COMMANDS and command.name not in ADMINISTRATIVE:
            wrong = "line too long" if len(" ".join(command.arguments)) > MAX_LINE else "unknown command"
            assert response == f"?{command.id} {wrong}", command
    assert str(board) in responses[-3]
    assert responses[-2:] == ["=1 goengine", "=2"]


ADMINISTRATIVE = {"protocol_version", "name", "version", "known_command", "list_commands", "quit"}


def _line(draw: random.Random) -> bytes:
    kind = draw.random()
    if kind < 0.1:
        return bytes(byte for byte in draw.randbytes(draw.randint(0, 60)) if byte != 10)
    names = [name for name in COMMANDS if draw.random() < 0.02 or not _SLOW.search(name)]
    words = [draw.choice([*names, *ADMINISTRATIVE - {"quit"}])] if kind < 0.9 else [draw.choice(_WORDS)]
    words += draw.choices(_WORDS, k=draw.choice([0, 1, 1, 2, 2, 2, 3, 4]))
    if draw.random() < 0.3:
        words.insert(0, str(draw.randint(0, 3_000_000_000)))
    if draw.random() < 0.002:
        words.append("x" * 200_000)
    return " ".join(words).replace("\n", "").encode()


def _dialogue(text: bytes) -> bytes:
    """Return the engine's output for an input that is sent while the engine answers."""
    process = subprocess.Popen(ENGINE, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None

    def send() -> None:
        assert process.stdin is not None
        process.stdin.write(text)
        process.stdin.flush()

    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    output = process.stdout.read()
    assert process.wait(30) == 0
    sender.join(10)
    process.stdin.close()
    return output


pytestmark = pytest.mark.slow
