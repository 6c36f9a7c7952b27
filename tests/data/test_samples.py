"""The stream of samples: every position once an epoch, the same on any number of processes."""

from itertools import pairwise

import numpy as np
import pytest
from support import shared_dir
from support.example_records import example_records, random_record

from goengine.data.samples import Batch, SampleStream, encode_batch, fixed_sample
from goengine.data.sgf.records import GameRecord
from goengine.data.table.arrow import games_from_records
from goengine.data.table.load import load_games
from goengine.errors import GoEngineError
from goengine.game.board import Board
from goengine.game.planes import encode, unpack
from goengine.kernel.replay import Games
from goengine.points import symmetry_tables, transform_planes

RECORDS = example_records()


@pytest.fixture(scope="module")
def games() -> Games:
    return games_from_records(RECORDS, 9)


def all_positions(records: list[GameRecord]) -> list[tuple[int, int]]:
    return [
        (game, ply)
        for game, record in enumerate(records)
        for ply, move in enumerate(record.moves)
        if move != record.size**2
    ]


def same(a: Batch, b: Batch) -> bool:
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in Batch.__slots__)


def joined(batches: list[Batch]) -> Batch:
    return Batch(*(np.concatenate([getattr(batch, name) for batch in batches]) for name in Batch.__slots__))


def test_an_epoch_holds_every_position_once(games: Games) -> None:
    stream = SampleStream(games, seed=3)
    expected = all_positions(RECORDS)
    assert stream.positions == len(expected)
    epochs = []
    for epoch in range(2):
        batch = stream.batch(epoch, stream.positions)
        drawn = list(zip(batch.game.tolist(), batch.ply.tolist(), strict=True))
        assert sorted(drawn) == expected
        epochs.append(drawn)
    assert epochs[0] != epochs[1]


def test_a_sample_is_a_position_and_its_move(games: Games) -> None:
    batch = SampleStream(games, seed=5).batch(0, 300)
    assert set(batch.symmetry.tolist()) == set(range(8))
    planes = unpack(batch.packed, 9)
    for row in range(0, 300, 7):
        record, ply = RECORDS[batch.game[row]], int(batch.ply[row])
        board = Board(9)
        board.setup(record.setup_black, record.setup_white, record.first_player)
        for move in record.moves[:ply]:
            board.play(move)
        symmetry = int(batch.symmetry[row])
        assert np.array_equal(planes[row], transform_planes(encode(board), symmetry))
        assert batch.target[row] == symmetry_tables(9)[symmetry, record.moves[ply]]


def test_batches_depend_on_games_seed_and_step_alone(games: Games) -> None:
    batches = [SampleStream(games, seed=1).batch(step, 32) for step in range(6)]
    assert same(SampleStream(games, seed=1).batch(4, 32), batches[4])
    assert same(SampleStream(games, seed=1).batch(4, 32, threads=3), batches[4])
    assert not any(same(a, b) for a, b in pairwise(batches))
    assert not same(SampleStream(games, seed=2).batch(4, 32), batches[4])


@pytest.mark.parametrize("world", [1, 2, 3, 5])
def test_the_shares_of_processes_make_one_batch(games: Games, world: int) -> None:
    stream = SampleStream(games, seed=1)
    shares = [stream.batch(7, 32, rank, world) for rank in range(world)]
    assert same(joined(shares), stream.batch(7, 32))


def test_the_batch_size_does_not_change_the_stream(games: Games) -> None:
    stream = SampleStream(games, seed=1)
    assert same(joined([stream.batch(step, 16) for step in range(4)]), stream.batch(0, 64))


def test_samples_without_symmetries(games: Games) -> None:
    transformed, plain = (
        SampleStream(games, 1).batch(0, 64),
        SampleStream(games, 1, symmetries=False).batch(0, 64),
    )
    assert not plain.symmetry.any()
    assert np.array_equal(transformed.game, plain.game)
    assert np.array_equal(transformed.ply, plain.ply)


def test_a_fixed_sample_is_drawn_without_replacement(games: Games) -> None:
    everything = all_positions(RECORDS)
    for positions in (None, 10**6):
        game, ply = fixed_sample(games, positions)
        assert list(zip(game.tolist(), ply.tolist(), strict=True)) == everything
    game, ply = fixed_sample(games, 50, seed=1)
    drawn = list(zip(game.tolist(), ply.tolist(), strict=True))
    assert len(set(drawn)) == 50
    assert drawn == sorted(drawn)
    assert set(drawn) <= set(everything)
    again = fixed_sample(games, 50, seed=1)
    assert np.array_equal(game, again[0])
    assert np.array_equal(ply, again[1])
    assert not np.array_equal(ply, fixed_sample(games, 50, seed=2)[1])


def test_an_empty_fixed_sample_is_refused(games: Games) -> None:
    with pytest.raises(GoEngineError, match="at least 1"):
        fixed_sample(games, 0)


def test_games_without_a_position_are_refused() -> None:
    games = games_from_records([GameRecord(size=9, moves=(81, 81))], 9)
    for ask in (lambda: SampleStream(games, 1), lambda: fixed_sample(games)):
        with pytest.raises(GoEngineError, match="no position"):
            ask()


def test_an_illegal_game_is_refused() -> None:
    games = games_from_records([random_record(1), GameRecord(size=9, moves=(1, 1, 2))], 9)
    with pytest.raises(GoEngineError, match="game 1 has no legal position"):
        encode_batch(games, np.array([0, 1]), np.array([3, 2]), np.zeros(2, np.uint8))


def test_samples_of_real_games() -> None:
    games = load_games(shared_dir() / "games" / "test.sgf.bz2", 19)
    stream = SampleStream(games, seed=0)
    assert stream.positions == 524_643
    batch = stream.batch(123, 512, threads=2)
    assert len(set(batch.game.tolist())) > 400
    empty = unpack(batch.packed, 19)[:, 2].reshape(512, -1)
    assert empty[np.arange(512), batch.target].all()
