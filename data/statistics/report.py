"""A report of the games in a table: rows of text, an HTML page or a picture with charts."""

from collections import Counter
from pathlib import Path

import numpy as np

from goengine.data.statistics.counts import TableStats
from goengine.drawing.report_page import check_report, html_page, html_picture, html_table
from goengine.util.files import whole_file

SHOWN_VALUES = 12
"""Values per counter; rarer ones are added up."""

_LENGTH_STEP = 50  # moves per row


def summary(stats: TableStats) -> list[tuple[str, str]]:
    """Return the name and value of each statistic that is a single number."""
    low, median, high = np.percentile(stats.lengths, [0, 50, 100])
    return [
        ("games", f"{stats.games:,}"),
        ("positions (moves without passes)", f"{stats.positions:,}"),
        ("passes", f"{stats.passes:,}"),
        ("board", f"{stats.size}x{stats.size}"),
        ("games with setup stones", f"{stats.setups:,}"),
        ("games that end at a fault", f"{stats.faults:,}"),
        ("duplicates", f"{stats.duplicates:,}"),
        ("game length: shortest, median, longest", f"{low:.0f}, {median:.0f}, {high:.0f}"),
        ("rejected when built", f"{stats.rejected.total():,}"),
    ]


def counters(stats: TableStats) -> list[tuple[str, Counter[str]]]:
    """Return the name and counter of each statistic that is counted by value and not empty."""
    starts, counts = np.unique(stats.lengths // _LENGTH_STEP * _LENGTH_STEP, return_counts=True)
    lengths = Counter(
        {
            f"{start} to {start + _LENGTH_STEP - 1}": int(count)
            for start, count in zip(starts, counts, strict=True)
        }
    )
    named = [
        ("moves and passes", lengths),
        ("year", stats.years),
        ("komi", _most_common(stats.komi)),
        ("handicap", _most_common(stats.handicaps)),
        ("rules", _most_common(stats.rules)),
        ("result", _most_common(stats.results)),
        ("rank (players)", stats.ranks),
        ("rejected", _most_common(stats.rejected)),
    ]
    return [(name, counter) for name, counter in named if counter]


def write_report(path: Path, name: str, stats: TableStats) -> None:
    """Write charts to one picture (.png), or charts and tables to a self-contained page (.html).

    Args:
        path: the file to write.
        name: the name of the table, for the title.
        stats: its statistics.

    Raises:
        GoEngineError: if the file has another suffix or cannot be written.
    """
    check_report(path)
    from goengine.data.statistics.charts import table_charts  # importing matplotlib takes a second
    from goengine.drawing.charts import charts_png

    title = f"{name}, {stats.games:,} games"
    if path.suffix.lower() == ".png":
        content = charts_png(table_charts(stats), title)
    else:
        tables = [
            html_table([[kind, "number", "share"], *_rows(counter)]) for kind, counter in counters(stats)
        ]
        pictures = [html_picture(chart.title, charts_png([chart])) for chart in table_charts(stats)]
        content = html_page(title, [html_table(summary(stats), heading=False), *pictures, *tables]).encode()
    with whole_file(path) as partial:
        partial.write_bytes(content)


def _rows(counter: Counter[str]) -> list[list[str]]:
    return [[value, f"{count:,}", f"{count / counter.total():.1%}"] for value, count in counter.items()]


def _most_common(counter: Counter[str]) -> Counter[str]:
    """Return the counter in descending order, with rare values added up."""
    shown = Counter(dict(counter.most_common(SHOWN_VALUES)))
    if rest := counter.total() - shown.total():
        shown["all others"] = rest
    return shown
