"""Matches between small engines, some of which fail."""

import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from support.match_engines import engine, starts

import goengine
from goengine.data.sgf.records import record_from_sgf
from goengine.errors import GoEngineError
from goengine.gtp.match.match import play_match
from goengine.gtp.match.record import MatchRecord, MatchSettings
from goengine.points import pass_move

STUB = f'"{sys.executable}" "{Path(__file__).parents[1] / "stub_engine.py"}"'


def new_match(engine_a: str, engine_b: str, folder: Path | None = None, **settings: object) -> MatchRecord:
    return MatchRecord.open(MatchSettings(engine_a, engine_b, size=9, **settings), folder)  # type: ignore[arg-type]


def test_a_match_alternates_colours_and_openings(tmp_path: Path) -> None:
    out = tmp_path / "out"
    record = new_match(engine(tmp_path, "passes", "one"), engine(tmp_path, "resigns", "two"), out)
    played = list(play_match(record, 6, parallel=2))
    assert sorted(game.number for game in played) == [1, 2, 3, 4, 5, 6]
    assert record.names == {"A": "one", "B": "two"}
    assert [game.black for game in record.first(6)] == ["A", "B"] * 3
    assert [game.result for game in record.first(6)] == ["B+R", "W+R"] * 3
    assert {game.winner for game in played} == {"A"}
    assert {game.answers["B"] for game in played} == {1}
    assert starts(tmp_path, "one") == starts(tmp_path, "two") == 2
    records = [record_from_sgf((out / f"game-{n:04}.sgf").read_bytes()) for n in range(1, 7)]
    assert len({record.moves[:4] for record in records}) == 6
    assert [(r.black_name, r.white_name) for r in records] == [("one", "two"), ("two", "one")] * 3
    assert records[0].moves[4:] == (pass_move(9),)


@pytest.mark.long
def test_goengine_plays_itself_to_the_end() -> None:
    record = new_match(f"{STUB} 1", f"{STUB} 2", komi=6.5)
    (game,) = play_match(record, 1)
    assert (game.ending, game.reason) == ("passes", "")
    assert game.plies > 30
    name = f"goengine {goengine.__version__}"
    assert record.names == {"A": f"{name} (A)", "B": f"{name} (B)"}


@pytest.mark.long
@pytest.mark.parametrize(
    ("does", "fault", "reason"),
    [
        ("hangs", "time-out", "faulty did not answer 'genmove B' within 1 s"),
        ("dies", "crash", "(exit code 1); it last wrote: no licence found"),
        ("cheats", "illegal move", "faulty played 'z99' as move 5"),
        ("refuses", "refusal", "faulty refused 'genmove B': not now"),
    ],
)
def test_an_engine_that_fails_loses_and_is_restarted(
    tmp_path: Path, does: str, fault: str, reason: str
) -> None:
    commands = engine(tmp_path, "passes", "sound"), engine(tmp_path, does, "faulty")
    record = new_match(*commands, move_seconds=1.0 if does == "hangs" else 60.0)
    played = list(play_match(record, 3, parallel=1))
    assert [game.winner for game in played] == ["A"] * 3
    assert [(game.ending, game.fault) for game in played] == [("forfeit", fault)] * 3
    assert reason in played[1].reason
    letter = "T" if fault == "time-out" else "F"
    assert [game.result for game in played] == [f"B+{letter}", f"W+{letter}", f"B+{letter}"]
    assert (starts(tmp_path, "sound"), starts(tmp_path, "faulty")) == (1, 3)


def test_a_match_continues_where_it_stopped(tmp_path: Path) -> None:
    commands = engine(tmp_path, "passes", "one"), engine(tmp_path, "passes", "two")
    out = tmp_path / "out"
    with closing(play_match(new_match(*commands, out), 5, parallel=1)) as games:
        assert [next(games).number, next(games).number] == [1, 2]
    record = new_match(*commands, out)
    assert set(record.games) == {1, 2}
    assert [game.number for game in play_match(record, 5, parallel=1)] == [3, 4, 5]
    again = new_match(*commands, out)
    assert list(play_match(again, 5)) == []
    assert starts(tmp_path, "one") == 2
    whole = tmp_path / "whole"
    list(play_match(new_match(*commands, whole), 5))
    for number in range(1, 6):
        name = f"game-{number:04}.sgf"
        assert (whole / name).read_bytes() == (out / name).read_bytes()


def test_a_changed_engine_cannot_continue_a_match(tmp_path: Path) -> None:
    commands = engine(tmp_path, "passes", "one"), engine(tmp_path, "passes", "two")
    out = tmp_path / "out"
    list(play_match(new_match(*commands, out), 1))
    program = tmp_path / "one.py"
    program.write_text(program.read_text().replace("'one'", "'one and a half'"))
    with pytest.raises(GoEngineError, match="its engine A is one, not one and a half"):
        list(play_match(new_match(*commands, out), 2))


def test_closing_kills_engines_that_hang(tmp_path: Path) -> None:
    commands = engine(tmp_path, "resigns", "quick"), engine(tmp_path, "hangs", "slow")
    games = play_match(new_match(*commands), 2, parallel=2)
    next(games)  # Black resigns in game 1; in game 2 the engine that hangs has Black
    started = time.monotonic()
    games.close()
    assert time.monotonic() - started < 5


def test_a_scorer_decides_and_its_failure_ends_the_match(tmp_path: Path) -> None:
    commands = engine(tmp_path, "passes", "one"), engine(tmp_path, "passes", "two")
    (game,) = play_match(new_match(*commands, scorer=f"{STUB} 1"), 1)
    assert game.result[:2] in ("B+", "W+")
    with pytest.raises(GoEngineError, match="answered final_score with ''; expected a score"):
        list(play_match(new_match(*commands, scorer=engine(tmp_path, "passes", "mute")), 1))


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("/no/such/engine", "cannot start /no/such/engine"),
        (f'"{sys.executable}" -c pass', "ended before it answered 'boardsize 19'|has ended"),
        (STUB, "refused 'boardsize 19': unacceptable size"),
    ],
)
def test_engines_are_checked_before_the_games(tmp_path: Path, command: str, message: str) -> None:
    record = MatchRecord.open(MatchSettings(command, engine(tmp_path, "passes")), tmp_path / "out")
    with pytest.raises(GoEngineError, match=message):
        list(play_match(record, 4))
    assert not (tmp_path / "out").exists()
