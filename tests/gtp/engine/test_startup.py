"""Loading in the background."""

import logging
import threading

import pytest
from support.gtp_talk import respond
from support.stub_policy import UniformPolicy

from goengine.errors import GoEngineError
from goengine.gtp.engine.engine import Engine
from goengine.gtp.engine.session import Session
from goengine.gtp.engine.startup import load_in_background
from goengine.player.player import Player


def test_the_engine_answers_while_the_player_loads(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "goengine.gtp")
    policy = UniformPolicy(9)
    may_load = threading.Event()

    def load() -> Player:
        may_load.wait(20)
        return Player(policy)

    loading = load_in_background(load)
    engine = Engine(Session(loading.result))
    assert respond("name", engine.handlers) == "= goengine\n\n"
    assert not loading.done()
    may_load.set()
    assert respond("boardsize 9", engine.handlers) == "=\n\n"
    assert policy.symmetries_seen  # it has chosen moves already, so that the first one is fast
    assert "ready after" in caplog.text


def test_a_failure_is_logged_and_answered(caplog: pytest.LogCaptureFixture) -> None:
    def load() -> Player:
        raise GoEngineError("there is no model at /nowhere")

    loading = load_in_background(load)
    engine = Engine(Session(loading.result))
    for _ in range(2):
        assert respond("genmove b", engine.handlers) == "? there is no model at /nowhere\n\n"
    assert "there is no model at /nowhere" in caplog.text
