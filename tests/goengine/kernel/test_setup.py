"""Chains and liberties of a position built from its stones, compared with the reference's flood fill."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from support.reference import EMPTY, Chain, Position

from goengine.kernel.scratch import masks, new_scratch
from goengine.kernel.setup import place
from goengine.kernel.state import (
    COLOUR,
    HEAD,
    LIBERTIES,
    NEXT,
    PLAYED,
    STONES,
    STONES_OF,
    WORDS,
    new_position,
)


def _points(words: np.ndarray) -> frozenset[int]:
    return frozenset(np.flatnonzero(np.unpackbits(words.view(np.uint8), bitorder="little")).tolist())


def _chain(cells: np.ndarray, sets: np.ndarray, point: int) -> Chain:
    """Return the chain of a stone according to the tables."""
    head = int(cells[HEAD + point])
    stones = [head]
    while (stone := int(cells[NEXT + stones[-1]])) != head:
        stones.append(stone)
    assert len(stones) == len(set(stones)) == cells[STONES + head]
    liberties = _points(sets[head * WORDS : (head + 1) * WORDS])
    assert len(liberties) == cells[LIBERTIES + head]
    return Chain(frozenset(stones), liberties)


@given(
    size=st.integers(2, 25),
    black=st.floats(0, 1),
    white=st.floats(0, 1),
    seed=st.integers(0, 2**32),
)
def test_chains_and_liberties_equal_the_references(size, black, white, seed):
    rng = np.random.default_rng(seed)
    weights = np.array([1, 4 * black, 4 * white])
    cells, sets, near = new_position(size)
    # Values of an earlier position must not matter.
    cells[HEAD:PLAYED] = rng.integers(0, size**2)
    sets[: STONES_OF * WORDS] = rng.integers(0, 2**64, STONES_OF * WORDS, np.uint64)
    board = rng.choice(3, size**2, p=weights / weights.sum()).astype(np.uint8)
    cells[COLOUR : COLOUR + size**2] = board
    place(cells, sets, near, masks(size), new_scratch().words, np.zeros(size**2, np.uint16), size)
    position = Position(size, board.tobytes())
    for colour in (1, 2):
        stones = _points(sets[(STONES_OF + colour) * WORDS : (STONES_OF + colour + 1) * WORDS])
        assert stones == frozenset(np.flatnonzero(board == colour).tolist())
    for point in np.flatnonzero(board != EMPTY).tolist():
        assert _chain(cells, sets, point) == position.chain(point)
