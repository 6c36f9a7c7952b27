"""The clock decides whether symmetries are averaged."""

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from support.gtp_talk import talk
from support.stub_policy import UniformPolicy

from goengine.game.board import Board
from goengine.gtp.engine.engine import Engine
from goengine.gtp.engine.session import Session
from goengine.gtp.engine.settings import Settings


class SlowPolicy(UniformPolicy):
    """A uniform policy that takes time for each symmetry."""

    def policies(self, boards: Sequence[Board], symmetries: int = 1) -> NDArray[np.float32]:
        time.sleep(0.02 * symmetries)
        return super().policies(boards, symmetries)


def test_little_time_means_a_single_symmetry() -> None:
    settings = Settings(symmetries=8)
    policy = SlowPolicy(9)
    player = settings.new_player(policy)
    engine = Engine(Session(lambda: player, settings))
    talk(engine, "genmove b", "genmove w")
    assert policy.symmetries_seen == [8, 8]
    talk(engine, "time_settings 600 0 0", "time_left b 600 0", "genmove b")
    assert policy.symmetries_seen[-1] == 8
    talk(engine, "time_left b 11 0", "genmove b")
    assert policy.symmetries_seen[-1] == 1
    talk(engine, "time_left b 0 0", "genmove b")
    assert policy.symmetries_seen[-1] == 1
    talk(engine, "genmove w")  # who has a different clock
    assert policy.symmetries_seen[-1] == 8
    talk(engine, "clear_board", "time_left b 300 0", "genmove b")
    assert policy.symmetries_seen[-1] == 8
    assert talk(engine, "goengine-param symmetries") == ["= 8"]


def test_a_new_game_restarts_the_clock() -> None:
    settings = Settings(symmetries=8)
    policy = SlowPolicy(9)
    player = settings.new_player(policy)
    engine = Engine(Session(lambda: player, settings))
    talk(engine, "time_settings 600 0 0", "genmove b", "time_left b 1 0", "genmove b")
    assert policy.symmetries_seen == [8, 1]
    talk(engine, "clear_board", "genmove b")
    assert policy.symmetries_seen[-1] == 8
