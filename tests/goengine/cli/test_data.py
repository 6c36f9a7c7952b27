"""The commands `goengine data build` and `goengine data stats`, as a person meets them."""

import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from support.commands import interrupt_command, run_command
from support.example_records import example_records, random_record

from data.arrow import table_from_records
from data.records import record_to_sgf
from data.table import GameTable, write_table


@pytest.fixture
def records(tmp_path: Path) -> Path:
    path = tmp_path / "records.sgf"
    path.write_bytes(b"".join(map(record_to_sgf, example_records())) + b"(;SZ[9];B[aa];W[aa])")
    return path


def test_build_then_stats(
    records: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "games.parquet"
    assert run_command(monkeypatch, "data", "build", "--size", 9, out, records) == 0
    said = capsys.readouterr()
    assert len(GameTable.open(out)) == 12
    fault = f"{records}, index 12: illegal move: move 2, White cannot play A9"
    assert f"left out: {fault}" in said.err
    assert "12 games, " in said.out
    assert "1 left out" in said.out
    listing = tmp_path / "games.parquet.rejected.txt"
    assert listing.read_text().startswith(fault)
    assert run_command(monkeypatch, "data", "stats", out) == 0
    said = capsys.readouterr()
    for word in ("9x9", "6.5", "Black by resignation", "2011", "3k", "illegal move"):
        assert word in said.out


def test_a_list_of_earlier_faults_goes_when_there_are_none(
    records: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "games.parquet"
    run_command(monkeypatch, "data", "build", "--size", 9, out, records)
    records.write_bytes(b"(;SZ[9];B[aa])")
    assert run_command(monkeypatch, "data", "build", "--size", 9, out, records) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["games.parquet", "records.sgf"]


def make_mixed(path: Path) -> None:
    pq.write_table(table_from_records([random_record(1), random_record(1, size=13)]), path)


BAD = [
    (["build", "{t}/out.parquet", "{t}/absent"], "absent: no such file or folder"),
    (["build", "{t}/out.parquet", "{t}/empty.sgf"], "no usable game of 19x19"),
    (["build", "{t}/out.parquet", "{t}/binary.sgf"], "no usable game of 19x19"),
    (["build", "{t}/out.parquet", "{t}/cut.bz2"], "no usable game of 19x19"),
    (["build", "{t}/out.parquet", "{t}/records.sgf"], "board size: 9x9 in a table of 19x19"),
    (["build", "{t}/records.sgf", "{t}/records.sgf"], "ends in .parquet"),
    (["build", "{t}/no/out.parquet", "{t}/records.sgf"], "out.parquet: cannot be written"),
    (["stats", "{t}/absent.parquet"], "absent.parquet: no such game table"),
    (["stats", "{t}/empty.sgf"], "not a game table, or a damaged one"),
    (["stats", "{t}/binary.sgf"], "not a game table, or a damaged one"),
    (["stats", "{t}/mixed.parquet"], "several board sizes"),
]


@pytest.mark.parametrize(
    ("arguments", "sentence"), BAD, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_bad_input_is_one_sentence_and_code_2(
    records: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    sentence: str,
) -> None:
    (tmp_path / "empty.sgf").touch()
    (tmp_path / "binary.sgf").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "cut.bz2").write_bytes(b"BZh91AY&SY")
    make_mixed(tmp_path / "mixed.parquet")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert run_command(monkeypatch, "data", *(word.format(t=tmp_path) for word in arguments)) == 2
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert last.startswith("error: ")
    assert sentence in last
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert records in before


@pytest.mark.parametrize(
    "arguments", [["--no-such"], ["build"], ["build", "--size", "40", "a.parquet", "b.sgf"]]
)
def test_unknown_and_missing_options(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert run_command(monkeypatch, "data", *arguments) == 2
    assert "Error" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="sends a Unix signal to a process group")
@pytest.mark.parametrize("kept", [True, False], ids=["over a table", "a new table"])
def test_ctrl_c_leaves_no_half_table(tmp_path: Path, kept: bool) -> None:
    out = tmp_path / "games.parquet"
    if kept:
        write_table(out, example_records())
    before = out.read_bytes() if kept else None
    records = tmp_path / "records.sgf"
    records.write_bytes(record_to_sgf(random_record(1, 19, 150)) * 50_000)
    code, said, complaint = interrupt_command(
        lambda: bool(list(tmp_path.glob(".*.partial"))),
        *("data", "build", out, records, "--processes", 2),
        wait=0.7,
    )
    assert code == 130
    assert said == ""
    assert complaint.count("\n") == 1
    assert complaint.startswith("stopped after ")
    assert ("the table from before is kept" if kept else "no table is left") in complaint
    assert (out.read_bytes() if out.exists() else None) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["games.parquet", "records.sgf"][not kept :]
