"""The moves file: written once, then mapped; rewritten when the table changes."""

import json
import os
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from support.example_records import example_records

from goengine.data.table.arrow import games_from_records
from goengine.data.table.game_table import GameTable
from goengine.data.table.moves_file import map_games, moves_file, write_games
from goengine.data.table.writer import write_table
from goengine.kernel.replay import Games

RECORDS = example_records(23)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "games.parquet"
    write_table(path, RECORDS)
    return path


def same(a: Games, b: Games) -> bool:
    arrays = zip((*a.arrays, *a.course), (*b.arrays, *b.course), strict=True)
    return all(np.array_equal(one, other) for one, other in arrays)


def test_the_moves_are_mapped(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("goengine.data.table.writer.ROW_GROUP_GAMES", 5)
    write_table(path, RECORDS)
    expected = games_from_records(RECORDS, 9)
    assert not moves_file(path).exists()
    assert same(GameTable.open(path).games, expected)
    assert moves_file(path).exists()
    monkeypatch.setattr(GameTable, "row_groups", None)  # no column is decoded any more
    mapped = GameTable.open(path).games
    assert same(mapped, expected)
    for field in fields(Games)[1:]:
        array = getattr(mapped, field.name)
        assert not array.flags.owndata
        assert array.dtype == getattr(expected, field.name).dtype
        assert array.flags.writeable  # the type that compiled code knows
        assert array.ctypes.data % 64 == 0


def test_writing_to_a_mapping_does_not_change_the_file(path: Path) -> None:
    games = GameTable.open(path).games
    games.moves[:] = 0
    assert same(GameTable.open(path).games, games_from_records(RECORDS, 9))


def test_a_changed_table_gets_a_new_file(path: Path) -> None:
    _ = GameTable.open(path).games
    write_table(path, RECORDS[:3])
    assert not moves_file(path).exists()
    assert len(GameTable.open(path).games) == 3
    other = path.with_name("other.parquet")
    write_table(other, RECORDS[:7])
    other.replace(path)  # as another program may
    assert len(GameTable.open(path).games) == 7


def legal_beyond_the_end(data: bytes) -> bytes:
    at = json.loads(data[:4096])["arrays"][3][0]
    return data[:at] + (2**40).to_bytes(8, "little") + data[at + 8 :]


DAMAGE = {
    "cut": lambda data: data[:-10],
    "empty": lambda _: b"",
    "header": lambda data: b"{" + data[1:],
    "another format": lambda data: data.replace(b"goengine moves 2", b"goengine moves 9"),
    "off the board": lambda data: data[:4096] + b"\xff\xff" + data[4098:],
    "legal beyond the end": legal_beyond_the_end,
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_rewritten(path: Path, damage: str) -> None:
    _ = GameTable.open(path).games
    file = moves_file(path)
    whole = file.read_bytes()
    file.write_bytes(DAMAGE[damage](whole))
    assert same(GameTable.open(path).games, games_from_records(RECORDS, 9))
    assert file.read_bytes() == whole


def test_in_a_read_only_folder_moves_stay_in_memory(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert same(GameTable.open(path).games, games_from_records(RECORDS, 9))
    assert not moves_file(path).exists()


def test_a_folder_of_files_is_one_table(path: Path) -> None:
    folder = path.with_name("folder")
    folder.mkdir()
    write_table(folder / "b.parquet", RECORDS[10:])
    write_table(folder / "a.parquet", RECORDS[:10])
    table = GameTable.open(folder)
    assert list(table.records()) == RECORDS
    assert same(table.games, games_from_records(RECORDS, 9))
    assert table.record(22) == RECORDS[22]
    assert moves_file(folder).exists()


def test_the_current_folder_can_be_a_table(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    assert len(GameTable.open(".").games) == len(RECORDS)


def test_no_games_give_empty_arrays(tmp_path: Path) -> None:
    write_games(tmp_path / "none.moves", "stamp", [], max_moves=0)
    games = map_games(tmp_path / "none.moves", "stamp", 19)
    assert games is not None
    assert len(games) == 0
    assert map_games(tmp_path / "none.moves", "another", 19) is None
