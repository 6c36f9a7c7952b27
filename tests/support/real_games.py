"""The 2,500 real games of the shared test set, as lists of points."""

import bz2
import re
from functools import cache
from pathlib import Path

SIZE = 19
_MOVE = re.compile(r";[BW]\[([a-s]{2}|)\]")


@cache
def real_games(folder: Path) -> tuple[tuple[int, ...], ...]:
    """The moves of each game, Black first and then in turn; a pass is 361.

    folder: what `support.shared_dir()` gives. A few games hold an illegal move or end oddly, as the server
    kept them; the files are regular enough for a regular expression.
    """
    with bz2.open(folder / "games" / "test.sgf.bz2", "rt") as file:
        records = file.read().split("\n(;")
    return tuple(tuple(map(_point, _MOVE.findall(record))) for record in records)


def _point(letters: str) -> int:
    if not letters:
        return SIZE * SIZE
    column, row = (ord(letter) - ord("a") for letter in letters)
    return row * SIZE + column
