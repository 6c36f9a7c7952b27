"""What a game table holds, counted."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.table import GameTable
from goengine.points import pass_move

UNKNOWN = "unknown"

_COLUMNS = [
    "moves",
    "setup_black",
    "setup_white",
    "komi",
    "rules",
    "date",
    "result",
    "black_rank",
    "white_rank",
]
_YEAR = re.compile(r"\b(\d{4})\b")
_RESULT = re.compile(r"([BW])\+([A-Za-z]|[\d.,]+)?", re.IGNORECASE)
_WINNERS = {"B": "Black", "W": "White"}
_WAYS = {"R": "by resignation", "T": "on time", "F": "by forfeit"}


@dataclass
class TableStats:
    """Counts over the games of a table.

    Public attributes:
      size -- board size
      games, positions, passes, setups -- games, moves that are no passes, passes, games with setup stones
      lengths -- int64 [games], moves and passes of each game
      komi, rules, results, ranks, years -- Counter, games by value (ranks: players); `unknown` where the
          record is silent
      rejected -- games left out when the table was built, by kind
    """

    size: int
    games: int = 0
    positions: int = 0
    passes: int = 0
    setups: int = 0
    lengths: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    komi: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    results: Counter[str] = field(default_factory=Counter)
    ranks: Counter[str] = field(default_factory=Counter)
    years: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)


def table_stats(table: GameTable) -> TableStats:
    """Count a table, a row group at a time.

    Raises GoEngineError if the file is damaged.
    """
    stats = TableStats(table.size, games=len(table), rejected=Counter(table.rejected))
    lengths = []
    for group in table.row_groups(_COLUMNS):
        lengths.append(pc.list_value_length(group["moves"]).to_numpy().astype(np.int64))
        stats.passes += pc.sum(pc.equal(pc.list_flatten(group["moves"]), pass_move(table.size))).as_py() or 0
        stones = pc.add(
            pc.list_value_length(group["setup_black"]), pc.list_value_length(group["setup_white"])
        )
        stats.setups += pc.sum(pc.greater(stones, 0)).as_py() or 0  # null for a group without rows
        _count(stats.komi, group["komi"], lambda komi: f"{komi:g}")
        _count(stats.rules, group["rules"], str)
        _count(stats.results, group["result"], _outcome)
        _count(stats.ranks, group["black_rank"], str)
        _count(stats.ranks, group["white_rank"], str)
        _count(stats.years, group["date"], _year)
    stats.lengths = np.concatenate(lengths)
    stats.positions = int(stats.lengths.sum()) - stats.passes
    return stats


def _count(counter: Counter[str], column: pa.ChunkedArray, name: Callable[[Any], str]) -> None:
    for pair in column.value_counts().to_pylist():
        known = pair["values"] not in (None, "")
        counter[name(pair["values"]) if known else UNKNOWN] += pair["counts"]


def _year(date: str) -> str:
    match = _YEAR.search(date)
    return match[1] if match else UNKNOWN


def _outcome(result: str) -> str:
    match = _RESULT.match(result)
    if match is None:
        return "draw" if result.lower() in ("0", "draw", "jigo") else UNKNOWN
    way = (match[2] or "").upper()[:1]
    return f"{_WINNERS[match[1].upper()]} {'by points' if way.isdigit() else _WAYS.get(way, 'won')}"
