"""`goengine match`: a match between two engines."""

import math
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goengine.cli import options
from goengine.cli.output import STANDARD_OUTPUT, check_json, print_text, timed_bar, write_json
from goengine.errors import Interrupted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.table import Table

    from goengine.gtp.match.record import PlayedGame, Side
    from goengine.gtp.match.summary import Summary


def match(
    engine_a: Annotated[
        str, typer.Argument(metavar="ENGINE_A", help="Command that starts a GTP engine, in quotes.")
    ],
    engine_b: Annotated[str, typer.Argument(metavar="ENGINE_B", help="Command of the other engine.")],
    games: Annotated[int, typer.Option(min=1, help="Number of games.")] = 100,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Write the games here as SGF. The same command later continues the match."
        ),
    ] = None,
    parallel: Annotated[int, typer.Option(min=1, help="Number of games played at the same time.")] = 2,
    size: Annotated[int, typer.Option(help="Board size, from 5.")] = 19,
    komi: Annotated[float, typer.Option(help="Points for White.")] = 7.5,
    rules: Annotated[str, typer.Option(help="Rules: chinese, japanese, aga or tromp-taylor.")] = "chinese",
    scorer: Annotated[
        str,
        typer.Option(
            metavar="ENGINE",
            help="Command of an engine that scores the games.  [default: goengine]",
        ),
    ] = "",
    max_moves: Annotated[
        int | None,
        typer.Option(help="Number of moves after which a game is scored.  [default: twice the points]"),
    ] = None,
    move_seconds: Annotated[
        float, typer.Option(help="Time limit for a move; an engine that takes longer loses.")
    ] = 60.0,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the openings.")] = 1,
    json: options.Json = None,
) -> None:
    """Play a match between two GTP engines.

    Colours alternate, and each game has another opening. An engine that hangs, dies or plays an illegal move
    loses that game and is restarted for the next.
    """
    import os
    import time

    from rich.console import Console

    from goengine.gtp.match.match import play_match
    from goengine.gtp.match.record import MatchRecord, MatchSettings
    from goengine.gtp.match.summary import summarise

    limit = 2 * size * size if max_moves is None else max_moves
    settings = MatchSettings(
        engine_a, engine_b, size, komi, rules.lower(), limit, move_seconds, scorer.strip(), seed
    )
    check_json(json)
    record = MatchRecord.open(settings, out)
    # Engines that use all cores would wait for each other.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    console = Console(stderr=True)
    bar = timed_bar(
        console,
        "{task.completed} of {task.total} games",
        "{task.fields[figures]}",
        speed_estimate_period=3600,  # seconds; a game may take minutes
    )
    before = len(record.first(games))
    task = bar.add_task("", total=games, completed=before, figures="")
    started = time.monotonic()
    try:
        with bar, closing(play_match(record, games, parallel)) as results:
            for done, game in enumerate(results, start=1):
                wins = Counter(other.winner for other in record.first(games))
                rate = done / (time.monotonic() - started) * 60
                figures = f"A {wins['A']} : {wins['B']} B, {rate:.1f} games/min"
                bar.update(task, completed=before + done, figures=figures)
                if game.fault or not console.is_terminal:
                    line = f"{_line(game, record.names)} ({before + done} of {games}, {figures})"
                    print_text(console, line)
    except KeyboardInterrupt as interruption:
        kept = f"saved in {out}; the same command continues" if out else "not saved without --out"
        played = len(record.first(games))
        raise Interrupted(f"stopped after {played} of {games} games, {kept}") from interruption
    summary = summarise(record.names, record.first(games))
    Console(stderr=json == STANDARD_OUTPUT).print(_table(summary))
    write_json(json, summary.as_json())
    if out is not None:
        print(f"the games are in {out}", file=sys.stderr if json == STANDARD_OUTPUT else sys.stdout)


def _line(game: "PlayedGame", names: "Mapping[Side, str]") -> str:
    """Describe a game in one line."""
    if game.winner is None:
        result = "draw"
    else:
        result = f"{names[game.winner]} wins as {'Black' if game.winner == game.black else 'White'}"
    reason = f": {game.reason}" if game.reason else ""
    return f"game {game.number}: {result}, {game.result}, {game.plies} moves{reason}"


def _table(summary: "Summary") -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    sides = list(summary.sides.values())
    title = f"{summary.games:,} games" + (f", {summary.draws:,} drawn" if summary.draws else "")
    rows = Table("", title=title, box=box.SIMPLE_HEAD)
    for side in sides:
        rows.add_column(Text(side.name), justify="right")
    rows.add_row("wins", *(f"{side.wins:,}" for side in sides))
    rows.add_row("  as Black", *(f"{side.wins_as_black:,} of {side.games_as_black:,}" for side in sides))
    rows.add_row("  as White", *(f"{side.wins_as_white:,} of {side.games_as_white:,}" for side in sides))
    rows.add_row("share of the points", *(f"{side.share:.1%}" for side in sides))
    rows.add_row("  95 % interval", *("{:.1%} to {:.1%}".format(*side.interval) for side in sides))
    low, high = summary.elo_interval
    rows.add_row("Elo difference", _signed(summary.elo), _signed(-summary.elo))
    rows.add_row(
        "  95 % interval", f"{_signed(low)} to {_signed(high)}", f"{_signed(-high)} to {_signed(-low)}"
    )
    rows.add_row("seconds a move", *(_seconds(side.mean_seconds) for side in sides))
    rows.add_row("  slowest", *(_seconds(side.slowest) for side in sides))
    for fault in sorted(set().union(*(side.faults for side in sides))):
        rows.add_row(f"lost by {fault}", *(f"{side.faults[fault]:,}" for side in sides))
    ended = ", ".join(f"{ending} {number:,}" for ending, number in summary.endings.most_common())
    caption = f"ended by: {ended}"
    if summary.lengths is not None:
        caption += "\nmoves: shortest {:g}, median {:g}, longest {:g}".format(*summary.lengths)
    if summary.scored:
        caption += f"\nfinal scores agree in {summary.agreed:,} of {summary.scored:,} games that both scored"
    rows.caption = Text(caption)
    return rows


def _signed(elo: float) -> str:
    return f"{elo:+.0f}" if math.isfinite(elo) else f"{'+' if elo > 0 else '-'}infinite"


def _seconds(seconds: float | None) -> str:
    return "no moves" if seconds is None else f"{seconds:.3f}"
