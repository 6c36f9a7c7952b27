"""The command line. Commands import what they need when they run, so that help is quick."""

import sys
from typing import Annotated

import typer

from goengine.cli import bench as bench_commands
from goengine.cli import classify as classify_commands
from goengine.cli import data as data_commands
from goengine.cli import evaluation as evaluation_commands
from goengine.cli import explain as explain_commands
from goengine.cli import gtp as gtp_commands
from goengine.cli import inspect as inspect_commands
from goengine.cli import match as match_commands
from goengine.cli import reinforce as reinforce_commands
from goengine.cli import similar as similar_commands
from goengine.cli import training as training_commands
from goengine.errors import GoEngineError, Interrupted
from goengine.util.interrupts import INTERRUPTED

app = typer.Typer(
    name="goengine",
    help="Learn to play Go from game records, and play.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(data_commands.app, name="data")
app.command()(training_commands.train)
app.command()(evaluation_commands.evaluate)
app.command()(training_commands.export)
app.command()(evaluation_commands.policy)
app.command()(gtp_commands.gtp)
app.command()(inspect_commands.inspect)
app.command()(similar_commands.similar)
app.command()(match_commands.match)
app.command()(reinforce_commands.reinforce)
app.add_typer(classify_commands.app, name="classify")
app.add_typer(explain_commands.app, name="explain")
app.add_typer(bench_commands.app, name="bench")


def _show_version(requested: bool) -> None:
    if requested:
        from goengine import __version__

        print(f"goengine {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command in sys.argv.

    An error is one sentence on standard error and exit code 2; Ctrl-C is one line and exit code 130.
    """
    try:
        app()
    except SystemExit as end:
        if end.code == INTERRUPTED:  # typer's exit code for a KeyboardInterrupt
            print("interrupted", file=sys.stderr)
        raise
    except Interrupted as interruption:
        print(interruption, file=sys.stderr)
        sys.exit(INTERRUPTED)
    except GoEngineError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        file = f"{error.filename}: " if error.filename else ""
        print(f"error: {file}{error.strerror or error}", file=sys.stderr)
        sys.exit(2)
