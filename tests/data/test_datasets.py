"""The PyTorch datasets: what a sample is, which samples there are, and how workers share them."""

import doctest
from collections import Counter
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from support.example_records import example_records
from torch.utils.data import DataLoader

from goengine.data import GameDataset, GameStream, GameTable, datasets
from goengine.data.sgf.records import GameRecord
from goengine.data.table.arrow import games_from_records
from goengine.data.table.writer import write_table
from goengine.errors import GoEngineError
from goengine.game.board import Board
from goengine.game.planes import encode
from goengine.kernel.replay import Games
from goengine.points import symmetry_tables, transform_planes

RECORDS = example_records()
POSITIONS = [
    (record, ply) for record in RECORDS for ply, move in enumerate(record.moves) if move != record.size**2
]


@pytest.fixture(scope="module")
def games() -> Games:
    return games_from_records(RECORDS, 9)


def planes_of(record: GameRecord, ply: int) -> np.ndarray:
    return encode(Board.from_record(record, ply))


def key(sample: tuple[torch.Tensor, int]) -> tuple[bytes, int]:
    planes, target = sample
    return planes.numpy().tobytes(), int(target)


def test_a_dataset_holds_every_position_in_order(games: Games) -> None:
    dataset = GameDataset(games, 9)
    assert len(dataset) == len(POSITIONS)
    for index in (0, 1, 100, len(POSITIONS) - 1, -1):
        record, ply = POSITIONS[index]
        planes, target = dataset[index]
        assert planes.dtype == torch.uint8
        assert np.array_equal(planes.numpy(), planes_of(record, ply))
        assert target == record.moves[ply]


def test_a_dataset_ends_after_its_last_position(games: Games) -> None:
    dataset = GameDataset(games, 9)
    for index in (len(POSITIONS), -len(POSITIONS) - 1):
        with pytest.raises(IndexError, match=f"no position {index}"):
            dataset[index]


def test_a_loader_batches_a_dataset(games: Games) -> None:
    dataset = GameDataset(games, 9)
    planes, target = next(iter(DataLoader(dataset, batch_size=32)))
    assert planes.shape == (32, 48, 9, 9)
    assert target.tolist() == [dataset[index][1] for index in range(32)]
    assert all(torch.equal(planes[index], dataset[index][0]) for index in range(32))


def test_an_epoch_of_a_stream_holds_every_position_once(games: Games) -> None:
    stream = GameStream(games, 9, seed=3, epochs=1, symmetries=False)
    dataset = GameDataset(games, 9)
    assert Counter(map(key, stream)) == Counter(key(dataset[index]) for index in range(len(dataset)))
    assert stream.positions == len(POSITIONS)


def test_an_endless_stream_starts_with_its_first_epoch(games: Games) -> None:
    one = list(map(key, GameStream(games, 9, seed=3, epochs=1)))
    endless = list(islice(map(key, GameStream(games, 9, seed=3)), 2 * len(one)))
    assert endless[: len(one)] == one
    assert endless[len(one) :] != one
    assert list(map(key, GameStream(games, 9, seed=3, epochs=2))) == endless


def test_the_seed_selects_the_order(games: Games) -> None:
    streams = [list(map(key, GameStream(games, 9, seed=seed, epochs=1))) for seed in (1, 1, 2)]
    assert streams[0] == streams[1] != streams[2]


def test_planes_and_target_have_the_same_symmetry(games: Games) -> None:
    expected = {
        (transform_planes(planes_of(record, ply), s).tobytes(), int(symmetry_tables(9)[s, record.moves[ply]]))
        for record, ply in POSITIONS
        for s in range(8)
    }
    dataset = GameDataset(games, 9)
    samples = set(islice(map(key, GameStream(games, 9, seed=1)), 300))
    assert samples <= expected
    assert not samples <= {key(dataset[index]) for index in range(len(dataset))}


@pytest.mark.long
@pytest.mark.parametrize("workers", [1, 2])
def test_workers_share_an_epoch(games: Games, workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("goengine.data.datasets.CHUNK", 16)  # forked workers see it too
    stream = GameStream(games, 9, seed=3, epochs=1)
    loader = DataLoader(stream, batch_size=16, num_workers=workers, multiprocessing_context="fork")
    loaded = [key(sample) for planes, target in loader for sample in zip(planes, target, strict=True)]
    assert Counter(loaded) == Counter(map(key, stream))


def test_tables_paths_and_bundled_games_are_sources(games: Games, tmp_path: Path) -> None:
    path = tmp_path / "games.parquet"
    write_table(path, RECORDS)
    for source in (path, str(path), GameTable.open(path)):
        assert key(GameDataset(source, 9)[7]) == key(GameDataset(games, 9)[7])
    assert GameStream("bundled").positions == len(GameDataset("bundled")) > 10_000


def test_games_of_another_size_are_refused(games: Games, tmp_path: Path) -> None:
    path = tmp_path / "games.parquet"
    write_table(path, RECORDS)
    for source in (games, path, GameTable.open(path)):
        with pytest.raises(GoEngineError, match="games of 9x9, expected 19x19"):
            GameDataset(source)


def test_a_stream_without_epochs_is_refused(games: Games) -> None:
    with pytest.raises(GoEngineError, match="a stream of 0 epochs"):
        GameStream(games, 9, epochs=0)


def test_games_without_a_position_are_refused() -> None:
    games = games_from_records([GameRecord(size=9, moves=(81, 81))], 9)
    with pytest.raises(GoEngineError, match="no position"):
        GameDataset(games, 9)


def test_the_examples_in_the_docstrings_run() -> None:
    results = doctest.testmod(datasets)
    assert results.attempted >= 8
    assert results.failed == 0
