"""The game table: Parquet with one game a row, which is the dataset.

Any tool that reads Parquet reads it, and a table that such a tool has filtered opens here again.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

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
    table_from_records,
)
from goengine.data.table.legality import faults
from goengine.data.table.moves_file import join_games, map_games, moves_file, write_games
from goengine.errors import GoEngineError
from goengine.kernel.replay import Games
from goengine.points import check_size
from goengine.util.files import cannot_write, check_target, partial_name

ROW_GROUP_GAMES = 16_384
"""Games a row group: some 7 MB of moves in memory, so that streaming a table takes little."""

_SUFFIX = ".parquet"
_REJECTED_KEY = b"goengine.rejected"  # in a file's metadata, JSON: how many games were left out, by kind


def is_table(path: Path) -> bool:
    """Whether a path has the look of a table: a .parquet file, or a folder that holds one."""
    if path.is_dir():
        return any(path.glob(f"*{_SUFFIX}"))
    return path.suffix == _SUFFIX


@dataclass(frozen=True)
class _Group:
    """A row group: the file, its metadata, and which group of it."""

    path: Path
    metadata: pq.FileMetaData
    number: int

    @property
    def rows(self) -> int:
        return self.metadata.row_group(self.number).num_rows

    @property
    def moves(self) -> int:
        """How many moves its games hold, at most: a game without moves counts as one."""
        group = self.metadata.row_group(self.number)
        columns = map(group.column, range(group.num_columns))
        return sum(column.num_values for column in columns if column.path_in_schema.startswith("moves."))

    def read(self, schema: pa.Schema) -> pa.Table:
        """Raises GoEngineError if the file is damaged."""
        try:
            with pq.ParquetFile(self.path, metadata=self.metadata) as file:
                found = file.read_row_group(self.number, columns=schema.names)
            return found.select(schema.names).cast(schema)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise GoEngineError(f"{self.path}: the game table is damaged ({_first_line(error)})") from None


class GameTable:
    """A game table on disk: a file, or a folder of files that are one table in the order of their names.

    Public attributes:
      path -- Path
      size -- board size of all games
      rejected -- dict[str, int], games left out when the table was built, by kind of reason
    """

    def __init__(self, path: Path, groups: list[_Group], size: int, rejected: dict[str, int]) -> None:
        self.path = path
        self.size = size
        self.rejected = rejected
        self._groups = groups

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Open a table.

        Raises GoEngineError if there is no such file, it is no Parquet, is of another version or lacks a
        column, or if the table holds no game, or games of several board sizes. Does not check that moves are
        legal.
        """
        path = Path(path)
        groups: list[_Group] = []
        sizes: set[int | None] = set()
        rejected: Counter[str] = Counter()
        for file in _table_files(path):
            metadata, found = _open_file(file)
            rejected.update(_read_rejected(file, metadata.metadata or {}))
            sizes |= found
            groups += [_Group(file, metadata, number) for number in range(metadata.num_row_groups)]
        if not sizes:
            raise GoEngineError(f"{path}: the game table holds no game")
        if None in sizes:
            raise GoEngineError(f"{path}: a game without a board size, which a table must hold for each")
        smallest, largest = min(sizes), max(sizes)  # type: ignore[type-var]  # no None is left
        if smallest != largest:
            raise GoEngineError(
                f"{path}: games of several board sizes ({smallest} to {largest}), a table must hold one"
            )
        try:
            return cls(path, groups, check_size(smallest), dict(rejected))  # type: ignore[arg-type]
        except GoEngineError as error:
            raise GoEngineError(f"{path}: {error}") from None

    def __len__(self) -> int:
        return sum(group.rows for group in self._groups)

    @cached_property
    def games(self) -> Games:
        """The moves of all games, in flat arrays: those of the file of moves beside the table, mapped.

        Where there is none yet, or the table has changed since, it is written first; where the folder takes
        no files, the arrays are in memory.

        Raises GoEngineError if the table is damaged, a move or stone is off the board, or a first player is
        no colour.
        """
        path, stamp = moves_file(self.path), self.stamp()
        games = map_games(path, stamp, self.size)
        if games is None and os.access(path.parent, os.W_OK):
            self.write_moves()
            games = map_games(path, stamp, self.size)
        return join_games(self.size, self._parts()) if games is None else games

    def write_moves(self) -> None:
        """Write the file of moves.

        Raises what `games` does, and GoEngineError if it cannot be written.
        """
        values = sum(group.moves for group in self._groups)
        write_games(moves_file(self.path), self.stamp(), self._parts(), values)

    def row_groups(self, columns: list[str]) -> Iterator[pa.Table]:
        """The named columns, a row group at a time, in the types of SCHEMA.

        Raises GoEngineError if a file is damaged or a column holds something else.
        """
        schema = pa.schema([SCHEMA.field(name) for name in columns])
        for group in self._groups:
            yield group.read(schema)

    def column(self, name: str) -> NDArray:
        """One column that is no list, as an array [G]; a missing number is NaN.

        Raises GoEngineError if there is no such column, or a file is damaged.
        """
        if name not in SCHEMA.names or pa.types.is_list(SCHEMA.field(name).type):
            raise GoEngineError(f"a game table has no column of single values named {name!r}")
        return np.concatenate([group[name].to_numpy() for group in self.row_groups([name])])

    def record(self, row: int) -> GameRecord:
        """The game in a row, with everything that its record says.

        Raises GoEngineError if there is no such row, or a file is damaged.
        """
        if not 0 <= row < len(self):
            raise GoEngineError(f"{self.path}: no game {row}, the table holds {len(self)}")
        for group in self._groups:
            if row < group.rows:
                return records_from_table(group.read(SCHEMA).slice(row, 1))[0]
            row -= group.rows
        raise AssertionError("the row groups hold fewer games than the table")

    def records(self) -> Iterator[GameRecord]:
        """All games, in order.

        Raises GoEngineError if a file is damaged.
        """
        for group in self.row_groups(SCHEMA.names):
            for batch in group.to_batches(1_000):
                yield from records_from_table(pa.Table.from_batches([batch]))

    def _parts(self) -> Iterator[Games]:
        for group in self.row_groups(GAME_COLUMNS):
            try:
                yield games_from_table(group, self.size)
            except GoEngineError as error:
                raise GoEngineError(f"{self.path}: {error}") from None

    def stamp(self) -> str:
        """A text that changes when the table does."""
        digest = hashlib.sha256()
        for path in dict.fromkeys(group.path for group in self._groups):
            status = path.stat()
            digest.update(f"{path.name}\t{status.st_size}\t{status.st_mtime_ns}\n".encode())
        return digest.hexdigest()


def _table_files(path: Path) -> list[Path]:
    if path.is_dir():
        files = sorted(path.glob(f"*{_SUFFIX}"))
        if not files:
            raise GoEngineError(f"{path}: a folder without {_SUFFIX} files, not a game table")
        return files
    if not path.is_file():
        raise GoEngineError(f"{path}: no such game table")
    return [path]


def _open_file(path: Path) -> tuple[pq.FileMetaData, set[int | None]]:
    """The metadata of a file of a table, and which board sizes it holds."""
    try:
        with pq.ParquetFile(path) as file:
            metadata = file.metadata
            names = file.schema_arrow.names
            version = (metadata.metadata or {}).get(VERSION_KEY, str(VERSION).encode())
            if version != str(VERSION).encode():
                found = version.decode(errors="replace")
                raise GoEngineError(
                    f"{path}: a game table of version {found}, {VERSION} was expected; build it anew with "
                    "`goengine data build`"
                )
            missing = [name for name in SCHEMA.names if name not in names]
            if missing and "moves" in names:
                raise GoEngineError(
                    f"{path}: a game table of an older version, or not a whole one: it has no column "
                    f"{missing[0]!r}; build it anew with `goengine data build`"
                )
            if missing:
                raise GoEngineError(f"{path}: not a game table, it has no column {missing[0]!r}")
            sizes = file.read(columns=["size"])["size"].cast(pa.uint8())
            return metadata, set(pc.unique(sizes).to_pylist())
    except (pa.ArrowException, OSError) as error:
        raise GoEngineError(f"{path}: not a game table, or a damaged one ({_first_line(error)})") from None


class TableWriter:
    """Writes a game table; a context manager.

    The file appears under its name when the block ends, whole; if an exception ends the block, nothing
    remains and a file of that name from before is as it was.
    """

    def __init__(self, path: str | Path) -> None:
        """Raises what `check_table_name` does, and GoEngineError if no file can be written there."""
        self.path = Path(path)
        check_table_name(self.path)
        self._partial = partial_name(self.path)
        self._waiting: list[pa.Table] = []
        try:
            self._writer = pq.ParquetWriter(self._partial, SCHEMA, compression="zstd")
        except OSError as error:
            raise cannot_write(self.path, error) from None

    def __enter__(self) -> Self:
        return self

    def write(self, table: pa.Table) -> None:
        """Add games: a table of SCHEMA.

        Raises GoEngineError if it cannot be written.
        """
        self._waiting.append(table)
        if sum(map(len, self._waiting)) >= ROW_GROUP_GAMES:
            self._flush(ROW_GROUP_GAMES)

    def note_rejected(self, kinds: Mapping[str, int]) -> None:
        """Keep with the table how many games were left out, by kind of reason."""
        self._writer.add_key_value_metadata({_REJECTED_KEY.decode(): json.dumps(dict(kinds))})

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            try:
                if kind is None:
                    self._flush()
            finally:
                self._writer.close()
            if kind is None:
                self._partial.replace(self.path)
                moves_file(self.path).unlink(missing_ok=True)  # those of a table of that name from before
        except OSError as failure:
            raise cannot_write(self.path, failure) from None
        finally:
            self._partial.unlink(missing_ok=True)

    def _flush(self, least: int = 1) -> None:
        """Write what is waiting in row groups of ROW_GROUP_GAMES, until fewer than `least` games are left.

        The file does not depend on how the games came.
        """
        waiting = pa.concat_tables(self._waiting or [SCHEMA.empty_table()])
        begin = 0
        while len(waiting) - begin >= least:
            group = waiting.slice(begin, ROW_GROUP_GAMES).combine_chunks()
            try:
                self._writer.write_table(group)
            except OSError as error:
                raise cannot_write(self.path, error) from None
            begin += len(group)
        self._waiting = [waiting.slice(begin)]


def check_table_name(path: Path) -> None:
    """Look before long work whether a table can have this name.

    Raises GoEngineError if the name does not end in .parquet, or what `check_target` raises.
    """
    if path.suffix != _SUFFIX:
        raise GoEngineError(f"{path}: the name of a game table ends in {_SUFFIX}")
    check_target(path)


def write_table(path: str | Path, records: Iterable[GameRecord]) -> None:
    """Write records, all of one board size, as a game table.

    Raises GoEngineError if there is no record, one has no moves, holds an illegal one or is of another board
    size than the first, or the file cannot be written; a file of that name from before is then as it was.
    """
    records = iter(records)
    size = None
    with TableWriter(path) as writer:
        while part := list(islice(records, ROW_GROUP_GAMES)):
            size = size or part[0].size
            _check_records(part, size)
            writer.write(table_from_records(part))
        if size is None:
            raise GoEngineError(f"{path}: there is no game to write")


def _check_records(records: list[GameRecord], size: int) -> None:
    for record in records:
        where = f"{record.source}, index {record.index}"
        if record.size != size:
            raise GoEngineError(
                f"{where}: board size: {record.size}x{record.size} in a table of {size}x{size}"
            )
        if not record.moves:
            raise GoEngineError(f"{where}: no moves: the record holds none")
    for record, fault in zip(records, faults(records, size), strict=True):
        if fault and fault.moves < len(record.moves):
            raise GoEngineError(f"{record.source}, index {record.index}: {fault.reason}")


def _read_rejected(path: Path, metadata: Mapping[bytes, bytes]) -> dict[str, int]:
    try:
        rejected = json.loads(metadata.get(_REJECTED_KEY, b"{}"))
        return {str(kind): int(count) for kind, count in rejected.items()}
    except (ValueError, TypeError, AttributeError, OverflowError):
        key = _REJECTED_KEY.decode()
        raise GoEngineError(
            f"{path}: not a game table, or a damaged one (metadata {key} counts no games by kind)"
        ) from None


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0][:200]
