"""A compact copy of a game table: what training needs of it, and as many games as a size allows."""

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from goengine.data.table.arrow import GAME_COLUMNS, SCHEMA
from goengine.data.table.table import GameTable, TableWriter, check_table_name
from goengine.errors import GoEngineError

KEPT = ("size", *GAME_COLUMNS, "num_moves", "hash")
"""Columns of a compact copy that hold what they held. In the others texts are empty, numbers missing or 0."""

_SPARE = 0.01  # of the size, for games that are longer than the first ones and for the file's footer


def compact_table(table: GameTable, out: Path, max_bytes: int) -> int:
    """Write a table of at most so many bytes; returns how many games it holds.

    Where not all fit, those with the smallest hashes are kept: a random choice, the same each time, of which
    a smaller copy holds a part.

    Raises GoEngineError if no game fits, `out` is no name of a table, or it cannot be written.
    """
    check_table_name(out)
    hashes = table.column("hash").view(np.uint64)
    first = next(table.row_groups(SCHEMA.names))
    games = min(len(hashes), int((1 - _SPARE) * max_bytes / _bytes_a_game(first)))
    while games:
        limit = np.sort(hashes)[games - 1]
        kept = hashes <= limit  # games that are the same stay together
        begin = 0
        with TableWriter(out) as writer:
            for group in table.row_groups(SCHEMA.names):
                writer.write(_bare(group.filter(pa.array(kept[begin : begin + len(group)]))))
                begin += len(group)
        if out.stat().st_size <= max_bytes:
            return int(np.count_nonzero(kept))
        games = int((1 - _SPARE) * games * max_bytes / out.stat().st_size)
    out.unlink(missing_ok=True)
    raise GoEngineError(f"{table.path}: not one game of it fits in {max_bytes:,} bytes")


def _bare(group: pa.Table) -> pa.Table:
    """Games with KEPT alone."""
    columns = []
    for field in SCHEMA:
        if field.name in KEPT:
            columns.append(group[field.name])
        elif field.nullable:
            columns.append(pa.nulls(len(group), field.type))
        else:
            nothing = pa.scalar("" if field.type == pa.string() else 0, field.type)
            columns.append(pa.repeat(nothing, len(group)))
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _bytes_a_game(games: pa.Table) -> float:
    buffer = io.BytesIO()
    pq.write_table(_bare(games), buffer, compression="zstd")
    return buffer.tell() / len(games)
