"""The example of proximal policy optimization: it runs, and learns."""

import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "examples" / "ppo.py"
SPEC = importlib.util.spec_from_file_location("ppo", SCRIPT)
assert SPEC is not None
assert SPEC.loader is not None
ppo = importlib.util.module_from_spec(SPEC)
sys.modules["ppo"] = ppo
SPEC.loader.exec_module(ppo)


@pytest.mark.parametrize("opponent", ["self", "random"])
def test_it_runs(opponent: str) -> None:
    words = ["--size", "3", "--games", "4", "--steps", "16", "--minutes", "0.01", "--opponent", opponent]
    assert 0 <= ppo.train(ppo.parser.parse_args(words)) <= 1


@pytest.mark.slow
def test_it_learns_to_beat_random_moves() -> None:
    """Of 5x5 games with either colour, in three minutes: from about a half to nearly all."""
    assert ppo.train(ppo.parser.parse_args(["--minutes", "3"])) >= 0.9
