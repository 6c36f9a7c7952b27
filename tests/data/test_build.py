"""Building tables of real and broken files."""

import bz2
from dataclasses import replace
from pathlib import Path

import pytest
from support import shared_dir
from support.example_records import example_records

from data.build import Progress, build_table, load_games
from data.records import record_to_sgf
from data.sources import Reject
from data.table import GameTable, write_table
from goengine.errors import GoEngineError

RECORDS = example_records()
BROKEN = b"(;SZ[9];B[aa];W[aa])\n(;GM[1]SZ[9];B[a\n(;GM[1]SZ[13];B[aa])\n(;SZ[9])\n"
KINDS = {"illegal move": 1, "bad SGF": 1, "board size": 1, "no moves": 1}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "records"
    folder.mkdir()
    (folder / "a.sgf.bz2").write_bytes(bz2.compress(b"".join(map(record_to_sgf, RECORDS[:7]))))
    (folder / "b.sgf").write_bytes(BROKEN + record_to_sgf(RECORDS[7]))
    (folder / "c.sgf").write_bytes(b"".join(map(record_to_sgf, RECORDS[8:])))
    return folder


@pytest.mark.parametrize("processes", [1, 2])
def test_good_games_are_kept_and_broken_ones_reported(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    monkeypatch.setattr("data.build.CHUNK_GAMES", 3)
    out = tmp_path / "games.parquet"
    rejects: list[Reject] = []
    progress: list[Progress] = []
    report = build_table(out, [folder], 9, processes, progress.append, rejects.append)
    table = GameTable.open(out)
    kept = [replace(table.record(row), source="", index=0) for row in range(len(table))]
    assert kept == [replace(record, source="", index=0) for record in RECORDS]
    assert table.record(7).source == str(folder / "b.sgf")
    assert table.record(7).index == 4
    assert [(reject.source, reject.index, reject.kind) for reject in rejects] == [
        (str(folder / "b.sgf"), index, kind)
        for index, kind in enumerate(["illegal move", "bad SGF", "board size", "no moves"])
    ]
    assert (report.games, report.rejected, table.rejected) == (12, KINDS, KINDS)
    assert report.positions == sum(record.positions for record in RECORDS)
    assert progress[-1].games == 16
    assert progress[-1].done_bytes == progress[-1].total_bytes


def test_nothing_usable_leaves_no_table(tmp_path: Path) -> None:
    (tmp_path / "a.sgf").write_bytes(BROKEN)
    out = tmp_path / "games.parquet"
    with pytest.raises(
        GoEngineError, match=r"no usable game of 19x19, the first fault: .*a.sgf, index 0: board size"
    ):
        build_table(out, [tmp_path])
    assert [path.name for path in tmp_path.iterdir()] == ["a.sgf"]


def test_an_interrupt_leaves_the_table_from_before(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "games.parquet"
    write_table(out, RECORDS[:2])
    before = out.read_bytes()

    def interrupt(_: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_table(out, [folder], 9, on_progress=interrupt)
    assert out.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["games.parquet", "records"]


def test_games_are_loaded_without_a_table(folder: Path, tmp_path: Path) -> None:
    rejects: list[Reject] = []
    loaded = load_games(folder, 9, rejects.append)
    assert len(rejects) == 4
    out = tmp_path / "games.parquet"
    build_table(out, [folder], 9)
    from_table = load_games(out, 9)
    for name in ("moves", "move_starts", "setup", "setup_starts", "first_player"):
        assert getattr(loaded, name).tolist() == getattr(from_table, name).tolist()


def test_games_of_another_board_are_not_loaded(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "games.parquet"
    write_table(out, RECORDS)
    with pytest.raises(GoEngineError, match="games of 9x9, expected 19x19"):
        load_games(out, 19)
    with pytest.raises(GoEngineError, match="no usable game of 5x5"):
        load_games(folder, 5)


def test_files_as_programs_write_them(tmp_path: Path) -> None:
    rejects: list[Reject] = []
    report = build_table(tmp_path / "zoo.parquet", [shared_dir() / "sgf-zoo"], on_reject=rejects.append)
    assert report.games == 99
    assert sorted({Path(reject.source).name for reject in rejects}) == [
        "gogui-game-1.sgf",  # 9x9
        "gogui-invalidmove.sgf",
        "gogui-size-after-invalid-points.sgf",
        "gogui-size-after-valid-points.sgf",  # no moves
        "gogui-time-settings-unknown-ot.sgf",
    ]
