"""`goengine data`: build game tables, part them, write them as SGF; see `data_views` for looking at them."""

import csv
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from goengine.cli import data_views
from goengine.errors import GoEngineError, Interrupted
from goengine.util.files import make_folder, whole_file
from goengine.util.parallel import cores

if TYPE_CHECKING:
    from rich.console import Console

    from goengine.data.sources.reader import Reject
    from goengine.data.sources.selection import Selection
    from goengine.data.table.build import BuildReport, Progress

app = typer.Typer(
    help="Build game tables from game records, look at them, part them, write them as SGF.",
    no_args_is_help=True,
)
app.command()(data_views.stats)
app.command()(data_views.show)


class Illegal(StrEnum):
    """What becomes of a game with a fault."""

    keep = "keep"
    drop = "drop"


@app.command()
def build(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="the table to write, a .parquet file")],
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="folders, SGF files and collections, archives of them"),
    ],
    size: Annotated[int, typer.Option(min=2, max=25, help="board size")] = 19,
    min_moves: Annotated[int, typer.Option(min=1, metavar="N", help="at least so many moves and passes")] = 1,
    rank: Annotated[str | None, typer.Option(metavar="RANKS", help="of both players: 6d+, 3k-1d, 9p")] = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="no earlier than 2010, 2010-05 or 2010-05-31")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="DATE", help="no later than that")] = None,
    handicap: Annotated[
        bool | None, typer.Option("--handicap/--even", help="handicap games only, or even games only")
    ] = None,
    player: Annotated[
        str, typer.Option(metavar="NAME", help="a player whose name holds this, in small or capital letters")
    ] = "",
    result: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WORD",
            help="black, white, draw; points, resignation, time, forfeit, void; all, if repeated",
        ),
    ] = None,
    dedupe: Annotated[
        bool, typer.Option("--dedupe", help="keep one of games that are the same, or the same turned around")
    ] = False,
    illegal: Annotated[
        Illegal, typer.Option(help="a game with an illegal move: keep it up to that move, or drop it")
    ] = Illegal.keep,
    rejects: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="list every game left out here, and why")
    ] = None,
    processes: Annotated[
        int | None, typer.Option(min=1, help="processes that read games  [default: one a core]")
    ] = None,
    dask: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="let the Dask cluster with this scheduler read them")
    ] = None,
) -> None:
    """Build a game table, which the other commands learn from and measure on.

    Games that cannot be read, or are not what the options ask for, are left out and counted. A build that is
    stopped goes on where it stopped when the same command is given again.
    """
    from rich.console import Console

    from goengine.data.sources.selection import Selection, parse_day, parse_ranks
    from goengine.data.table.build import build_table

    selection = Selection(
        size,
        min_moves,
        ranks=parse_ranks(rank) if rank is not None else None,
        since=parse_day(since) if since is not None else None,
        until=parse_day(until, end=True) if until is not None else None,
        even=None if handicap is None else not handicap,
        player=player,
        results=tuple(result or ()),
        keep_illegal=illegal is Illegal.keep,
    )
    console = Console(stderr=True)
    display = _Display(console)
    examples: dict[str, Reject] = {}
    try:
        with ExitStack() as stack:
            write_row = stack.enter_context(_reject_list(rejects)) if rejects else None
            executor, workers = stack.enter_context(_executor(processes, dask))
            stack.enter_context(display.bar)

            def on_reject(reject: "Reject") -> None:
                examples.setdefault(reject.kind, reject)
                if write_row:
                    write_row.writerow([reject.source, reject.index, reject.kind, reject.reason])

            report = build_table(out, paths, selection, dedupe, executor, workers, display.show, on_reject)
    except KeyboardInterrupt:
        raise Interrupted(
            f"stopped after {display.games:,} games, which are kept: the same command goes on from there"
        ) from None
    _print_report(out, selection, report)
    if report.rejected:
        _print_rejected(console, report, examples, rejects)


@app.command()
def split(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="a game table")],
    validation: Annotated[str, typer.Option(metavar="GAMES|SHARE", help="2500, or 1%")] = "0",
    test: Annotated[str, typer.Option(metavar="GAMES|SHARE", help="2500, or 1%")] = "0",
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="where to write  [default: a folder named like TABLE]")
    ] = None,
) -> None:
    """Part a table into train.parquet, validation.parquet and test.parquet, by game.

    The same game is always on the same side, however its board is turned.
    """
    from goengine.data.table.game_table import GameTable
    from goengine.data.table.split import parse_portion, split_table

    portions = parse_portion(validation), parse_portion(test)
    if portions == (parse_portion("0"),) * 2:
        raise GoEngineError("give --validation, --test or both: how many games they take, or which share")
    opened = GameTable.open(table)
    folder = out or table.with_suffix("")
    make_folder(folder)
    for path, games in split_table(opened, folder, *portions).items():
        print(f"{path}: {games:,} games")


@app.command()
def compact(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="a game table")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="the table to write, a .parquet file")],
    megabytes: Annotated[
        float, typer.Option(min=0.001, help="at most so large (a million bytes each)")
    ] = 50.0,
) -> None:
    """Write a table of the moves alone, to take along to another machine and train on there.

    Where not all games fit, a random choice is kept.
    """
    from goengine.data.table.export import compact_table
    from goengine.data.table.game_table import GameTable

    opened = GameTable.open(table)
    games = compact_table(opened, out, int(megabytes * 1e6))
    print(f"{out}: {games:,} of {len(opened):,} games, {out.stat().st_size / 1e6:.1f} MB")


@app.command()
def export(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="a game table")],
    sgf: Annotated[
        Path,
        typer.Option(metavar="OUT", help="a collection (.sgf), or a new folder with a file for each game"),
    ],
) -> None:
    """Write the games of a table as SGF."""
    from goengine.data.table.export import export_table
    from goengine.data.table.game_table import GameTable

    print(f"{sgf}: {export_table(GameTable.open(table), sgf):,} games")


@contextmanager
def _executor(processes: int | None, dask: str | None) -> Iterator[tuple[Executor | None, int]]:
    """What builds, and how many workers it has."""
    from goengine.data.table.tasks import dask_executor, process_pool

    if dask is not None:
        if processes is not None:
            raise GoEngineError("--processes and --dask exclude each other")
        with dask_executor(dask) as executor_and_workers:
            yield executor_and_workers
        return
    processes = processes or cores()
    if processes == 1:
        yield None, 1
        return
    pool = process_pool(processes)
    try:
        yield pool, processes
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _reject_list(path: Path) -> Iterator[Any]:
    """Gives a csv.writer for the games left out."""
    with whole_file(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "index", "kind", "reason"])
        yield writer


class _Display:
    """A progress bar on a terminal. games: how many are read."""

    def __init__(self, console: "Console") -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        self.games = 0
        self.bar = Progress(
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
        self._task = self.bar.add_task("reading", total=None, games=0, rate=0.0)
        self._begun = False

    def show(self, progress: "Progress") -> None:
        self.games = progress.games
        task = self.bar.tasks[0]
        if not self._begun:  # what an earlier run has done says nothing of this one's speed
            self._begun = True
            self.bar.reset(self._task, total=progress.total_bytes, completed=progress.done_bytes)
        rate = (progress.games - progress.resumed) / max(task.elapsed or 0, 1e-3)
        self.bar.update(self._task, completed=progress.done_bytes, games=progress.games, rate=rate)


def _print_report(out: Path, selection: "Selection", report: "BuildReport") -> None:
    left_out = sum(report.rejected.values())
    new = report.read - report.resumed
    print(
        f"{out}: {report.games:,} games, {report.positions:,} positions of {selection.size}x{selection.size}"
        + (f", {report.truncated:,} games end at a fault" if report.truncated else "")
        + (f", {left_out:,} left out" if left_out else "")
        + (f"; {report.resumed:,} games read before, {new:,} now" if report.resumed else "")
        + f"; {report.seconds:.1f} s ({new / report.seconds:,.0f} games/s)"
    )


def _print_rejected(
    console: "Console", report: "BuildReport", examples: dict[str, "Reject"], listing: Path | None
) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table("left out", "games", "share", "the first of them")
    table.columns[1].justify = table.columns[2].justify = "right"
    table.columns[3].overflow = "fold"
    for kind, games in report.rejected.items():
        table.add_row(escape(kind), f"{games:,}", f"{games / report.read:.1%}", escape(str(examples[kind])))
    console.print(table)
    if listing:
        console.print(f"all are listed in {listing}", markup=False, highlight=False, soft_wrap=True)
