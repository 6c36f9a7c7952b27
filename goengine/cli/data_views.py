"""`goengine data stats` and `show`: statistics and positions of a game table."""

from pathlib import Path
from typing import Annotated

import typer

from goengine.cli import options
from goengine.cli.output import print_text

SHOWN_POINTS = 12


def stats(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="Game table.")],
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.html|.png", help="Draw the statistics as charts.")
    ] = None,
) -> None:
    """Print statistics of a game table."""
    from rich.columns import Columns
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from goengine.data.statistics.counts import table_stats
    from goengine.data.statistics.report import counters, summary, write_report
    from goengine.data.table.game_table import GameTable
    from goengine.drawing.report_page import check_report

    if report is not None:
        check_report(report)
    statistics = table_stats(GameTable.open(table))
    if report is not None:
        write_report(report, table.name, statistics)
    totals = Table(title=escape(str(table)), show_header=False)
    totals.add_column()
    totals.add_column(justify="right")
    for row in summary(statistics):
        totals.add_row(*row)
    tables = [totals]
    for name, counter in counters(statistics):
        rows = Table(name, "number", "share")
        rows.columns[1].justify = rows.columns[2].justify = "right"
        for value, count in counter.items():
            rows.add_row(escape(value), f"{count:,}", f"{count / counter.total():.1%}")
        tables.append(rows)
    Console().print(Columns(tables))


def show(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="Game table.")],
    row: Annotated[int, typer.Argument(min=0, metavar="ROW", help="Number of the game, from 0.")],
    ply: options.Ply = None,
) -> None:
    """Show a position of a game, its planes, and the next move."""
    import numpy as np
    from rich.console import Console
    from rich.table import Table

    from goengine.data.table.game_table import GameTable
    from goengine.game.board import COLOUR_NAMES, Board
    from goengine.game.planes import PLANES, encode
    from goengine.points import format_vertex

    record = GameTable.open(table).record(row)
    board = Board.from_record(record, ply)
    console = Console()

    players = [
        f"{COLOUR_NAMES[colour]} {' '.join(filter(None, (name, rank))) or 'unknown'}"
        for colour, name, rank in (
            (1, record.black_name, record.black_rank),
            (2, record.white_name, record.white_rank),
        )
    ]
    facts = (record.date, record.event, record.place, record.result)
    print_text(console, f"game {row} of {table}: {', '.join([*players, *filter(None, facts)])}")
    print_text(console, f"from {record.source}, index {record.index}")
    print_text(console, str(board))
    if board.ply < len(record.moves):
        move = format_vertex(record.moves[board.ply], board.size)
        print_text(console, f"next: move {board.ply + 1}, {COLOUR_NAMES[board.to_play]} {move}")
    else:
        print_text(
            console,
            f"the game ends here, after {board.ply} moves" + (f": {record.fault}" if record.fault else ""),
        )
    planes = encode(board)
    rows = Table("plane", "name", "points", "vertices")
    rows.columns[0].justify = rows.columns[2].justify = "right"
    for plane in PLANES:
        points = np.flatnonzero(planes[plane.index])
        names = " ".join(format_vertex(int(point), board.size) for point in points[:SHOWN_POINTS])
        more = " ..." if len(points) > SHOWN_POINTS else ""
        rows.add_row(str(plane.index), plane.name, str(len(points)), f"{names}{more}")
    console.print(rows)
