"""A fast way to read plain game records.

Most records in large collections are one root node without setup stones and then nothing but moves, perhaps
with clock times. String operations read them, some fifty times as fast as a parser; what does not match
exactly is `goengine.data.sgf.main_line`'s business. Both ways give the same.
"""

import re
from functools import cache

import numpy as np
from numpy.typing import NDArray

from goengine.data.sgf.main_line import MainLine, board_size
from goengine.points import pass_move


def read_plain(text: bytes) -> MainLine | None:
    """The main line of a game, if it is a plain one.

    Raises GoEngineError if it is one, but not Go, or the board is not square or not of size 2 to 25.
    """
    match = _ROOT.match(text)
    if match is None:
        return None
    properties = _PROPERTY.findall(match[1])
    root = {name.decode("ascii"): value for name, value in properties}
    if len(root) < len(properties) or not _NOT_PLAIN.isdisjoint(root):
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
        return None  # off the board: the parser says which
    return MainLine(root, size, colours, points.tolist())


_ROOT = re.compile(rb"\s*\(\s*;((?:\s*[A-Z]{1,2}\[[^\x00-\x1f\\\]]*\])*+)\s*+(?=;)")
_PROPERTY = re.compile(rb"([A-Z]{1,2})\[([^\]]*)\]")
_NOT_PLAIN = frozenset({"B", "W", "AB", "AW", "AE"})

Words = tuple[bytes, NDArray[np.uint16]]
"""The colours of moves, `BWBW`, and the two letters of each as one number."""


def _evenly_spaced(body: bytes) -> Words | None:
    """The moves of a text that is `;B[pd];W[dp]` and so on, six bytes a move, and a closing bracket."""
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
    """The moves of a text with clock times, or white space, between them."""
    if _CLOCK_TIMES.fullmatch(body) is None:
        return None
    found = _MOVE.findall(body)
    names = b"".join([name for _, name in found])
    return b"".join([colour for colour, _ in found]), np.frombuffer(names, "<u2")


_CLOCK_TIMES = re.compile(rb"(?:\s*;\s*[BW]\[[a-y]{2}\](?:\s*(?:BL|WL|OB|OW)\[[0-9.]*\])*+)++\s*\)")
_MOVE = re.compile(rb";\s*([BW])\[([a-y]{2})")


@cache
def _points(size: int) -> NDArray[np.int16]:
    """The point that each pair of letters names, first letter in the low byte; -1 where it names none."""
    points = np.full(1 << 16, -1, np.int16)
    letters = ord("a") + np.arange(size)
    points[letters + 256 * letters[:, None]] = np.arange(size * size, dtype=np.int16).reshape(size, size)
    if size <= 19:
        points[int.from_bytes(b"tt", "little")] = pass_move(size)
    return points
