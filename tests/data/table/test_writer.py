"""Writing game tables, completely or not at all."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from support.example_records import example_records, random_record

from goengine.data.sgf.records import GameRecord
from goengine.data.table.arrow import table_from_records
from goengine.data.table.game_table import GameTable
from goengine.data.table.writer import TableWriter, write_table
from goengine.errors import GoEngineError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "games.parquet"


REFUSED = [
    ([], "there is no game"),
    ([GameRecord(size=9, moves=(1, 1), source="a.sgf", index=3)], "a.sgf, index 3: illegal move: move 2"),
    ([random_record(1), random_record(1, size=13)], "board size: 13x13 in a table of 9x9"),
]


@pytest.mark.parametrize(("records", "reason"), REFUSED, ids=["none", "illegal", "mixed"])
def test_records_that_do_not_fit_a_table_are_refused(
    path: Path, records: list[GameRecord], reason: str
) -> None:
    with pytest.raises(GoEngineError, match=reason):
        write_table(path, records)
    assert list(path.parent.iterdir()) == []


def test_a_failed_write_keeps_the_old_table(path: Path) -> None:
    write_table(path, example_records())
    before = path.read_bytes()

    def interrupted_write() -> None:
        with TableWriter(path) as writer:
            writer.write(table_from_records(example_records(5)))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted_write()
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_invalid_names_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.parquet").mkdir()
    for path, reason in (
        (tmp_path / "absent" / "games.parquet", "cannot be written .there is no folder"),
        (tmp_path / "folder.parquet", "it is a folder"),
        (tmp_path / "games.sgf", "ends in .parquet"),
    ):
        with pytest.raises(GoEngineError, match=reason):
            write_table(path, example_records())


def test_the_version_is_in_the_file(path: Path) -> None:
    write_table(path, example_records())
    assert pq.read_metadata(path).metadata[b"goengine.version"] == b"2"


def test_a_table_may_have_many_row_groups(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("goengine.data.table.writer.ROW_GROUP_GAMES", 5)
    records = example_records(23)
    write_table(path, records)
    table = GameTable.open(path)
    assert pq.ParquetFile(path).num_row_groups == 5
    assert [table.record(row) for row in (0, 4, 5, 22)] == [records[row] for row in (0, 4, 5, 22)]
    assert len(table.games) == 23
