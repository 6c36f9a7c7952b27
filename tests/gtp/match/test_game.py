"""Games between engines."""

import contextlib
import shutil
import sys
from pathlib import Path

import pytest

from goengine.colours import BLACK, WHITE
from goengine.data.sgf.records import record_from_sgf, record_to_sgf
from goengine.game.board import Board
from goengine.gtp.client import Client, EngineError
from goengine.gtp.match.game import Forfeit, play_game

STUB = [sys.executable, str(Path(__file__).parents[1] / "stub_engine.py")]
GNUGO = shutil.which("gnugo") or shutil.which("gnugo", path="/usr/games")


def program(*answers: str) -> list[str]:
    """Return the command of an engine that accepts everything and answers genmove with these moves."""
    source = f"""
import sys
answers = iter({list(answers)!r})
for line in sys.stdin:
    number, command = line.split()[:2]
    print('=' + number, next(answers) if command == 'genmove' else '', flush=True)
    print(flush=True)
"""
    return [sys.executable, "-c", source]


def program_that(source: str, *commands: str) -> list[str]:
    """Return the command of an engine that accepts everything, and runs the source for these commands."""
    loop = f"""
import sys, time
for line in sys.stdin:
    number, command = line.split()[:2]
    if command in {commands or ("genmove",)!r}:
        {source}
    else:
        print('=' + number, '\\n', flush=True)
"""
    return [sys.executable, "-c", loop]


def passing_program(source: str) -> list[str]:
    """Return the command of an engine that passes, and runs the source for final_score."""
    return program_that(
        f"{source} if command == 'final_score' else print('=' + number, 'pass\\n', flush=True)",
        "genmove",
        "final_score",
    )


def replayed(board: Board) -> Board:
    fresh = Board(board.size, board.komi)
    for colour, move in board.moves:
        fresh.play(move, colour)
    return fresh


def test_two_engines_play_a_whole_legal_game() -> None:
    reports: list[int] = []
    with Client([*STUB, "1"], name="one") as black, Client([*STUB, "2"], name="two") as white:
        game = play_game(black, white, size=9, komi=6.5, report=lambda board: reports.append(board.ply))
        shown = white.send("final_score")
    assert game.ending == "passes"
    assert dict(game.scores) == {BLACK: shown, WHITE: shown}
    assert (game.black, game.white) == ("one", "two")
    assert game.board.is_over
    assert str(replayed(game.board)) == str(game.board)
    assert reports == list(range(1, game.board.ply + 1))
    assert shown == game.result
    record = record_from_sgf(record_to_sgf(game.record("test")))
    assert record.moves == tuple(move for _, move in game.board.moves)
    assert (record.size, record.komi, record.result, record.event) == (9, 6.5, game.result, "test")
    assert (record.black_name, record.white_name, record.date != "") == ("one", "two", True)


def test_one_engine_plays_both_sides_from_an_opening() -> None:
    with Client([*STUB, "3"]) as engine:
        game = play_game(engine, engine, size=9, opening=[40, 20, 81])
    assert [move for _, move in game.board.moves[:3]] == [40, 20, 81]
    assert game.ending == "passes"


def test_resignation_and_length() -> None:
    with Client(program("e5", "c3", "resign")) as black, Client(program("g7", "g3")) as white:
        game = play_game(black, white, size=9)
        assert (game.result, game.ending, game.board.ply) == ("W+R", "resignation", 4)
    with Client(program("e5", "c3", "resign")) as black, Client(program("g7", "RESIGN")) as white:
        game = play_game(black, white, size=9)
        assert (game.result, game.ending) == ("B+R", "resignation")
    with Client([*STUB, "3"]) as engine:
        game = play_game(engine, engine, size=9, max_plies=10)
        assert (game.ending, game.board.ply) == ("length", 10)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("e5", "cheat played 'e5' as move 2: White cannot play E5: the point is taken"),
        ("k10", "cheat played 'k10' as move 2"),
        ("anywhere", "cheat played 'anywhere' as move 2"),
        ("", "cheat played '' as move 2"),
    ],
)
def test_illegal_moves_are_errors(answer: str, message: str) -> None:
    with (
        Client(program("e5")) as black,
        Client(program(answer), name="cheat") as white,
        pytest.raises(EngineError) as caught,
    ):
        play_game(black, white, size=9)
    assert message in str(caught.value)


def test_a_refused_size_is_an_engine_error() -> None:
    with (
        Client(STUB, name="small") as engine,
        pytest.raises(EngineError, match="small refused 'boardsize 19'"),
    ):
        play_game(engine, engine, size=19)


def test_a_referee_decides_the_result() -> None:
    def play(score: str) -> str:
        answer = f"print('=' + number, '{score}\\n', flush=True)"
        with (
            Client(program("pass", "pass")) as player,
            Client(program_that(answer, "final_score"), name="counter") as counter,
        ):
            return play_game(player, player, size=9, referee=counter).result

    assert play("B+81.5") == "B+81.5"
    assert play("0") == "0"
    for score in ("cannot score", "W+R", ""):
        with pytest.raises(
            EngineError, match=r"counter answered final_score with .*; expected a score"
        ) as caught:
            play(score)
        assert not isinstance(caught.value, Forfeit)


def test_an_engine_need_not_score() -> None:
    """A player's final_score is recorded. An invalid one, or none, does not lose the game."""
    sources = "print('=' + number, 'W+3.0\\n', flush=True)", "print('?' + number, 'no\\n', flush=True)"
    with contextlib.ExitStack() as stack:
        counts, refuses, dies = (
            stack.enter_context(Client(passing_program(source))) for source in (*sources, "sys.exit(1)")
        )
        game = play_game(counts, refuses, size=5)
        assert (game.ending, dict(game.scores)) == ("passes", {BLACK: "W+3"})
        game = play_game(dies, counts, size=5)
        assert (game.ending, game.result, dict(game.scores)) == ("passes", "W+7.5", {WHITE: "W+3"})


def test_rules_decide_the_scoring() -> None:
    with Client(program("e5", "pass", "pass")) as engine:
        game = play_game(engine, engine, size=9, komi=0.5, rules="japanese")
    assert (game.result, game.record().rules) == ("B+79.5", "Japanese")


@pytest.mark.parametrize(
    ("source", "fault", "result"),
    [
        ("print('=' + number, 'e5\\n', flush=True)", "illegal move", "B+F"),
        ("sys.exit('no licence')", "crash", "B+F"),
        ("time.sleep(60)", "time-out", "B+T"),
        ("print('?' + number, 'I will not\\n', flush=True)", "refusal", "B+F"),
    ],
)
def test_a_forfeit_comes_with_the_game(source: str, fault: str, result: str) -> None:
    with (
        Client(program("e5", "g5")) as black,
        Client(program_that(source), name="faulty") as white,
        pytest.raises(Forfeit, match="faulty ") as caught,
    ):
        play_game(black, white, size=9, move_seconds=1.0 if fault == "time-out" else 60.0)
    game = caught.value.game
    assert (caught.value.colour, caught.value.fault) == (WHITE, fault)
    assert (game.result, game.ending, game.board.ply) == (result, "forfeit", 1)
    assert len(game.move_seconds[BLACK]) == 1
    assert game.record().result == result


@pytest.mark.long
@pytest.mark.skipif(GNUGO is None, reason="GNU Go is not installed")
def test_a_game_against_gnu_go() -> None:
    with (
        Client(STUB) as ours,
        Client([str(GNUGO), "--mode", "gtp", "--level", "1", "--chinese-rules"]) as gnugo,
    ):
        for black, white in ((ours, gnugo), (gnugo, ours)):
            game = play_game(black, white, size=9, referee=gnugo)
            assert game.ending in ("passes", "resignation")
            assert game.result[:2] in ("B+", "W+")
