"""Game records as columns and as flat arrays."""

from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
from support.example_records import random_record

from goengine.data.sgf.records import GameRecord
from goengine.data.table.arrow import SCHEMA, games_from_records
from goengine.data.table.writer import write_table


def test_every_field_of_a_record_is_a_column() -> None:
    assert set(GameRecord.__dataclass_fields__) <= set(SCHEMA.names)


def test_derived_columns(tmp_path: Path) -> None:
    record = random_record(
        1, date="2016-03-09,10", result="W+3.5", black_rank="9段", white_rank="3k", komi=7.5, fault="why"
    )
    path = tmp_path / "games.parquet"
    write_table(path, [record, random_record(2)])
    full, empty = pq.read_table(path).to_pylist()
    for name, value in {
        "num_moves": len(record.moves),
        "first_day": date(2016, 3, 9),
        "last_day": date(2016, 3, 10),
        "winner": 2,
        "margin": 3.5,
        "ended_by": "points",
        "black_level": 9.0,
        "white_level": -2.0,
        "komi": 7.5,
        "fault": "why",
    }.items():
        assert full[name] == value, name
        assert empty[name] in (None, "", 40), name
    assert full["hash"] != empty["hash"]


def test_no_records_make_empty_arrays() -> None:
    assert len(games_from_records([], 19)) == 0


def test_a_setup_stone_of_each_colour() -> None:
    records = [
        random_record(1),
        GameRecord(size=9, moves=(40,), setup_white=(1, 2)),
        GameRecord(size=9, moves=(40,), setup_black=(3,), setup_white=(4,)),
    ]
    games = games_from_records(records, 9)
    assert games.setup.tolist() == [32769, 32770, 3, 32772]
    assert games.setup_starts.tolist() == [0, 0, 2, 4]
