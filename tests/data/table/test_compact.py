"""Compact copies of game tables: how large, which games, and what is left of them."""

import numpy as np
import pyarrow.parquet as pq
import pytest
from support.example_records import example_records

from goengine.data.table.compact import compact_table
from goengine.data.table.table import GameTable, write_table
from goengine.errors import GoEngineError


@pytest.fixture
def table(tmp_path):
    write_table(tmp_path / "games.parquet", example_records(200, 9))
    return GameTable.open(tmp_path / "games.parquet")


def hashes(path):
    return set(GameTable.open(path).column("hash").tolist())


def test_all_games_that_fit_are_the_same_games_without_texts(table, tmp_path):
    out = tmp_path / "small.parquet"
    assert compact_table(table, out, 10**7) == len(table)
    before, after = table.games, GameTable.open(out).games
    for name in ("moves", "move_starts", "setup", "setup_starts", "first_player"):
        assert np.array_equal(getattr(before, name), getattr(after, name)), name
    assert out.stat().st_size < table.path.stat().st_size
    assert set(pq.read_table(out)["source"].to_pylist()) == {""}


def test_the_size_is_kept_and_a_smaller_copy_is_part_of_a_larger(table, tmp_path):
    sizes = (12_000, 20_000)
    games = [compact_table(table, tmp_path / f"{size}.parquet", size) for size in sizes]
    assert 0 < games[0] < games[1] < len(table)
    for size in sizes:
        assert (tmp_path / f"{size}.parquet").stat().st_size <= size
    assert hashes(tmp_path / "12000.parquet") < hashes(tmp_path / "20000.parquet")


def test_a_size_that_is_too_small_is_refused(table, tmp_path):
    with pytest.raises(GoEngineError, match="not one game of it fits in 50 bytes"):
        compact_table(table, tmp_path / "small.parquet", 50)
    assert not (tmp_path / "small.parquet").exists()
