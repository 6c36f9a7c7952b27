"""Splits of a table: by game, reproducible."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.example_records import random_record

from goengine.data.sgf.records import GameRecord
from goengine.data.table.game_table import GameTable
from goengine.data.table.split import Portion, parse_portion, split_table
from goengine.data.table.writer import write_table
from goengine.errors import GoEngineError
from goengine.points import symmetry_tables

RECORDS = [random_record(seed, length=10, index=seed) for seed in range(300)]


def split(
    folder: Path, records: list[GameRecord], validation: Portion, test: Portion
) -> dict[str, list[int]]:
    """Return the indices of the games in each split."""
    write_table(folder / "games.parquet", records)
    files = split_table(GameTable.open(folder / "games.parquet"), folder, validation, test)
    parts = {path.stem: GameTable.open(path).column("index").tolist() for path in files}
    assert list(files.values()) == [len(games) for games in parts.values()]
    return parts


def test_every_game_is_in_one_split_in_order(tmp_path: Path) -> None:
    parts = split(tmp_path, RECORDS, Portion(games=30), Portion(games=20))
    assert {name: len(games) for name, games in parts.items()} == {"train": 250, "validation": 30, "test": 20}
    assert sorted(index for games in parts.values() for index in games) == list(range(300))
    assert all(games == sorted(games) for games in parts.values())


def test_records_are_copied_completely(tmp_path: Path) -> None:
    split(tmp_path, RECORDS, Portion(games=30), Portion())
    for record in GameTable.open(tmp_path / "validation.parquet").records():
        assert record == RECORDS[record.index]
    assert not (tmp_path / "test.parquet").exists()


def test_symmetric_games_are_in_the_same_split(tmp_path: Path) -> None:
    copies = [
        replace(record, moves=tuple(symmetry_tables(9)[s][list(record.moves)].tolist()), index=1000 * s + i)
        for i, record in enumerate(RECORDS[:100])
        for s in range(8)
    ]
    parts = split(tmp_path, copies, Portion(games=100), Portion(share=0.1))
    for games in parts.values():
        numbers, counts = np.unique(np.array(games) % 1000, return_counts=True)
        assert (counts == 8).all(), numbers
    assert 100 <= len(parts["validation"]) < 108


def test_a_share_gives_the_same_split_in_every_table(tmp_path: Path) -> None:
    small = split(tmp_path, RECORDS[:100], Portion(share=0.15), Portion(share=0.1))
    large = split(tmp_path, RECORDS, Portion(share=0.15), Portion(share=0.1))
    for name, games in small.items():
        assert games == [index for index in large[name] if index < 100]
        assert len(games) >= 3


def test_growth_moves_no_game_out_of_training(tmp_path: Path) -> None:
    small = split(tmp_path, RECORDS[:100], Portion(games=20), Portion(games=10))
    large = split(tmp_path, RECORDS, Portion(games=20), Portion(games=10))
    assert set(small["train"]) <= set(large["train"])
    assert not set(small["test"]) & set(large["validation"])
    assert not set(small["validation"]) & set(large["test"])


BAD = [
    (Portion(games=299), Portion(games=1), "none of its 300 games is in the train split"),
    (Portion(games=200), Portion(games=101), "would share games"),
    (Portion(games=300), Portion(), "leaves none to train on"),
    (Portion(share=1e-6), Portion(), "none of its 300 games is in the validation split"),
    (Portion(share=0.6), Portion(share=0.6), "would share games"),
]


@pytest.mark.parametrize(("validation", "test", "reason"), BAD)
def test_impossible_splits_are_refused(
    tmp_path: Path, validation: Portion, test: Portion, reason: str
) -> None:
    with pytest.raises(GoEngineError, match=reason):
        split(tmp_path, RECORDS, validation, test)
    assert [path.name for path in tmp_path.iterdir()] == ["games.parquet"]


def test_portions_are_parsed() -> None:
    assert parse_portion("2500") == Portion(games=2500)
    assert parse_portion("1%") == Portion(share=0.01)
    assert parse_portion("0.5 %") == Portion(share=0.005)
    for text in ("", "-1", "1.5", "100%", "many", "1e3"):
        with pytest.raises(GoEngineError, match="neither a number of games nor a share"):
            parse_portion(text)
