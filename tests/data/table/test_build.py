"""Building tables from intact and broken files."""

import bz2
import os
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import replace
from pathlib import Path

import pytest
from support import shared_dir
from support.example_records import example_records

from goengine.data.sgf.records import record_to_sgf
from goengine.data.sources.reader import Reject, Sources
from goengine.data.sources.selection import Selection
from goengine.data.table.build import Progress, build_table
from goengine.data.table.game_table import GameTable
from goengine.data.table.tasks import process_pool
from goengine.data.table.writer import write_table
from goengine.errors import GoEngineError

RECORDS = example_records()
BROKEN = b"(;SZ[9];B[aa];W[aa])\n(;GM[1]SZ[9];B[bb];W[bc];B[a\n(;GM[1]SZ[13];B[aa])\n(;SZ[9])\n"
ANY, STRICT = Selection(9), Selection(9, keep_illegal=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "records"
    folder.mkdir()
    (folder / "a.sgf.bz2").write_bytes(bz2.compress(b"".join(map(record_to_sgf, RECORDS[:7]))))
    (folder / "b.sgf").write_bytes(BROKEN + record_to_sgf(RECORDS[7]))
    (folder / "c.sgf").write_bytes(b"".join(map(record_to_sgf, RECORDS[8:])))
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "games.parquet"


def without_source(path: Path) -> list:
    return [replace(record, source="", index=0) for record in GameTable.open(path).records()]


def test_broken_games_are_rejected_and_reported(
    folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goengine.data.table.tasks.TASK_GAMES", 3)
    monkeypatch.setattr("goengine.data.table.build.PART_TASKS", 2)
    rejects: list[Reject] = []
    progress: list[Progress] = []
    report = build_table(out, [folder], STRICT, on_progress=progress.append, on_reject=rejects.append)
    table = GameTable.open(out)
    assert without_source(out) == [replace(record, source="", index=0) for record in RECORDS]
    assert table.record(7).source == str(folder / "b.sgf")
    assert table.record(7).index == 4
    assert [(reject.source, reject.index, reject.kind) for reject in rejects] == [
        (str(folder / "b.sgf"), index, kind)
        for index, kind in enumerate(["illegal move", "bad SGF", "board size", "no moves"])
    ]
    kinds = {"illegal move": 1, "bad SGF": 1, "board size": 1, "no moves": 1}
    assert (report.games, report.rejected, table.rejected) == (12, kinds, kinds)
    assert (report.read, report.resumed, report.truncated) == (16, 0, 0)
    assert report.positions == sum(record.positions for record in RECORDS)
    assert progress[-1].games == 16
    assert progress[-1].done_bytes == progress[-1].total_bytes
    assert sorted(path.name for path in out.parent.iterdir()) == [
        "games.parquet",
        "games.parquet.moves",
        "records",
    ]


def test_games_are_truncated_at_a_fault(folder: Path, out: Path) -> None:
    report = build_table(out, [folder], ANY)
    assert (report.games, report.truncated) == (14, 2)
    assert report.rejected == {"board size": 1, "no moves": 1}
    table = GameTable.open(out)
    assert [
        (len(table.record(row).moves), table.record(row).fault.partition(":")[0]) for row in (7, 8, 9)
    ] == [
        (1, "illegal move"),
        (2, "bad SGF"),
        (len(RECORDS[7].moves), ""),
    ]


def test_games_with_a_fault_at_the_start_are_rejected(out: Path, tmp_path: Path) -> None:
    (tmp_path / "a.sgf").write_bytes(
        b"(;SZ[9]AB[ab][ba];W[aa])(;SZ[9]AB[ab][ba]AW[aa];W[cc])(;SZ[9];B[zz])(;SZ[9];B[aa])"
    )
    rejects: list[Reject] = []
    build_table(out, [tmp_path / "a.sgf"], ANY, on_reject=rejects.append)
    assert [reject.kind for reject in rejects] == ["illegal move", "impossible setup", "bad point"]


def test_games_that_are_not_selected_are_rejected(folder: Path, out: Path) -> None:
    report = build_table(out, [folder], replace(ANY, min_moves=33, results=("black",)))
    assert report.games == sum(len(record.moves) >= 33 and record.result == "B+R" for record in RECORDS)
    assert report.rejected == {"result": 4, "too short": 3, "board size": 1}


def test_the_first_of_duplicates_is_kept(folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("goengine.data.table.tasks.TASK_GAMES", 5)
    rejects: list[Reject] = []
    copy = folder.with_name("copy.sgf")
    copy.write_bytes(b"".join(record_to_sgf(replace(record, komi=0.5)) for record in reversed(RECORDS)))
    report = build_table(out, [folder, copy, copy], STRICT, dedupe=True, on_reject=rejects.append)
    assert report.games == len(RECORDS)
    assert report.rejected["duplicate"] == 2 * len(RECORDS)
    assert GameTable.open(out).record(0).source == str(folder / "a.sgf.bz2")
    assert [reject.index for reject in rejects if reject.kind == "duplicate"] == [*range(12), *range(12)]


@pytest.mark.long
@pytest.mark.parametrize("dedupe", [False, True])
def test_any_number_of_workers_writes_the_same_table(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dedupe: bool
) -> None:
    tables, rejects_of_runs = [], []
    for workers, games in ((1, 3), (2, 3), (3, 2)):
        monkeypatch.setattr("goengine.data.table.tasks.TASK_GAMES", games)
        out = tmp_path / f"{workers}.parquet"
        rejects: list[Reject] = []
        with process_pool(workers) as executor:
            build_table(
                out, [folder, folder], ANY, dedupe, executor if workers > 1 else None, workers,
                on_reject=rejects.append,
            )  # fmt: skip
        tables.append(out.read_bytes())
        rejects_of_runs.append(rejects)
    assert tables[0] == tables[1] == tables[2]
    assert rejects_of_runs[0] == rejects_of_runs[1] == rejects_of_runs[2]


class Stop(Exception):  # noqa: N818 (no error)
    """Simulates a process that is killed: nothing is cleaned up."""


def stop_after(games: int):
    def on_progress(progress: Progress) -> None:
        if progress.games >= games:
            raise Stop

    return on_progress


@pytest.mark.parametrize("dedupe", [False, True])
def test_a_stopped_build_resumes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dedupe: bool
) -> None:
    monkeypatch.setattr("goengine.data.table.tasks.TASK_GAMES", 2)
    monkeypatch.setattr("goengine.data.table.build.PART_TASKS", 2)
    whole, out = tmp_path / "whole.parquet", tmp_path / "games.parquet"
    expected: list[Reject] = []
    build_table(whole, [folder, folder], ANY, dedupe, on_reject=expected.append)
    resumed: list[Progress] = []
    for games in (1, 5, 6, 13, 27, 32):
        with pytest.raises(Stop):
            build_table(out, [folder, folder], ANY, dedupe, on_progress=stop_after(games))
        assert not out.exists()
    rejects: list[Reject] = []
    report = build_table(
        out, [folder, folder], ANY, dedupe, on_progress=resumed.append, on_reject=rejects.append
    )
    assert report.resumed == 32
    assert all(progress.games == 32 for progress in resumed)  # only the table remained to be written
    assert out.read_bytes() == whole.read_bytes()
    assert rejects == expected
    assert not out.with_name("games.parquet.parts").exists()


def test_an_unfinished_part_is_read_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goengine.data.table.tasks.TASK_GAMES", 2)
    monkeypatch.setattr("goengine.data.table.build.PART_TASKS", 1)
    whole, out = tmp_path / "whole.parquet", tmp_path / "games.parquet"
    build_table(whole, [folder], ANY)
    with pytest.raises(Stop):
        build_table(out, [folder], ANY, on_progress=stop_after(8))
    parts = sorted(out.with_name("games.parquet.parts").glob("*.json"))
    parts[-1].unlink()
    parts[-1].with_suffix(".arrow").write_bytes(b"half")
    report = build_table(out, [folder], ANY)
    assert report.resumed == 2 * (len(parts) - 1)
    assert out.read_bytes() == whole.read_bytes()


def change_a_file(folder: Path) -> Selection:
    (folder / "c.sgf").write_bytes((folder / "c.sgf").read_bytes() + b" ")
    return ANY


def add_a_file(folder: Path) -> Selection:
    (folder / "d.sgf").write_bytes(record_to_sgf(RECORDS[0]))
    return ANY


@pytest.mark.parametrize(
    "change", [change_a_file, add_a_file, lambda _: STRICT], ids=["file", "files", "selection"]
)
def test_a_different_build_starts_from_the_beginning(
    folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch, change
) -> None:
    monkeypatch.setattr("goengine.data.table.tasks.TASK_GAMES", 2)
    with pytest.raises(Stop):
        build_table(out, [folder], ANY, on_progress=stop_after(8))
    assert build_table(out, [folder], change(folder)).resumed == 0


def test_files_that_vanish_or_have_invalid_names(
    folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = folder / os.fsdecode(b"odd\xff.sgf")
    try:
        odd.write_bytes(record_to_sgf(RECORDS[0]) + b"(;SZ[13];B[aa])")
    except OSError:
        pytest.skip("this file system takes no such name")
    original = Sources.__init__

    def find(self: Sources, paths: list[Path]) -> None:
        original(self, paths)
        (folder / "b.sgf").unlink()

    monkeypatch.setattr(Sources, "__init__", find)
    rejects: list[Reject] = []
    report = build_table(out, [folder], ANY, on_reject=rejects.append)
    assert report.games == 12
    assert [(Path(reject.source).name, reject.kind) for reject in rejects] == [
        ("b.sgf", "unreadable file"),
        ("odd\\udcff.sgf", "board size"),
    ]


def test_without_usable_games_no_table_is_written(tmp_path: Path) -> None:
    (tmp_path / "a.sgf").write_bytes(BROKEN)
    out = tmp_path / "games.parquet"
    with pytest.raises(
        GoEngineError, match=r"no usable game of 19x19; the first reject: .*a.sgf, index 0: board size"
    ):
        build_table(out, [tmp_path / "a.sgf"])
    assert [path.name for path in tmp_path.iterdir()] == ["a.sgf"]


def test_an_interrupted_build_keeps_the_old_table(folder: Path, out: Path) -> None:
    write_table(out, RECORDS[:2])
    before = out.read_bytes()

    def interrupt(_: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_table(out, [folder], ANY, on_progress=interrupt)
    assert out.read_bytes() == before
    assert build_table(out, [folder], ANY).resumed == 16


class DyingWorkers(Executor):
    def submit(self, *_args, **_kwargs) -> Future:  # type: ignore[override]
        future: Future = Future()
        future.set_exception(BrokenExecutor("a worker died"))
        return future


def test_dead_workers_are_reported(folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("goengine.data.table.tasks.TASK_GAMES", 2)
    with pytest.raises(GoEngineError, match="a process that reads games died"):
        build_table(out, [folder], ANY, executor=DyingWorkers())


def test_files_of_many_programs(tmp_path: Path) -> None:
    rejects: list[Reject] = []
    report = build_table(tmp_path / "zoo.parquet", [shared_dir() / "sgf-zoo"], on_reject=rejects.append)
    assert report.games == 99
    assert {Path(reject.source).name: reject.kind for reject in rejects} == {
        "gogui-game-1.sgf": "board size",  # 9x9, as the next
        "gogui-invalidmove.sgf": "board size",
        "gogui-size-after-invalid-points.sgf": "bad point",
        "gogui-size-after-valid-points.sgf": "no moves",  # as the next
        "gogui-time-settings-unknown-ot.sgf": "no moves",
    }
