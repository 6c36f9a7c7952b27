"""The moves of a table in a file beside it, which is mapped into memory instead of read.

To decode Parquet takes seconds for a hundred million moves, and to play the games through takes longer; to
map a file takes no time, its pages are no memory of the process's own, and all processes that learn from one
table share them.

The file holds a header of 4096 bytes, JSON and blanks, and the arrays of `Games` and of their `Course`, each
at a multiple of 64.
"""

import json
import mmap
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from goengine.kernel.replay import Course, Games
from goengine.util.files import whole_file
from goengine.util.parallel import cores

_FORMAT = "goengine moves 2"
_HEADER = 4096
_ALIGNMENT = 64
_ARRAYS = {
    "moves": np.uint16,
    "until": np.uint16,
    "move_starts": np.int64,
    "legal": np.int64,
    "first_player": np.uint8,
    "setup": np.uint16,
    "setup_until": np.uint16,
    "setup_starts": np.int64,
}
_COURSE = ("legal", "until", "setup_until")


def moves_file(table: Path) -> Path:
    """Where the moves of a table lie: beside it, or beside the folder that it is."""
    named = table if table.name else table.resolve()  # "." has no name of its own
    return named.with_name(f"{named.name}.moves")


def map_games(path: Path, stamp: str, size: int) -> Games | None:
    """The games in a file of moves, with their course; None if there is none with this stamp, or damaged."""
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
        course = Course(**{name: arrays.pop(name) for name in _COURSE})
        games = Games(size, **arrays)
    except (OSError, ValueError, LookupError, TypeError):  # GoEngineError is a ValueError
        return None
    if [len(course.legal), len(course.until), len(course.setup_until)] != [
        len(games),
        len(games.moves),
        len(games.setup),
    ]:
        return None
    if (course.legal > np.diff(games.move_starts)).any():  # else compiled code would read past a game's moves
        return None
    vars(games)["course"] = course  # where the cached property keeps it
    return games


def write_games(path: Path, stamp: str, parts: Iterable[Games], most_moves: int) -> None:
    """Write games, which come in parts and hold `most_moves` at most, as a file of moves with a stamp.

    A few parts are in memory at a time, and some 30 bytes of every game.

    Raises GoEngineError if the file cannot be written.
    """
    until = _aligned(_HEADER + 2 * most_moves)
    places = {"moves": [_HEADER, 0], "until": [until, 0]}
    rest = _Rest()
    with whole_file(path) as partial, partial.open("wb") as file:

        def write(name: str, array: NDArray) -> None:
            """Put an array after what there is of this name."""
            offset, count = places[name]
            file.seek(offset + count * array.itemsize)
            file.write(array.data)
            places[name][1] += len(array)

        for part in _played(parts):
            write("moves", part.moves)
            write("until", part.course.until)
            rest.add(part)
        offset = _aligned(until + 2 * most_moves)
        for name, array in rest.arrays().items():
            places[name] = [offset, 0]
            write(name, array)
            offset = _aligned(offset + array.nbytes)
        file.truncate(offset)
        header = {"format": _FORMAT, "stamp": stamp, "arrays": [places[name] for name in _ARRAYS]}
        file.seek(0)
        file.write(json.dumps(header).encode().ljust(_HEADER))


def join_games(size: int, parts: Iterable[Games]) -> Games:
    """Games that come in parts as one, in memory."""
    rest = _Rest()
    moves, until = [np.empty(0, np.uint16)], [np.empty(0, np.uint16)]
    for part in _played(parts):
        moves.append(part.moves)
        until.append(part.course.until)
        rest.add(part)
    arrays = rest.arrays()
    legal, setup_until = arrays.pop("legal"), arrays.pop("setup_until")
    games = Games(size, np.concatenate(moves), **arrays)
    vars(games)["course"] = Course(legal, np.concatenate(until), setup_until)
    return games


def _played(parts: Iterable[Games]) -> Iterator[Games]:
    """The parts in their order, played through on all cores."""
    threads = cores()

    def play(part: Games) -> Games:
        _ = part.course
        return part

    waiting: deque[Future[Games]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for part in parts:
            waiting.append(pool.submit(play, part))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _aligned(offset: int) -> int:
    return offset + -offset % _ALIGNMENT


class _Rest:
    """All arrays of games but those that have an entry for each move."""

    def __init__(self) -> None:
        self._lengths: list[NDArray[np.int64]] = [np.zeros(1, np.int64)]
        self._stones: list[NDArray[np.int64]] = [np.zeros(1, np.int64)]
        self._legal: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
        self._setup: list[NDArray[np.uint16]] = [np.empty(0, np.uint16)]
        self._setup_until: list[NDArray[np.uint16]] = [np.empty(0, np.uint16)]
        self._first_player: list[NDArray[np.uint8]] = [np.empty(0, np.uint8)]

    def add(self, part: Games) -> None:
        self._lengths.append(np.diff(part.move_starts))
        self._stones.append(np.diff(part.setup_starts))
        self._legal.append(part.course.legal)
        self._setup.append(part.setup)
        self._setup_until.append(part.course.setup_until)
        self._first_player.append(part.first_player)

    def arrays(self) -> dict[str, NDArray]:
        return {
            "move_starts": np.cumsum(np.concatenate(self._lengths)),
            "legal": np.concatenate(self._legal),
            "first_player": np.concatenate(self._first_player),
            "setup": np.concatenate(self._setup),
            "setup_until": np.concatenate(self._setup_until),
            "setup_starts": np.cumsum(np.concatenate(self._stones)),
        }
