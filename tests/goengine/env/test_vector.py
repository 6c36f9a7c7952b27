"""The vector environment: the same games as single environments."""

import warnings

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

import goengine.env
from goengine.errors import GoEngineError


def make(count: int, **options) -> gymnasium.vector.VectorEnv:
    return gymnasium.make_vec(goengine.env.GO_ID, num_envs=count, **{"size": 5, **options})


OPTIONS = [
    {},
    {"observation": "board", "reward": "score"},
    {"illegal": "refuse", "rules": "chinese", "size": 7},
    {"max_moves": 12},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_games_equal_those_of_single_environments(options: dict) -> None:
    """Random actions, one in ten of them illegal, over several games each."""
    count = 20
    vector = make(count, threads=2, **options)
    singles = [gymnasium.make(goengine.env.GO_ID, **{"size": 5, **options}).unwrapped for _ in range(count)]
    random = np.random.default_rng(0)
    observations, info = vector.reset(seed=0)
    expected = [env.reset() for env in singles]
    over = np.zeros(count, bool)
    ends = 0
    for _ in range(120):
        for row in range(count):
            assert (observations[row] == expected[row][0]).all()
            assert (info["action_mask"][row] == expected[row][-1]["action_mask"]).all()
            assert info["to_play"][row] == expected[row][-1]["to_play"]
        actions = np.array([random.choice(np.flatnonzero(mask)) for mask in info["action_mask"]])
        changed = random.random(count) < 0.1
        actions[changed] = random.integers(-5, 60, changed.sum())
        observations, rewards, terminated, truncated, info = vector.step(actions)
        for row, env in enumerate(singles):
            if over[row]:
                expected[row] = env.reset()
                assert (rewards[row], terminated[row], truncated[row]) == (0, False, False)
                continue
            answer = expected[row] = env.step(int(actions[row]))
            assert (rewards[row], terminated[row], truncated[row]) == answer[1:4]
            assert info["illegal"][row] == answer[4]["illegal"]
            if terminated[row] or truncated[row]:
                ends += 1
                assert (info["score"][row], info["winner"][row]) == (answer[4]["score"], answer[4]["winner"])
        over = terminated | truncated
    assert ends > count


def test_the_gymnasium_interface() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        vector = make(3)
    assert vector.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP
    observations, info = vector.reset(seed=1)
    assert observations in vector.observation_space
    assert vector.action_space.sample() in vector.action_space
    assert info["_action_mask"].tolist() == [True] * 3
    vector.close()
    vector.close()


def test_the_same_seed_gives_the_same_games() -> None:
    def games(seed: int) -> list[bytes]:
        vector = make(4, opponent="random", colour="random")
        observations, _ = vector.reset(seed=seed)
        return [observations.tobytes(), *(vector.step(np.full(4, 25))[0].tobytes() for _ in range(6))]

    assert games(5) == games(5)
    assert games(5) != games(6)


def test_wrong_calls_are_refused() -> None:
    with pytest.raises(GoEngineError, match="num_envs is 0; expected at least 1"):
        make(0)
    vector = make(3)
    vector.reset()
    for actions in (np.zeros(2, int), np.zeros(3), np.zeros((3, 1), int)):
        with pytest.raises(GoEngineError, match="expected one whole number for each"):
            vector.step(actions)


def test_rendering() -> None:
    vector = make(2, render_mode="rgb_array")
    vector.reset()
    assert [picture.shape for picture in vector.render()] == [(224, 224, 3)] * 2
    texts = make(2, render_mode="ansi")
    texts.reset()
    assert "A B C D E" in texts.render()[0]
