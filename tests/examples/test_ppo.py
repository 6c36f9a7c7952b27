"""The example of proximal policy optimization."""

import pytest
from support.example_scripts import load_example

ppo = load_example("ppo")


@pytest.mark.parametrize("opponent", ["self", "random"])
def test_training_runs(opponent: str) -> None:
    words = ["--size", "3", "--games", "4", "--steps", "16", "--minutes", "0.01", "--opponent", opponent]
    assert 0 <= ppo.train(ppo.parser.parse_args(words)) <= 1


@pytest.mark.slow
def test_the_policy_learns_to_beat_random_moves() -> None:
    """On 5x5, within three minutes."""
    assert ppo.train(ppo.parser.parse_args(["--minutes", "3"])) >= 0.9
