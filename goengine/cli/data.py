"""`goengine data`: build, split and export game tables; `data_views` has the commands that show them."""

import csv
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from goengine.cli import data_views
from goengine.cli.output import print_text, timed_bar
from goengine.errors import GoEngineError, Interrupted
from goengine.util.files import make_folder, whole_file
from goengine.util.parallel import cores

if TYPE_CHECKING:
    from rich.console import Console

    from goengine.data.sources.reader import Reject
    from goengine.data.sources.selection import Selection
    from goengine.data.table.build import BuildReport, Progress

app = typer.Typer(
    help="Build, show, split and export tables of games.",
    no_args_is_help=True,
)
app.command()(data_views.stats)
app.command()(data_views.show)


class Illegal(StrEnum):
    """What to do with a game that has an illegal move."""

    keep = "keep"
    drop = "drop"


@app.command()
def build(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Table to write, a .parquet file.")],
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="Folders, SGF files and collections, archives of them."),
    ],
    size: Annotated[int, typer.Option(min=2, max=25, help="Board size.")] = 19,
    min_moves: Annotated[
        int, typer.Option(min=1, metavar="N", help="Minimum number of moves and passes.")
    ] = 1,
    rank: Annotated[
        str | None, typer.Option(metavar="RANKS", help="Ranks of both players: 6d+, 3k-1d, 9p.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="First date: 2010, 2010-05 or 2010-05-31.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="Last date, of the same form.")
    ] = None,
    handicap: Annotated[
        bool | None, typer.Option("--handicap/--even", help="Only handicap games, or only even games.")
    ] = None,
    player: Annotated[
        str, typer.Option(metavar="NAME", help="Part of a player's name; case is ignored.")
    ] = "",
    result: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WORD",
            help="Result: black, white, draw, points, resignation, time, forfeit or void. "
            "If repeated, all must hold.",
        ),
    ] = None,
    dedupe: Annotated[
        bool,
        typer.Option(
            "--dedupe", help="Keep one of several games that are equal under a symmetry of the board."
        ),
    ] = False,
    illegal: Annotated[
        Illegal, typer.Option(help="Keep a game up to its first illegal move, or drop it.")
    ] = Illegal.keep,
    rejects: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="List all games that were left out, with the reasons."),
    ] = None,
    processes: Annotated[
        int | None, typer.Option(min=1, help="Processes that read games.  [default: one per core]")
    ] = None,
    dask: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="Address of the scheduler of a Dask cluster that reads the games."
        ),
    ] = None,
) -> None:
    """Build a game table, for training and evaluation.

    Games that cannot be read or do not match the options are left out and counted. After an interruption the
    same command continues where it stopped.
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
    except KeyboardInterrupt as interruption:
        raise Interrupted(
            f"stopped after {display.games:,} games, which are saved; the same command continues"
        ) from interruption
    _print_report(out, selection, report)
    if report.rejected:
        _print_rejected(console, report, examples, rejects)


@app.command()
def split(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="Game table.")],
    validation: Annotated[
        str, typer.Option(metavar="GAMES|SHARE", help="Number or share of games, such as 2500 or 1%.")
    ] = "0",
    test: Annotated[
        str, typer.Option(metavar="GAMES|SHARE", help="Number or share of games, such as 2500 or 1%.")
    ] = "0",
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder to write to.  [default: named like TABLE]")
    ] = None,
) -> None:
    """Split a table by game into training, validation and test tables.

    They are train.parquet, validation.parquet and test.parquet. Games that are equal under a symmetry of the
    board are in the same table.
    """
    from goengine.data.table.game_table import GameTable
    from goengine.data.table.split import parse_portion, split_table

    portions = parse_portion(validation), parse_portion(test)
    if portions == (parse_portion("0"),) * 2:
        raise GoEngineError("expected --validation, --test or both, each a number or a share of games")
    opened = GameTable.open(table)
    folder = out or table.with_suffix("")
    make_folder(folder)
    for path, games in split_table(opened, folder, *portions).items():
        print(f"{path}: {games:,} games")


@app.command()
def compact(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="Game table.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Table to write, a .parquet file.")],
    megabytes: Annotated[float, typer.Option(min=0.001, help="Maximum size, in millions of bytes.")] = 50.0,
) -> None:
    """Write a small table that has only the moves.

    It is enough to train on another machine. If not all games fit, a random sample is kept.
    """
    from goengine.data.table.export import compact_table
    from goengine.data.table.game_table import GameTable

    opened = GameTable.open(table)
    games = compact_table(opened, out, int(megabytes * 1e6))
    print(f"{out}: {games:,} of {len(opened):,} games, {out.stat().st_size / 1e6:.1f} MB")


@app.command()
def export(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="Game table.")],
    sgf: Annotated[
        Path,
        typer.Option(metavar="OUT", help="Collection (.sgf), or a new folder with a file for each game."),
    ],
) -> None:
    """Write the games of a table as SGF."""
    from goengine.data.table.export import export_table
    from goengine.data.table.game_table import GameTable

    print(f"{sgf}: {export_table(GameTable.open(table), sgf):,} games")


@contextmanager
def _executor(processes: int | None, dask: str | None) -> Iterator[tuple[Executor | None, int]]:
    """Yield the executor that reads games, None for this process, and the number of its workers."""
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
    """Yield a csv.writer for the games left out."""
    with whole_file(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "index", "kind", "reason"])
        yield writer


class _Display:
    """The progress of a build on a terminal.

    Attributes:
        games: The number of games read.
        bar: The progress bar.
    """

    def __init__(self, console: "Console") -> None:
        self.games = 0
        self.bar = timed_bar(
            console,
            "{task.description}",
            "{task.fields[games]:,} games, {task.fields[rate]:,.0f} games/s",
        )
        self._task = self.bar.add_task("reading", total=None, games=0, rate=0.0)
        self._begun = False

    def show(self, progress: "Progress") -> None:
        """Show the progress."""
        self.games = progress.games
        task = self.bar.tasks[0]
        if not self._begun:  # the speed is that of this run alone
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

    table = Table("left out", "games", "share", "first example")
    table.columns[1].justify = table.columns[2].justify = "right"
    table.columns[3].overflow = "fold"
    for kind, games in report.rejected.items():
        table.add_row(escape(kind), f"{games:,}", f"{games / report.read:.1%}", escape(str(examples[kind])))
    console.print(table)
    if listing:
        print_text(console, f"all are listed in {listing}")
