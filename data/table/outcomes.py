"""How games ended: winners, scores and the owners of the finished boards, as training targets.

The winner and the score come from the game table's columns. The owners of a counted game's final board follow
from its dead stones, which playouts find; they are kept in a file next to the table, since that takes
milliseconds a game.
"""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from goengine.data.sgf.facts import parse_result
from goengine.data.sgf.records import GameRecord
from goengine.data.table.table import GameTable
from goengine.errors import GoEngineError
from goengine.game.board import BLACK, EMPTY, Board
from goengine.game.scoring import status
from goengine.util.files import whole_file
from goengine.util.parallel import cores

RESULT_COLUMNS = ["ended_by", "winner", "komi"]
"""The columns that `results_from_table` reads."""

PLAYOUTS = 64
"""Playouts of a final board, to find its dead stones."""

LARGEST_ERROR = 3.0
"""Points by which the score of a board with its dead stones removed may differ from the recorded one.

Area and territory scores of one game differ by a point or so; what differs by more was counted wrongly, or is
not the position that was counted."""

_FORMAT = "goengine outcomes 1"
_DECIDED = ("points", "resignation")  # a game lost on time, or by forfeit, says nothing of its position
_UNKNOWN = 255  # owner of every point of a board whose score is not the recorded one
_CHUNK = 256  # games between two reports of progress


class Outcomes:
    """How each of G games ended.

    Public attributes:
      winner -- uint8 [G]: BLACK or WHITE where the position decided the game, else EMPTY
      komi -- float32 [G]: 0 where the record names none
      score -- float32 [G]: Black's points minus White's on the board, komi left out; NaN if not counted
      row -- int64 [G]: the game's row in `owners`, -1 if the owners are not known
      owners -- uint8 [counted games, points]: BLACK, WHITE, or EMPTY for a point between both
    """

    def __init__(
        self,
        winner: NDArray[np.uint8],
        komi: NDArray[np.float32],
        score: NDArray[np.float32],
        row: NDArray[np.int64],
        owners: NDArray[np.uint8],
    ) -> None:
        self.winner = winner
        self.komi = komi
        self.score = score
        self.row = row
        self.owners = owners

    @classmethod
    def of(cls, table: GameTable, on_progress: Callable[[float], None] = lambda _: None) -> "Outcomes":
        """Return the outcomes of a table's games.

        The owners are read from the file next to the table, which is written first where it is missing or
        belongs to an earlier table of that name. on_progress is called with the share that is done.

        Raises GoEngineError if the table is damaged, or the file cannot be written.
        """
        columns = pa.concat_tables(table.row_groups([*RESULT_COLUMNS, "margin"]))
        winner, komi = results_from_table(columns)
        margin = columns["margin"].to_numpy().astype(np.float32)
        counted = (columns["ended_by"].to_numpy() == "points") & np.isfinite(margin) & (winner != EMPTY)
        score = np.where(winner == BLACK, margin, -margin) + komi
        owners = _owners(table, counted, on_progress)
        known = owners[:, 0] != _UNKNOWN
        row = np.full(len(counted), -1)
        row[np.flatnonzero(counted)[known]] = np.flatnonzero(known)
        return cls(
            winner,
            komi,
            np.where(counted, score, np.nan).astype(np.float32),
            row,
            owners,
        )


def results_from_table(table: pa.Table) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Return the winners and komi of G games, as `Outcomes` has them, from a table with RESULT_COLUMNS."""
    winner = np.nan_to_num(table["winner"].to_numpy().astype(np.float32)).astype(np.uint8)
    decided = np.isin(table["ended_by"].to_numpy(), _DECIDED)
    komi = np.nan_to_num(table["komi"].to_numpy()).astype(np.float32)
    return np.where(decided, winner, EMPTY).astype(np.uint8), komi


def outcomes_file(table: Path) -> Path:
    """Return where the owners of a table's finished boards lie: next to it."""
    named = table if table.name else table.resolve()
    return named.with_name(f"{named.name}.outcomes")


def _owners(
    table: GameTable, counted: NDArray[np.bool_], on_progress: Callable[[float], None]
) -> NDArray[np.uint8]:
    path = outcomes_file(table.path)
    shape = (int(counted.sum()), table.size**2)
    header = (
        json.dumps(
            {"format": _FORMAT, "stamp": table.stamp(), "playouts": PLAYOUTS, "error": LARGEST_ERROR}
        ).encode()
        + b"\n"
    )
    try:
        with path.open("rb") as file:
            if file.read(len(header)) == header:
                kept = np.fromfile(file, np.uint8)
                if kept.size == shape[0] * shape[1]:
                    return kept.reshape(shape)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise GoEngineError(f"{path}: cannot be read ({error.strerror})") from error
    owners = np.empty(shape, np.uint8)
    records = (record for record, chosen in zip(table.records(), counted, strict=True) if chosen)
    done = 0
    with ThreadPoolExecutor(cores()) as pool:
        while part := list(islice(records, _CHUNK)):
            for owner in pool.map(_final_owners, part):
                owners[done] = owner
                done += 1
            on_progress(done / shape[0])
    with whole_file(path) as partial, partial.open("wb") as file:
        file.write(header)
        file.write(owners.data)
    return owners


def _final_owners(record: GameRecord) -> NDArray[np.uint8]:
    """Return the owner of each point of a finished board, or all _UNKNOWN if the score does not fit them."""
    board = Board.from_record(record)
    dead = status(board, PLAYOUTS).dead
    margin = parse_result(record.result).margin or 0.0
    recorded = margin if parse_result(record.result).winner == BLACK else -margin
    if abs(board.area_score(dead) - recorded) > LARGEST_ERROR:
        return np.full(board.size**2, _UNKNOWN, np.uint8)
    return board.owner(dead).ravel()
