"""Copies of a game table in another form: SGF files, or a compact table of the moves alone."""

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from goengine.data.sgf.records import record_to_sgf
from goengine.data.table.arrow import GAME_COLUMNS, SCHEMA
from goengine.data.table.game_table import GameTable
from goengine.data.table.writer import TableWriter, check_table_name
from goengine.errors import GoEngineError
from goengine.util.files import whole_file, whole_folder

KEPT_COLUMNS = ("size", *GAME_COLUMNS, "num_moves", "hash")
"""The columns that a compact table keeps. The others hold empty texts, nulls or zeros."""

_RESERVE = 0.01  # share of the size, in case later games are longer than the first ones, and for the footer


def export_table(table: GameTable, out: Path) -> int:
    """Write all games as SGF and return their number.

    A table built from the SGF files equals this one except for the columns `source` and `index`.

    Args:
        table: the table to export.
        out: one collection if the name ends in ``.sgf``, else a new folder with a file for each row.

    Raises:
        GoEngineError: if the files cannot be written, or the folder exists and is not empty.
    """
    if out.suffix == ".sgf":
        with whole_file(out) as partial, partial.open("wb") as file:
            file.writelines(map(record_to_sgf, table.records()))
    else:
        digits = len(str(len(table) - 1))
        with whole_folder(out) as partial:
            for row, record in enumerate(table.records()):
                (partial / f"{row:0{digits}d}.sgf").write_bytes(record_to_sgf(record))
    return len(table)


def compact_table(table: GameTable, out: Path, max_bytes: int) -> int:
    """Write a table of the moves alone and return the number of games in it.

    If not all games fit, those with the smallest hashes are kept: a random but reproducible sample, and a
    smaller copy holds a subset of a larger one.

    Args:
        table: the table to copy.
        out: the table to write, a ``.parquet`` file.
        max_bytes: largest size of the file.

    Raises:
        GoEngineError: if no game fits, `out` does not end in ``.parquet``, or it cannot be written.
    """
    check_table_name(out)
    hashes = table.column("hash").view(np.uint64)
    first = next(table.row_groups(SCHEMA.names))
    games = min(len(hashes), int((1 - _RESERVE) * max_bytes / _bytes_per_game(first)))
    while games:
        limit = np.sort(hashes)[games - 1]
        selected = hashes <= limit  # duplicates stay together
        with TableWriter(out) as writer:
            for group in table.filtered(selected):
                writer.write(_compact(group))
        if out.stat().st_size <= max_bytes:
            return int(np.count_nonzero(selected))
        games = int((1 - _RESERVE) * games * max_bytes / out.stat().st_size)
    out.unlink(missing_ok=True)
    raise GoEngineError(f"{table.path}: none of its games fits in {max_bytes:,} bytes")


def _compact(group: pa.Table) -> pa.Table:
    """Clear all columns except KEPT_COLUMNS."""
    columns = []
    for field in SCHEMA:
        if field.name in KEPT_COLUMNS:
            columns.append(group[field.name])
        elif field.nullable:
            columns.append(pa.nulls(len(group), field.type))
        else:
            empty = pa.scalar("" if field.type == pa.string() else 0, field.type)
            columns.append(pa.repeat(empty, len(group)))
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _bytes_per_game(games: pa.Table) -> float:
    buffer = io.BytesIO()
    pq.write_table(_compact(games), buffer, compression="zstd")
    return buffer.tell() / len(games)
