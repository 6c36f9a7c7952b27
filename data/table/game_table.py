"""The game table: a Parquet dataset with one game per row.

Any tool that reads Parquet can read it, and a table that such a tool has filtered can be opened here again.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from goengine.data.sgf.records import GameRecord
from goengine.data.table.arrow import (
    GAME_COLUMNS,
    SCHEMA,
    VERSION,
    VERSION_KEY,
    games_from_table,
    records_from_table,
)
from goengine.data.table.moves_file import concatenate_games, map_games, moves_file, write_games
from goengine.errors import GoEngineError
from goengine.kernel.replay import Games
from goengine.points import check_size

SUFFIX = ".parquet"
REJECTED_KEY = b"goengine.rejected"
"""Key in a file's metadata: the number of rejected games by kind of reason, as JSON."""


def is_table(path: Path) -> bool:
    """Return whether a path looks like a table: a .parquet file, or a folder that holds one."""
    if path.is_dir():
        return any(path.glob(f"*{SUFFIX}"))
    return path.suffix == SUFFIX


@dataclass(frozen=True)
class _RowGroup:
    """One row group of a Parquet file."""

    path: Path
    metadata: pq.FileMetaData
    number: int

    @property
    def rows(self) -> int:
        return int(self.metadata.row_group(self.number).num_rows)

    @property
    def max_moves(self) -> int:
        """An upper bound of the number of moves: Parquet counts an empty list as one value."""
        group = self.metadata.row_group(self.number)
        columns = map(group.column, range(group.num_columns))
        return sum(column.num_values for column in columns if column.path_in_schema.startswith("moves."))

    def read(self, schema: pa.Schema) -> pa.Table:
        """Read the columns of `schema`, cast to its types."""
        try:
            with pq.ParquetFile(self.path, metadata=self.metadata) as file:
                table = file.read_row_group(self.number, columns=schema.names)
            return table.select(schema.names).cast(schema)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise GoEngineError(f"{self.path}: the game table is damaged ({_first_line(error)})") from error


class GameTable:
    """A game table on disk: a Parquet file, or a folder of such files in the order of their names.

    Attributes:
        path: the file or folder.
        size: the board size of all games.
        rejected: number of games that were rejected when the table was built, by kind of reason.
    """

    def __init__(self, path: Path, groups: list[_RowGroup], size: int, rejected: dict[str, int]) -> None:
        self.path = path
        self.size = size
        self.rejected = rejected
        self._groups = groups

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Open a table. It does not check that the moves are legal.

        Raises:
            GoEngineError: if the path does not exist, is not a Parquet file, has another schema version or
                lacks a column, or if the table holds no game or games of several board sizes.
        """
        path = Path(path)
        groups: list[_RowGroup] = []
        sizes: set[int | None] = set()
        rejected: Counter[str] = Counter()
        for file in _table_files(path):
            metadata, sizes_of_file = _open_file(file)
            rejected.update(_read_rejected(file, metadata.metadata or {}))
            sizes |= sizes_of_file
            groups += [_RowGroup(file, metadata, number) for number in range(metadata.num_row_groups)]
        if not sizes:
            raise GoEngineError(f"{path}: the game table holds no game")
        known = sorted(size for size in sizes if size is not None)
        if len(known) < len(sizes):
            raise GoEngineError(f"{path}: a game has no board size; every row of a game table needs one")
        if len(known) > 1:
            raise GoEngineError(
                f"{path}: games of several board sizes ({known[0]} to {known[-1]}), expected one size"
            )
        try:
            return cls(path, groups, check_size(known[0]), dict(rejected))
        except GoEngineError as error:
            raise GoEngineError(f"{path}: {error}") from error

    def __len__(self) -> int:
        return sum(group.rows for group in self._groups)

    @cached_property
    def games(self) -> Games:
        """The moves of all games as flat arrays, mapped from the moves file next to the table.

        The moves file is written first if it is missing or older than the table. If its folder is not
        writable, the arrays are made in memory.

        Raises:
            GoEngineError: if the table is damaged, a move or stone is off the board, or a first player is
                not a colour.
        """
        path, stamp = moves_file(self.path), self.stamp()
        games = map_games(path, stamp, self.size)
        if games is None and os.access(path.parent, os.W_OK):
            self.write_moves()
            games = map_games(path, stamp, self.size)
        return concatenate_games(self.size, self._games_of_groups()) if games is None else games

    def write_moves(self) -> None:
        """Write the moves file next to the table.

        Raises:
            GoEngineError: as `games` does, and if the file cannot be written.
        """
        max_moves = sum(group.max_moves for group in self._groups)
        write_games(moves_file(self.path), self.stamp(), self._games_of_groups(), max_moves)

    def row_groups(self, columns: list[str]) -> Iterator[pa.Table]:
        """Yield columns, one row group at a time, in the types of SCHEMA.

        Raises:
            GoEngineError: if a file is damaged or a column has another type.
        """
        schema = pa.schema([SCHEMA.field(name) for name in columns])
        for group in self._groups:
            yield group.read(schema)

    def filtered(self, mask: NDArray[np.bool_]) -> Iterator[pa.Table]:
        """Yield the rows that a mask [G] selects, with all columns, one row group at a time.

        Raises:
            GoEngineError: as `row_groups` does.
        """
        start = 0
        for group in self.row_groups(SCHEMA.names):
            yield group.filter(pa.array(mask[start : start + len(group)]))
            start += len(group)

    def column(self, name: str) -> NDArray[Any]:
        """Return a column as an array [G]; a missing number is NaN.

        Raises:
            GoEngineError: if there is no such column, it holds lists, or a file is damaged.
        """
        if name not in SCHEMA.names or pa.types.is_list(SCHEMA.field(name).type):
            raise GoEngineError(f"a game table has no column of single values named {name!r}")
        return np.concatenate([group[name].to_numpy() for group in self.row_groups([name])])

    def record(self, row: int) -> GameRecord:
        """Return the game in a row.

        Raises:
            GoEngineError: if there is no such row, or a file is damaged.
        """
        if not 0 <= row < len(self):
            raise GoEngineError(f"{self.path}: no game {row}, the table holds {len(self)}")
        for group in self._groups:
            if row < group.rows:
                return records_from_table(group.read(SCHEMA).slice(row, 1))[0]
            row -= group.rows
        raise AssertionError("the row groups hold fewer games than the table")

    def records(self) -> Iterator[GameRecord]:
        """Yield all games in order.

        Raises:
            GoEngineError: if a file is damaged.
        """
        for group in self.row_groups(SCHEMA.names):
            for batch in group.to_batches(1_000):
                yield from records_from_table(pa.Table.from_batches([batch]))

    def stamp(self) -> str:
        """Return a digest of the names, sizes and times of the table's files, which changes with them."""
        digest = hashlib.sha256()
        for path in dict.fromkeys(group.path for group in self._groups):
            status = path.stat()
            digest.update(f"{path.name}\t{status.st_size}\t{status.st_mtime_ns}\n".encode())
        return digest.hexdigest()

    def _games_of_groups(self) -> Iterator[Games]:
        for group in self.row_groups(GAME_COLUMNS):
            try:
                yield games_from_table(group, self.size)
            except GoEngineError as error:
                raise GoEngineError(f"{self.path}: {error}") from error


def _table_files(path: Path) -> list[Path]:
    if path.is_dir():
        files = sorted(path.glob(f"*{SUFFIX}"))
        if not files:
            raise GoEngineError(f"{path}: a folder without {SUFFIX} files, not a game table")
        return files
    if not path.is_file():
        raise GoEngineError(f"{path}: no such game table")
    return [path]


def _open_file(path: Path) -> tuple[pq.FileMetaData, set[int | None]]:
    """Return the metadata of a table's file, and the board sizes in it."""
    try:
        with pq.ParquetFile(path) as file:
            metadata = file.metadata
            names = file.schema_arrow.names
            version = (metadata.metadata or {}).get(VERSION_KEY, str(VERSION).encode())
            if version != str(VERSION).encode():
                raise GoEngineError(
                    f"{path}: a game table of version {version.decode(errors='replace')}, "
                    f"expected {VERSION}; rebuild it with `goengine data build`"
                )
            missing = [name for name in SCHEMA.names if name not in names]
            if missing and "moves" in names:
                raise GoEngineError(
                    f"{path}: a game table of an older version, or an incomplete one: it has no column "
                    f"{missing[0]!r}; rebuild it with `goengine data build`"
                )
            if missing:
                raise GoEngineError(f"{path}: not a game table, it has no column {missing[0]!r}")
            sizes = file.read(columns=["size"])["size"].cast(pa.uint8())
            return metadata, set(pc.unique(sizes).to_pylist())
    except (pa.ArrowException, OSError) as error:
        raise GoEngineError(f"{path}: not a game table, or a damaged one ({_first_line(error)})") from error


def _read_rejected(path: Path, metadata: Mapping[bytes, bytes]) -> dict[str, int]:
    try:
        rejected = json.loads(metadata.get(REJECTED_KEY, b"{}"))
        return {str(kind): int(count) for kind, count in rejected.items()}
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        key = REJECTED_KEY.decode()
        raise GoEngineError(
            f"{path}: not a game table, or a damaged one (metadata {key} does not hold counts by kind)"
        ) from error


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0][:200]
