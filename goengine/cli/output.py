"""The output of commands: tables, JSON, pictures, reports and progress bars."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goengine.errors import GoEngineError
from goengine.util.files import check_target, whole_file

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from goengine.training.run_log import RunLog

STANDARD_OUTPUT = Path("-")

_FILE_WIDTH = 160  # wider than any table


def table_console() -> "Console":
    """Return a console for standard output on which tables are not folded if it is not a terminal."""
    from rich.console import Console

    return Console() if sys.stdout.isatty() else Console(width=_FILE_WIDTH)


def print_text(console: "Console", text: str) -> None:
    """Print a text as it is, without markup, colours or line breaks."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def print_table(console: "Console", rows: list[list[str]], title: str) -> None:
    """Print a table; the first row is the heading, the first column is text, the others are figures."""
    from rich.markup import escape
    from rich.table import Table

    print_text(console, title)
    table = Table()
    for number, heading in enumerate(rows[0]):
        table.add_column(heading, justify="right" if number else "left")
    for row in rows[1:]:
        table.add_row(*map(escape, row))
    console.print(table)


def check_json(path: Path | None) -> None:
    """Check, before long work, that JSON can be written.

    Raises:
        GoEngineError: If the file cannot be written.
    """
    if path is not None and path != STANDARD_OUTPUT:
        check_target(path)


def write_json(path: Path | None, content: Any) -> None:
    """Write JSON to a file or to standard output; None writes nothing."""
    if path is None:
        return
    text = json.dumps(content, indent=2) + "\n"
    if path == STANDARD_OUTPUT:
        sys.stdout.write(text)
        return
    with whole_file(path) as partial:
        partial.write_text(text, encoding="utf-8")


def check_picture(path: Path | None) -> None:
    """Check, before long work, that a picture can be written.

    Raises:
        GoEngineError: If it is not a .png file, or the file cannot be written.
    """
    if path is None:
        return
    if path.suffix.lower() != ".png":
        raise GoEngineError(f"{path}: a picture is a .png file")
    check_target(path)


def write_picture(path: Path, picture: bytes) -> None:
    """Write a PNG picture, and print its size on standard error."""
    with whole_file(path) as partial:
        partial.write_bytes(picture)
    print(f"{path}: {len(picture) / 1e3:.0f} kB", file=sys.stderr)


def check_evaluation_output(json: Path | None, report: Path | None, run: Path | None) -> "RunLog | None":
    """Check, before an evaluation, that its results can be written; return the log of `run` for the report.

    Raises:
        GoEngineError: If a file cannot be written, or `run` is no run's folder or given without a report.
    """
    from goengine.drawing.report_page import check_report
    from goengine.training.run_log import read_run_log

    check_json(json)
    if report is not None:
        check_report(report)
    if run is None:
        return None
    if report is None:
        raise GoEngineError("--run adds learning curves to a report; name its file with --report")
    return read_run_log(run)


@contextmanager
def progress_bar(description: str) -> Iterator[Callable[[float], None]]:
    """Show a progress bar on standard error if it is a terminal; yields a function of the share done."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(description, total=1.0)
        yield lambda share: bar.update(task, completed=share)


def timed_bar(console: "Console", before: str, after: str, **options: Any) -> "Progress":
    """Return a progress bar between two texts, with the elapsed and the remaining time.

    The texts are format strings of the task; the other options are those of rich's Progress.
    """
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    return Progress(
        TextColumn(before),
        BarColumn(),
        TextColumn(after),
        TimeElapsedColumn(),
        TextColumn("remaining"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
        **options,
    )
