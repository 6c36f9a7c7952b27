"""Exports of game tables: SGF files, from which the same table is built, and compact tables."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import shared_dir
from support.example_records import example_records, random_record

from goengine.data.sgf.records import GameRecord, record_from_sgf, record_to_sgf
from goengine.data.sources.selection import Selection
from goengine.data.table.build import build_table
from goengine.data.table.export import compact_table, export_table
from goengine.data.table.game_table import GameTable
from goengine.data.table.writer import write_table
from goengine.errors import GoEngineError

PROVENANCE = ["source", "index"]


def rebuilt(table: Path, out: Path, size: int = 19) -> Path:
    """The table that is built of a table's export."""
    games = export_table(GameTable.open(table), out)
    again = table.with_name(f"{out.stem}-again.parquet")
    assert build_table(again, [out], Selection(size)).games == games
    return again


def same(a: Path, b: Path) -> bool:
    return pq.read_table(a).drop(PROVENANCE).equals(pq.read_table(b).drop(PROVENANCE))


@pytest.mark.parametrize("name", ["all.sgf", "folder"])
def test_an_export_of_many_programs_files_is_rebuilt(tmp_path: Path, name: str) -> None:
    table = tmp_path / "zoo.parquet"
    build_table(table, [shared_dir() / "sgf-zoo"])
    assert same(table, rebuilt(table, tmp_path / name))


def test_an_export_of_games_with_faults_is_rebuilt(tmp_path: Path) -> None:
    (tmp_path / "games.sgf").write_bytes(
        b"".join(map(record_to_sgf, example_records()))
        + b"(;SZ[9];B[aa];B[bb];W[aa];B[cc])"  # an illegal move, after a pass left out
        + b"(;SZ[9];B[aa];W[bb];W[zz])"
        + b"(;SZ[9];B[aa];AB[cc];W[bb])"
        + b"(;SZ[9];B[aa];W[bb]B[cc])"
        + b"(;SZ[9]C[tail]HA[3];B[aa];B[cc];B[dd];W[ff];B[g"
    )
    table = tmp_path / "games.parquet"
    assert build_table(table, [tmp_path / "games.sgf"], Selection(9)).truncated == 5
    assert same(table, rebuilt(table, tmp_path / "again.sgf", 9))
    assert build_table(table, [tmp_path / "again.sgf"], Selection(9, keep_illegal=False)).games == 12


@pytest.mark.long
def test_an_export_of_real_games_is_rebuilt(tmp_path: Path) -> None:
    table = tmp_path / "games.parquet"
    build_table(table, [shared_dir() / "games" / "validation.sgf.bz2"])
    assert same(table, rebuilt(table, tmp_path / "again.sgf"))


values = st.text(max_size=12)
raw = st.text(st.sampled_from("Ab]\\: \n\t;()[安9.5kdp+R"), max_size=10)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    texts=st.dictionaries(
        st.sampled_from(["PB", "PW", "BR", "WR", "DT", "RE", "EV", "PC", "RU", "KM", "HA", "FAULT"]),
        values | raw,
    ),
    komi=st.none()
    | st.integers(-40, 40).map(lambda half: f"{half / 2}")
    | st.sampled_from(["375", "6,5", "½"]),
    handicap=st.none() | st.integers(0, 9),
    seed=st.integers(0, 1000),
    length=st.integers(1, 30),
)
def test_a_parsed_record_survives_export(texts, komi, handicap, seed, length) -> None:
    if komi is not None:
        texts["KM"] = komi
    if handicap is not None:
        texts["HA"] = str(handicap)
    escaped = {name: text.replace("\\", "\\\\").replace("]", "\\]") for name, text in texts.items()}
    head = "".join(f"{name}[{text}]" for name, text in escaped.items())
    moves = record_to_sgf(random_record(seed, length=length)).partition(b"SZ[9]")[2]
    record = record_from_sgf(b"(;CA[UTF-8]SZ[9]" + head.encode("utf-8", "replace") + moves)
    assert record_from_sgf(record_to_sgf(record)) == record


def test_an_export_overwrites_nothing(tmp_path: Path) -> None:
    write_table(tmp_path / "games.parquet", example_records(3))
    table = GameTable.open(tmp_path / "games.parquet")
    (tmp_path / "empty").mkdir()
    assert export_table(table, tmp_path / "empty") == 3
    assert sorted(path.name for path in (tmp_path / "empty").iterdir()) == ["0.sgf", "1.sgf", "2.sgf"]
    with pytest.raises(GoEngineError, match="already exists"):
        export_table(table, tmp_path / "empty")
    with pytest.raises(GoEngineError, match="no folder"):
        export_table(table, tmp_path / "no" / "all.sgf")


def test_a_record_with_every_property_survives_export() -> None:
    record = GameRecord(
        size=9, moves=(1, 81, 3), first_player=2, setup_black=(10, 20), setup_white=(30,), handicap=2,
        komi=-3.5, rules="AGA", date="2016-03-09", result="W+R", black_name="a]b", white_name="安\\",
        black_rank="9p", white_rank="3k", event="x:y", place="Seoul", fault="illegal move: move 4, ...",
    )  # fmt: skip
    assert record_from_sgf(record_to_sgf(record)) == record


@pytest.fixture
def table(tmp_path):
    write_table(tmp_path / "games.parquet", example_records(200, 9))
    return GameTable.open(tmp_path / "games.parquet")


def hashes(path: Path) -> set[int]:
    return set(GameTable.open(path).column("hash").tolist())


def test_compact_tables_keep_moves_and_clear_texts(table, tmp_path):
    out = tmp_path / "small.parquet"
    assert compact_table(table, out, 10**7) == len(table)
    before, after = table.games, GameTable.open(out).games
    for name in ("moves", "move_starts", "setup", "setup_starts", "first_player"):
        assert np.array_equal(getattr(before, name), getattr(after, name)), name
    assert out.stat().st_size < table.path.stat().st_size
    assert set(pq.read_table(out)["source"].to_pylist()) == {""}


def test_a_smaller_compact_table_is_a_subset_of_a_larger(table, tmp_path):
    sizes = (12_000, 20_000)
    games = [compact_table(table, tmp_path / f"{size}.parquet", size) for size in sizes]
    assert 0 < games[0] < games[1] < len(table)
    for size in sizes:
        assert (tmp_path / f"{size}.parquet").stat().st_size <= size
    assert hashes(tmp_path / "12000.parquet") < hashes(tmp_path / "20000.parquet")


def test_a_size_that_is_too_small_is_refused(table, tmp_path):
    with pytest.raises(GoEngineError, match="none of its games fits in 50 bytes"):
        compact_table(table, tmp_path / "small.parquet", 50)
    assert not (tmp_path / "small.parquet").exists()
