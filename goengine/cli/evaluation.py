"""`goengine evaluate` and `policy`: how well a policy predicts moves, and its probabilities in a position."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goengine.cli import options
from goengine.cli.output import (
    STANDARD_OUTPUT,
    check_evaluation_output,
    check_picture,
    print_table,
    print_text,
    progress_bar,
    table_console,
    write_json,
    write_picture,
)
from goengine.errors import GoEngineError
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
        typer.Option(metavar="PATH", help="Held-out games: SGF, a game table, or bundled."),
    ],
    model: options.Model = "default",
    positions: Annotated[
        int | None, typer.Option(min=1, help="Number of positions to sample.  [default: all]")
    ] = None,
    backend: Annotated[str, typer.Option(help="What computes the policy: torch or onnx.")] = "torch",
    seed: Annotated[int, typer.Option(help="Seed of the sample.")] = 0,
    player: Annotated[
        str | None, typer.Option(metavar="NAME", help="Measure only the moves of this player.")
    ] = None,
    symmetries: Annotated[
        int, typer.Option(help="1 for a single pass; 8 to also average over the board's symmetries.")
    ] = 1,
    json: options.Json = None,
    report: options.Report = None,
    run: options.RunLog = None,
) -> None:
    """Measure how often a policy predicts the move that was played.

    With --json -, only the JSON is printed.
    """
    with held_interrupt():
        from goengine.data.table.load import load_games_and_columns
        from goengine.data.table.outcomes import RESULT_COLUMNS, results_from_table
        from goengine.data.table.players import PLAYER_COLUMNS, players_from_table
        from goengine.policy.loading import check_model, model_hash
        from goengine.training.evaluation.evaluate import draw_positions
        from goengine.training.evaluation.evaluate import evaluate as run_evaluation
        from goengine.training.evaluation.report import (
            Subject,
            as_dict,
            calibration_rows,
            footnote,
            group_rows,
            player_tables,
            summary_rows,
            write_report,
        )
        from goengine.training.evaluation.value import value_rows

    if symmetries not in (1, 8):
        raise GoEngineError(f"--symmetries is {symmetries}; expected 1 or 8")
    check_model(model, backend)
    log = check_evaluation_output(json, report, run)
    policy = _policy_to_measure(model, backend)
    loaded, columns = load_games_and_columns(games, policy.size, PLAYER_COLUMNS + RESULT_COLUMNS)
    players = players_from_table(columns)
    with progress_bar("measuring") as show:
        try:
            result = run_evaluation(policy, loaded, positions, seed, symmetries, show, players, player)
            drawn = draw_positions(loaded, positions, seed, players, player)
            value = _evaluate_value(policy, loaded, *results_from_table(columns), *drawn)
        except GoEngineError as error:
            raise GoEngineError(f"{games}: {error}") from error
    subject = Subject(model, str(games), policy.arithmetic, model_hash(model))
    write_json(json, as_dict(subject, result, value))
    if report is not None:
        write_report(report, subject, result, log)
    if json == STANDARD_OUTPUT:
        return
    console = table_console()
    print_table(console, summary_rows(result), f"{model} on {games}")
    print_text(console, footnote(subject, result))
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
    game: "NDArray[np.int64]",
    ply: "NDArray[np.int64]",
) -> "list[ValueFigures]":
    """Measure the policy's value head on those of the positions whose games are decided.

    The result is empty if there is no value head.
    """
    from goengine.policy.torch_policy import TorchPolicy
    from goengine.training.evaluation.value import evaluate_value

    if not isinstance(policy, TorchPolicy) or not policy.has_value:
        return []
    return evaluate_value(policy, games, winner, komi, game, ply)


def _policy_to_measure(model: str, backend: str) -> "Policy":
    """Load the policy, with a precision that depends only on the hardware, so that figures are repeatable."""
    from goengine.policy.loading import load_network, load_policy

    if backend != "torch":
        return load_policy(model, backend)
    from goengine.policy.torch_policy import TorchPolicy
    from goengine.training.device import choose_device, choose_precision

    device = choose_device("auto")
    return TorchPolicy(load_network(model).to(device), model, choose_precision("auto", device))


def policy(
    sgf: Annotated[Path, typer.Option(metavar="FILE", help="Game file: SGF, also in .bz2, .gz, .zip.")],
    model: options.Model = "default",
    ply: options.Ply = None,
    game: options.Game = 1,
    symmetries: Annotated[int, typer.Option(help="1, or 8 to average over the board's symmetries.")] = 1,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.png", help="Draw the board and the probabilities.")
    ] = None,
) -> None:
    """Show the likeliest moves of a policy in a position of a game."""
    with held_interrupt():
        from goengine.data import games_path
        from goengine.data.sources.reader import read_record
        from goengine.game.board import COLOUR_NAMES, Board
        from goengine.points import format_vertex
        from goengine.policy.loading import load_policy

    check_picture(out)
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

        write_picture(out, board_picture(board, probabilities, title, played))
    print_table(table_console(), rows, title)
