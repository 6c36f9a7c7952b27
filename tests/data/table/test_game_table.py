"""Reading game tables, and refusing files that are not game tables."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.example_records import example_records, random_record

from goengine.data.sgf.records import GameRecord
from goengine.data.table.arrow import table_from_records
from goengine.data.table.game_table import GameTable
from goengine.data.table.writer import write_table
from goengine.errors import GoEngineError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "games.parquet"


def test_written_records_are_read_back(path: Path) -> None:
    records = example_records()
    write_table(path, records)
    table = GameTable.open(path)
    assert len(table) == len(records)
    assert table.size == 9
    assert [table.record(row) for row in range(len(table))] == records
    assert table.rejected == {}


def test_games_are_flat_arrays(path: Path) -> None:
    records = example_records()
    write_table(path, records)
    games = GameTable.open(path).games
    for row, record in enumerate(records):
        moves = games.moves[games.move_starts[row] : games.move_starts[row + 1]]
        setup = games.setup[games.setup_starts[row] : games.setup_starts[row + 1]]
        assert moves.tolist() == list(record.moves)
        assert setup.tolist() == [*record.setup_black, *(32768 + point for point in record.setup_white)]
        assert games.first_player[row] == record.first_player
    assert games.moves.dtype == np.uint16


def test_single_columns_are_read(path: Path) -> None:
    write_table(path, example_records())
    table = GameTable.open(path)
    assert table.column("result").tolist() == ["B+R"] * 11 + [""]
    assert np.isnan(table.column("komi")).tolist() == [False] * 11 + [True]
    for name in ("moves", "weather"):
        with pytest.raises(GoEngineError, match=f"no column of single values named '{name}'"):
            table.column(name)


def test_a_table_filtered_by_another_tool_opens(path: Path) -> None:
    records = example_records()
    rows = pa.Table.from_pylist(
        table_from_records(records).slice(3, 4).to_pylist()
    )  # other types, all nullable
    pq.write_table(rows.append_column("extra", pa.array(range(4))), path)
    table = GameTable.open(path)
    assert [table.record(row) for row in range(4)] == records[3:7]
    assert len(table.games) == 4


def write_rows(path: Path, records: list[GameRecord]) -> None:
    pq.write_table(table_from_records(records), path)


def absent(path: Path) -> None:
    assert not path.exists()


def empty_file(path: Path) -> None:
    path.touch()


def binary_file(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 20)


def truncated_table(path: Path) -> None:
    write_table(path, example_records())
    path.write_bytes(path.read_bytes()[:-100])


def folder(path: Path) -> None:
    path.mkdir()


def other_parquet(path: Path) -> None:
    pq.write_table(pa.table({"size": [9], "text": ["hello"]}), path)


def text_for_size(path: Path) -> None:
    rows = table_from_records(example_records())
    pq.write_table(rows.set_column(0, "size", pa.array(["nine"] * len(rows))), path)


def huge_board(path: Path) -> None:
    rows = table_from_records(example_records(3))
    pq.write_table(rows.set_column(0, "size", pa.array([30] * 3, pa.uint8())), path)


def older_version(path: Path) -> None:
    rows = table_from_records(example_records(3))
    pq.write_table(rows.replace_schema_metadata({"goengine.version": "1"}), path)


def before_versions(path: Path) -> None:
    rows = table_from_records(example_records(3)).drop(["hash", "fault"])
    pq.write_table(rows.replace_schema_metadata(None), path)


def mixed_sizes(path: Path) -> None:
    write_rows(path, [random_record(1, size=9), random_record(1, size=13)])


def no_games(path: Path) -> None:
    write_rows(path, [])


def a_game_without_size(path: Path) -> None:
    rows = table_from_records(example_records(3))
    pq.write_table(rows.set_column(0, "size", pa.array([9, None, 9], pa.uint8())), path)


def foreign_counts(path: Path) -> None:
    rows = table_from_records(example_records())
    pq.write_table(rows.replace_schema_metadata({"goengine.rejected": "[1, 2]"}), path)


NO_TABLES = [
    (absent, "no such game table"),
    (folder, "a folder without .parquet files, not a game table"),
    (empty_file, "not a game table, or a damaged one"),
    (binary_file, "not a game table, or a damaged one"),
    (truncated_table, "not a game table, or a damaged one"),
    (other_parquet, "not a game table, it has no column 'moves'"),
    (text_for_size, "not a game table, or a damaged one"),
    (huge_board, "board size 30"),
    (older_version, "a game table of version 1, expected 2; rebuild it with `goengine data build`"),
    (before_versions, "an older version, or an incomplete one: it has no column 'hash'; rebuild it"),
    (mixed_sizes, "several board sizes \\(9 to 13\\)"),
    (no_games, "holds no game"),
    (a_game_without_size, "a game has no board size"),
    (foreign_counts, "metadata goengine.rejected does not hold counts"),
]


@pytest.mark.parametrize(("make", "reason"), NO_TABLES, ids=lambda value: getattr(value, "__name__", ""))
def test_files_that_are_not_tables_are_refused(path: Path, make, reason: str) -> None:
    make(path)
    with pytest.raises(GoEngineError, match=reason) as error:
        GameTable.open(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_damage_in_the_moves_is_reported(path: Path) -> None:
    write_table(path, [random_record(seed, 19, 200) for seed in range(20)])
    start = pq.ParquetFile(path).metadata.row_group(0).column(1).data_page_offset
    data = bytearray(path.read_bytes())
    data[start : start + 200] = b"\xff" * 200
    path.write_bytes(data)
    with pytest.raises(GoEngineError, match="is damaged"):
        _ = GameTable.open(path).games


def test_missing_rows_are_refused(path: Path) -> None:
    write_table(path, example_records())
    for row in (-1, 12):
        with pytest.raises(GoEngineError, match=f"no game {row}, the table holds 12"):
            GameTable.open(path).record(row)


def with_column(name: str, values: pa.Array) -> pa.Table:
    rows = table_from_records(example_records(3))
    return rows.set_column(rows.schema.get_field_index(name), name, values)


POINTS = pa.list_(pa.uint16())
BAD_GAMES = [
    ("a move off the board", "moves", pa.array([[1], [82], [3]], POINTS), "off the 9x9 board"),
    ("a stone off the board", "setup_white", pa.array([[], [81], []], POINTS), "off the 9x9 board"),
    ("a move that is null", "moves", pa.array([[1], [2, None], [3]], POINTS), "missing"),
    ("moves that are null", "moves", pa.array([[1], None, [3]], POINTS), "null"),
    ("moves of text", "moves", pa.array([["a"]] * 3), "damaged"),
    ("moves too large for a point", "moves", pa.array([[70_000]] * 3), "70000"),
    ("a third colour", "first_player", pa.array([1, 2, 3], pa.uint8()), "neither Black"),
    ("a colour that is null", "first_player", pa.array([1, 2, None], pa.uint8()), "null"),
]


@pytest.mark.parametrize(
    ("column", "values", "reason"), [row[1:] for row in BAD_GAMES], ids=[row[0] for row in BAD_GAMES]
)
def test_invalid_columns_are_refused(path: Path, column: str, values: pa.Array, reason: str) -> None:
    pq.write_table(with_column(column, values), path)
    with pytest.raises(GoEngineError, match=reason) as error:
        _ = GameTable.open(path).games
    assert str(path) in str(error.value)


def test_duckdb_reads_and_writes_tables(path: Path) -> None:
    records = example_records()
    write_table(path, records)
    row = duckdb.sql(f"select sum(len(moves)), min(year(first_day)), max(hash) from '{path}'").fetchall()[0]
    hashes = table_from_records(records)["hash"].to_pylist()
    assert row == (sum(len(record.moves) for record in records), 2010, max(hashes))
    some = path.with_name("some.parquet")
    duckdb.sql(f"copy (select * from '{path}' where year(first_day) = 2010) to '{some}'")
    assert list(GameTable.open(some).records()) == [r for r in records if r.date.startswith("2010")]


def test_pandas_reads_and_writes_tables(path: Path) -> None:
    records = example_records()
    write_table(path, records)
    frame = pd.read_parquet(path)
    assert [tuple(moves) for moves in frame["moves"]] == [record.moves for record in records]
    assert frame["komi"].isna().sum() == 1
    some = path.with_name("some.parquet")
    frame[frame["komi"].notna()].to_parquet(some)
    assert list(GameTable.open(some).records()) == records[:11]
