"""The 48 planes that a policy sees: their names, and the planes of a board as an array.

They are binary and seen by the player to move. In a one-hot group of eight the last plane covers everything
at or above its value. After Silver et al., Nature 529:484 (2016), Extended Data Table 2.
"""

import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goengine.game.board import Board
from goengine.kernel.batch import encode_samples, packed_bytes
from goengine.kernel.encode import encode_position
from goengine.kernel.scratch import BANNED, NUM_PLANES, masks, new_scratch
from goengine.kernel.state import WORDS

__all__ = [
    "NUM_PLANES",
    "PLANES",
    "Plane",
    "encode",
    "encode_packed",
    "encode_samples",
    "packed_bytes",
    "unpack",
]


@dataclass(frozen=True, slots=True)
class Plane:
    """A plane.

    Attributes:
        index: Its number, from 0.
        group: The name of its group.
        name: Its name.
        description: Where it is 1.
    """

    index: int
    group: str
    name: str
    description: str


def _planes() -> tuple[Plane, ...]:
    rows: list[tuple[str, str, str]] = [
        ("stone colour", "own stone", "a stone of the player to move"),
        ("stone colour", "opponent's stone", "a stone of the opponent"),
        ("stone colour", "empty", "no stone"),
        ("ones", "ones", "every point"),
    ]
    groups = [
        ("turns since", 1, "the stone here was played {} plies ago"),
        ("liberties", 1, "the chain here has {} liberties"),
        ("capture size", 0, "a legal move here captures {} stones"),
        ("self-atari size", 1, "a legal move here leaves the mover's chain, of {} stones, one liberty"),
        ("liberties after move", 1, "a legal move here leaves the mover's chain {} liberties"),
    ]
    for group, first, description in groups:
        for value in range(first, first + 8):
            count = str(value) if value < first + 7 else f"{value} or more"
            rows.append((group, f"{group} {count}", description.format(count)))
    rows += [
        ("ladder", "ladder capture", "a legal move here captures a chain with two liberties in a ladder"),
        ("ladder", "ladder escape", "a legal move here saves an own chain in atari from a ladder"),
        ("sensibleness", "sensible", "legal, and not an own true eye"),
        ("zeros", "zeros", "nowhere"),
    ]
    return tuple(Plane(index, *row) for index, row in enumerate(rows))


PLANES = _planes()
"""All planes, in order."""


class _Memory(threading.local):
    """Working memory of the encoder, one for each thread."""

    def __init__(self) -> None:
        self.scratch = new_scratch()
        self.arguments = tuple(self.scratch)


_memory = _Memory()


def encode_packed(board: Board) -> NDArray[np.uint8]:
    """Return the planes of a board as bits: uint8 [packed_bytes(size)].

    Bit i, counted from the low bit of the first byte, is plane i // size**2 at point i % size**2.
    """
    scratch = _memory.scratch
    scratch.words[BANNED : BANNED + WORDS] = board.banned_points()
    encode_position(
        tuple(board.arrays), masks(board.size), _memory.arguments, board.size, board.rules.suicide
    )
    return scratch.bits.view(np.uint8)[: packed_bytes(board.size)].copy()


def encode(board: Board) -> NDArray[np.uint8]:
    """Return the planes of a board, seen by the player to move: uint8 [48, size, size] of 0 and 1.

    "Legal" means legal under the board's rules, including superko where they have it.

    >>> from goengine import PLANES, Board, encode
    >>> planes = encode(Board(9))
    >>> planes.shape
    (48, 9, 9)
    >>> [plane.name for plane in PLANES if planes[plane.index].all()]
    ['empty', 'ones', 'capture size 0', 'sensible']
    """
    planes: NDArray[np.uint8] = unpack(encode_packed(board)[None], board.size)[0]
    return planes


def unpack(packed: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Unpack planes: uint8 [B, packed_bytes(size)] gives uint8 [B, 48, size, size] of 0 and 1."""
    bits = np.unpackbits(packed, axis=1, bitorder="little", count=NUM_PLANES * size * size)
    return bits.reshape(len(packed), NUM_PLANES, size, size)
