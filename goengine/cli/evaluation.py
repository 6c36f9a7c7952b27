"""`goengine evaluate` and `policy`: how good a policy is, and what it would play in a position."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goengine.cli.tables import print_table, table_console
from goengine.errors import GoEngineError
from goengine.util.files import check_target, whole_file
from goengine.util.interrupts import held_interrupt

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from goengine.kernel.replay import Games
    from goengine.policy.base import Policy
    from goengine.training.evaluation.value import ValueFigures

SHOWN_MOVES = 10


def evaluate(
    games: Annotated[
        Path,
        typer.Option(
            metavar="PATH", help="games that the model has not learnt from: SGF, a table, or bundled"
        ),
    ],
    model: Annotated[
        str, typer.Option(help="a model's folder, its id on the hub, or default for the bundled policy")
    ] = "default",
    positions: Annotated[
        int | None, typer.Option(min=1, help="how many positions to draw  [default: all]")
    ] = None,
    backend: Annotated[str, typer.Option(help="what computes the policy: torch or onnx")] = "torch",
    seed: Annotated[int, typer.Option(help="of the draw")] = 0,
    player: Annotated[
        str | None, typer.Option(metavar="NAME", help="look at the moves of this player alone")
    ] = None,
    symmetries: Annotated[
        int, typer.Option(help="8 to average over the board's symmetries, beside a single pass")
    ] = 1,
    json: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="write the figures here too; - for standard output alone"),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="write charts: a page (.html) or a picture (.png)"),
    ] = None,
    run: Annotated[
        Path | None, typer.Option(metavar="DIR", help="put the learning curves of this run in the report")
    ] = None,
) -> None:
    """Measure how often a policy predicts the move that was played."""
    import json as json_format

    from rich.console import Console
    from rich.progress import Progress

    with held_interrupt():
        from goengine.data.table.load import load_games_and_columns
        from goengine.data.table.outcomes import RESULT_COLUMNS, results_from_table
        from goengine.data.table.players import PLAYER_COLUMNS, players_from_table
        from goengine.policy.loading import check_model, model_hash
        from goengine.training.evaluation.evaluate import evaluate as run_evaluation
        from goengine.training.evaluation.report import (
            Subject,
            as_dict,
            calibration_rows,
            check_report,
            footnote,
            group_rows,
            player_tables,
            summary_rows,
            write_report,
        )
        from goengine.training.evaluation.value import value_rows
        from goengine.training.run_log import read_run_log

    if symmetries not in (1, 8):
        raise GoEngineError(f"a policy is averaged over 1 or 8 symmetries, not {symmetries}")
    check_model(model, backend)
    json_alone = json == Path("-")
    if json is not None and not json_alone:
        check_target(json)
    if report is not None:
        check_report(report)
    if run is not None and report is None:
        raise GoEngineError("the learning curves of --run are drawn in a report; name its file with --report")
    log = read_run_log(run) if run is not None else None
    policy = _policy_to_measure(model, backend)
    found, columns = load_games_and_columns(games, policy.size, PLAYER_COLUMNS + RESULT_COLUMNS)
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("measuring", total=1.0)
        try:
            result = run_evaluation(
                policy,
                found,
                positions,
                seed,
                symmetries,
                lambda share: bar.update(task, completed=share),
                players_from_table(columns),
                player,
            )
            value = _evaluate_value(policy, found, *results_from_table(columns), positions, seed)
        except GoEngineError as error:
            raise GoEngineError(f"{games}: {error}") from None
    subject = Subject(model, str(games), policy.arithmetic, model_hash(model))
    text = json_format.dumps(as_dict(subject, result, value), indent=2) + "\n"
    if json is not None and not json_alone:
        with whole_file(json) as partial:
            partial.write_text(text, encoding="utf-8")
    if report is not None:
        write_report(report, subject, result, log)
    if json_alone:
        sys.stdout.write(text)
        return
    console = table_console()
    print_table(console, summary_rows(result), f"{model} on {games}")
    console.print(footnote(subject, result), markup=False, highlight=False, soft_wrap=True)
    print_table(console, group_rows(result), "\nBy phase and move number")
    for rows in player_tables(result):
        print_table(console, rows, f"\nBy {rows[0][0]}")
    print_table(console, calibration_rows(result), "\nCalibration")
    if value:
        print_table(console, value_rows(value), "\nValue head: the winner, by plies played")


def _evaluate_value(
    policy: "Policy",
    games: "Games",
    winner: "NDArray[np.uint8]",
    komi: "NDArray[np.float32]",
    positions: int | None,
    seed: int,
) -> "list[ValueFigures]":
    """Measure the policy's value head on the positions of decided games; nothing if it has none."""
    from goengine.policy.torch_policy import TorchPolicy
    from goengine.training.evaluation.value import evaluate_value

    if not isinstance(policy, TorchPolicy) or not policy.has_value:
        return []
    return evaluate_value(policy, games, winner, komi, positions, seed)


def _policy_to_measure(model: str, backend: str) -> "Policy":
    """The policy, in a precision that is the hardware's and not measured: a repeated evaluation gives the
    same figures."""
    from goengine.policy.loading import load_network, load_policy

    if backend != "torch":
        return load_policy(model, backend)
    from goengine.policy.torch_policy import TorchPolicy
    from goengine.training.device import choose_device, choose_precision

    device = choose_device("auto")
    return TorchPolicy(load_network(model).to(device), model, choose_precision("auto", device))


def policy(
    sgf: Annotated[Path, typer.Option(metavar="FILE", help="the game: SGF, also in .bz2, .gz, .zip")],
    model: Annotated[
        str, typer.Option(help="a model's folder, its id on the hub, or default for the bundled policy")
    ] = "default",
    ply: Annotated[
        int | None, typer.Option(min=0, help="moves and passes before the position  [default: all]")
    ] = None,
    game: Annotated[int, typer.Option(min=1, help="which game of a collection")] = 1,
    symmetries: Annotated[int, typer.Option(help="1, or 8 to average over the board's symmetries")] = 1,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.png", help="draw the board and the probabilities here")
    ] = None,
) -> None:
    """Show how likely a policy holds each move in a position of a game."""
    with held_interrupt():
        from goengine.data import games_path
        from goengine.data.sources.reader import read_record
        from goengine.game.board import COLOUR_NAMES, Board
        from goengine.points import format_vertex
        from goengine.policy.loading import load_policy

    if out is not None:
        if out.suffix.lower() != ".png":
            raise GoEngineError(f"{out}: a picture is a .png file")
        check_target(out)
    record = read_record(games_path(sgf), game)
    board = Board.from_record(record, ply)
    probabilities = load_policy(model).policies([board], symmetries)[0]
    played = record.moves[board.ply] if board.ply < len(record.moves) else None
    title = f"{COLOUR_NAMES[board.to_play]} plays move {board.ply + 1}: {Path(model).name}, percent"
    rows = [["move", "probability", ""]]
    for point in (-probabilities).argsort(kind="stable")[:SHOWN_MOVES]:
        if probabilities[point] > 0:
            name = format_vertex(int(point), board.size)
            rows.append([name, f"{probabilities[point]:.2%}", "played" if point == played else ""])
    if out is not None:
        from goengine.drawing.boards import board_picture  # matplotlib takes a second

        picture = board_picture(board, probabilities, title, played)
        with whole_file(out) as partial:
            partial.write_bytes(picture)
    print_table(table_console(), rows, title)
