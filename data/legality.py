"""Which records the table takes: those with moves, on the table's board, legal to the end."""

from collections.abc import Sequence

from data.arrow import games_from_records
from data.records import GameRecord
from goengine.board import Board
from goengine.errors import GoEngineError
from goengine.kernel.replay import legal_prefix


def faults(records: Sequence[GameRecord], size: int) -> list[str]:
    """Why each record cannot stand in a table of this board size, `""` where it can.

    A record needs a move, no fault of its own, and moves legal under simple ko without suicide, whatever
    rules it names.
    """
    reasons = [
        f"board size: {record.size}x{record.size} in a table of {size}x{size}"
        if record.size != size
        else record.fault or ("" if record.moves else "no moves: the record holds none")
        for record in records
    ]
    rows = [row for row, reason in enumerate(reasons) if not reason]
    legal = legal_prefix(games_from_records([records[row] for row in rows], size))
    for row, moves in zip(rows, legal.tolist(), strict=True):
        if moves < 0:
            reasons[row] = "impossible setup: a chain of setup stones has no liberty"
        elif moves < len(records[row].moves):
            reasons[row] = f"illegal move: {_why_illegal(records[row], moves)}"
    return reasons


def _why_illegal(record: GameRecord, ply: int) -> str:
    board = Board(record.size)
    try:
        board.setup(record.setup_black, record.setup_white, record.first_player)
        for move in record.moves[: ply + 1]:
            board.play(move)
    except GoEngineError as error:
        return f"move {ply + 1}, {error}"
    raise AssertionError(f"the board plays move {ply + 1}, which the replay of many games refuses")
