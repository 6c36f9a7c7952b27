"""How games ended: winners, scores and the owners of the final boards, as targets of the value head.

Winner and score come from the columns of the game table. The owners of a final board depend on its dead
stones, which playouts find. That takes milliseconds per game, so the owners are kept in a file next to the
table.
"""

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from goengine.colours import BLACK, EMPTY
from goengine.data.sgf.game_info import parse_result
from goengine.data.sgf.records import GameRecord
from goengine.data.table.game_table import GameTable
from goengine.data.table.moves_file import sibling
from goengine.errors import GoEngineError
from goengine.game.board import Board
from goengine.game.scoring import status
from goengine.util.files import whole_file
from goengine.util.parallel import cores

RESULT_COLUMNS = ["ended_by", "winner", "komi"]
"""The columns of a game table that `results_from_table` needs."""

PLAYOUTS = 64
"""Playouts per final board, to find its dead stones."""

MAX_SCORE_ERROR = 3.0
"""Largest difference in points between the recorded score and the area score without dead stones.

Area and territory scores of a game differ by about a point. A larger difference means that playouts misjudged
a chain, or that the record does not hold the position that was counted."""

_FORMAT = "goengine outcomes 1"
_DECIDED = ("points", "resignation")  # losing on time or by forfeit says nothing about the position
_UNKNOWN = 255  # the owner of every point of a board whose score differs from the recorded one
_CHUNK_GAMES = 256  # between two calls of on_progress


@dataclass(frozen=True, eq=False)
class Outcomes:
    """The outcomes of G games.

    Attributes:
        winner: uint8 [G], BLACK or WHITE if the game was decided by its position, else EMPTY.
        komi: float32 [G], in points; 0 if the record names none.
        score: float32 [G], Black's points minus White's without komi; NaN unless the game was counted and
            its komi is known.
        row: int64 [G], the game's row in `owners`; -1 if the owners are not known.
        owners: uint8 [rows, size * size], BLACK, WHITE, or EMPTY for a neutral point.
    """

    winner: NDArray[np.uint8]
    komi: NDArray[np.float32]
    score: NDArray[np.float32]
    row: NDArray[np.int64]
    owners: NDArray[np.uint8]

    @classmethod
    def from_table(
        cls, table: GameTable, on_progress: Callable[[float], None] = lambda _: None
    ) -> "Outcomes":
        """Return the outcomes of a table's games.

        The owners are read from the file ``TABLE.outcomes`` next to the table. If it is missing, damaged or
        older than the table, they are computed and the file is written, unless its folder is read-only.

        Args:
            table: the games.
            on_progress: called with the share of the owners that are computed, 0 to 1.

        Raises:
            GoEngineError: if the table is damaged, or the file cannot be read or written.
        """
        columns = pa.concat_tables(table.row_groups([*RESULT_COLUMNS, "margin"]))
        winner, komi = results_from_table(columns)
        margin = columns["margin"].to_numpy().astype(np.float32)
        counted = columns["ended_by"].to_numpy() == "points"
        counted &= np.isfinite(margin) & columns["komi"].is_valid().to_numpy()
        score = np.where(winner == BLACK, margin, -margin) + komi
        owners = _load_owners(table, counted, on_progress)
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
    """Return winner and komi, as in `Outcomes`, of a table that holds RESULT_COLUMNS."""
    winner = np.nan_to_num(table["winner"].to_numpy().astype(np.float32)).astype(np.uint8)
    decided = np.isin(table["ended_by"].to_numpy(), _DECIDED)
    komi = np.nan_to_num(table["komi"].to_numpy()).astype(np.float32)
    return np.where(decided, winner, EMPTY).astype(np.uint8), komi


def outcomes_file(table: Path) -> Path:
    """Return the path of the file with the owners of a table's final boards, next to the table."""
    return sibling(table, "outcomes")


def _load_owners(
    table: GameTable, counted: NDArray[np.bool_], on_progress: Callable[[float], None]
) -> NDArray[np.uint8]:
    """Read or compute the owners of the counted games, uint8 [counted games, size * size]."""
    path = outcomes_file(table.path)
    shape = (int(counted.sum()), table.size**2)
    settings = {
        "format": _FORMAT,
        "stamp": table.stamp(),
        "playouts": PLAYOUTS,
        "error": MAX_SCORE_ERROR,
    }
    header = json.dumps(settings).encode() + b"\n"
    try:
        with path.open("rb") as file:
            if file.read(len(header)) == header:
                saved = np.fromfile(file, np.uint8)
                if saved.size == shape[0] * shape[1]:
                    return saved.reshape(shape)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise GoEngineError(f"{path}: cannot be read ({error.strerror})") from error
    owners = _compute_owners(table, counted, on_progress)
    if os.access(path.parent, os.W_OK):
        with whole_file(path) as partial, partial.open("wb") as file:
            file.write(header)
            file.write(owners.data)
    return owners


def _compute_owners(
    table: GameTable, counted: NDArray[np.bool_], on_progress: Callable[[float], None]
) -> NDArray[np.uint8]:
    owners = np.empty((int(counted.sum()), table.size**2), np.uint8)
    records = (record for record, chosen in zip(table.records(), counted, strict=True) if chosen)
    done = 0
    with ThreadPoolExecutor(cores()) as pool:
        while chunk := list(islice(records, _CHUNK_GAMES)):
            for owner in pool.map(_final_owners, chunk):
                owners[done] = owner
                done += 1
            on_progress(done / len(owners))
    return owners


def _final_owners(record: GameRecord) -> NDArray[np.uint8]:
    """Return the owner of each point of a final board, or all _UNKNOWN if the recorded score differs."""
    board = Board.from_record(record)
    dead = status(board, PLAYOUTS).dead
    result = parse_result(record.result)
    margin = result.margin or 0.0
    recorded = margin if result.winner == BLACK else -margin
    if abs(board.area_score(dead) - recorded) > MAX_SCORE_ERROR:
        return np.full(board.size**2, _UNKNOWN, np.uint8)
    return board.owner(dead).ravel()
