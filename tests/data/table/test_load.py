"""Loading games from tables and from game files."""

from pathlib import Path

import pytest
from support.example_records import example_records

from goengine.data import BUNDLED_SIZE, bundled_games
from goengine.data.sgf.records import record_to_sgf
from goengine.data.sources.reader import Reject
from goengine.data.sources.selection import Selection
from goengine.data.table.build import build_table
from goengine.data.table.load import load_games
from goengine.data.table.writer import write_table
from goengine.errors import GoEngineError

RECORDS = example_records()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with 12 good games, one that is truncated at a fault and two that are rejected."""
    folder = tmp_path / "records"
    folder.mkdir()
    (folder / "a.sgf").write_bytes(b"".join(map(record_to_sgf, RECORDS)))
    (folder / "b.sgf").write_bytes(b"(;SZ[9];B[aa];W[aa])(;SZ[13];B[aa])(;SZ[9])")
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "games.parquet"


def test_games_are_loaded_without_a_table(folder: Path, out: Path) -> None:
    rejects: list[Reject] = []
    loaded = load_games(folder, 9, rejects.append)
    assert len(rejects) == 2
    build_table(out, [folder], Selection(9))
    from_table = load_games(out, 9)
    for name in ("moves", "move_starts", "setup", "setup_starts", "first_player"):
        assert getattr(loaded, name).tolist() == getattr(from_table, name).tolist()


def test_games_of_another_size_are_refused(folder: Path, out: Path) -> None:
    write_table(out, RECORDS)
    with pytest.raises(GoEngineError, match="games of 9x9, expected 19x19"):
        load_games(out, 19)
    with pytest.raises(GoEngineError, match="no usable game of 5x5"):
        load_games(folder, 5)


def test_bundled_names_the_bundled_games():
    assert (
        len(load_games(Path("bundled"), BUNDLED_SIZE)) == len(load_games(bundled_games(), BUNDLED_SIZE)) > 50
    )
