"""Game tables: what is written comes back, and files that are none are refused in a sentence."""

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.example_records import example_records, random_record

from goengine.data.sgf.records import GameRecord
from goengine.data.table.arrow import SCHEMA, games_from_records, table_from_records
from goengine.data.table.table import GameTable, TableWriter, write_table
from goengine.errors import GoEngineError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "games.parquet"


def test_records_come_back(path: Path) -> None:
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


def test_many_row_groups(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("goengine.data.table.table.ROW_GROUP_GAMES", 5)
    records = example_records(23)
    write_table(path, records)
    table = GameTable.open(path)
    assert pq.ParquetFile(path).num_row_groups == 5
    assert [table.record(row) for row in (0, 4, 5, 22)] == [records[row] for row in (0, 4, 5, 22)]
    assert len(table.games) == 23


def test_columns_on_demand(path: Path) -> None:
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
    (older_version, "a game table of version 1, 2 was expected; build it anew with `goengine data build`"),
    (before_versions, "an older version, or not a whole one: it has no column 'hash'; build it anew"),
    (mixed_sizes, "several board sizes \\(9 to 13\\)"),
    (no_games, "holds no game"),
    (a_game_without_size, "a game without a board size"),
    (foreign_counts, "metadata goengine.rejected counts no games"),
]


@pytest.mark.parametrize(("make", "reason"), NO_TABLES, ids=lambda value: getattr(value, "__name__", ""))
def test_what_is_no_table_is_refused(path: Path, make, reason: str) -> None:
    make(path)
    with pytest.raises(GoEngineError, match=reason) as error:
        GameTable.open(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_damage_in_the_moves_is_told(path: Path) -> None:
    write_table(path, [random_record(seed, 19, 200) for seed in range(20)])
    start = pq.ParquetFile(path).metadata.row_group(0).column(1).data_page_offset
    data = bytearray(path.read_bytes())
    data[start : start + 200] = b"\xff" * 200
    path.write_bytes(data)
    with pytest.raises(GoEngineError, match="is damaged"):
        _ = GameTable.open(path).games


def test_a_row_that_is_not_there(path: Path) -> None:
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
def test_games_that_cannot_be_are_refused(path: Path, column: str, values: pa.Array, reason: str) -> None:
    pq.write_table(with_column(column, values), path)
    with pytest.raises(GoEngineError, match=reason) as error:
        _ = GameTable.open(path).games
    assert str(path) in str(error.value)


REFUSED = [
    ([], "there is no game"),
    ([GameRecord(size=9, moves=(1, 1), source="a.sgf", index=3)], "a.sgf, index 3: illegal move: move 2"),
    ([random_record(1), random_record(1, size=13)], "board size: 13x13 in a table of 9x9"),
]


@pytest.mark.parametrize(("records", "reason"), REFUSED, ids=["none", "illegal", "mixed"])
def test_what_cannot_be_written(path: Path, records: list[GameRecord], reason: str) -> None:
    with pytest.raises(GoEngineError, match=reason):
        write_table(path, records)
    assert list(path.parent.iterdir()) == []


def test_a_failed_write_leaves_the_table_from_before(path: Path) -> None:
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


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "folder.parquet").mkdir()
    for path, reason in (
        (tmp_path / "absent" / "games.parquet", "cannot be written .there is no folder"),
        (tmp_path / "folder.parquet", "it is a folder"),
        (tmp_path / "games.sgf", "ends in .parquet"),
    ):
        with pytest.raises(GoEngineError, match=reason):
            write_table(path, example_records())


def test_every_field_of_a_record_is_a_column() -> None:
    assert set(GameRecord.__dataclass_fields__) <= set(SCHEMA.names)


def test_what_the_columns_say(path: Path) -> None:
    record = random_record(
        1, date="2016-03-09,10", result="W+3.5", black_rank="9段", white_rank="3k", komi=7.5, fault="why"
    )
    write_table(path, [record, random_record(2)])
    said, silent = pq.read_table(path).to_pylist()
    for name, value in {
        "num_moves": len(record.moves),
        "first_day": date(2016, 3, 9),
        "last_day": date(2016, 3, 10),
        "winner": 2,
        "margin": 3.5,
        "ended_by": "points",
        "black_level": 9.0,
        "white_level": -2.0,
        "komi": 7.5,
        "fault": "why",
    }.items():
        assert said[name] == value, name
        assert silent[name] in (None, "", 40), name
    assert said["hash"] != silent["hash"]


def test_the_version_is_in_the_file(path: Path) -> None:
    write_table(path, example_records())
    assert pq.read_metadata(path).metadata[b"goengine.version"] == b"2"


def test_duckdb_reads_a_table_and_writes_one(path: Path) -> None:
    records = example_records()
    write_table(path, records)
    found = duckdb.sql(f"select sum(len(moves)), min(year(first_day)), max(hash) from '{path}'").fetchall()[0]
    hashes = table_from_records(records)["hash"].to_pylist()
    assert found == (sum(len(record.moves) for record in records), 2010, max(hashes))
    some = path.with_name("some.parquet")
    duckdb.sql(f"copy (select * from '{path}' where year(first_day) = 2010) to '{some}'")
    assert list(GameTable.open(some).records()) == [r for r in records if r.date.startswith("2010")]


def test_pandas_reads_a_table_and_writes_one(path: Path) -> None:
    records = example_records()
    write_table(path, records)
    frame = pd.read_parquet(path)
    assert [tuple(moves) for moves in frame["moves"]] == [record.moves for record in records]
    assert frame["komi"].isna().sum() == 1
    some = path.with_name("some.parquet")
    frame[frame["komi"].notna()].to_parquet(some)
    assert list(GameTable.open(some).records()) == records[:11]


def test_no_records_make_empty_arrays() -> None:
    assert len(games_from_records([], 19)) == 0


def test_a_setup_stone_of_each_colour() -> None:
    records = [
        random_record(1),
        GameRecord(size=9, moves=(40,), setup_white=(1, 2)),
        GameRecord(size=9, moves=(40,), setup_black=(3,), setup_white=(4,)),
    ]
    games = games_from_records(records, 9)
    assert games.setup.tolist() == [32769, 32770, 3, 32772]
    assert games.setup_starts.tolist() == [0, 0, 2, 4]
