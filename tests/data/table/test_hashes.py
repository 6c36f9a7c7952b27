"""Hashes of games: the same under a symmetry, different for another game."""

from dataclasses import replace

import numpy as np
import pytest
from support.example_records import example_records, random_record

from goengine.data.sgf.records import GameRecord
from goengine.data.table.arrow import games_from_records, table_from_records
from goengine.data.table.hashes import SeenHashes, game_hashes
from goengine.points import NUM_SYMMETRIES, symmetry_tables


def hashes(records: list[GameRecord], size: int = 9) -> list[int]:
    return game_hashes(games_from_records(records, size)).tolist()


def transformed(record: GameRecord, symmetry: int) -> GameRecord:
    image = symmetry_tables(record.size)[symmetry].tolist()
    return replace(
        record,
        moves=tuple(image[move] for move in record.moves),
        setup_black=tuple(image[point] for point in record.setup_black),
        setup_white=tuple(image[point] for point in record.setup_white),
    )


@pytest.mark.parametrize("size", [9, 19])
def test_symmetries_of_a_game_have_the_same_hash(size: int) -> None:
    for record in example_records(6, size):
        assert len(set(hashes([transformed(record, s) for s in range(NUM_SYMMETRIES)], size))) == 1


def test_other_moves_or_stones_change_the_hash() -> None:
    game = example_records(2)[1]  # with setup stones, White first
    others = [
        replace(game, moves=game.moves[:-1]),
        replace(game, moves=(*game.moves, 81)),
        replace(game, moves=(game.moves[1], game.moves[0], *game.moves[2:])),
        replace(game, first_player=1),
        replace(game, setup_black=game.setup_black[:-1]),
        replace(game, setup_black=game.setup_white, setup_white=game.setup_black),
        replace(game, setup_black=(), setup_white=()),
    ]
    assert len(set(hashes([game, *others]))) == 8
    assert hashes([replace(game, moves=(20,))], 9) != hashes([replace(game, moves=(20,), size=19)], 19)


def test_komi_names_and_stone_order_keep_the_hash() -> None:
    game = example_records(2)[1]
    others = [
        replace(game, komi=0.5, black_name="another", result="B+R", date="1999", rules="AGA", index=7),
        replace(game, setup_black=tuple(reversed(game.setup_black))),
    ]
    assert len(set(hashes([game, *others]))) == 1


def test_hashes_are_distributed_evenly() -> None:
    values = np.array(hashes([random_record(seed, length=12) for seed in range(2_000)])).view(np.uint64)
    assert len(np.unique(values)) == 2_000
    counts = np.bincount((values >> np.uint64(60)).astype(int), minlength=16)
    assert np.abs(counts - 125).max() < 50  # 125 each, 4.6 standard deviations


def test_records_of_several_sizes_are_hashed() -> None:
    records = [random_record(1, 9), random_record(1, 13), random_record(2, 9)]
    expected = [hashes([record], record.size)[0] for record in records]
    assert table_from_records(records)["hash"].to_pylist() == expected


def test_the_hash_never_changes() -> None:
    # Splits depend on it: a change would move training games into test splits.
    assert hashes([GameRecord(size=9, moves=(20, 60, 81))]) == [HASH]


HASH = -6001262040178746211


def test_seen_hashes_are_not_new() -> None:
    seen = SeenHashes()
    for new, first in (
        ([], []),
        ([5, 3, 5], [True, True, False]),
        ([3, -1, 0, 0], [False, True, True, False]),
        ([0, -1, 4], [False, False, True]),
    ):
        assert seen.add(np.array(new, np.int64)).tolist() == first
