"""How games ended: winner, komi and score from the columns, owners from the final board."""

import os
from pathlib import Path

import numpy as np
import pytest
from support.diagrams import BLACK, WHITE, parse_diagram, picture, tidy

from goengine.colours import EMPTY
from goengine.data.sgf.records import GameRecord
from goengine.data.table import outcomes as outcomes_module
from goengine.data.table.game_table import GameTable
from goengine.data.table.outcomes import Outcomes, outcomes_file
from goengine.data.table.writer import write_table
from goengine.errors import GoEngineError

# White's stone on A5 is dead, and D1 is neutral. Black has 27 points, White 21.
FINISHED = """
. X . X O . O
X X X X O O O
O . . X O . O
. . . X O O O
X X X X O O O
X . X X O O O
X X X . O . O
"""
OWNERS = """
X X X X O O O
X X X X O O O
X X X X O O O
X X X X O O O
X X X X O O O
X X X X O O O
X X X . O O O
"""


def finished(result: str, komi: float | None = 0.5) -> GameRecord:
    """A game that ends with FINISHED."""
    diagram = parse_diagram(FINISHED)
    return GameRecord(
        size=7,
        moves=(49, 49),
        setup_black=tuple(diagram.black),
        setup_white=tuple(diagram.white),
        komi=komi,
        result=result,
    )


RIGHT, WRONG = finished("B+5.5"), finished("B+15.5")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "games.parquet"


def outcomes_of(path: Path, records: list[GameRecord]) -> Outcomes:
    write_table(path, records)
    return Outcomes.from_table(GameTable.open(path))


def forbid_playouts(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("a final board is played out")

    monkeypatch.setattr(outcomes_module, "status", fail)


COLUMNS = [
    # result, komi in the record; winner, komi, score
    ("B+5.5", 0.5, BLACK, 0.5, 6.0),
    ("W+3.5", 6.5, WHITE, 6.5, 3.0),
    ("W+9.5", 6.5, WHITE, 6.5, -3.0),
    ("B+R", 6.5, BLACK, 6.5, None),
    ("W+Resign", None, WHITE, 0.0, None),
    ("B+5.5", None, BLACK, 0.0, None),
    ("W+T", 6.5, EMPTY, 6.5, None),
    ("B+Forfeit", 6.5, EMPTY, 6.5, None),
    ("B+", 6.5, EMPTY, 6.5, None),
    ("0", 6.0, EMPTY, 6.0, None),
    ("Void", 6.5, EMPTY, 6.5, None),
    ("", 6.5, EMPTY, 6.5, None),
]


def test_winner_komi_and_score_come_from_the_columns(path: Path) -> None:
    outcomes = outcomes_of(path, [finished(result, komi) for result, komi, *_ in COLUMNS])
    assert outcomes.winner.tolist() == [row[2] for row in COLUMNS]
    assert outcomes.komi.tolist() == [row[3] for row in COLUMNS]
    assert [None if np.isnan(score) else score for score in outcomes.score.tolist()] == [
        row[4] for row in COLUMNS
    ]
    assert (outcomes.winner.dtype, outcomes.komi.dtype, outcomes.score.dtype) == (
        np.uint8,
        np.float32,
        np.float32,
    )


def test_dead_stones_belong_to_the_opponent(path: Path) -> None:
    outcomes = outcomes_of(path, [RIGHT])
    assert outcomes.row.tolist() == [0]
    assert picture(outcomes.owners[0].reshape(7, 7)) == tidy(OWNERS)


def test_boards_with_another_score_have_no_owners(path: Path) -> None:
    outcomes = outcomes_of(path, [WRONG, finished("B+R"), RIGHT, finished("B+5.5", None)])
    known = outcomes.row >= 0
    assert known.tolist() == [False, False, True, False]
    assert picture(outcomes.owners[outcomes.row[2]].reshape(7, 7)) == tidy(OWNERS)


@pytest.mark.parametrize(("result", "known"), [("B+2.5", True), ("B+8.5", True), ("B+1.5", False)])
def test_scores_may_differ_by_three_points(path: Path, result: str, known: bool) -> None:
    assert (outcomes_of(path, [finished(result)]).row[0] >= 0) == known


def test_no_counted_game_gives_no_owners(path: Path) -> None:
    outcomes = outcomes_of(path, [finished("B+R")])
    assert outcomes.owners.shape == (0, 49)
    assert outcomes.row.tolist() == [-1]


def test_the_file_next_to_the_table_is_reused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = outcomes_of(path, [WRONG, RIGHT])
    assert outcomes_file(path) == path.with_name("games.parquet.outcomes")
    forbid_playouts(monkeypatch)
    second = Outcomes.from_table(GameTable.open(path))
    for name in ("winner", "komi", "score", "row", "owners"):
        assert np.array_equal(getattr(first, name), getattr(second, name), equal_nan=name == "score"), name


def test_a_changed_table_gets_a_new_file(path: Path) -> None:
    assert outcomes_of(path, [WRONG, RIGHT]).row.tolist() == [-1, 1]
    before = outcomes_file(path).read_bytes()
    assert outcomes_of(path, [RIGHT, WRONG]).row.tolist() == [0, -1]
    assert outcomes_file(path).read_bytes() != before


DAMAGE = {
    "empty": lambda _: b"",
    "truncated": lambda data: data[:-10],
    "too long": lambda data: data + b"\0",
    "header": lambda data: b"[" + data[1:],
    "another format": lambda data: data.replace(b"goengine outcomes 1", b"goengine outcomes 9"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_rebuilt(path: Path, damage: str) -> None:
    outcomes_of(path, [RIGHT])
    file = outcomes_file(path)
    whole = file.read_bytes()
    file.write_bytes(DAMAGE[damage](whole))
    outcomes = Outcomes.from_table(GameTable.open(path))
    assert picture(outcomes.owners[0].reshape(7, 7)) == tidy(OWNERS)
    assert file.read_bytes() == whole


def test_a_file_that_cannot_be_read_is_reported(path: Path) -> None:
    outcomes_file(path).mkdir()
    with pytest.raises(GoEngineError, match=r"games\.parquet\.outcomes: cannot be read"):
        outcomes_of(path, [RIGHT])


def test_in_a_read_only_folder_no_file_is_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert outcomes_of(path, [RIGHT]).row.tolist() == [0]
    assert not outcomes_file(path).exists()


def test_progress_ends_at_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes_module, "_CHUNK_GAMES", 2)
    write_table(path, [RIGHT] * 5)
    shares: list[float] = []
    Outcomes.from_table(GameTable.open(path), shares.append)
    assert shares == [0.4, 0.8, 1.0]
