"""Counts over the games of a table."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from goengine.data.sgf.game_info import rank_name
from goengine.data.table.arrow import games_from_table
from goengine.data.table.game_table import GameTable
from goengine.data.table.hashes import SeenHashes
from goengine.game.board import BLACK, COLOUR_NAMES, EMPTY, WHITE
from goengine.points import pass_move

UNKNOWN = "unknown"

_COLUMNS = [
    "moves",
    "first_player",
    "setup_black",
    "setup_white",
    "handicap",
    "komi",
    "rules",
    "first_day",
    "winner",
    "ended_by",
    "black_level",
    "white_level",
    "fault",
    "hash",
]
_ENDINGS = {
    "points": "by points",
    "resignation": "by resignation",
    "time": "on time",
    "forfeit": "by forfeit",
    "": "won",
}


@dataclass
class TableStats:
    """Counts over the games of a table.

    In the counters by value, UNKNOWN counts the games whose record does not name the value.

    Attributes:
        size: board size.
        games: number of games.
        positions: number of moves that are not passes.
        passes: number of passes.
        setups: number of games with setup stones.
        faults: number of games that end at a fault.
        duplicates: number of games with the same moves as an earlier one.
        lengths: int64 [games], number of moves and passes of each game.
        points: int64 [size * size], how often each point was played.
        komi: games by komi.
        rules: games by rules.
        results: games by winner and ending.
        handicaps: games by number of handicap stones.
        years: games by year, in ascending order.
        ranks: players by rank, in ascending order.
        pairs: games by Black's and White's rank, integers on the scale of `parse_rank`; only games whose
            record names both.
        rejected: games rejected when the table was built, by kind of reason.
    """

    size: int
    games: int = 0
    positions: int = 0
    passes: int = 0
    setups: int = 0
    faults: int = 0
    duplicates: int = 0
    lengths: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    points: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    komi: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    results: Counter[str] = field(default_factory=Counter)
    handicaps: Counter[str] = field(default_factory=Counter)
    years: Counter[str] = field(default_factory=Counter)
    ranks: Counter[str] = field(default_factory=Counter)
    pairs: Counter[tuple[int, int]] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)


def table_stats(table: GameTable) -> TableStats:
    """Count over a table, one row group at a time.

    Raises:
        GoEngineError: if the table is damaged.
    """
    stats = TableStats(table.size, games=len(table), rejected=Counter(table.rejected))
    seen = SeenHashes()
    lengths = []
    played = np.zeros(table.size**2 + 1, np.int64)
    levels: Counter[int | None] = Counter()
    years: Counter[int | None] = Counter()
    results: Counter[str] = Counter()
    for group in table.row_groups(_COLUMNS):
        games = games_from_table(group, table.size)
        lengths.append(np.diff(games.move_starts))
        played += np.bincount(games.moves, minlength=len(played))
        stats.setups += int(np.count_nonzero(np.diff(games.setup_starts)))
        stats.faults += int(np.count_nonzero(pc.not_equal(group["fault"], "").to_numpy()))
        stats.duplicates += int(np.count_nonzero(~seen.add(group["hash"].to_numpy())))
        stats.komi += _values(group["komi"], "{:g}")
        stats.rules += _values(group["rules"], "{}")
        stats.handicaps += _values(group["handicap"], "{}")
        years += _count(pc.year(group["first_day"]))
        _count_results(group, results)
        _count_levels(group, levels, stats.pairs)
    stats.lengths = np.concatenate(lengths)
    stats.points = played[:-1]
    stats.passes = int(played[pass_move(table.size)])
    stats.positions = int(stats.points.sum())
    stats.results = results
    stats.years = _ascending(years, str)
    stats.ranks = _ascending(levels, rank_name)
    return stats


def _count(column: pa.ChunkedArray) -> Counter[Any]:
    return Counter({pair["values"]: pair["counts"] for pair in pc.value_counts(column).to_pylist()})


def _values(column: pa.ChunkedArray, form: str) -> Counter[str]:
    counter: Counter[str] = Counter()
    for value, count in _count(column).items():
        counter[UNKNOWN if value in (None, "") else form.format(value)] += count
    return counter


def _ascending(counter: Counter[int | None], name: Callable[[int], str]) -> Counter[str]:
    """Return the counter with names for its values, in ascending order, UNKNOWN last."""
    known = sorted(value for value in counter if value is not None)
    named = Counter({name(value): counter[value] for value in known})
    return named + Counter({UNKNOWN: counter[None]})


def _count_results(group: pa.Table, results: Counter[str]) -> None:
    pairs = (
        group.select(["winner", "ended_by"]).group_by(["winner", "ended_by"]).aggregate([([], "count_all")])
    )
    for row in pairs.to_pylist():
        winner, ended_by = row["winner"], row["ended_by"]
        if winner in (BLACK, WHITE):
            name = f"{COLOUR_NAMES[winner]} {_ENDINGS.get(ended_by, ended_by)}"
        else:
            name = "draw" if winner == EMPTY else ended_by or UNKNOWN
        results[name] += row["count_all"]


def _count_levels(group: pa.Table, levels: Counter[int | None], pairs: Counter[tuple[int, int]]) -> None:
    rows = group.select(["black_level", "white_level"])
    counted = rows.group_by(["black_level", "white_level"]).aggregate([([], "count_all")])
    for row in counted.to_pylist():
        black, white, games = row["black_level"], row["white_level"], row["count_all"]
        for level in (black, white):
            levels[None if level is None else int(level // 1)] += games
        if black is not None and white is not None:
            pairs[int(black // 1), int(white // 1)] += games
