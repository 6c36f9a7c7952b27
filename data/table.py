"""The game table: a Parquet file with one game a row, which is the dataset.

Any tool that reads Parquet reads it, and a table that such a tool has filtered opens here again.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
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

from data.arrow import GAME_COLUMNS, SCHEMA, games_from_table, records_from_table, table_from_records
from data.legality import faults
from data.records import GameRecord
from goengine.errors import GoEngineError
from goengine.files import cannot_write, check_target, partial_name
from goengine.kernel.replay import Games
from goengine.points import check_size

ROW_GROUP_GAMES = 16_384
"""Games a row group: some 7 MB of moves in memory, so that streaming a table takes little."""

_REJECTED_KEY = b"goengine.rejected"  # in the file's metadata, JSON: how many games were left out, by kind


class GameTable:
    """A game table on disk. Moves are read when `games` is first asked for, other columns each time.

    Public attributes:
      path -- Path
      size -- board size of all games
      rejected -- dict[str, int], games left out when the table was built, by kind of reason
    """

    def __init__(self, path: Path, file: pq.ParquetFile, size: int, rejected: dict[str, int]) -> None:
        self.path = path
        self.size = size
        self.rejected = rejected
        self._file = file

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Open a table.

        Raises GoEngineError if the file is missing, no Parquet, lacks a column, holds no game, or games of
        several board sizes. Does not check that moves are legal.
        """
        path = Path(path)
        if not path.is_file():
            what = "a folder, not a game table" if path.is_dir() else "no such game table"
            raise GoEngineError(f"{path}: {what}")
        try:
            file = pq.ParquetFile(path)
            missing = [name for name in SCHEMA.names if name not in file.schema_arrow.names]
            if missing:
                raise GoEngineError(f"{path}: not a game table, it has no column {missing[0]!r}")
            sizes = file.read(columns=["size"])["size"].cast(pa.uint8())
            rejected = _read_rejected(file.metadata.metadata or {})
        except (pa.ArrowException, OSError) as error:
            raise GoEngineError(
                f"{path}: not a game table, or a damaged one ({_first_line(error)})"
            ) from None
        if not len(sizes):
            raise GoEngineError(f"{path}: the game table holds no game")
        if sizes.null_count:
            raise GoEngineError(f"{path}: a game without a board size, which a table must hold for each")
        smallest, largest = pc.min_max(sizes).as_py().values()
        if smallest != largest:
            raise GoEngineError(
                f"{path}: games of several board sizes ({smallest} to {largest}), a table must hold one"
            )
        try:
            return cls(path, file, check_size(smallest), rejected)
        except GoEngineError as error:
            raise GoEngineError(f"{path}: {error}") from None

    def __len__(self) -> int:
        return self._file.metadata.num_rows

    @cached_property
    def games(self) -> Games:
        """The moves of all games, in flat arrays.

        Raises GoEngineError if the file is damaged, a move or stone is off the board, or a first player is no
        colour.
        """
        table = pa.concat_tables(self.row_groups(GAME_COLUMNS))
        try:
            return games_from_table(table, self.size)
        except GoEngineError as error:
            raise GoEngineError(f"{self.path}: {error}") from None

    def row_groups(self, columns: list[str]) -> Iterator[pa.Table]:
        """The named columns, a row group at a time, in the types of SCHEMA.

        Raises GoEngineError if the file is damaged or a column holds something else.
        """
        schema = pa.schema([SCHEMA.field(name) for name in columns])
        for group in range(self._file.num_row_groups):
            yield self._read_group(group, schema)

    def column(self, name: str) -> NDArray:
        """One column that is no list, as an array [G]; missing komi is NaN.

        Raises GoEngineError if there is no such column, or the file is damaged.
        """
        if name not in SCHEMA.names or pa.types.is_list(SCHEMA.field(name).type):
            raise GoEngineError(f"a game table has no column of single values named {name!r}")
        return np.concatenate([group[name].to_numpy() for group in self.row_groups([name])])

    def record(self, row: int) -> GameRecord:
        """The game in a row, with everything that its record says.

        Raises GoEngineError if there is no such row, or the file is damaged.
        """
        if not 0 <= row < len(self):
            raise GoEngineError(f"{self.path}: no game {row}, the table holds {len(self)}")
        group = 0
        while row >= self._file.metadata.row_group(group).num_rows:
            row -= self._file.metadata.row_group(group).num_rows
            group += 1
        return records_from_table(self._read_group(group, SCHEMA).slice(row, 1))[0]

    def _read_group(self, group: int, schema: pa.Schema) -> pa.Table:
        try:
            return self._file.read_row_group(group, columns=schema.names).select(schema.names).cast(schema)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise GoEngineError(f"{self.path}: the game table is damaged ({_first_line(error)})") from None


class TableWriter:
    """Writes a game table; a context manager.

    The file appears under its name when the block ends, whole; if an exception ends the block, nothing
    remains and a file of that name from before is as it was.
    """

    def __init__(self, path: str | Path) -> None:
        """Raises GoEngineError if the name does not end in .parquet, or no file can be written there."""
        self.path = Path(path)
        if self.path.suffix != ".parquet":
            raise GoEngineError(f"{path}: the name of a game table ends in .parquet")
        check_target(self.path)
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
            self._flush()

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
        except OSError as failure:
            raise cannot_write(self.path, failure) from None
        finally:
            self._partial.unlink(missing_ok=True)

    def _flush(self) -> None:
        if self._waiting:
            try:
                self._writer.write_table(pa.concat_tables(self._waiting))
            except OSError as error:
                raise cannot_write(self.path, error) from None
            self._waiting.clear()


def write_table(path: str | Path, records: Iterable[GameRecord]) -> None:
    """Write records, all of one board size, as a game table.

    Raises GoEngineError if there is no record, one is not legal or of another board size than the first, or
    the file cannot be written; a file of that name from before is then as it was.
    """
    records = iter(records)
    size = None
    with TableWriter(path) as writer:
        while part := list(islice(records, ROW_GROUP_GAMES)):
            size = size or part[0].size
            for record, fault in zip(part, faults(part, size), strict=True):
                if fault:
                    raise GoEngineError(f"{record.source}, index {record.index}: {fault}")
            writer.write(table_from_records(part))
        if size is None:
            raise GoEngineError(f"{path}: there is no game to write")


def _read_rejected(metadata: Mapping[bytes, bytes]) -> dict[str, int]:
    """Raises ArrowInvalid if the counts are no such thing."""
    try:
        rejected = json.loads(metadata.get(_REJECTED_KEY, b"{}"))
        return {str(kind): int(count) for kind, count in rejected.items()}
    except (ValueError, TypeError, AttributeError, OverflowError):
        raise pa.ArrowInvalid(f"metadata {_REJECTED_KEY.decode()} counts no games by kind") from None


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0][:200]
