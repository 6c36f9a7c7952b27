"""One game out of a file of games."""

from pathlib import Path

from goengine.data.sgf.records import GameRecord, record_from_sgf
from goengine.data.sources.sources import Reject, SourceGame, Sources
from goengine.errors import GoEngineError


def read_record(path: Path, number: int = 1) -> GameRecord:
    """The record of the number-th game (from 1) under a path of game files.

    Raises GoEngineError if there is no such game, it cannot be read to its end, or what `Sources` raises.
    """
    rejects: list[Reject] = []
    count = 0
    for count, game in enumerate(Sources([path]).games(rejects.append), start=1):
        if count == number:
            try:
                return whole_record(game)
            except GoEngineError as error:
                raise GoEngineError(f"{path}, game {number}: {error}") from None
    if rejects:
        raise GoEngineError(f"there is no game {number} to be read: {rejects[0]}")
    raise GoEngineError(f"{path}: there is no game {number}, it holds {count:,}")


def whole_record(game: SourceGame) -> GameRecord:
    """The record of a game. Raises GoEngineError if it cannot be read to its end."""
    record = record_from_sgf(game.sgf, game.source, game.index)
    if record.fault:
        raise GoEngineError(record.fault)
    return record
