"""The commands of the GTP 2 standard: what they answer, what they do, how they fail."""

from pathlib import Path

import pytest
from support.gtp_talk import check_session, new_engine, talk
from support.stub_policy import UniformPolicy

from goengine.colours import BLACK, WHITE
from goengine.errors import GoEngineError
from goengine.gtp.engine.engine import Engine
from goengine.gtp.engine.session import Session
from goengine.gtp.engine.settings import Settings
from goengine.player.player import Player


@pytest.fixture
def engine() -> Engine:
    player = Player(UniformPolicy(9), temperature=1.0, seed=1)
    return Engine(Session(lambda: player))


SESSIONS = {
    "sizes": """
        boardsize 9               | =
        boardsize 19              | ? unacceptable size
        boardsize 0               | ? unacceptable size
        boardsize 1000000000      | ? unacceptable size
        boardsize -9              | ? syntax error
        boardsize nine            | ? syntax error
        boardsize                 | ? syntax error
        boardsize 9 9             | ? syntax error
        play b j9                 | =
        boardsize 13              | ? unacceptable size
        play w j9                 | ? illegal move
        boardsize 9               | =
        play w j9                 | =
    """,
    "komi": """
        komi 6.5                  | =
        komi -200                 | =
        komi 1e6                  | =
        final_score               | = W+1e+06
        komi 0                    | =
        final_score               | = 0
        komi                      | ? syntax error
        komi seven                | ? syntax error
        komi nan                  | ? syntax error
        komi inf                  | ? syntax error
        clear_board               | =
        final_score               | = 0
    """,
    "playing": """
        play b e5                 | =
        play WHITE e4             | =
        play Black E5             | ? illegal move
        play b i5                 | ? syntax error
        play b k5                 | ? syntax error
        play b e10                | ? syntax error
        play b e0                 | ? syntax error
        play b 55                 | ? syntax error
        play b                    | ? syntax error
        play e3                   | ? syntax error
        play x e3                 | ? syntax error
        play b resign             | ? syntax error
        play b d4                 | =
        play b f4                 | =
        play b e3                 | =
        play w e4                 | ? illegal move
        play w pass               | =
        play b PASS               | =
        play w c3                 | =
    """,
    "ko": """
        play b d5                 | =
        play b c4                 | =
        play b d3                 | =
        play w e5                 | =
        play w f4                 | =
        play w e3                 | =
        play w d4                 | =
        play b e4                 | =
        play w d4                 | ? illegal move
        undo                      | =
        play b e4                 | =
        play w a1                 | =
        play b a2                 | =
        play w d4                 | =
        play b e4                 | ? illegal move
    """,
    "undo": """
        undo                      | ? cannot undo
        play b e5                 | =
        play w pass               | =
        undo                      | =
        undo                      | =
        undo                      | ? cannot undo
        play b e5                 | =
    """,
    "fixed handicap": """
        fixed_handicap 4          | = C3 G7 C7 G3
        fixed_handicap 4          | ? board not empty
        undo                      | ? cannot undo
        play w c3                 | ? illegal move
        clear_board               | =
        fixed_handicap 9          | = C3 G7 C7 G3 C5 G5 E3 E7 E5
        clear_board               | =
        fixed_handicap 1          | ? invalid number of stones
        fixed_handicap 10         | ? invalid number of stones
        fixed_handicap            | ? syntax error
        fixed_handicap two        | ? syntax error
        play b pass               | =
        fixed_handicap 2          | ? board not empty
    """,
    "free handicap": """
        place_free_handicap 3     | = C3 G7 C7
        place_free_handicap 3     | ? board not empty
        clear_board               | =
        place_free_handicap 1     | ? invalid number of stones
        place_free_handicap 81    | ? invalid number of stones
        set_free_handicap a1 b2   | =
        set_free_handicap a1 b2   | ? board not empty
        play w a1                 | ? illegal move
        clear_board               | =
        set_free_handicap a1      | ? bad vertex list
        set_free_handicap         | ? bad vertex list
        set_free_handicap a1 A1   | ? bad vertex list
        set_free_handicap a1 pass | ? bad vertex list
        set_free_handicap a1 z9   | ? syntax error
        play w a1                 | =
    """,
    "time": """
        time_settings 600 30 5    | =
        time_settings 0 0 0       | =
        time_settings 600 30      | ? syntax error
        time_settings 600 -1 5    | ? syntax error
        time_left b 30 0          | =
        time_left white 30 5      | =
        time_left 30 0            | ? syntax error
        time_left b 30 0 0        | ? syntax error
        time_left b soon 0        | ? syntax error
    """,
    "scoring": """
        komi 7.5                  | =
        final_score               | = W+7.5
        final_status_list alive   | =
        play b e5                 | =
        final_score               | = B+73.5
        play w a1                 | =
        final_score               | = B+73.5
        final_status_list alive   | = E5
        final_status_list dead    | = A1
        final_status_list seki    | =
        final_status_list resting | ? syntax error
        final_status_list         | ? syntax error
    """,
    "files": """
        loadsgf                   | ? syntax error
        loadsgf /no/such/file.sgf | ? cannot load file
        loadsgf /                 | ? cannot load file
        loadsgf a.sgf ten         | ? syntax error
    """,
}


@pytest.mark.long
@pytest.mark.parametrize("name", SESSIONS)
def test_sessions(engine: Engine, name: str) -> None:
    check_session(engine, SESSIONS[name])


def test_genmove_plays_and_reg_genmove_does_not(engine: Engine) -> None:
    [move] = talk(engine, "genmove b")
    assert engine.session.board.moves[0][0] == BLACK
    assert talk(engine, f"play w {move.removeprefix('= ')}") == ["? illegal move"]
    [move] = talk(engine, "reg_genmove w")
    assert engine.session.board.ply == 1
    assert talk(engine, f"play w {move.removeprefix('= ')}") == ["="]
    assert talk(engine, "genmove", "genmove c", "reg_genmove") == ["? syntax error"] * 3


def test_reg_genmove_is_deterministic_and_has_no_effect() -> None:
    asked, other = (new_engine(temperature=1.0, resign=0.4) for _ in range(2))
    answers = talk(asked, *["reg_genmove b"] * 4)
    assert len(set(answers)) == 1
    assert talk(asked, "genmove b") == talk(other, "genmove b")  # reg_genmove used no random numbers


def test_the_same_colour_may_move_twice(engine: Engine) -> None:
    talk(engine, "genmove w", "genmove w", "genmove b", "genmove b")
    assert [colour for colour, _ in engine.session.board.moves] == [WHITE, WHITE, BLACK, BLACK]


def test_a_whole_game_ends_by_two_passes(engine: Engine) -> None:
    for _ in range(400):
        responses = talk(engine, "genmove b", "genmove w")
        assert all(response.startswith("= ") for response in responses)
        if engine.session.board.is_over:
            break
    assert engine.session.board.is_over
    [score] = talk(engine, "final_score")
    assert score[2:4] in ("B+", "W+")


def test_the_policy_completes_a_large_free_handicap(engine: Engine) -> None:
    [response] = talk(engine, "place_free_handicap 20")
    vertices = response.removeprefix("= ").split()
    assert len(set(vertices)) == 20
    assert vertices[:9] == ["C3", "G7", "C7", "G3", "C5", "G5", "E3", "E7", "E5"]
    assert (engine.session.board.stones == BLACK).sum() == 20
    assert engine.session.board.to_play == WHITE


def test_a_free_handicap_never_fills_the_board(engine: Engine) -> None:
    [response] = talk(engine, "place_free_handicap 80")
    assert 9 < len(response.split()) <= 81
    assert talk(engine, "showboard")[0].startswith("= \n")


def test_showboard(engine: Engine) -> None:
    talk(engine, "play b e5", "play w c3")
    assert talk(engine, "3 showboard") == [
        "=3 \n"
        """   A B C D E F G H J
 9 . . . . . . . . . 9
 8 . . . . . . . . . 8
 7 . . + . . . + . . 7
 6 . . . . . . . . . 6
 5 . . . . X . . . . 5
 4 . . . . . . . . . 4
 3 . .(O). . . + . . 3
 2 . . . . . . . . . 2
 1 . . . . . . . . . 1
   A B C D E F G H J
Black to play, komi 7.5, captured by Black 0, by White 0"""
    ]


SGF = b"(;GM[1]FF[4]SZ[9]KM[5.5]AB[cc][gg]PL[W];W[ee];B[cg];W[gc])"


def test_loadsgf(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "game.sgf"
    path.write_bytes(SGF)
    assert talk(engine, f"loadsgf {path}") == ["="]
    assert (engine.session.board.ply, engine.session.board.komi, engine.session.board.to_play) == (
        3,
        5.5,
        BLACK,
    )
    assert talk(engine, "play b g7", "play b c7", "play b c3") == ["? illegal move"] * 3
    assert talk(engine, f"loadsgf {path} 2") == ["="]
    assert (engine.session.board.ply, engine.session.board.to_play) == (1, BLACK)
    assert talk(engine, f"loadsgf {path} 1") == ["="]
    assert (engine.session.board.ply, engine.session.board.to_play) == (0, WHITE)
    assert talk(engine, f"loadsgf {path} 99") == ["="]
    assert engine.session.board.ply == 3


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\x00\xff\xfe",
        b"(;GM[1]SZ[19];B[dd])",  # another size than the model's
        b"(;GM[1]SZ[9];B[ee];W[ee])",  # an illegal move
        b"(;GM[1]SZ[9];B[zz])",
        b"(;GM[3]SZ[9])",
    ],
)
def test_a_file_that_cannot_be_loaded_changes_nothing(
    engine: Engine, tmp_path: Path, text: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "bad.sgf"
    path.write_bytes(text)
    talk(engine, "komi 3.5", "play b e5")
    assert talk(engine, f"loadsgf {path}") == ["? cannot load file"]
    assert (engine.session.board.ply, engine.session.board.komi) == (1, 3.5)
    assert "cannot load" in caplog.text


def test_rules_stay_from_game_to_game() -> None:
    player = Player(UniformPolicy(9))
    engine = Engine(Session(lambda: player, Settings(rules="tromp-taylor")))
    talk(engine, "play w a2", "play w b2", "play w c1", "boardsize 9")
    talk(engine, "play w a2", "play w b2", "play w c1", "play b a1", "play w e5")
    assert talk(engine, "play b b1") == ["="]  # suicide of two stones
    with pytest.raises(GoEngineError, match="unknown rules"):
        Settings(rules="calvinball")
    with pytest.raises(GoEngineError, match="komi nan"):
        Settings(komi=float("nan"))
    with pytest.raises(GoEngineError, match="board size 1 "):
        Settings(size=1)


def test_games_with_superko_end() -> None:
    """Positions often repeat on a tiny board."""
    for seed in range(20):
        player = Player(UniformPolicy(3), temperature=1.0, seed=seed)
        engine = Engine(Session(lambda player=player: player, Settings(rules="tromp-taylor")))
        for _ in range(300):
            assert all(response.startswith("= ") for response in talk(engine, "genmove b", "genmove w"))
            if engine.session.board.is_over:
                break
        assert engine.session.board.is_over
