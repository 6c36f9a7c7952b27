"""A fast reader of plain game records.

Most records in large collections are a root node without setup stones, followed by moves alone, perhaps with
clock times. String operations read them about fifty times as fast as a parser. Other records are left to
`goengine.data.sgf.main_line`. Both readers return the same for a plain record.
"""

import re
from functools import cache

import numpy as np
from numpy.typing import NDArray

from goengine.data.sgf.main_line import MainLine, board_size
from goengine.points import pass_move


def read_plain(text: bytes) -> MainLine | None:
    """Return the main line of a plain record, or None if the record is not plain.

    Raises:
        GoEngineError: if the game is not Go, or the board is not square or its size not 2 to 25.
    """
    match = _ROOT.match(text)
    if match is None:
        return None
    properties = _PROPERTY.findall(match[1])
    root = {name.decode("ascii"): value for name, value in properties}
    if len(root) < len(properties) or not _NOT_IN_ROOT.isdisjoint(root):
        return None
    size = board_size(root)
    body = text[match.end() :].rstrip().replace(b"\r\n;", b";").replace(b"\n;", b";")
    if size <= 19:
        body = body.replace(b"[]", b"[tt]")
    words = _evenly_spaced(body) or _with_clock_times(body)
    if words is None:
        return None
    colours, points = words[0], _points(size)[words[1]]
    if points.min() < 0:
        return None  # a move is off the board; the other reader reports which
    return MainLine(root, size, colours, points.tolist())


_ROOT = re.compile(rb"\s*\(\s*;((?:\s*[A-Z]{1,2}\[[^\x00-\x1f\\\]]*\])*+)\s*+(?=;)")
_PROPERTY = re.compile(rb"([A-Z]{1,2})\[([^\]]*)\]")
_NOT_IN_ROOT = frozenset({"B", "W", "AB", "AW", "AE"})

Words = tuple[bytes, NDArray[np.uint16]]
"""The colours of moves, ``BWBW``, and the two letters of each move as one number."""


def _evenly_spaced(body: bytes) -> Words | None:
    """Return the moves of a text ``;B[pd];W[dp]...)`` with six bytes per move, or None for other text."""
    moves, rest = divmod(len(body), 6)
    if rest != 1 or moves == 0 or body[-1:] != b")":
        return None
    colours = body[1:-1:6]
    if (
        colours.translate(None, b"BW")
        or body[0:-1:6].translate(None, b";")
        or body[2:-1:6].translate(None, b"[")
        or body[5:-1:6].translate(None, b"]")
    ):
        return None
    return colours, np.frombuffer(body, "<u2", count=3 * moves - 2, offset=3)[::3]


def _with_clock_times(body: bytes) -> Words | None:
    """Return the moves of a text with clock times or white space between them, or None for other text."""
    if _CLOCK_TIMES.fullmatch(body) is None:
        return None
    moves = _MOVE.findall(body)
    names = b"".join([name for _, name in moves])
    return b"".join([colour for colour, _ in moves]), np.frombuffer(names, "<u2")


_CLOCK_TIMES = re.compile(rb"(?:\s*;\s*[BW]\[[a-y]{2}\](?:\s*(?:BL|WL|OB|OW)\[[0-9.]*\])*+)++\s*\)")
_MOVE = re.compile(rb";\s*([BW])\[([a-y]{2})")


@cache
def _points(size: int) -> NDArray[np.int16]:
    """Return the point of each pair of letters, int16 [65536]; -1 if they are not a point.

    A pair is one number with the first letter in the low byte.
    """
    points = np.full(1 << 16, -1, np.int16)
    letters = ord("a") + np.arange(size)
    points[letters + 256 * letters[:, None]] = np.arange(size * size, dtype=np.int16).reshape(size, size)
    if size <= 19:
        points[int.from_bytes(b"tt", "little")] = pass_move(size)
    return points
