"""A GTP engine as the environment's opponent."""

import copy
import shutil
import sys
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from support.match_engines import engine

import goengine.env
from goengine.colours import BLACK
from goengine.errors import GoEngineError

STUB = f'"{sys.executable}" "{Path(__file__).with_name("stub_engine.py")}"'


def make(command: str, **options) -> gymnasium.Env:
    return gymnasium.make(goengine.env.GO_ID, opponent=command, **{"size": 9, **options})


def test_an_engine_plays_the_other_colour() -> None:
    env = make(STUB, colour="white")
    _, info = env.reset(seed=0)
    assert info["ply"] == 1
    random = np.random.default_rng(0)
    for ply in (3, 5, 7):
        _, _, _, _, info = env.step(random.choice(np.flatnonzero(info["action_mask"])[:-1]))
        assert info["ply"] == ply
    _, info = env.reset()  # the same process, cleared
    assert info["ply"] == 1
    env.close()
    env.close()


def test_each_game_has_its_own_engine() -> None:
    env = gymnasium.make_vec(goengine.env.GO_ID, num_envs=2, size=9, opponent=STUB)
    env.reset(seed=0)
    _, _, _, _, info = env.step(np.array([40, 41]))
    assert info["ply"].tolist() == [2, 2]
    env.close()


def test_a_copy_has_its_own_engine() -> None:
    env = make(STUB).unwrapped
    env.reset()
    env.step(40)
    other = copy.deepcopy(env)
    env.close()
    _, info = other.reset()
    assert info["ply"] == 0
    _, _, _, _, info = other.step(40)
    assert info["ply"] == 2
    other.close()


def test_resigning_loses(tmp_path: Path) -> None:
    env = make(engine(tmp_path, "resigns"))
    env.reset()
    _, reward, terminated, _, info = env.step(40)
    assert (reward, terminated, info["winner"]) == (1.0, True, BLACK)
    env.close()


@pytest.mark.parametrize(
    ("fault", "message"),
    [("dies", "no licence found"), ("cheats", "answered genmove with 'z99'"), ("refuses", "not now")],
)
def test_a_faulty_engine_is_named(tmp_path: Path, fault: str, message: str) -> None:
    env = make(engine(tmp_path, fault))
    env.reset()
    with pytest.raises(GoEngineError, match=message):
        env.step(40)
    env.close()


def test_a_missing_program_is_named() -> None:
    with pytest.raises(GoEngineError, match="cannot start no-such-engine"):
        make("no-such-engine --mode gtp")


def test_gnu_go_is_an_opponent() -> None:
    gnugo = shutil.which("gnugo") or shutil.which("gnugo", path="/usr/games")
    if gnugo is None:
        pytest.skip("GNU Go is not installed")
    env = make(f"{gnugo} --mode gtp --level 1", rules="chinese")
    env.reset()
    _, _, _, _, info = env.step(40)
    assert info["ply"] == 2
    env.close()
