"""Writing a game table to a Parquet file, completely or not at all."""

import json
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from goengine.data.sgf.records import GameRecord
from goengine.data.table.arrow import SCHEMA, table_from_records
from goengine.data.table.game_table import REJECTED_KEY, SUFFIX
from goengine.data.table.legality import find_faults
from goengine.data.table.moves_file import moves_file
from goengine.errors import GoEngineError
from goengine.util.files import cannot_write, check_target, partial_name

ROW_GROUP_GAMES = 16_384
"""Games per row group: about 7 MB of moves, so that reading a table group by group takes little memory."""


class TableWriter:
    """A context manager that writes a game table.

    The file appears under its name when the block ends. If an exception ends the block, nothing remains and
    an existing file of that name stays as it was.

    Attributes:
        path: the file to write.
    """

    def __init__(self, path: str | Path) -> None:
        """Start a table.

        Raises:
            GoEngineError: as `check_table_name` does, and if the file cannot be written.
        """
        self.path = Path(path)
        check_table_name(self.path)
        self._partial = partial_name(self.path)
        self._buffered: list[pa.Table] = []
        try:
            self._writer = pq.ParquetWriter(self._partial, SCHEMA, compression="zstd")
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def __enter__(self) -> Self:
        return self

    def write(self, table: pa.Table) -> None:
        """Append games, a table of SCHEMA.

        Raises:
            GoEngineError: if they cannot be written.
        """
        self._buffered.append(table)
        if sum(map(len, self._buffered)) >= ROW_GROUP_GAMES:
            self._flush(ROW_GROUP_GAMES)

    def set_rejected(self, counts: Mapping[str, int]) -> None:
        """Store the number of rejected games, by kind of reason, in the file's metadata."""
        self._writer.add_key_value_metadata({REJECTED_KEY.decode(): json.dumps(dict(counts))})

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
                moves_file(self.path).unlink(missing_ok=True)  # it belongs to the table that was replaced
        except OSError as failure:
            raise cannot_write(self.path, failure) from failure
        finally:
            self._partial.unlink(missing_ok=True)

    def _flush(self, least: int = 1) -> None:
        """Write the buffered games in row groups until fewer than `least` remain.

        Row groups have ROW_GROUP_GAMES games, so the file does not depend on the sizes of the writes.
        """
        buffered = pa.concat_tables(self._buffered or [SCHEMA.empty_table()])
        start = 0
        while len(buffered) - start >= least:
            group = buffered.slice(start, ROW_GROUP_GAMES).combine_chunks()
            try:
                self._writer.write_table(group)
            except OSError as error:
                raise cannot_write(self.path, error) from error
            start += len(group)
        self._buffered = [buffered.slice(start)]


def check_table_name(path: Path) -> None:
    """Check, before long work, that a table can be written under this name.

    Raises:
        GoEngineError: if the name does not end in ``.parquet``, it is a folder, or its folder does not exist.
    """
    if path.suffix != SUFFIX:
        raise GoEngineError(f"{path}: the name of a game table ends in {SUFFIX}")
    check_target(path)


def write_table(path: str | Path, records: Iterable[GameRecord]) -> None:
    """Write records, all of one board size, as a game table.

    Raises:
        GoEngineError: if there is no record, a record has no moves, an illegal move or another board size
            than the first, or the file cannot be written. An existing file then stays as it was.
    """
    records = iter(records)
    size = None
    with TableWriter(path) as writer:
        while chunk := list(islice(records, ROW_GROUP_GAMES)):
            size = size or chunk[0].size
            _check_records(chunk, size)
            writer.write(table_from_records(chunk))
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
    for record, fault in zip(records, find_faults(records, size), strict=True):
        if fault and fault.moves < len(record.moves):
            raise GoEngineError(f"{record.source}, index {record.index}: {fault.reason}")
