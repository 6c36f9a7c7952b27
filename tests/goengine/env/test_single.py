"""The environment of one game: spaces, rewards, info, opponents, rendering."""

import copy
import warnings
from importlib.metadata import entry_points

import gymnasium
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env
from support.stub_policy import UniformPolicy

import goengine.env
from goengine.env.single import GoEnv
from goengine.errors import GoEngineError
from goengine.game.board import BLACK, WHITE
from goengine.player.player import Player
from goengine.points import RESIGN, parse_vertex

PASS = 25


def make(**options) -> gymnasium.Env:
    return gymnasium.make(goengine.env.GO_ID, **{"size": 5, **options})


def play(env: gymnasium.Env, vertices: str):
    """Play the vertices, and return the result of the last step."""
    for vertex in vertices.split():
        answer = env.step(parse_vertex(vertex, env.unwrapped.options.size))
    return answer


def random_episode(env: gymnasium.Env, seed: int) -> list[tuple]:
    random = np.random.default_rng(seed)
    observation, info = env.reset(seed=seed)
    steps = [(observation.tobytes(), info["to_play"])]
    over = False
    while not over:
        action = random.choice(np.flatnonzero(info["action_mask"]))
        observation, reward, terminated, truncated, info = env.step(action)
        assert observation in env.observation_space
        assert info["action_mask"].dtype == np.int8
        steps.append((observation.tobytes(), reward, terminated, truncated, info["to_play"], info["illegal"]))
        over = terminated or truncated
    return steps


CONFORMING = [
    {},
    {"size": 2},
    {"size": 19},
    {"size": 25},
    {"observation": "board"},
    {"reward": "score"},
    {"illegal": "refuse"},
    {"max_moves": 10},
    {"komi": -3},
    {"render_mode": "ansi"},
    {"render_mode": "rgb_array"},
    *({"rules": rules} for rules in ("chinese", "japanese", "aga", "tromp-taylor")),
    *({"opponent": "random", "colour": colour} for colour in ("black", "white", "random")),
    {"opponent": "random", "observation": "board", "illegal": "refuse", "reward": "score"},
    {"opponent": Player(UniformPolicy(5)), "colour": "white"},
]


def named(options: dict) -> str:
    """Return the options as a test id that is the same in every process."""
    return ", ".join(
        f"{name}={'a player' if isinstance(value, Player) else value}" for name, value in options.items()
    )


@pytest.mark.parametrize("options", CONFORMING, ids=named)
def test_every_option_passes_the_checker(options: dict) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        env = make(**options)
        check_env(env.unwrapped, skip_render_check=True)
        env.close()
        env = make(**options)
        assert random_episode(env, 3) == random_episode(env, 3)
        env.close()
        env.close()


def test_the_entry_point_registers_the_environment() -> None:
    (entry,) = (entry for entry in entry_points(group="gymnasium.envs") if entry.value == REGISTERS)
    spec = gymnasium.registry.pop(goengine.env.GO_ID)
    try:
        entry.load()()
        assert gymnasium.spec(goengine.env.GO_ID).entry_point == spec.entry_point
    finally:
        gymnasium.registry[goengine.env.GO_ID] = spec


REGISTERS = "goengine.env.registration:register_environments"


def test_rewards_are_from_the_view_of_the_mover() -> None:
    env = make(komi=0.5)
    env.reset()
    _, reward, terminated, truncated, info = play(env, "C3 pass pass")  # Black's pass is the last
    assert (reward, terminated, truncated) == (1.0, True, False)
    assert (info["score"], info["winner"]) == (24.5, BLACK)
    env.reset()
    _, reward, _, _, info = play(env, "pass C3 pass D3 pass pass")  # White's is
    assert (reward, info["winner"]) == (1.0, WHITE)
    env.reset()
    _, reward, _, _, info = play(env, "pass C3 pass pass")
    assert (reward, info["winner"]) == (1.0, WHITE)
    env.reset()
    _, reward, _, _, info = play(env, "C3 pass D3 pass E3 A1 pass pass")  # the loser's is
    assert (reward, info["winner"]) == (-1.0, BLACK)


def test_score_rewards_are_the_margin() -> None:
    env = make(reward="score", komi=0.5)
    env.reset()
    _, reward, _, _, info = play(env, "pass C3 pass pass")  # White's pass is the last
    assert (reward, info["score"]) == (25.5, -25.5)
    env.reset()
    _, reward, _, _, info = play(env, "pass C3 pass D3 pass pass")
    assert (reward, info["score"]) == (25.5, -25.5)


def test_a_draw_is_rewarded_with_zero() -> None:
    env = make(komi=0)
    env.reset()
    _, reward, terminated, _, info = play(env, "pass pass")
    assert (reward, terminated, info["winner"]) == (0.0, True, 0)


def test_a_game_is_truncated_at_the_move_limit() -> None:
    env = make(max_moves=3)
    env.reset()
    _, reward, terminated, truncated, info = play(env, "C3 pass D3")
    assert (reward, terminated, truncated, info["score"]) == (1.0, False, True, 17.5)


@pytest.mark.parametrize("action", [12, -1, 26, 10**12, 2.5, "C3", None, float("nan"), [1, 2]])
def test_an_illegal_action_loses_or_is_refused(action: object) -> None:
    env = make().unwrapped
    env.reset()
    env.step(12)
    _, reward, terminated, _, info = env.step(action)
    assert (reward, terminated, info["illegal"], info["winner"]) == (-1.0, True, True, BLACK)
    env = make(illegal="refuse").unwrapped
    env.reset()
    before = env.step(12)
    after = env.step(action)
    assert (after[0] == before[0]).all()
    assert (after[1], after[2], after[3], after[4]["illegal"]) == (0.0, False, False, True)
    assert env.step(13)[4]["illegal"] is False


def test_the_opponent_answers_each_action() -> None:
    env = make(opponent=Player(UniformPolicy(5)), colour="white")
    _, info = env.reset()
    assert (info["ply"], info["to_play"]) == (1, WHITE)
    _, _, _, _, info = env.step(np.flatnonzero(info["action_mask"])[0])
    assert (info["ply"], info["to_play"]) == (3, WHITE)


def test_random_colours_are_drawn_per_game() -> None:
    env = make(opponent="random", colour="random")
    assert {env.reset(seed=seed)[1]["to_play"] for seed in range(20)} == {BLACK, WHITE}


class Resigner:
    def choose(self, board) -> int:  # noqa: ARG002
        return RESIGN


def test_an_opponent_that_resigns_loses() -> None:
    env = make(opponent=Resigner())
    env.reset()
    _, reward, terminated, _, info = env.step(12)
    assert (reward, terminated, info["winner"], info["illegal"]) == (1.0, True, BLACK, False)


def test_the_bundled_policy_is_an_opponent() -> None:
    env = gymnasium.make(goengine.env.GO_ID, size=19, opponent="default", colour="random")
    first = random_steps(env, 2, 4)
    assert first == random_steps(env, 2, 4)
    env.close()


def random_steps(env: gymnasium.Env, seed: int, count: int) -> list[bytes]:
    observation, info = env.reset(seed=seed)
    random = np.random.default_rng(seed)
    seen = [observation.tobytes()]
    for _ in range(count):
        observation, _, _, _, info = env.step(random.choice(np.flatnonzero(info["action_mask"])[:-1]))
        seen.append(observation.tobytes())
    return seen


def test_unknown_opponents_are_refused() -> None:
    with pytest.raises(GoEngineError, match="cannot start no-such-engine"):
        make(opponent="no-such-engine --mode gtp")
    with pytest.raises(GoEngineError, match="opponent is 7; expected a name or an object"):
        make(opponent=7)


def test_copies_are_independent() -> None:
    env = make(opponent="random").unwrapped
    env.reset(seed=4)
    env.step(12)
    other = copy.deepcopy(env)
    ahead = [env.step(point)[0].tobytes() for point in (0, 6, 24)]
    assert [other.step(point)[0].tobytes() for point in (0, 6, 24)] == ahead


def test_a_step_without_a_game_is_refused() -> None:
    env = make().unwrapped
    with pytest.raises(ResetNeeded):
        env.step(0)
    env.reset()
    env.step(PASS)
    env.step(PASS)
    with pytest.raises(ResetNeeded):
        env.step(0)


def test_rendering() -> None:
    env = make(render_mode="ansi")
    env.reset()
    env.step(12)
    assert "(X)" in env.render()
    env = make(render_mode="rgb_array")
    env.reset()
    empty = env.render()
    env.step(12)
    stone = env.render()
    assert stone.shape == (7 * 32, 7 * 32, 3)
    assert stone.dtype == np.uint8
    middle = slice(3 * 32 + 8, 4 * 32 - 8)
    assert stone[middle, middle].mean() < 110 < empty[middle, middle].mean()
    with pytest.raises(GoEngineError, match="render_mode is 'hologram'"):
        GoEnv(size=5, render_mode="hologram")


def test_human_mode_without_a_window_is_refused() -> None:
    from matplotlib import pyplot

    pyplot.switch_backend("agg")
    env = make(render_mode="human")
    with pytest.raises(GoEngineError, match="cannot open a window"):
        env.reset()
