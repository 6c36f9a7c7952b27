"""The engine: administrative commands, loading, and arbitrary input."""

import inspect
import random
import re
from pathlib import Path

import pytest
from support.gtp_talk import check_session, respond, talk
from support.stub_policy import UniformPolicy

import goengine
from goengine.errors import GoEngineError
from goengine.gtp.engine.engine import Engine
from goengine.gtp.engine.session import Session
from goengine.player.player import Player

STANDARD = [
    "protocol_version",
    "name",
    "version",
    "known_command",
    "list_commands",
    "quit",
    "boardsize",
    "clear_board",
    "komi",
    "fixed_handicap",
    "place_free_handicap",
    "set_free_handicap",
    "play",
    "genmove",
    "undo",
    "time_settings",
    "time_left",
    "final_score",
    "final_status_list",
    "loadsgf",
    "reg_genmove",
    "showboard",
]


@pytest.fixture
def engine() -> Engine:
    player = Player(UniformPolicy(9), temperature=1.0, seed=1)
    return Engine(Session(lambda: player))


ADMINISTRATIVE = """
    protocol_version          | = 2
    7 name                    | =7 goengine
    known_command genmove     | = true
    known_command nonsense    | = false
    known_command             | ? syntax error
    genmov b                  | ? unknown command
    GENMOVE b                 | ? unknown command
"""


def test_administrative_commands(engine: Engine) -> None:
    check_session(engine, ADMINISTRATIVE)


def test_the_standard_commands_are_listed_and_known(engine: Engine) -> None:
    [listed] = talk(engine, "list_commands")
    assert set(listed.removeprefix("= ").split("\n")) >= set(STANDARD)
    assert talk(engine, *(f"known_command {name}" for name in STANDARD)) == ["= true"] * len(STANDARD)


def test_too_many_arguments_are_a_syntax_error(engine: Engine) -> None:
    for name in STANDARD:
        [response] = talk(engine, f"{name} a b c d e f g")
        assert response == "? syntax error", name


def test_the_version_is_that_of_the_package(engine: Engine) -> None:
    assert talk(engine, "version") == [f"= {goengine.__version__}"]


def test_quit(engine: Engine) -> None:
    assert talk(engine, "quit now") == ["? syntax error"]
    assert not engine.finished
    assert talk(engine, "5 quit") == ["=5"]
    assert engine.finished


def test_a_model_that_cannot_be_loaded_is_an_error() -> None:
    def load() -> Player:
        raise GoEngineError("there is no model at /nowhere")

    engine = Engine(Session(load))
    assert talk(engine, "name", "genmove b", "boardsize 9", "komi 5", "showboard") == [
        "= goengine",
        "? there is no model at /nowhere",
        "? there is no model at /nowhere",
        "=",
        "? there is no model at /nowhere",
    ]


def test_some_commands_are_answered_before_the_player_loads() -> None:
    def load() -> Player:
        raise AssertionError("asked for the player")

    engine = Engine(Session(load))
    lines = (
        "name",
        "version",
        "protocol_version",
        "list_commands",
        "known_command name",
        "time_settings 1 1 1",
        "komi 1",
    )
    assert all(response.startswith("=") for response in talk(engine, *lines, "quit"))


def test_thousands_of_random_lines(engine: Engine) -> None:
    """Each line gets a valid response, and the engine goes on."""
    draw = random.Random(7)
    words = [
        *STANDARD,
        "b",
        "w",
        "d4",
        "pass",
        "9",
        "3",
        "-1",
        "nan",
        "alive",
        "#",
        "\t",
        "\x00",
        "\u00e9",
        "1e9",
        "",
    ]
    words = [word for word in words if word != "quit"]
    for _ in range(3000):
        line = " ".join(draw.choices(words, k=draw.randint(0, 4)))
        response = respond(line, engine.handlers)
        assert response is None or (response[0] in "=?" and response.endswith("\n\n"))
        assert response is None or "internal error" not in response, line
    assert talk(engine, "1 name") == ["=1 goengine"]


DOCUMENTATION = Path(__file__).parents[3] / "docs" / "gtp.md"
ROW = re.compile(r"^\| `([a-z_-]+)` \| (?:`(.*?)` )?\|", re.MULTILINE)  # a command and its arguments
BRACKETS = re.compile(r"\[.*?\]")


def test_the_documentation_lists_every_command(engine: Engine) -> None:
    documented = ROW.findall(DOCUMENTATION.read_text(encoding="utf-8"))
    [listed] = talk(engine, "list_commands")
    assert sorted(name for name, _ in documented) == sorted(listed.removeprefix("= ").split("\n"))


def test_the_documentation_lists_every_argument(engine: Engine) -> None:
    for name, arguments in ROW.findall(DOCUMENTATION.read_text(encoding="utf-8")):
        parameters = inspect.signature(engine.handlers[name]).parameters.values()
        repeated = any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters)
        assert repeated == ("..." in arguments), name
        if not repeated:
            required = len(BRACKETS.sub("", arguments).split())
            optional = len(BRACKETS.findall(arguments))
            assert required == sum(p.default is p.empty for p in parameters), name
            assert required + optional == len(parameters), name
