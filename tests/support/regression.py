"""Runs regression tests in the `.tst` format of GNU Go and gogui-regress.

A file holds GTP commands; those with a number are tests. The line after a test, `#? [pattern]`, has a regular
expression for the whole response. `!` before the pattern negates it, and `*` after the brackets marks a test
that is known to fail. A test fails if the response is an error.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from goengine.gtp.client import Client, CommandError

_EXPECTED = re.compile(r"#\?\s*\[(?P<negated>!?)(?P<pattern>.*)\](?P<fails>\*?)&?")


@dataclass(frozen=True)
class Test:
    """A test: its number, the command, the response, and whether the response is as expected."""

    __test__ = False  # tells pytest that this is not a class of tests

    number: int
    command: str
    response: str
    passed: bool


def run_regression(engine: Client, path: Path) -> list[Test]:
    """Send a file's commands to an engine.

    Raises:
        CommandError: If the engine refuses a command that is not a test.
    """
    tests: list[Test] = []
    for line in map(str.strip, path.read_text(encoding="utf-8").splitlines()):
        if line.startswith("#?"):
            expected = _EXPECTED.fullmatch(line)
            assert expected is not None, f"{path.name}: {line}"
            last = tests.pop()
            matches = last.passed and bool(re.fullmatch(expected["pattern"], last.response)) != bool(
                expected["negated"]
            )
            tests.append(Test(last.number, last.command, last.response, matches != bool(expected["fails"])))
        elif line and not line.startswith("#"):
            number, _, command = line.partition(" ")
            if not number.isdigit():
                engine.send(line)
                continue
            try:
                tests.append(Test(int(number), command, engine.send(command), passed=True))
            except CommandError as error:
                tests.append(Test(int(number), command, error.text, passed=False))
    return tests
