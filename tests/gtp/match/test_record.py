"""Match records: what is saved, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from goengine.data.sgf.records import GameRecord, record_from_sgf
from goengine.errors import GoEngineError
from goengine.gtp.match.record import MatchRecord, MatchSettings, PlayedGame

SETTINGS = MatchSettings("gnugo --mode gtp", "goengine gtp")
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
    reason="goengine did not answer",
)


def saved(folder: Path) -> Path:
    """Save a match with one game in the folder."""
    record = MatchRecord.open(SETTINGS, folder)
    record.start({"A": "GNU Go 3.8", "B": "goengine"})
    record.add(GAME, GameRecord(size=19, moves=(60, 61), black_name="goengine"))
    return folder


def test_a_saved_match_is_read_back(tmp_path: Path) -> None:
    folder = saved(tmp_path / "new" / "match")
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
        ({"engine_a": "gnugo"}, "engine a is 'gnugo --mode gtp', not 'gnugo'"),
        ({"engine_b": "gnugo"}, "engine b is 'goengine gtp', not 'gnugo'"),
        ({"size": 13}, "size is 19, not 13"),
        ({"komi": 6.5}, "komi is 7.5, not 6.5"),
        ({"rules": "aga"}, "rules is 'chinese', not 'aga'"),
        ({"max_moves": 300}, "max moves is 722, not 300"),
        ({"move_seconds": 5.0}, "move seconds is 60.0, not 5.0"),
        ({"scorer": "gnugo"}, "scorer is '', not 'gnugo'"),
        ({"seed": 2}, "seed is 1, not 2"),
    ],
)
def test_a_folder_holds_one_match(tmp_path: Path, changed: dict[str, Any], message: str) -> None:
    saved(tmp_path)
    settings = {"engine_a": SETTINGS.engine_a, "engine_b": SETTINGS.engine_b} | changed
    with pytest.raises(GoEngineError) as caught:
        MatchRecord.open(MatchSettings(**settings), tmp_path)
    assert str(caught.value) == f"{tmp_path} holds another match: its {message}"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"settings": 1}', "damaged", "bad games", "bad name"])
def test_damaged_records(tmp_path: Path, content: str) -> None:
    path = saved(tmp_path) / "match.json"
    whole = json.loads(path.read_text())
    if content == "damaged":
        content = path.read_text()[:-100]
    elif content == "bad games":
        content = json.dumps(whole | {"games": [{"number": 1}]})
    elif content == "bad name":
        content = json.dumps(whole | {"names": 5})
    path.write_text(content)
    with pytest.raises(GoEngineError, match=r"match\.json is damaged: it is not the record of a match"):
        MatchRecord.open(SETTINGS, tmp_path)


def test_folders_with_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(GoEngineError, match=r"holds other files but no match\.json; name a new folder"):
        MatchRecord.open(SETTINGS, tmp_path)
    with pytest.raises(GoEngineError, match=r"notes\.txt is not a folder"):
        MatchRecord.open(SETTINGS, tmp_path / "notes.txt")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"size": 4}, "board size 4 is too small for a match; the smallest is 5"),
        ({"size": 26}, "board size 26"),
        ({"komi": float("nan")}, "komi nan is not a finite number"),
        ({"rules": "calvinball"}, "unknown rules 'calvinball'"),
        ({"max_moves": 4}, "max-moves is 4; expected more than the 4 stones"),
        ({"move_seconds": 0.0}, "move-seconds is 0.0; expected a number above 0"),
        ({"move_seconds": float("inf")}, "move-seconds is inf; expected"),
    ],
)
def test_settings_that_are_not_allowed(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(GoEngineError, match=message):
        MatchSettings("a", "b", **settings)
