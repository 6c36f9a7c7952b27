"""How far the moves of records are legal."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from goengine.data.sgf.records import GameRecord
from goengine.data.table.arrow import games_from_records
from goengine.errors import GoEngineError
from goengine.game.board import Board
from goengine.kernel.replay import legal_prefix


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a record's moves: how many come before it (-1: the setup stones), and why."""

    moves: int
    reason: str


def faults(records: Sequence[GameRecord], size: int) -> list[Fault | None]:
    """What is wrong with each record, all of board size `size`; None where nothing is.

    Moves are to be legal under simple ko without suicide, whatever rules a record names.
    """
    legal = legal_prefix(games_from_records(records, size)).tolist()
    found: list[Fault | None] = []
    for record, moves in zip(records, legal, strict=True):
        if moves < len(record.moves):
            found.append(Fault(moves, _reason(record, moves)))
        else:
            found.append(Fault(moves, record.fault) if record.fault else None)
    return found


def cut(record: GameRecord, fault: Fault) -> GameRecord:
    """The record up to its fault, marked as such. The fault is not that of its setup stones."""
    return replace(record, moves=record.moves[: fault.moves], fault=fault.reason)


def _reason(record: GameRecord, ply: int) -> str:
    if ply < 0:
        return "impossible setup: a chain of setup stones has no liberty"
    board = Board(record.size)
    try:
        board.setup(record.setup_black, record.setup_white, record.first_player)
        for move in record.moves[: ply + 1]:
            board.play(move)
    except GoEngineError as error:
        return f"illegal move: move {ply + 1}, {error}"
    raise AssertionError(f"the board plays move {ply + 1}, which the replay of many games refuses")
