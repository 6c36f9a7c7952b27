"""`goengine data`: building, showing, splitting and exporting tables, errors."""

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from support.commands import GOENGINE, interrupt_command, run_command
from support.example_records import example_records, random_record

from goengine.data.sgf.records import record_to_sgf
from goengine.data.table.arrow import table_from_records
from goengine.data.table.build import build_table
from goengine.data.table.game_table import GameTable
from goengine.data.table.writer import write_table


@pytest.fixture
def records(tmp_path: Path) -> Path:
    path = tmp_path / "records.sgf"
    path.write_bytes(b"".join(map(record_to_sgf, example_records())) + b"(;SZ[9];B[aa];W[aa])")
    return path


def test_build_and_stats(
    records: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out, listing = tmp_path / "games.parquet", tmp_path / "rejects.csv"
    words = ("build", "--size", 9, out, records, "--illegal", "drop", "--rejects", listing)
    assert run_command(monkeypatch, "data", *words) == 0
    said = capsys.readouterr()
    assert len(GameTable.open(out)) == 12
    assert "12 games, " in said.out
    assert "1 left out" in said.out
    assert "illegal move" in said.err
    heading, row = csv.reader(listing.read_text(encoding="utf-8").splitlines())
    assert heading == ["file", "index", "kind", "reason"]
    assert row[:3] == [str(records), "12", "illegal move"]
    assert row[3].startswith("illegal move: move 2, White cannot play A9")
    report = tmp_path / "report.html"
    assert run_command(monkeypatch, "data", "stats", out, "--report", report) == 0
    said = capsys.readouterr()
    for word in ("9x9", "6.5", "Black by resignation", "2011", "3k", "illegal move"):
        assert word in said.out
    page = report.read_text(encoding="utf-8")
    for word in ("Game length", "Rank by rank", "Moves on the board", "data:image/png", "illegal move"):
        assert word in page
    assert run_command(monkeypatch, "data", "stats", out, "--report", tmp_path / "report.png") == 0
    assert (tmp_path / "report.png").read_bytes().startswith(b"\x89PNG")


def test_a_build_of_selected_games(
    records: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "games.parquet"
    asked = (
        "--from",
        "2011",
        "--to",
        "2011-12",
        "--even",
        "--result",
        "black",
        "--min-moves",
        32,
        "--dedupe",
    )
    assert run_command(monkeypatch, "data", "build", "--size", 9, out, records, records, *asked) == 0
    assert GameTable.open(out).column("date").tolist() == ["2011-01-01"] * 3
    assert "3 games" in capsys.readouterr().out
    assert run_command(monkeypatch, "data", "build", "--size", 9, out, records, "--handicap") == 0
    assert GameTable.open(out).column("handicap").tolist() == [2]
    assert run_command(monkeypatch, "data", "build", "--size", 9, out, records, "--player", "ANN") == 0
    assert run_command(monkeypatch, "data", "build", "--size", 9, out, records, "--rank", "5k-6d") == 0
    assert GameTable.open(out).column("white_level").tolist() == [5]


def test_split_show_and_export(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "games.parquet"
    write_table(out, example_records())
    assert run_command(monkeypatch, "data", "split", out, "--validation", 3, "--test", 2) == 0
    said = capsys.readouterr().out
    for name, games in (("train", 7), ("validation", 3), ("test", 2)):
        assert f"{tmp_path / 'games' / name}.parquet: {games} games" in said
    assert run_command(monkeypatch, "data", "show", out, 11, "--ply", 2) == 0
    said = capsys.readouterr().out
    for word in ("Black Ann 安 3k", "White 5d", " 9 X", "next: move 3", "ones"):
        assert word in said
    assert run_command(monkeypatch, "data", "show", out, 0) == 0
    assert "the game ends here, after 30 moves" in capsys.readouterr().out
    assert run_command(monkeypatch, "data", "export", out, "--sgf", tmp_path / "all.sgf") == 0
    assert (tmp_path / "all.sgf").read_bytes().count(b"SZ[9]") == 12


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
    (["build", "{t}/out.parquet", "{t}/records.sgf", "--rank", "strong"], "is not a range of ranks"),
    (["build", "{t}/out.parquet", "{t}/records.sgf", "--from", "then"], "is not a date such as"),
    (
        ["build", "{t}/out.parquet", "{t}/records.sgf", "--result", "good"],
        "unknown result 'good'",
    ),
    (["build", "{t}/out.parquet", "{t}/records.sgf", "--rejects", "{t}/no/r.csv"], "cannot be written"),
    (["build", "{t}/out.parquet", "{t}/records.sgf", "--dask", "tcp://[:1"], "does not answer"),
    (
        ["build", "{t}/out.parquet", "{t}/records.sgf", "--dask", "a", "--processes", "1"],
        "exclude each other",
    ),
    (["split", "{t}/mixed.parquet"], "expected --validation, --test or both"),
    (["split", "{t}/mixed.parquet", "--test", "1"], "several board sizes"),
    (["split", "{t}/mixed.parquet", "--test", "x"], "neither a number of games nor a share"),
    (["show", "{t}/absent.parquet", "0"], "no such game table"),
    (["export", "{t}/absent.parquet", "--sgf", "{t}/a.sgf"], "no such game table"),
    (["stats", "{t}/absent.parquet", "--report", "{t}/report.txt"], "a report is an .html or a .png file"),
    (["stats", "{t}/absent.parquet"], "absent.parquet: no such game table"),
    (["stats", "{t}/empty.sgf"], "not a game table, or a damaged one"),
    (["stats", "{t}/binary.sgf"], "not a game table, or a damaged one"),
    (["stats", "{t}/mixed.parquet"], "several board sizes"),
]


@pytest.mark.parametrize(
    ("arguments", "sentence"), BAD, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_bad_input_is_refused(
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
def test_unknown_and_missing_options_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert run_command(monkeypatch, "data", *arguments) == 2
    assert "Error" in capsys.readouterr().err


@pytest.fixture
def many_records(tmp_path: Path) -> Path:
    path = tmp_path / "records.sgf"
    path.write_bytes(b"".join(record_to_sgf(random_record(seed, 19, 150)) for seed in range(20)) * 2_500)
    return path


def parts(out: Path) -> list[Path]:
    return list(out.with_name("games.parquet.parts").glob("*.json"))


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="sends a Unix signal to a process group")
@pytest.mark.parametrize("kept", [True, False], ids=["over a table", "a new table"])
def test_a_build_continues_after_ctrl_c(many_records: Path, tmp_path: Path, kept: bool) -> None:
    out = tmp_path / "games.parquet"
    if kept:
        write_table(out, example_records())
    before = out.read_bytes() if kept else None
    words = ("data", "build", out, many_records, "--processes", 2)
    code, said, complaint = interrupt_command(lambda: bool(parts(out)), *words)
    assert code == 130
    assert said == ""
    assert complaint.count("\n") == 1
    assert complaint.startswith("stopped after ")
    assert "which are saved; the same command continues" in complaint
    assert (out.read_bytes() if out.exists() else None) == before
    again = subprocess.run([*GOENGINE, *map(str, words)], capture_output=True, text=True, check=True)
    assert "50,000 games, " in again.stdout
    assert " games read before, " in again.stdout
    assert not parts(out)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="sends a Unix signal to a process group")
def test_a_build_continues_after_a_kill(many_records: Path, tmp_path: Path) -> None:
    whole, out = tmp_path / "whole.parquet", tmp_path / "games.parquet"
    words = [*GOENGINE, "data", "build", str(out), str(many_records), "--processes", "2"]
    process = subprocess.Popen(words, start_new_session=True)
    while not parts(out) and process.poll() is None:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    again = subprocess.run(words, capture_output=True, text=True, check=True)
    assert " games read before, " in again.stdout
    build_table(whole, [many_records])
    assert out.read_bytes() == whole.read_bytes()
