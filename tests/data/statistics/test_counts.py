"""Counts over the games of a table."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from support.example_records import example_records

from goengine.data.statistics.counts import table_stats
from goengine.data.table.arrow import table_from_records
from goengine.data.table.game_table import GameTable
from goengine.data.table.writer import write_table


@pytest.mark.parametrize("group", [5, 16_384])
def test_counts_over_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: int) -> None:
    monkeypatch.setattr("goengine.data.table.writer.ROW_GROUP_GAMES", group)
    records = example_records(12)
    write_table(tmp_path / "games.parquet", records)
    stats = table_stats(GameTable.open(tmp_path / "games.parquet"))
    assert (stats.size, stats.games, stats.setups) == (9, 12, 1)
    assert stats.positions == sum(record.positions for record in records)
    assert stats.positions + stats.passes == sum(len(record.moves) for record in records)
    assert stats.lengths.tolist() == [len(record.moves) for record in records]
    assert stats.komi == {"6.5": 11, "unknown": 1}
    assert stats.years == {"2010": 4, "2011": 4, "2012": 3, "unknown": 1}
    assert stats.ranks == {"unknown": 22, "3k": 1, "5d": 1}
    assert stats.results == {"Black by resignation": 11, "unknown": 1}
    assert stats.rejected == {}
    assert stats.pairs == {(-2, 5): 1}
    assert stats.handicaps == {"0": 11, "2": 1}
    assert (stats.faults, stats.duplicates) == (0, 0)
    played = Counter(move for record in records for move in record.moves)
    assert stats.points.tolist() == [played[point] for point in range(81)]


def test_ranks_are_in_ascending_order(tmp_path: Path) -> None:
    ranks = ["9p", "1d", "10k", "", "9d", "1k", "2d?"]
    record = example_records(2)[0]
    write_table(tmp_path / "games.parquet", [replace(record, black_rank=rank) for rank in ranks])
    stats = table_stats(GameTable.open(tmp_path / "games.parquet"))
    assert list(stats.ranks.items()) == [
        *((rank, 1) for rank in ("10k", "1k", "1d", "2d", "9d", "9p")),
        ("unknown", 8),
    ]
    assert (stats.pairs, stats.duplicates) == ({}, 6)


RESULTS = [
    ("B+R", "Black by resignation"),
    ("W+Resign", "White by resignation"),
    ("W+T", "White on time"),
    ("B+Forfeit", "Black by forfeit"),
    ("B+3.5", "Black by points"),
    ("b+12", "Black by points"),
    ("W+", "White won"),
    ("0", "draw"),
    ("Jigo", "draw"),
    ("Void", "void"),
    ("?", "unknown"),
]


def test_results_are_counted_by_winner_and_ending(tmp_path: Path) -> None:
    record = example_records(2)[0]
    write_table(tmp_path / "games.parquet", [replace(record, result=text) for text, _ in RESULTS])
    stats = table_stats(GameTable.open(tmp_path / "games.parquet"))
    expected: dict[str, int] = {}
    for _, outcome in RESULTS:
        expected[outcome] = expected.get(outcome, 0) + 1
    assert stats.results == expected


def test_an_empty_row_group_is_allowed(tmp_path: Path) -> None:
    rows = table_from_records(example_records(3))
    with pq.ParquetWriter(tmp_path / "games.parquet", rows.schema) as writer:
        writer.write_table(rows)
        writer.write_table(rows.slice(0, 0))
    assert table_stats(GameTable.open(tmp_path / "games.parquet")).games == 3
