"""What of a match is kept, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from goengine.data.sgf.records import GameRecord, record_from_sgf
from goengine.errors import GoEngineError
from goengine.gtp.match.record import MatchRecord, PlayedGame, Settings

SETTINGS = Settings("gnugo --mode gtp", "goengine gtp")
GAME = PlayedGame(
    number=2,
    black="B",
    result="W+T",
    ending="forfeit",
    plies=7,
    answers={"A": 1, "B": 2},
    seconds={"A": 0.25, "B": 1.5},
    slowest={"A": 0.25, "B": 1.0},
    fault="time-out",
    reason="goengine gave no answer",
)


def kept(folder: Path) -> Path:
    """A folder that holds one game."""
    record = MatchRecord.open(SETTINGS, folder)
    record.start({"A": "GNU Go 3.8", "B": "goengine"})
    record.add(GAME, GameRecord(size=19, moves=(60, 61), black_name="goengine"))
    return folder


def test_what_is_kept_is_found_again(tmp_path: Path) -> None:
    folder = kept(tmp_path / "new" / "match")
    record = MatchRecord.open(SETTINGS, folder)
    assert record.games == {2: GAME}
    assert record.names == {"A": "GNU Go 3.8", "B": "goengine"}
    assert (record.first(2), record.first(1)) == ([GAME], [])
    assert sorted(path.name for path in folder.iterdir()) == ["game-0002.sgf", "match.json"]
    assert record_from_sgf((folder / "game-0002.sgf").read_bytes()).black_name == "goengine"


def test_without_a_folder_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    record = MatchRecord.open(SETTINGS, None)
    record.start({"A": "one", "B": "two"})
    record.add(GAME, GameRecord(size=19, moves=()))
    assert record.games == {2: GAME}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("result", "black", "winner"),
    [("B+3.5", "A", "A"), ("B+R", "B", "B"), ("W+T", "A", "B"), ("W+0.5", "B", "A"), ("0", "A", None)],
)
def test_winners(result: str, black: Any, winner: str | None) -> None:
    nothing = {"A": 0, "B": 0}
    assert PlayedGame(1, black, result, "passes", 9, nothing, nothing, nothing).winner == winner


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"engine_a": "gnugo"}, "engine a is 'gnugo --mode gtp' there, 'gnugo' here"),
        ({"engine_b": "gnugo"}, "engine b is 'goengine gtp' there, 'gnugo' here"),
        ({"size": 13}, "size is 19 there, 13 here"),
        ({"komi": 6.5}, "komi is 7.5 there, 6.5 here"),
        ({"rules": "aga"}, "rules is 'chinese' there, 'aga' here"),
        ({"max_moves": 300}, "max moves is 722 there, 300 here"),
        ({"move_seconds": 5.0}, "move seconds is 60.0 there, 5.0 here"),
        ({"scorer": "gnugo"}, "scorer is '' there, 'gnugo' here"),
        ({"seed": 2}, "seed is 1 there, 2 here"),
    ],
)
def test_a_folder_keeps_one_match(tmp_path: Path, changed: dict[str, Any], message: str) -> None:
    kept(tmp_path)
    settings = {"engine_a": SETTINGS.engine_a, "engine_b": SETTINGS.engine_b} | changed
    with pytest.raises(GoEngineError) as caught:
        MatchRecord.open(Settings(**settings), tmp_path)
    assert str(caught.value) == f"{tmp_path} holds another match: {message}"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"settings": 1}', "damaged", "bad games", "bad name"])
def test_damaged_records(tmp_path: Path, content: str) -> None:
    path = kept(tmp_path) / "match.json"
    whole = json.loads(path.read_text())
    if content == "damaged":
        content = path.read_text()[:-100]
    elif content == "bad games":
        content = json.dumps(whole | {"games": [{"number": 1}]})
    elif content == "bad name":
        content = json.dumps(whole | {"names": 5})
    path.write_text(content)
    with pytest.raises(GoEngineError, match=r"match\.json is damaged: it is no record of a match"):
        MatchRecord.open(SETTINGS, tmp_path)


def test_other_peoples_folders_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(GoEngineError, match=r"holds other files but no match\.json; name a new folder"):
        MatchRecord.open(SETTINGS, tmp_path)
    with pytest.raises(GoEngineError, match=r"notes\.txt is no folder"):
        MatchRecord.open(SETTINGS, tmp_path / "notes.txt")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"size": 4}, "a match on 4x4 has no openings; the least is 5x5"),
        ({"size": 26}, "board size 26"),
        ({"komi": float("nan")}, "komi nan is not a finite number"),
        ({"rules": "calvinball"}, "unknown rules 'calvinball'"),
        ({"max_moves": 4}, "max-moves 4 ends games with their 4 opening stones"),
        ({"move_seconds": 0.0}, "move-seconds 0.0 is no time to move in"),
        ({"move_seconds": float("inf")}, "move-seconds inf is no time"),
    ],
)
def test_settings_that_no_match_can_have(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(GoEngineError, match=message):
        Settings("a", "b", **settings)
