"""Tables of figures, printed for people."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

_FILE_WIDTH = 160  # more than any table takes


def table_console() -> "Console":
    """Standard output; where that is no terminal, tables are as wide as they have to be."""
    from rich.console import Console

    return Console() if sys.stdout.isatty() else Console(width=_FILE_WIDTH)


def print_table(console: "Console", rows: list[list[str]], title: str) -> None:
    """The first row is the heading; the first column holds text, the others figures."""
    from rich.markup import escape
    from rich.table import Table

    console.print(title, markup=False, highlight=False, soft_wrap=True)
    table = Table()
    for number, heading in enumerate(rows[0]):
        table.add_column(heading, justify="right" if number else "left")
    for row in rows[1:]:
        table.add_row(*map(escape, row))
    console.print(table)
