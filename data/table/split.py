"""Parting a table into games to train, to validate and to test on.

Which part a game falls into hangs on its hash alone, so games that are the same, or the same turned around,
are never on two sides. Test games are those with the smallest hashes, validation games those with the
largest. Where a part is a share of all games, a game is on the same side in every table. Where it is a number
of games, a table that has grown gives up games at the inner end of its test and validation parts: no game to
train on becomes one to validate or test on, and none moves between these two.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from goengine.data.table.arrow import SCHEMA
from goengine.data.table.table import GameTable, TableWriter
from goengine.errors import GoEngineError

PARTS = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class Portion:
    """How large a part is: so many games, or a share of all."""

    games: int = 0
    share: float = 0.0


def parse_portion(text: str) -> Portion:
    """`2500` games, or `1%` of all.

    Raises GoEngineError if the text is neither.
    """
    if re.fullmatch(r"\d{1,15}", text):
        return Portion(games=int(text))
    if match := re.fullmatch(r"(\d{1,2}(?:\.\d+)?) ?%", text):
        return Portion(share=float(match[1]) / 100)
    raise GoEngineError(f"{text!r} is neither a number of games nor a share such as 1%")


def split_table(table: GameTable, folder: Path, validation: Portion, test: Portion) -> dict[Path, int]:
    """Write the parts of a table to train.parquet, validation.parquet and test.parquet in a folder.

    A part of a number of games holds a few more where games at its end are the same. Returns how many games
    each file holds. A part of no size gets no file.

    Raises GoEngineError if a part that was asked for or the training part would hold no game, or a file
    cannot be written.
    """
    parts = _parts(table.column("hash").view(np.uint64), validation, test)
    games = {name: int(np.count_nonzero(parts == number)) for number, name in enumerate(PARTS)}
    wanted = [
        name for name, portion in zip(PARTS[1:], (validation, test), strict=True) if portion != Portion()
    ]
    for name in ("train", *wanted):
        if games[name] == 0:
            raise GoEngineError(f"{table.path}: of its {len(table):,} games none is left for the {name} part")
    paths = {name: folder / f"{name}.parquet" for name in ("train", *wanted)}
    for name, path in paths.items():
        with TableWriter(path) as writer:
            begin = 0
            for group in table.row_groups(SCHEMA.names):
                rows = parts[begin : begin + len(group)] == PARTS.index(name)
                writer.write(group.filter(pa.array(rows)))
                begin += len(group)
    return {path: games[name] for name, path in paths.items()}


def _parts(hashes: NDArray[np.uint64], validation: Portion, test: Portion) -> NDArray[np.uint8]:
    """Which of PARTS each game falls into."""
    parts = np.zeros(len(hashes), np.uint8)
    order = np.sort(hashes)
    is_test = hashes < _threshold(order, test)
    # ~ turns the order of hashes around
    is_validation = ~hashes < _threshold(~order[::-1], validation)
    if (is_test & is_validation).any():
        raise GoEngineError("the test part and the validation part would share games")
    parts[is_validation] = PARTS.index("validation")
    parts[is_test] = PARTS.index("test")
    return parts


def _threshold(order: NDArray[np.uint64], portion: Portion) -> np.uint64:
    """Above the hashes of a part that takes the smallest."""
    if portion.games >= len(order):
        raise GoEngineError(f"a part of {portion.games:,} games of {len(order):,} leaves none to train on")
    if portion.games:
        return order[portion.games - 1] + np.uint64(1)
    return np.uint64(int(portion.share * 2**64))
