"""`goengine data`: build game tables, look at them."""

import os
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from goengine.errors import Interrupted
from goengine.files import whole_file

app = typer.Typer(help="Build game tables from game records, and look at them.", no_args_is_help=True)

SHOWN_REJECTS = 20
SHOWN_ROWS = 12


@app.command()
def build(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="the table to write, a .parquet file")],
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...", help="folders, or .sgf files and collections, also in .bz2, .gz, .zip"
        ),
    ],
    size: Annotated[int, typer.Option(min=2, max=25, help="board size; other games are left out")] = 19,
    processes: Annotated[
        int | None, typer.Option(min=1, help="processes that read games  [default: one a core]")
    ] = None,
) -> None:
    """Build a game table, which the other commands learn from and measure on.

    Games that cannot be read or hold an illegal move are left out; OUT.rejected.txt says which and why.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    from data.build import Progress as BuildProgress
    from data.build import build_table
    from data.sources import Reject

    console = Console(stderr=True)
    rejects: list[Reject] = []
    games = 0
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[games]:,} games, {task.fields[rate]:,.0f} games/s"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    task = bar.add_task("reading", total=None, games=0, rate=0.0)

    def show(progress: BuildProgress) -> None:
        nonlocal games
        games = progress.games
        rate = games / max(bar.tasks[0].elapsed or 0, 1e-3)
        bar.update(task, completed=progress.done_bytes, total=progress.total_bytes, games=games, rate=rate)

    def report(reject: Reject) -> None:
        rejects.append(reject)
        if len(rejects) <= SHOWN_REJECTS:
            console.print(f"left out: {reject}", markup=False, highlight=False, soft_wrap=True)
        elif len(rejects) == SHOWN_REJECTS + 1:
            console.print("left out: more games, all listed in a file at the end", highlight=False)

    try:
        with bar:
            result = build_table(out, paths, size, processes or os.cpu_count() or 1, show, report)
    except KeyboardInterrupt:
        kept = "the table from before is kept" if out.exists() else "no table is left"
        raise Interrupted(
            f"stopped after {games:,} games: nothing of this build is written, {kept}"
        ) from None
    listing = out.with_name(f"{out.name}.rejected.txt")
    if rejects:
        with whole_file(listing) as partial:
            partial.write_text("".join(f"{reject}\n" for reject in rejects), encoding="utf-8")
    else:
        listing.unlink(missing_ok=True)
    left_out = f", {len(rejects):,} left out (listed in {listing})" if rejects else ""
    print(
        f"{out}: {result.games:,} games, {result.positions:,} positions of {size}x{size}{left_out}, "
        f"{result.seconds:.1f} s ({(result.games + len(rejects)) / result.seconds:,.0f} games/s)"
    )


@app.command()
def stats(table: Annotated[Path, typer.Argument(metavar="TABLE", help="a game table")]) -> None:
    """Say what a game table holds."""
    import numpy as np
    from rich.columns import Columns
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from data.stats import table_stats
    from data.table import GameTable

    found = table_stats(GameTable.open(table))
    console = Console()
    tables = []
    summary = Table(title=escape(str(table)), show_header=False)
    summary.add_column()
    summary.add_column(justify="right")
    low, median, high = np.percentile(found.lengths, [0, 50, 100])
    for name, value in (
        ("games", f"{found.games:,}"),
        ("positions (moves without passes)", f"{found.positions:,}"),
        ("passes", f"{found.passes:,}"),
        ("board", f"{found.size}x{found.size}"),
        ("games with setup stones", f"{found.setups:,}"),
        ("game length: shortest, median, longest", f"{low:.0f}, {median:.0f}, {high:.0f}"),
        ("left out when built", f"{found.rejected.total():,}"),
    ):
        summary.add_row(name, value)
    tables.append(summary)
    starts, counts = np.unique(found.lengths // 50 * 50, return_counts=True)
    lengths = Counter(
        {f"{start} to {start + 49}": int(count) for start, count in zip(starts, counts, strict=True)}
    )
    for name, counter in (
        ("moves and passes", lengths),
        ("year", Counter(dict(sorted(found.years.items())))),
        ("komi", _most_common(found.komi)),
        ("rules", _most_common(found.rules)),
        ("result", _most_common(found.results)),
        ("rank (players)", _most_common(found.ranks)),
        ("left out", _most_common(found.rejected)),
    ):
        if counter:
            rows = Table(name, "number", "share")
            rows.columns[1].justify = rows.columns[2].justify = "right"
            for value, count in counter.items():
                rows.add_row(escape(value), f"{count:,}", f"{count / counter.total():.1%}")
            tables.append(rows)
    console.print(Columns(tables))


def _most_common(counter: Counter[str]) -> Counter[str]:
    """The counter in falling order, what is rare put together."""
    shown = Counter(dict(counter.most_common(SHOWN_ROWS)))
    if rest := counter.total() - shown.total():
        shown["all others"] = rest
    return shown
