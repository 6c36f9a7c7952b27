"""What GoGui asks for."""

import re
from itertools import chain

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
    "others": """
        gogui-interrupt                           | =
        goengine-liberties                        | =
        gogui-play_sequence b a1 w e5 b b1        | =
        goengine-liberties                        | = E5 4 A1 3 B1 3
        goengine-plane 48    | ? there is no plane 48; they have numbers from 0 to 47, or names
        goengine-plane no no | ? there is no plane no_no; they have numbers from 0 to 47, or names
    """,
}


@pytest.fixture
def engine() -> Engine:
    return new_engine()


@pytest.mark.parametrize("name", SESSIONS)
def test_sessions(engine: Engine, name: str) -> None:
    check_session(engine, SESSIONS[name])


def test_setup_player_says_whose_move_it_is(engine: Engine) -> None:
    talk(engine, "gogui-setup b e5", "gogui-setup_player w")
    assert talk(engine, "showboard")[0].split("\n")[-1].startswith("White to play")
    talk(engine, "play w e4")
    [response] = talk(engine, "gogui-setup_player b")
    assert response.startswith("? stones are set up before the first move")


def board_of(response: str) -> list[list[str]]:
    assert response.startswith("= ")  # with a row on the first line: GoGui would lose half of it otherwise
    return [row.split() for row in response.removeprefix("= ").split("\n")]


def test_every_analyze_command_is_known_and_answers(engine: Engine) -> None:
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


def test_ladders_have_marks() -> None:
    engine = new_engine()
    talk(engine, "gogui-setup w e5 b d5 b e4 b f4 b d6", "gogui-setup_player b")
    [response] = talk(engine, "goengine-ladders")
    points = {int(p) for p in encode(engine.session.board)[44].ravel().nonzero()[0]}
    assert points
    marked = response.removeprefix("= TRIANGLE ").split("\n")[0].split()
    assert len(marked) == len(points)
    assert response.endswith(f"TEXT ladder captures (triangles): {len(points)}, ladder escapes (squares): 0")


def test_ownership_and_estimate_are_blacks_view(engine: Engine) -> None:
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
