"""A table that is written as SGF and built again is the same."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import shared_dir
from support.example_records import example_records, random_record

from goengine.data.sgf.records import GameRecord, record_from_sgf, record_to_sgf
from goengine.data.sources.selection import Selection
from goengine.data.table.build import build_table
from goengine.data.table.export import export_table
from goengine.data.table.table import GameTable, write_table
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
def test_games_as_programs_write_them(tmp_path: Path, name: str) -> None:
    table = tmp_path / "zoo.parquet"
    build_table(table, [shared_dir() / "sgf-zoo"])
    assert same(table, rebuilt(table, tmp_path / name))


def test_small_games_and_games_with_faults(tmp_path: Path) -> None:
    (tmp_path / "games.sgf").write_bytes(
        b"".join(map(record_to_sgf, example_records()))
        + b"(;SZ[9];B[aa];B[bb];W[aa];B[cc])"  # an illegal move, after a pass left out
        + b"(;SZ[9];B[aa];W[bb];W[zz])"
        + b"(;SZ[9];B[aa];AB[cc];W[bb])"
        + b"(;SZ[9];B[aa];W[bb]B[cc])"
        + b"(;SZ[9]C[tail]HA[3];B[aa];B[cc];B[dd];W[ff];B[g"
    )
    table = tmp_path / "games.parquet"
    assert build_table(table, [tmp_path / "games.sgf"], Selection(9)).cut == 5
    assert same(table, rebuilt(table, tmp_path / "again.sgf", 9))
    assert build_table(table, [tmp_path / "again.sgf"], Selection(9, keep_illegal=False)).games == 12


@pytest.mark.long
def test_real_games(tmp_path: Path) -> None:
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
def test_what_is_read_is_read_again(texts, komi, handicap, seed, length) -> None:
    if komi is not None:
        texts["KM"] = komi
    if handicap is not None:
        texts["HA"] = str(handicap)
    escaped = {name: text.replace("\\", "\\\\").replace("]", "\\]") for name, text in texts.items()}
    head = "".join(f"{name}[{text}]" for name, text in escaped.items())
    moves = record_to_sgf(random_record(seed, length=length)).partition(b"SZ[9]")[2]
    record = record_from_sgf(b"(;CA[UTF-8]SZ[9]" + head.encode("utf-8", "replace") + moves)
    assert record_from_sgf(record_to_sgf(record)) == record


def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    write_table(tmp_path / "games.parquet", example_records(3))
    table = GameTable.open(tmp_path / "games.parquet")
    (tmp_path / "empty").mkdir()
    assert export_table(table, tmp_path / "empty") == 3
    assert sorted(path.name for path in (tmp_path / "empty").iterdir()) == ["0.sgf", "1.sgf", "2.sgf"]
    with pytest.raises(GoEngineError, match="there is something of this name already"):
        export_table(table, tmp_path / "empty")
    with pytest.raises(GoEngineError, match="no folder"):
        export_table(table, tmp_path / "no" / "all.sgf")


def test_a_record_with_everything_comes_back() -> None:
    record = GameRecord(
        size=9, moves=(1, 81, 3), first_player=2, setup_black=(10, 20), setup_white=(30,), handicap=2,
        komi=-3.5, rules="AGA", date="2016-03-09", result="W+R", black_name="a]b", white_name="安\\",
        black_rank="9p", white_rank="3k", event="x:y", place="Seoul", fault="illegal move: move 4, ...",
    )  # fmt: skip
    assert record_from_sgf(record_to_sgf(record)) == record
