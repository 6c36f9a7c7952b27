"""The moves of a table in a file next to it, which is memory-mapped instead of read.

Decoding Parquet takes seconds for a hundred million moves, and replaying the games takes longer. Mapping a
file takes no time, and all processes that train on one table share its pages.

The file holds a header of 4096 bytes (JSON padded with blanks), then the arrays of `Games` and of their
`Course`, each aligned to 64 bytes.
"""

import json
import mmap
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goengine.kernel.replay import Course, Games
from goengine.util.files import whole_file
from goengine.util.parallel import cores

_FORMAT = "goengine moves 2"
_HEADER_BYTES = 4096
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
_COURSE_ARRAYS = ("legal", "until", "setup_until")


def moves_file(table: Path) -> Path:
    """Return the path of a table's moves file, next to the table's file or folder."""
    return sibling(table, "moves")


def sibling(table: Path, kind: str) -> Path:
    """Return the path of a file that belongs to a table: ``TABLE.kind`` in the same folder."""
    named = table if table.name else table.resolve()  # "." has no name
    return named.with_name(f"{named.name}.{kind}")


def map_games(path: Path, stamp: str, size: int) -> Games | None:
    """Map the games of a moves file into memory, with their `course`.

    Returns:
        The games, or None if there is no file, it has another stamp, or it is damaged.
    """
    try:
        with path.open("rb") as file:
            # Nothing writes to the arrays. They are mapped copy-on-write because numba has another type for
            # read-only arrays, and would compile every function a second time.
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
        header = json.loads(mapped[:_HEADER_BYTES])
        if (header["format"], header["stamp"]) != (_FORMAT, stamp):
            return None
        arrays = {
            name: np.frombuffer(mapped, kind, count, offset)
            for (name, kind), (offset, count) in zip(_ARRAYS.items(), header["arrays"], strict=True)
        }
        course = Course(**{name: arrays.pop(name) for name in _COURSE_ARRAYS})
        games = Games(size, **arrays)
    except (OSError, ValueError, LookupError, TypeError):  # GoEngineError is a ValueError
        return None
    if [len(course.legal), len(course.until), len(course.setup_until)] != [
        len(games),
        len(games.moves),
        len(games.setup),
    ]:
        return None
    if (course.legal > np.diff(games.move_starts)).any():  # compiled code would read past a game's moves
        return None
    return _with_course(games, course)


def write_games(path: Path, stamp: str, parts: Iterable[Games], max_moves: int) -> None:
    """Write games to a moves file.

    At most a few parts and about 30 bytes per game are in memory at a time.

    Args:
        path: the file to write.
        stamp: identifies the version of the table.
        parts: the games in order.
        max_moves: an upper bound of the number of moves in all parts.

    Raises:
        GoEngineError: if the file cannot be written.
    """
    until_offset = _align(_HEADER_BYTES + 2 * max_moves)
    places = {"moves": [_HEADER_BYTES, 0], "until": [until_offset, 0]}  # offset in bytes, number of values
    per_game = _PerGameArrays()
    with whole_file(path) as partial, partial.open("wb") as file:

        def append(name: str, array: NDArray[Any]) -> None:
            offset, count = places[name]
            file.seek(offset + count * array.itemsize)
            file.write(array.data)
            places[name][1] += len(array)

        for part in _replayed(parts):
            append("moves", part.moves)
            append("until", part.course.until)
            per_game.add(part)
        offset = _align(until_offset + 2 * max_moves)
        for name, array in per_game.concatenated().items():
            places[name] = [offset, 0]
            append(name, array)
            offset = _align(offset + array.nbytes)
        file.truncate(offset)
        header = {"format": _FORMAT, "stamp": stamp, "arrays": [places[name] for name in _ARRAYS]}
        file.seek(0)
        file.write(json.dumps(header).encode().ljust(_HEADER_BYTES))


def concatenate_games(size: int, parts: Iterable[Games]) -> Games:
    """Concatenate games in memory, with their `course`."""
    per_game = _PerGameArrays()
    moves, until = [np.empty(0, np.uint16)], [np.empty(0, np.uint16)]
    for part in _replayed(parts):
        moves.append(part.moves)
        until.append(part.course.until)
        per_game.add(part)
    arrays = per_game.concatenated()
    legal, setup_until = arrays.pop("legal"), arrays.pop("setup_until")
    games = Games(size, np.concatenate(moves), **arrays)
    return _with_course(games, Course(legal, np.concatenate(until), setup_until))


def _with_course(games: Games, course: Course) -> Games:
    """Set the cached property `course`, so that the games are not replayed."""
    vars(games)["course"] = course
    return games


def _replayed(parts: Iterable[Games]) -> Iterator[Games]:
    """Yield the parts in order, replayed on all cores: their `course` is computed."""
    threads = cores()

    def replay(part: Games) -> Games:
        _ = part.course
        return part

    waiting: deque[Future[Games]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for part in parts:
            waiting.append(pool.submit(replay, part))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _align(offset: int) -> int:
    return offset + -offset % _ALIGNMENT


class _PerGameArrays:
    """The arrays of games that have one entry per game or setup stone; those per move are larger."""

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

    def concatenated(self) -> dict[str, NDArray[Any]]:
        return {
            "move_starts": np.cumsum(np.concatenate(self._lengths)),
            "legal": np.concatenate(self._legal),
            "first_player": np.concatenate(self._first_player),
            "setup": np.concatenate(self._setup),
            "setup_until": np.concatenate(self._setup_until),
            "setup_starts": np.cumsum(np.concatenate(self._stones)),
        }
