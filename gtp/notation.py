"""GTP notation that the engine and the client share: text, colours, moves and scores."""

import re

from goengine.colours import BLACK, WHITE
from goengine.errors import GoEngineError
from goengine.points import RESIGN, format_vertex, parse_vertex

COLOUR_LETTERS = {BLACK: "B", WHITE: "W"}
"""A colour as GTP and SGF write it."""

_CONTROL_CHARACTERS = {code: None for code in [*range(32), 127] if chr(code) not in "\t\n"}
_SCORE = re.compile(r"([BW])\+([0-9]+(?:\.[0-9]+)?)|0")


def clean_text(text: str) -> str:
    """Return the text without control characters and with spaces for tabs (section 3.1 of the standard)."""
    return text.translate(_CONTROL_CHARACTERS).replace("\t", " ")


def parse_move(text: str, size: int) -> int:
    """Return the point, pass or RESIGN that a response to `genmove` names. Case does not matter.

    Raises:
        GoEngineError: If the text is not a move on a board of this size.
    """
    return RESIGN if text.lower() == "resign" else parse_vertex(text, size)


def format_move(move: int, size: int) -> str:
    """Return a move as `genmove` answers it: a vertex such as "D4", "pass" or "resign"."""
    return "resign" if move == RESIGN else format_vertex(move, size)


def parse_score(text: str) -> float:
    """Return the points by which Black leads, from "B+3.5", "W+0.5" or "0" (a draw).

    Raises:
        GoEngineError: If the text is not a score.
    """
    match = _SCORE.fullmatch(text)
    if match is None:
        raise GoEngineError(f"{text[:40]!r} is not a score such as B+3.5, W+0.5 or 0")
    winner, points = match.groups()
    return 0.0 if winner is None else float(points) if winner == "B" else -float(points)


def format_score(score: float) -> str:
    """Return a score as `final_score` answers it: "B+3.5", "W+0.5", or "0" for a draw.

    Args:
        score: The points by which Black leads.
    """
    return f"{'B' if score > 0 else 'W'}+{abs(score):g}" if score else "0"
