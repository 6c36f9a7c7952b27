"""What a table holds, for people: figures as rows, a page or a picture with charts."""

from collections import Counter
from pathlib import Path

import numpy as np

from goengine.data.statistics.stats import TableStats
from goengine.drawing.report_page import check_report, html_page, html_picture, html_table
from goengine.util.files import whole_file

SHOWN_VALUES = 12
_LENGTH_STEP = 50  # moves a row


def summary(stats: TableStats) -> list[tuple[str, str]]:
    """The figures that are one number: name and value."""
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
        ("left out when built", f"{stats.rejected.total():,}"),
    ]


def counters(stats: TableStats) -> list[tuple[str, Counter[str]]]:
    """The figures that are counted by value, those that hold anything: name and counter."""
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
        ("left out", _most_common(stats.rejected)),
    ]
    return [(name, counter) for name, counter in named if counter]


def write_report(path: Path, name: str, stats: TableStats) -> None:
    """Write charts as one picture (.png), or a page with tables that needs no other file (.html).

    Raises what `check_report` raises, and GoEngineError if the file cannot be written.
    """
    check_report(path)
    from goengine.data.statistics.charts import table_charts  # matplotlib takes a second
    from goengine.drawing.charts import png

    title = f"{name}, {stats.games:,} games"
    if path.suffix.lower() == ".png":
        content = png(table_charts(stats), title)
    else:
        tables = [
            html_table([[kind, "number", "share"], *_rows(counter)]) for kind, counter in counters(stats)
        ]
        pictures = [html_picture(chart.title, png([chart])) for chart in table_charts(stats)]
        content = html_page(title, [html_table(summary(stats), heading=False), *pictures, *tables]).encode()
    with whole_file(path) as partial:
        partial.write_bytes(content)


def _rows(counter: Counter[str]) -> list[list[str]]:
    return [[value, f"{count:,}", f"{count / counter.total():.1%}"] for value, count in counter.items()]


def _most_common(counter: Counter[str]) -> Counter[str]:
    """The counter in falling order, what is rare put together."""
    shown = Counter(dict(counter.most_common(SHOWN_VALUES)))
    if rest := counter.total() - shown.total():
        shown["all others"] = rest
    return shown
