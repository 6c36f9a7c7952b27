"""Tables of figures, printed for people."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


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
