"""Game records as Arrow tables, and Arrow tables as the flat arrays that the kernel replays."""

from collections.abc import Sequence
from dataclasses import fields
from itertools import chain

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from goengine.data.sgf.dates import parse_date
from goengine.data.sgf.game_info import parse_rank, parse_result
from goengine.data.sgf.records import GameRecord
from goengine.data.table.hashes import game_hashes
from goengine.errors import GoEngineError
from goengine.kernel.replay import WHITE_SETUP, Games

VERSION = 2
"""The version of SCHEMA. It increases when a column is added or changes its name, type or meaning."""

VERSION_KEY = b"goengine.version"

_POINTS = pa.list_(pa.uint16())


def _column(name: str, kind: pa.DataType, nullable: bool = False) -> pa.Field:
    return pa.field(name, kind, nullable=nullable)


SCHEMA = pa.schema(
    [
        _column("size", pa.uint8()),
        _column("moves", _POINTS),
        _column("num_moves", pa.uint16()),
        _column("first_player", pa.uint8()),
        _column("setup_black", _POINTS),
        _column("setup_white", _POINTS),
        _column("handicap", pa.uint16()),
        _column("komi", pa.float64(), nullable=True),
        _column("rules", pa.string()),
        _column("date", pa.string()),
        _column("first_day", pa.date32(), nullable=True),
        _column("last_day", pa.date32(), nullable=True),
        _column("result", pa.string()),
        _column("winner", pa.uint8(), nullable=True),
        _column("margin", pa.float32(), nullable=True),
        _column("ended_by", pa.string()),
        _column("black_name", pa.string()),
        _column("white_name", pa.string()),
        _column("black_rank", pa.string()),
        _column("white_rank", pa.string()),
        _column("black_level", pa.float32(), nullable=True),
        _column("white_level", pa.float32(), nullable=True),
        _column("event", pa.string()),
        _column("place", pa.string()),
        _column("source", pa.string()),
        _column("index", pa.int64()),
        _column("hash", pa.int64()),
        _column("fault", pa.string()),
    ],
    metadata={VERSION_KEY: str(VERSION).encode()},
)
"""One row per game. docs/tables.md describes the columns."""

GAME_COLUMNS = ["moves", "first_player", "setup_black", "setup_white"]
"""The columns that a replay needs."""

RECORD_COLUMNS = [field.name for field in fields(GameRecord)]
"""The columns that are fields of GameRecord; all others are derived from them."""

_LIST_COLUMNS = ("moves", "setup_black", "setup_white")


def table_from_records(records: Sequence[GameRecord]) -> pa.Table:
    """Return records as a table of SCHEMA. They may have different board sizes."""
    columns = {name: [getattr(record, name) for record in records] for name in RECORD_COLUMNS}
    arrays: dict[str, pa.Array] = {
        name: _list_array(values) if name in _LIST_COLUMNS else pa.array(values, SCHEMA.field(name).type)
        for name, values in columns.items()
    }
    results = [parse_result(text) for text in columns["result"]]
    days = [parse_date(text) or (None, None) for text in columns["date"]]
    derived = {
        "num_moves": [len(moves) for moves in columns["moves"]],
        "first_day": [first for first, _ in days],
        "last_day": [last for _, last in days],
        "winner": [result.winner for result in results],
        "margin": [result.margin for result in results],
        "ended_by": [result.ended_by for result in results],
        "black_level": [parse_rank(text) for text in columns["black_rank"]],
        "white_level": [parse_rank(text) for text in columns["white_rank"]],
    }
    for name, values in derived.items():
        arrays[name] = pa.array(values, SCHEMA.field(name).type)
    table = pa.table({name: arrays[name] for name in (*RECORD_COLUMNS, *derived)})
    return table.append_column("hash", _hashes(table)).select(SCHEMA.names).cast(SCHEMA)


def records_from_table(table: pa.Table) -> list[GameRecord]:
    """Return the records of a table that holds RECORD_COLUMNS."""
    rows = table.select(RECORD_COLUMNS).to_pylist()
    return [GameRecord(**{**row, **{name: tuple(row[name]) for name in _LIST_COLUMNS}}) for row in rows]


def games_from_records(records: Sequence[GameRecord], size: int) -> Games:
    """Return the flat arrays of records, all of board size `size`."""
    arrays = [
        _list_array([getattr(record, name) for record in records])
        if name in _LIST_COLUMNS
        else pa.array([getattr(record, name) for record in records], SCHEMA.field(name).type)
        for name in GAME_COLUMNS
    ]
    return games_from_table(pa.table(arrays, GAME_COLUMNS), size)


def games_from_table(table: pa.Table, size: int) -> Games:
    """Return the flat arrays of a table that holds GAME_COLUMNS.

    Raises:
        GoEngineError: if a move or stone is null or off the board, or a first player is not a colour.
    """
    moves, move_starts = _flatten(table["moves"])
    black, black_starts = _flatten(table["setup_black"])
    white, white_starts = _flatten(table["setup_white"])
    stones = np.concatenate([black, white | WHITE_SETUP])
    games = np.arange(len(table))
    game_of_stone = np.concatenate(
        [np.repeat(games, np.diff(black_starts)), np.repeat(games, np.diff(white_starts))]
    )
    return Games(
        size=size,
        moves=moves,
        move_starts=move_starts,
        setup=stones[np.argsort(game_of_stone, kind="stable")],
        setup_starts=black_starts + white_starts,
        first_player=table["first_player"].to_numpy(),
    )


def _hashes(table: pa.Table) -> pa.Array:
    sizes = table["size"].to_numpy()
    hashes = np.empty(len(table), np.int64)
    for size in np.unique(sizes).tolist():
        rows = np.flatnonzero(sizes == size)
        games = table if len(rows) == len(table) else table.take(rows)
        hashes[rows] = game_hashes(games_from_table(games, size))
    return pa.array(hashes)


def _list_array(values: Sequence[tuple[int, ...]]) -> pa.Array:
    starts = np.zeros(len(values) + 1, np.int32)
    np.cumsum([len(value) for value in values], out=starts[1:])
    flat = np.fromiter(chain.from_iterable(values), np.uint16, count=starts[-1])
    return pa.ListArray.from_arrays(pa.array(starts), pa.array(flat))


def _flatten(column: pa.ChunkedArray) -> tuple[NDArray[np.uint16], NDArray[np.int64]]:
    """Return the concatenated values of a list column, and the index at which each row starts [rows + 1]."""
    chunks = [chunk.flatten() for chunk in column.chunks]
    if any(chunk.null_count for chunk in chunks):
        raise GoEngineError("a move or setup stone is missing (null)")
    values = [chunk.to_numpy(zero_copy_only=False) for chunk in chunks]
    starts = np.zeros(len(column) + 1, np.int64)
    if column.chunks:
        lengths = [chunk.value_lengths().to_numpy(zero_copy_only=False) for chunk in column.chunks]
        np.cumsum(np.concatenate(lengths), out=starts[1:])
    return np.concatenate([np.empty(0, np.uint16), *values]), starts
