"""What a game table holds, counted."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from goengine.data.sgf.facts import rank_name
from goengine.data.table.arrow import games_from_table
from goengine.data.table.identity import Seen
from goengine.data.table.table import GameTable
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
_WAYS = {
    "points": "by points",
    "resignation": "by resignation",
    "time": "on time",
    "forfeit": "by forfeit",
    "": "won",
}


@dataclass
class TableStats:
    """Counts over the games of a table.

    Public attributes:
      size -- board size
      games, positions, passes -- games, moves that are no passes, passes
      setups, faults, duplicates -- games with setup stones; that end at a fault; that are the same as an
          earlier one
      lengths -- int64 [games], moves and passes of each game
      points -- int64 [size * size], how often each point was played
      komi, rules, results, handicaps, years -- Counter, games by value; `unknown` where the record is silent
      ranks -- Counter, players by rank, from the weakest on, `unknown` last
      pairs -- Counter, games by (Black's, White's) level, whole numbers of the scale of `parse_rank`; only
          games whose record names both
      rejected -- games left out when the table was built, by kind
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
    """Count a table, a row group at a time.

    Raises GoEngineError if the table is damaged.
    """
    stats = TableStats(table.size, games=len(table), rejected=Counter(table.rejected))
    seen = Seen()
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
        stats.duplicates += int(np.count_nonzero(~seen.first(group["hash"].to_numpy())))
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
    stats.years = _in_order(years, str)
    stats.ranks = _in_order(levels, rank_name)
    return stats


def _count(column: pa.ChunkedArray) -> Counter[Any]:
    return Counter({pair["values"]: pair["counts"] for pair in pc.value_counts(column).to_pylist()})


def _values(column: pa.ChunkedArray, form: str) -> Counter[str]:
    counter: Counter[str] = Counter()
    for value, count in _count(column).items():
        counter[UNKNOWN if value in (None, "") else form.format(value)] += count
    return counter


def _in_order(counter: Counter[int | None], name: Any) -> Counter[str]:
    """The counter by rising value, what is not known last."""
    known = sorted(value for value in counter if value is not None)
    named = Counter({name(value): counter[value] for value in known})
    return named + Counter({UNKNOWN: counter[None]})


def _count_results(group: pa.Table, results: Counter[str]) -> None:
    pairs = (
        group.select(["winner", "ended_by"]).group_by(["winner", "ended_by"]).aggregate([([], "count_all")])
    )
    for row in pairs.to_pylist():
        winner, by = row["winner"], row["ended_by"]
        if winner in (BLACK, WHITE):
            name = f"{COLOUR_NAMES[winner]} {_WAYS.get(by, by)}"
        else:
            name = "draw" if winner == EMPTY else by or UNKNOWN
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
