"""Checking that the moves of game records are legal."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from goengine.data.sgf.records import GameRecord
from goengine.data.table.arrow import games_from_records
from goengine.errors import GoEngineError
from goengine.game.board import Board
from goengine.kernel.replay import legal_prefix


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a record.

    Attributes:
        moves: how many good moves come before it; -1 if the setup stones are wrong.
        reason: kind and details, such as ``illegal move: move 5, ...``.
    """

    moves: int
    reason: str


def find_faults(records: Sequence[GameRecord], size: int) -> list[Fault | None]:
    """Return the first fault of each record, all of board size `size`; None for a record without one.

    Moves must be legal under simple ko without suicide, whatever rules a record names.
    """
    legal = legal_prefix(games_from_records(records, size)).tolist()
    result: list[Fault | None] = []
    for record, moves in zip(records, legal, strict=True):
        if moves < len(record.moves):
            result.append(Fault(moves, _illegal_reason(record, moves)))
        else:
            result.append(Fault(moves, record.fault) if record.fault else None)
    return result


def truncate(record: GameRecord, fault: Fault) -> GameRecord:
    """Return the record up to a fault in its moves, with its `fault` set."""
    return replace(record, moves=record.moves[: fault.moves], fault=fault.reason)


def _illegal_reason(record: GameRecord, ply: int) -> str:
    if ply < 0:
        return "impossible setup: a chain of setup stones has no liberty"
    board = Board(record.size)
    try:
        board.setup(record.setup_black, record.setup_white, record.first_player)
        for move in record.moves[: ply + 1]:
            board.play(move)
    except GoEngineError as error:
        return f"illegal move: move {ply + 1}, {error}"
    raise AssertionError(f"Board plays move {ply + 1}, which legal_prefix rejects")
