"""Charts of the games in a table, drawn with matplotlib."""

from collections import Counter
from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle

from goengine.data.sgf.game_info import rank_name
from goengine.data.statistics.counts import UNKNOWN, TableStats
from goengine.drawing import palette
from goengine.drawing.boards import LINES_LAYER, draw_board
from goengine.drawing.charts import Chart

_BINS = 60


def table_charts(stats: TableStats) -> list[Chart]:
    """Return the charts of a table; those without data are left out."""
    charts = [
        Chart("Moves on the board", lambda axes: _moves_on_board(axes, stats), is_board=True),
        Chart("Game length", lambda axes: _lengths(axes, stats)),
    ]
    if stats.pairs:
        charts.append(Chart("Rank by rank", lambda axes: _rank_by_rank(axes, stats)))
    for name, counter in (("Year", stats.years), ("Rank", stats.ranks), ("Result", stats.results)):
        known = Counter({value: count for value, count in counter.items() if value != UNKNOWN})
        if known:
            charts.append(Chart(name, _bars(known, "players" if name == "Rank" else "games")))
    return charts


def _lengths(axes: Axes, stats: TableStats) -> None:
    longest = np.percentile(stats.lengths, 99.9)
    axes.hist(stats.lengths, bins=_BINS, range=(0, max(longest, 1)), color=palette.FIRST)
    axes.axvline(float(np.median(stats.lengths)), color="black", linewidth=1, linestyle="--", label="median")
    axes.set_xlabel("moves and passes")
    axes.set_ylabel("games")
    axes.legend(frameon=False)


def _rank_by_rank(axes: Axes, stats: TableStats) -> None:
    levels = sorted({level for pair in stats.pairs for level in pair})
    places = {level: place for place, level in enumerate(levels)}
    games = np.zeros((len(levels), len(levels)))
    for (black, white), count in stats.pairs.items():
        games[places[white], places[black]] = count
    # Games between players of different ranks are rare; a logarithmic scale shows them.
    picture = axes.imshow(
        np.where(games > 0, games, np.nan), cmap=palette.SEQUENTIAL, norm="log", origin="lower"
    )
    axes.figure.colorbar(picture, ax=axes, label="games")
    names = [rank_name(level) for level in levels]
    axes.set_xticks(range(len(levels)), names, rotation=_rotation(names))
    axes.set_yticks(range(len(levels)), names)
    axes.set_xlabel("Black")
    axes.set_ylabel("White")
    axes.grid(visible=False)


def _bars(counter: Counter[str], unit: str) -> Callable[[Axes], None]:
    def draw(axes: Axes) -> None:
        names = list(counter)
        axes.bar(range(len(names)), list(counter.values()), color=palette.FIRST)
        axes.set_xticks(range(len(names)), names, rotation=_rotation(names), fontsize="small")
        axes.set_ylabel(unit)

    return draw


def _rotation(names: list[str]) -> int:
    """Return the rotation, in degrees, at which tick labels do not overlap."""
    return 90 if sum(map(len, names)) > 50 else 0


def _moves_on_board(axes: Axes, stats: TableStats) -> None:
    draw_board(axes, stats.size)
    per_game = stats.points / stats.games
    most = max(per_game.max(), 1e-9)
    for point, share in enumerate(per_game):
        row, column = divmod(point, stats.size)
        if share:
            circle = Circle(
                (column, row),
                0.44,
                facecolor=palette.FREQUENCY,
                alpha=0.9 * share / most,
                linewidth=0,
                zorder=LINES_LAYER + 1,
            )
            axes.add_patch(circle)
    axes.text(
        (stats.size - 1) / 2,
        stats.size + 0.1,
        f"darkest red: played {most:.2f} times per game",
        ha="center",
        va="top",
        fontsize="small",
    )
