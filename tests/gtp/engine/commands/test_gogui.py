"""GoGui's commands, and settings while the engine runs."""

import re
from itertools import chain
from pathlib import Path

import pytest
from support.gtp_talk import check_session, new_engine, talk

from goengine.game.planes import PLANES, encode
from goengine.gtp.engine.engine import Engine

SESSIONS = {
    "sequences": """
        gogui-play_sequence b e5 w e4 b pass      | =
        gogui-play_sequence w e5                  | ? illegal move
        gogui-play_sequence w d4 b d4             | ? illegal move
        play b d4                                 | =
        gogui-play_sequence                       | =
        gogui-play_sequence b                     | ? syntax error
        gogui-play_sequence b z9                  | ? syntax error
        gogui-play_sequence x e5                  | ? syntax error
        gg-undo 4                                 | =
        gg-undo                                   | ? cannot undo
        gogui-play_sequence b a1 w a2 b a3        | =
        gg-undo 4                                 | ? cannot undo
        gg-undo                                   | =
        gg-undo 2                                 | =
        undo                                      | ? cannot undo
        gg-undo 0                                 | =
        gg-undo -1                                | ? syntax error
    """,
    "setting up": """
        gogui-setup b e5 w e4 b d4                | =
        gogui-setup b a1                          | ? board not empty
        gogui-setup_player w                      | =
        play w e5                                 | ? illegal move
        gogui-setup_player x                      | ? syntax error
        clear_board                               | =
        gogui-setup b a1 b a1                     | ? Black cannot be set up at A1, which is taken
        gogui-setup b a2 b b1 w a1|? White cannot be set up at A1, which would leave a chain without liberties
        gogui-setup b pass                        | ? syntax error
        gogui-setup b                             | ? syntax error
        gogui-setup                               | =
        play b e5                                 | =
        gogui-setup b a1                          | ? board not empty
    """,
    "settings": """
        goengine-param temperature                | = 0
        goengine-param temperature 0.5            | =
        goengine-param temperature                | = 0.5
        goengine-param temperature -1             | ? temperature is -1.0; expected a number from 0
        goengine-param temperature hot | ? setting temperature is 'hot'; expected a value of type float
        goengine-param temperature                | = 0.5
        goengine-param top_p 0.9                  | =
        goengine-param top_p 0                    | ? top_p is 0.0; expected a share above 0 and up to 1
        goengine-param symmetries 8               | =
        goengine-param symmetries 3               | ? symmetries is 3; expected 1 or 8
        goengine-param symmetries                 | = 8
        goengine-param resign 0.05                | =
        goengine-param resign 0.5                 | ? resign is 0.5; expected a winrate from 0 to below 0.5
        goengine-param rules tromp-taylor         | =
        goengine-param rules ing | ? unknown rules 'ing'; expected one of chinese, japanese, aga, tromp-taylor
        goengine-param rules                      | = tromp-taylor
        goengine-param komi 0.5                   | =
        final_score                               | = W+0.5
        komi 6.5                                  | =
        goengine-param komi                       | = 6.5
    """,
    "others": """
        gogui-interrupt                           | =
        goengine-liberties                        | =
        gogui-play_sequence b a1 w e5 b b1        | =
        goengine-liberties                        | = E5 4 A1 3 B1 3
        goengine-plane 48    | ? unknown plane 48; expected a name or a number from 0 to 47
        goengine-plane no no | ? unknown plane no_no; expected a name or a number from 0 to 47
    """,
}


@pytest.fixture
def engine() -> Engine:
    return new_engine()


@pytest.mark.parametrize("name", SESSIONS)
def test_sessions(engine: Engine, name: str) -> None:
    check_session(engine, SESSIONS[name])


def test_setup_player_sets_the_player_to_move(engine: Engine) -> None:
    talk(engine, "gogui-setup b e5", "gogui-setup_player w")
    assert talk(engine, "showboard")[0].split("\n")[-1].startswith("White to play")
    talk(engine, "play w e4")
    [response] = talk(engine, "gogui-setup_player b")
    assert response.startswith("? stones are set up before the first move")


def board_of(response: str) -> list[list[str]]:
    assert response.startswith("= ")  # GoGui reads from the first space on
    return [row.split() for row in response.removeprefix("= ").split("\n")]


def test_every_analyze_command_works(engine: Engine) -> None:
    talk(engine, "gogui-play_sequence b e5 w e4 b d4 w f5")
    [listed] = talk(engine, "gogui-analyze_commands")
    for line in listed.removeprefix("= ").split("\n"):
        kind, label, command = line.split("/", 2)
        assert label
        words = command.replace("%c", "b").split()
        assert talk(engine, f"known_command {words[0]}") == ["= true"]
        [response] = talk(engine, " ".join(words))
        assert response.startswith("="), line
        if kind in ("dboard", "cboard"):
            rows = board_of(response)
            assert [len(row) for row in rows] == [9] * 9, line
            for word in chain.from_iterable(rows):
                if kind == "dboard":
                    assert -1 <= float(word) <= 1, line
                else:
                    assert re.fullmatch(r'""|green|black|white|#[0-9a-f]{6}', word), line
        elif kind == "pspairs":
            words = response.removeprefix("= ").split()
            assert all(re.fullmatch("[A-HJ][1-9]", point) for point in words[::2])
            assert all(float(value) >= 0 for value in words[1::2])
        elif kind == "gfx":
            for row in response.removeprefix("= ").split("\n"):
                assert row.split()[0] in {"VAR", "COLOR", "LABEL", "TEXT", "TRIANGLE", "SQUARE"}, line


def test_the_48_planes_by_name_and_number(engine: Engine) -> None:
    talk(engine, "gogui-play_sequence b e5 w e4 b d4 w f5 b f4")
    planes = encode(engine.session.board)
    [listed] = talk(engine, "gogui-analyze_commands")
    commands = [line.split("/", 2)[2] for line in listed.split("\n") if "/Plane " in line]
    assert len(commands) == len(PLANES) == 48
    for plane, command in zip(PLANES, commands, strict=True):
        by_name, by_number = talk(engine, command, f"goengine-plane {plane.index}")
        assert by_name == by_number
        shown = [[cell == "green" for cell in row] for row in board_of(by_name)]
        assert shown == planes[plane.index].tolist()


def test_ladders_are_marked() -> None:
    engine = new_engine()
    talk(engine, "gogui-setup w e5 b d5 b e4 b f4 b d6", "gogui-setup_player b")
    [response] = talk(engine, "goengine-ladders")
    points = {int(p) for p in encode(engine.session.board)[44].ravel().nonzero()[0]}
    assert points
    marked = response.removeprefix("= TRIANGLE ").split("\n")[0].split()
    assert len(marked) == len(points)
    assert response.endswith(f"TEXT ladder captures (triangles): {len(points)}, ladder escapes (squares): 0")


def test_ownership_and_estimate_are_from_blacks_view(engine: Engine) -> None:
    talk(engine, "gogui-setup b c3 b d3 b e3 b f3 b g3 b c7 b d7 b e7 b g7 b c5 b g5 w a1")
    for player in "bw":
        talk(engine, f"gogui-setup_player {player}")
        owners = [float(word) for row in board_of(talk(engine, "goengine-ownership")[0]) for word in row]
        assert sum(owners) / 81 > 0.3
        assert talk(engine, "goengine-estimate")[0].startswith("= B+")


def test_no_sensible_move_is_a_text() -> None:
    engine = new_engine(size=5)
    eyes = {("a", 1), ("e", 5)}
    stones = " ".join(f"b {c}{r}" for c in "abcde" for r in range(1, 6) if (c, r) not in eyes)
    talk(engine, f"gogui-setup {stones}")
    assert talk(engine, "goengine-top_moves_gfx") == ["= TEXT no sensible move is left"]


def test_settings_are_listed_with_their_types() -> None:
    [response] = talk(new_engine(), "goengine-param")
    assert response.removeprefix("= ").split("\n") == [
        "[string] model default",
        "[string] temperature 0",
        "[string] top_p 1",
        "[list/1/8] symmetries 1",
        "[string] resign 0",
        "[list/chinese/japanese/aga/tromp-taylor] rules chinese",
        "[string] komi 7.5",
    ]


def test_the_size_is_not_a_changeable_setting() -> None:
    [response] = talk(new_engine(), "goengine-param size 19")
    assert response == (
        "? unknown setting 'size'; expected one of model, temperature, top_p, symmetries, resign, rules, komi"
    )


def test_settings_reach_the_player() -> None:
    engine = new_engine()
    talk(engine, "goengine-param temperature 0.5", "goengine-param symmetries 8", "goengine-param top_p 0.5")
    player = engine.session.player
    assert (player.temperature, player.symmetries, player.top_p) == (0.5, 8, 0.5)


def test_the_model_can_be_changed(tmp_path: Path) -> None:
    engine = new_engine()
    folder = tmp_path / "my models" / "small one"
    folder.mkdir(parents=True)
    talk(engine, "goengine-param temperature 0.25", "play b e5")
    before = engine.session.player
    assert talk(engine, f"goengine-param model {folder}") == ["="]
    assert engine.session.player is not before
    assert engine.session.player.temperature == 0.25
    assert engine.session.board.ply == 1
    assert talk(engine, "goengine-param model") == [f"= {folder}"]
    folder.rmdir()  # a loaded model does not need its folder
    assert talk(engine, "komi 3.5", "clear_board", "genmove b")[:2] == ["=", "="]
    [response] = talk(engine, f"goengine-param model {tmp_path / 'none'}")
    assert response.startswith("?")
    assert talk(engine, "goengine-param model") == [f"= {folder}"]
