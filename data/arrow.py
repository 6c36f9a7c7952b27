"""Game records as Arrow columns and as the flat arrays that the kernel replays."""

from collections.abc import Sequence
from itertools import chain

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data.records import GameRecord
from goengine.errors import GoEngineError
from goengine.kernel.replay import WHITE_SETUP, Games

_POINTS = pa.list_(pa.uint16())

SCHEMA = pa.schema(
    [
        pa.field("size", pa.uint8(), nullable=False),
        pa.field("moves", _POINTS, nullable=False),
        pa.field("first_player", pa.uint8(), nullable=False),
        pa.field("setup_black", _POINTS, nullable=False),
        pa.field("setup_white", _POINTS, nullable=False),
        pa.field("handicap", pa.uint16(), nullable=False),
        pa.field("komi", pa.float32()),
        pa.field("rules", pa.string(), nullable=False),
        pa.field("date", pa.string(), nullable=False),
        pa.field("result", pa.string(), nullable=False),
        pa.field("black_name", pa.string(), nullable=False),
        pa.field("white_name", pa.string(), nullable=False),
        pa.field("black_rank", pa.string(), nullable=False),
        pa.field("white_rank", pa.string(), nullable=False),
        pa.field("event", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("index", pa.int64(), nullable=False),
    ]
)
"""One row a game, one column a field of GameRecord."""

GAME_COLUMNS = ["moves", "first_player", "setup_black", "setup_white"]
"""The columns that a replay needs."""


def table_from_records(records: Sequence[GameRecord]) -> pa.Table:
    """The records as a table of SCHEMA."""
    columns = []
    for field in SCHEMA:
        values = [getattr(record, field.name) for record in records]
        if pa.types.is_list(field.type):
            columns.append(_list_array(values))
        else:
            columns.append(pa.array(values, field.type))
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def records_from_table(table: pa.Table) -> list[GameRecord]:
    """The records of a table of SCHEMA."""
    lists = ("moves", "setup_black", "setup_white")
    return [GameRecord(**{**row, **{name: tuple(row[name]) for name in lists}}) for row in table.to_pylist()]


def games_from_records(records: Sequence[GameRecord], size: int) -> Games:
    """The flat arrays of records that are all of board size `size`."""
    return games_from_table(table_from_records(records).select(GAME_COLUMNS), size)


def games_from_table(table: pa.Table, size: int) -> Games:
    """The flat arrays of a table that holds GAME_COLUMNS.

    Raises GoEngineError if a move or stone is missing or off the board, or a first player is no colour.
    """
    moves, move_starts = _flat(table["moves"])
    black, black_starts = _flat(table["setup_black"])
    white, white_starts = _flat(table["setup_white"])
    stones = np.concatenate([black, white | WHITE_SETUP])
    games = np.arange(len(table))
    owners = np.concatenate(
        [np.repeat(games, np.diff(black_starts)), np.repeat(games, np.diff(white_starts))]
    )
    return Games(
        size=size,
        moves=moves,
        move_starts=move_starts,
        setup=stones[np.argsort(owners, kind="stable")],
        setup_starts=black_starts + white_starts,
        first_player=table["first_player"].to_numpy(),
    )


def _list_array(values: Sequence[tuple[int, ...]]) -> pa.Array:
    starts = np.zeros(len(values) + 1, np.int32)
    np.cumsum([len(value) for value in values], out=starts[1:])
    flat = np.fromiter(chain.from_iterable(values), np.uint16, count=starts[-1])
    return pa.ListArray.from_arrays(pa.array(starts), pa.array(flat))


def _flat(column: pa.ChunkedArray) -> tuple[NDArray[np.uint16], NDArray[np.int64]]:
    """The values of a list column, one after another, and where each row's begin."""
    flat = [chunk.flatten() for chunk in column.chunks]
    if any(part.null_count for part in flat):
        raise GoEngineError("a move or setup stone is missing (null)")
    values = [part.to_numpy(zero_copy_only=False) for part in flat]
    starts = np.zeros(len(column) + 1, np.int64)
    if column.chunks:
        lengths = [chunk.value_lengths().to_numpy(zero_copy_only=False) for chunk in column.chunks]
        np.cumsum(np.concatenate(lengths), out=starts[1:])
    return np.concatenate([np.empty(0, np.uint16), *values]), starts
