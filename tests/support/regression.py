"""Regression tests in GTP, as GNU Go and gogui-regress have them: `.tst` files.

A file holds commands, of which those with a number are tests. The line after a test, `#? [pattern]`, gives a
regular expression for its whole response; `!` before the pattern turns it around, `*` after the brackets says
that the test is known to fail. A test that is answered with an error fails.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from goengine.gtp.client import Client, CommandError

_EXPECTED = re.compile(r"#\?\s*\[(?P<turned>!?)(?P<pattern>.*)\](?P<fails>\*?)&?")


@dataclass(frozen=True)
class Test:
    """A test's number, what was sent, what came back, and whether that was as the file says."""

    __test__ = False  # no class of tests, for pytest

    number: int
    command: str
    response: str
    passed: bool


def run_regression(engine: Client, path: Path) -> list[Test]:
    """Send a file's commands to an engine.

    Raises CommandError if a command that is no test is refused.
    """
    tests: list[Test] = []
    for line in map(str.strip, path.read_text(encoding="utf-8").splitlines()):
        if line.startswith("#?"):
            expected = _EXPECTED.fullmatch(line)
            assert expected is not None, f"{path.name}: {line}"
            last = tests.pop()
            fits = last.passed and bool(re.fullmatch(expected["pattern"], last.response)) != bool(
                expected["turned"]
            )
            tests.append(Test(last.number, last.command, last.response, fits != bool(expected["fails"])))
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
