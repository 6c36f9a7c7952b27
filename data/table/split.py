"""Splitting a table into games for training, validation and testing.

The split of a game depends only on its hash, so copies of a game, also under a symmetry, are never in two
splits. Test games have the smallest hashes, validation games the largest.

If the size of a split is given as a share, a game is in the same split of every table. If it is given as a
number of games and the table grows, some test and validation games move to the training split, but no
training game moves to the test or validation split, and none moves between these two.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from goengine.data.table.game_table import GameTable
from goengine.data.table.writer import TableWriter
from goengine.errors import GoEngineError

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class Portion:
    """The size of a split.

    Attributes:
        games: number of games, or 0 if `share` is given.
        share: share of all games, 0 to 1.
    """

    games: int = 0
    share: float = 0.0


def parse_portion(text: str) -> Portion:
    """Parse a number of games such as ``2500``, or a share such as ``1%``.

    Raises:
        GoEngineError: if the text is neither.
    """
    if re.fullmatch(r"\d{1,15}", text):
        return Portion(games=int(text))
    if match := re.fullmatch(r"(\d{1,2}(?:\.\d+)?) ?%", text):
        return Portion(share=float(match[1]) / 100)
    raise GoEngineError(f"{text!r} is neither a number of games nor a share such as 1%")


def split_table(table: GameTable, folder: Path, validation: Portion, test: Portion) -> dict[Path, int]:
    """Write the splits of a table to train.parquet, validation.parquet and test.parquet.

    A split given as a number of games gets a few more if there are duplicates at its boundary. A split of
    size zero gets no file.

    Args:
        table: the table to split.
        folder: an existing folder for the files.
        validation: size of the validation split.
        test: size of the test split.

    Returns:
        The number of games in each file.

    Raises:
        GoEngineError: if the training split or a requested split would hold no game, or a file cannot be
            written.
    """
    split_of_game = _assign(table.column("hash").view(np.uint64), validation, test)
    games = {name: int(np.count_nonzero(split_of_game == number)) for number, name in enumerate(SPLITS)}
    portions = {"validation": validation, "test": test}
    requested = ["train", *(name for name, portion in portions.items() if portion != Portion())]
    for name in requested:
        if games[name] == 0:
            raise GoEngineError(f"{table.path}: none of its {len(table):,} games is in the {name} split")
    paths = {name: folder / f"{name}.parquet" for name in requested}
    for name, path in paths.items():
        with TableWriter(path) as writer:
            for group in table.filtered(split_of_game == SPLITS.index(name)):
                writer.write(group)
    return {path: games[name] for name, path in paths.items()}


def _assign(hashes: NDArray[np.uint64], validation: Portion, test: Portion) -> NDArray[np.uint8]:
    """Return the index in SPLITS of each game."""
    result = np.zeros(len(hashes), np.uint8)
    order = np.sort(hashes)
    is_test = hashes < _threshold(order, test)
    # ~ reverses the order of the hashes
    is_validation = ~hashes < _threshold(~order[::-1], validation)
    if (is_test & is_validation).any():
        raise GoEngineError("the test split and the validation split would share games")
    result[is_validation] = SPLITS.index("validation")
    result[is_test] = SPLITS.index("test")
    return result


def _threshold(order: NDArray[np.uint64], portion: Portion) -> np.uint64:
    """Return the smallest hash, in ascending `order`, that is above those of the portion."""
    if portion.games >= len(order):
        raise GoEngineError(f"a split of {portion.games:,} of {len(order):,} games leaves none to train on")
    if portion.games:
        return np.uint64(order[portion.games - 1] + np.uint64(1))
    return np.uint64(int(portion.share * 2**64))
