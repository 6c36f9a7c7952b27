"""The computed permutation: complete and apparently random; positions by number."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goengine.data.table.sampling import count_positions, draw, locate, mix, permuted

KEY = np.uint64(12345)


@given(st.integers(1, 3000), st.integers(0, 2**64 - 1))
def test_a_permutation_holds_every_number_once(count: int, key: int) -> None:
    assert sorted(permuted(i, count, np.uint64(key)) for i in range(count)) == list(range(count))


def test_mix_is_splitmix64() -> None:
    # The first outputs of the generator of Steele, Lea and Flood for seed 0.
    gamma = 0x9E3779B97F4A7C15
    outputs = [int(mix(np.uint64(i * gamma % 2**64))) for i in range(3)]
    assert outputs == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]


def test_keys_select_different_permutations() -> None:
    permutations = {tuple(permuted(i, 50, np.uint64(key)) for i in range(50)) for key in range(200)}
    assert len(permutations) == 200


def test_images_are_uniform() -> None:
    # 20,000 permutations of 10 numbers: each image is expected 2,000 times, standard deviation 42.
    seen = np.zeros((10, 10), int)
    for key in range(20_000):
        for i in range(10):
            seen[i, permuted(i, 10, np.uint64(mix(np.uint64(key))))] += 1
    assert abs(seen - 2000).max() < 6 * 42


def test_images_of_neighbours_are_uncorrelated() -> None:
    count = 84_000_000
    placed = np.array([permuted(i, count, KEY) for i in range(20_000)], float) / count
    assert abs(placed.mean() - 0.5) < 5 / np.sqrt(12 * 20_000)
    assert abs(np.corrcoef(placed[:-1], placed[1:])[0, 1]) < 5 / np.sqrt(20_000)


def test_epochs_are_complete_and_differ() -> None:
    positions, symmetries = np.empty(300, np.int64), np.empty(300, np.uint8)
    draw(0, 100, KEY, positions, symmetries)
    epochs = positions.reshape(3, 100)
    assert all(sorted(epoch) == list(range(100)) for epoch in epochs.tolist())
    assert (epochs[0] != epochs[1]).any()
    assert (epochs[1] != epochs[2]).any()


def test_symmetries_are_uniform() -> None:
    positions, symmetries = np.empty(80_000, np.int64), np.empty(80_000, np.uint8)
    draw(0, 1000, KEY, positions, symmetries)
    counts = np.bincount(symmetries)
    assert len(counts) == 8
    assert abs(counts - 10_000).max() < 6 * 94  # standard deviation sqrt(80,000 / 8 * 7 / 8) = 94
    # One position gets all symmetries over the epochs.
    assert len(set(symmetries[positions == 7])) == 8


@pytest.mark.parametrize("kind", [np.uint16, np.int64])
def test_positions_are_located_without_passes(kind: type) -> None:
    p = 81
    moves = np.array([1, 2, 3, p, 4, p, p, p, 5, p, 6], kind)
    starts = np.array([0, 3, 6, 6, 8, 11])
    cumulative = count_positions(moves, starts, p)
    assert cumulative.tolist() == [0, 3, 4, 4, 4, 6]
    game, ply = np.empty(6, np.int64), np.empty(6, np.int64)
    locate(np.arange(6), cumulative, moves, starts, p, game, ply)
    assert list(zip(game.tolist(), ply.tolist(), strict=True)) == [
        (0, 0),
        (0, 1),
        (0, 2),
        (1, 1),
        (4, 0),
        (4, 2),
    ]
    assert moves[starts[game] + ply].tolist() == [1, 2, 3, 4, 5, 6]
