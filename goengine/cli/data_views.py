"""`goengine data stats` and `show`: looking at a game table."""

from pathlib import Path
from typing import Annotated

import typer

SHOWN_POINTS = 12


def stats(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="a game table")],
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.html|.png", help="draw the counts here")
    ] = None,
) -> None:
    """Say what a game table holds."""
    from rich.columns import Columns
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from goengine.data.statistics.counts import table_stats
    from goengine.data.statistics.report import check_report, counters, summary, write_report
    from goengine.data.table.game_table import GameTable

    if report is not None:
        check_report(report)
    found = table_stats(GameTable.open(table))
    if report is not None:
        write_report(report, table.name, found)
    whole = Table(title=escape(str(table)), show_header=False)
    whole.add_column()
    whole.add_column(justify="right")
    for row in summary(found):
        whole.add_row(*row)
    tables = [whole]
    for name, counter in counters(found):
        rows = Table(name, "number", "share")
        rows.columns[1].justify = rows.columns[2].justify = "right"
        for value, count in counter.items():
            rows.add_row(escape(value), f"{count:,}", f"{count / counter.total():.1%}")
        tables.append(rows)
    Console().print(Columns(tables))


def show(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="a game table")],
    row: Annotated[int, typer.Argument(min=0, metavar="ROW", help="which game, counted from 0")],
    ply: Annotated[
        int | None, typer.Option(min=0, help="moves and passes before the position  [default: all]")
    ] = None,
) -> None:
    """Show a position of a game: the board, the planes that a policy sees of it, and the next move."""
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

    def say(text: str) -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    players = [
        f"{COLOUR_NAMES[colour]} {' '.join(filter(None, (name, rank))) or 'unknown'}"
        for colour, name, rank in (
            (1, record.black_name, record.black_rank),
            (2, record.white_name, record.white_rank),
        )
    ]
    facts = (record.date, record.event, record.place, record.result)
    say(f"game {row} of {table}: {', '.join([*players, *filter(None, facts)])}")
    say(f"from {record.source}, index {record.index}")
    say(str(board))
    if board.ply < len(record.moves):
        move = format_vertex(record.moves[board.ply], board.size)
        say(f"next: move {board.ply + 1}, {COLOUR_NAMES[board.to_play]} {move}")
    else:
        say(f"the game ends here, after {board.ply} moves" + (f": {record.fault}" if record.fault else ""))
    planes = encode(board)
    rows = Table("plane", "name", "points", "which")
    rows.columns[0].justify = rows.columns[2].justify = "right"
    for plane in PLANES:
        points = np.flatnonzero(planes[plane.index])
        names = " ".join(format_vertex(int(point), board.size) for point in points[:SHOWN_POINTS])
        more = " ..." if len(points) > SHOWN_POINTS else ""
        rows.add_row(str(plane.index), plane.name, str(len(points)), f"{names}{more}")
    console.print(rows)
