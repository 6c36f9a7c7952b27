"""What the tests of several commands need."""

from collections.abc import Callable

import pytest
from support.commands import run_command


@pytest.fixture
def refuses(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., None]:
    """A function that checks that a command fails with a message, in one sentence on standard error."""

    def check(message: str, *words: object) -> None:
        assert run_command(monkeypatch, *words) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith("error: ")
        assert message in captured.err
        assert len(captured.err.splitlines()) == 1

    return check
