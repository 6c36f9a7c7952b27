"""The moves of a table in a file beside it, which is mapped into memory instead of read.

To decode Parquet takes seconds for a hundred million moves; to map a file takes none, its pages are no memory
of the process's own, and all processes that learn from one table share them.

The file holds a header of 4096 bytes, JSON and blanks, and the arrays of `Games`, each at a multiple of 64.
"""

import json
import mmap
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from goengine.files import whole_file
from goengine.kernel.replay import Games

_FORMAT = "goengine moves 1"
_HEADER = 4096
_ALIGNMENT = 64
_ARRAYS = {
    "moves": np.uint16,
    "move_starts": np.int64,
    "setup": np.uint16,
    "setup_starts": np.int64,
    "first_player": np.uint8,
}


def moves_file(table: Path) -> Path:
    """Where the moves of a table lie."""
    return table.with_name(f"{table.name}.moves")


def map_games(path: Path, stamp: str, size: int) -> Games | None:
    """The games in a file of moves; None if there is none with this stamp, or it is damaged."""
    try:
        with path.open("rb") as file:
            # A copy in name only: nothing writes to it. Compiled code tells arrays that cannot be written to
            # from others, and would be compiled twice.
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
        header = json.loads(mapped[:_HEADER])
        if (header["format"], header["stamp"]) != (_FORMAT, stamp):
            return None
        arrays = {
            name: np.frombuffer(mapped, kind, count, offset)
            for (name, kind), (offset, count) in zip(_ARRAYS.items(), header["arrays"], strict=True)
        }
        return Games(size, **arrays)
    except (OSError, ValueError, LookupError, TypeError):  # GoEngineError is a ValueError
        return None


def write_games(path: Path, stamp: str, parts: Iterable[Games]) -> None:
    """Write games, which come in parts, as a file of moves with a stamp. Only one part is held at a time.

    Raises GoEngineError if the file cannot be written.
    """
    rest = _Rest()
    with whole_file(path) as partial, partial.open("wb") as file:
        file.write(bytes(_HEADER))
        for part in parts:
            file.write(part.moves.data)
            rest.add(part)
        moves = (file.tell() - _HEADER) // 2
        places = [(_HEADER, moves)]
        for array in rest.arrays().values():
            file.write(bytes(-file.tell() % _ALIGNMENT))
            places.append((file.tell(), len(array)))
            file.write(array.data)
        header = json.dumps({"format": _FORMAT, "stamp": stamp, "arrays": places})
        file.seek(0)
        file.write(header.encode().ljust(_HEADER))


def join_games(size: int, parts: Iterable[Games]) -> Games:
    """Games that come in parts as one, in memory."""
    rest = _Rest()
    moves = [np.empty(0, np.uint16)]
    for part in parts:
        moves.append(part.moves)
        rest.add(part)
    return Games(size, np.concatenate(moves), **rest.arrays())


class _Rest:
    """All arrays of games but the moves, some 20 bytes a game."""

    def __init__(self) -> None:
        self._lengths: list[NDArray[np.int64]] = [np.zeros(1, np.int64)]
        self._stones: list[NDArray[np.int64]] = [np.zeros(1, np.int64)]
        self._setup: list[NDArray[np.uint16]] = [np.empty(0, np.uint16)]
        self._first_player: list[NDArray[np.uint8]] = [np.empty(0, np.uint8)]

    def add(self, part: Games) -> None:
        self._lengths.append(np.diff(part.move_starts))
        self._stones.append(np.diff(part.setup_starts))
        self._setup.append(part.setup)
        self._first_player.append(part.first_player)

    def arrays(self) -> dict[str, NDArray]:
        return {
            "move_starts": np.cumsum(np.concatenate(self._lengths)),
            "setup": np.concatenate(self._setup),
            "setup_starts": np.cumsum(np.concatenate(self._stones)),
            "first_player": np.concatenate(self._first_player),
        }
