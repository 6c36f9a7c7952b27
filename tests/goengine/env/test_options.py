"""Options of the environment: validation, rewards, move limit."""

import pytest

from goengine.env.options import Options
from goengine.errors import GoEngineError


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"size": 1}, "size"),
        ({"size": 26}, "size"),
        ({"komi": "much"}, "komi"),
        ({"rules": "house"}, "house"),
        ({"colour": "green"}, "colour is 'green'"),
        ({"observation": "pixels"}, "observation is 'pixels'"),
        ({"reward": "money"}, "reward is 'money'"),
        ({"illegal": "raise"}, "illegal is 'raise'"),
        ({"max_moves": 1}, "max_moves is 1"),
        ({"max_moves": 10**9}, "max_moves"),
    ],
)
def test_invalid_settings_are_refused(setting: dict, message: str) -> None:
    with pytest.raises(GoEngineError, match=message):
        Options(**setting)


def test_rewards_by_win_and_by_score() -> None:
    assert [Options().reward_of(score) for score in (12.5, -0.5, 0.0)] == [1.0, -1.0, 0.0]
    assert [Options(reward="score").reward_of(score) for score in (12.5, -0.5, 0.0)] == [12.5, -0.5, 0.0]
    assert Options(size=9, reward="score").worst_reward == -81


def test_the_default_move_limit_is_twice_the_points() -> None:
    assert Options(size=9).move_limit == 162
    assert Options(size=9, max_moves=40).move_limit == 40
