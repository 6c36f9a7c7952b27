"""`goengine match`: two engines play many games."""

import math
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goengine.errors import Interrupted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.table import Table

    from goengine.gtp.match.record import PlayedGame, Side
    from goengine.gtp.match.summary import Summary


def match(
    engine_a: Annotated[
        str, typer.Argument(metavar="ENGINE_A", help="the command that starts a GTP engine, in quotes")
    ],
    engine_b: Annotated[str, typer.Argument(metavar="ENGINE_B", help="the other engine's command")],
    games: Annotated[int, typer.Option(min=1, help="how many games the match has")] = 100,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="keep the games here as SGF; the same command later goes on with the rest"
        ),
    ] = None,
    parallel: Annotated[int, typer.Option(min=1, help="games that are played at a time")] = 2,
    size: Annotated[int, typer.Option(help="the board, from 5")] = 19,
    komi: Annotated[float, typer.Option(help="points for White")] = 7.5,
    rules: Annotated[
        str, typer.Option(help="chinese, japanese, aga or tromp-taylor: what is legal, and how it is counted")
    ] = "chinese",
    scorer: Annotated[
        str,
        typer.Option(
            metavar="ENGINE",
            help="an engine that counts the games; goengine itself unless given",
        ),
    ] = "",
    max_moves: Annotated[
        int | None,
        typer.Option(help="moves after which a game is counted  [default: twice the points]"),
    ] = None,
    move_seconds: Annotated[float, typer.Option(help="an engine that takes longer for a move loses")] = 60.0,
    seed: Annotated[int, typer.Option(min=0, help="another seed, other openings")] = 1,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="write the figures here too")] = None,
) -> None:
    """Let two GTP engines play each other, colours alternating, each game from another opening.

    An engine that hangs, dies or plays an illegal move loses that game, and is started anew for the next.
    """
    import json as json_format
    import os
    import time

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    from goengine.gtp.match.match import play_match
    from goengine.gtp.match.record import MatchRecord, MatchSettings
    from goengine.gtp.match.summary import summarise
    from goengine.util.files import check_target, whole_file

    limit = 2 * size * size if max_moves is None else max_moves
    settings = MatchSettings(
        engine_a, engine_b, size, komi, rules.lower(), limit, move_seconds, scorer.strip(), seed
    )
    if json is not None:
        check_target(json)
    record = MatchRecord.open(settings, out)
    # An engine that thinks on all cores waits for the one that another engine has just taken.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.completed} of {task.total} games"),
        BarColumn(),
        TextColumn("{task.fields[figures]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
        speed_estimate_period=3600,  # seconds; a game may take minutes
    )
    before = len(record.first(games))
    task = bar.add_task("", total=games, completed=before, figures="")
    started = time.monotonic()
    try:
        with bar, closing(play_match(record, games, parallel)) as played:
            for done, game in enumerate(played, start=1):
                wins = Counter(other.winner for other in record.first(games))
                rate = done / (time.monotonic() - started) * 60
                figures = f"A {wins['A']} : {wins['B']} B, {rate:.1f} games/min"
                bar.update(task, completed=before + done, figures=figures)
                if game.fault or not console.is_terminal:
                    line = f"{_line(game, record.names)} ({before + done} of {games}, {figures})"
                    console.print(line, markup=False, highlight=False, soft_wrap=True)
    except KeyboardInterrupt:
        kept = f"kept in {out}: the same command goes on" if out else "none is kept without --out"
        raise Interrupted(f"stopped after {len(record.first(games))} of {games} games, {kept}") from None
    summary = summarise(record.names, record.first(games))
    Console().print(_table(summary))
    if json is not None:
        with whole_file(json) as partial:
            partial.write_text(json_format.dumps(summary.as_json(), indent=2) + "\n", encoding="utf-8")
    if out is not None:
        print(f"the games are in {out}")


def _line(game: "PlayedGame", names: "Mapping[Side, str]") -> str:
    """A game in one line."""
    if game.winner is None:
        what = "draw"
    else:
        what = f"{names[game.winner]} wins as {'Black' if game.winner == game.black else 'White'}"
    reason = f": {game.reason}" if game.reason else ""
    return f"game {game.number}: {what}, {game.result}, {game.plies} moves{reason}"


def _table(summary: "Summary") -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    sides = list(summary.sides.values())
    counted = f"{summary.games:,} games" + (f", {summary.draws:,} drawn" if summary.draws else "")
    rows = Table("", title=counted, box=box.SIMPLE_HEAD)
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
        caption += f"\nfinal scores agree in {summary.agreed:,} of {summary.scored:,} games that both counted"
    rows.caption = Text(caption)
    return rows


def _signed(elo: float) -> str:
    return f"{elo:+.0f}" if math.isfinite(elo) else f"{'+' if elo > 0 else '-'}infinite"


def _seconds(seconds: float | None) -> str:
    return "none asked for" if seconds is None else f"{seconds:.3f}"
