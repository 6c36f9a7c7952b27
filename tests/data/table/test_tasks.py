"""Reading games on a Dask cluster."""

from pathlib import Path

import pytest
from distributed import LocalCluster
from support.example_records import random_record

from goengine.data.sgf.records import record_to_sgf
from goengine.data.sources.selection import Selection
from goengine.data.table.build import build_table
from goengine.data.table.tasks import dask_executor
from goengine.errors import GoEngineError


@pytest.fixture
def records(tmp_path: Path) -> Path:
    path = tmp_path / "records.sgf"
    path.write_bytes(b"".join(record_to_sgf(random_record(seed)) for seed in range(40)) + b"(;SZ[13];B[aa])")
    return path


def test_a_cluster_builds_the_same_table(
    records: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goengine.data.table.tasks.TASK_GAMES", 3)
    here, there = tmp_path / "here.parquet", tmp_path / "there.parquet"
    build_table(here, [records], Selection(9))
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None) as cluster,
        dask_executor(cluster.scheduler_address) as (executor, workers),
    ):
        assert workers == 2
        report = build_table(there, [records], Selection(9), executor=executor, workers=workers)
    assert report.games == 40
    assert there.read_bytes() == here.read_bytes()


def test_a_missing_cluster_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("goengine.data.table.tasks._DASK_TIMEOUT", "1s")
    with (
        pytest.raises(GoEngineError, match=r"the Dask cluster at tcp://127.0.0.1:1 does not answer"),
        dask_executor("tcp://127.0.0.1:1"),
    ):
        pass


def test_a_cluster_without_workers_is_reported() -> None:
    with (
        LocalCluster(n_workers=0, processes=False, dashboard_address=None) as cluster,
        pytest.raises(GoEngineError, match="has no worker"),
        dask_executor(cluster.scheduler_address),
    ):
        pass
