"""`goengine` itself: its version, and what it says to no command and to an unknown one."""

import subprocess

import pytest
from support.commands import GOENGINE

import goengine


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--version"], 0, f"goengine {goengine.__version__}\n"),
        (["--help"], 0, "Learn to play Go"),
        ([], 2, "Learn to play Go"),
        (["trian"], 2, "Did you mean 'train'?"),
    ],
)
def test_it_says(arguments: list[str], code: int, said: str) -> None:
    done = subprocess.run([*GOENGINE, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert said in done.stdout + done.stderr
