"""`goengine` itself: version, help, unknown commands."""

import subprocess

import pytest
from support.commands import GOENGINE

import goengine


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["--version"], 0, f"goengine {goengine.__version__}\n"),
        (["--help"], 0, "Learn to play Go"),
        ([], 2, "Learn to play Go"),
        (["trian"], 2, "Did you mean 'train'?"),
    ],
)
def test_output_and_exit_code(arguments: list[str], code: int, text: str) -> None:
    done = subprocess.run([*GOENGINE, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert text in done.stdout + done.stderr
