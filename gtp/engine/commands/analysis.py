"""The analysis commands of Leela Zero, KataGo, Sabaki and CGOS: a response grows while the engine thinks.

Their arguments are `[COLOUR] [INTERVAL] KEY VALUE ...`. INTERVAL is the time between two lines in
centiseconds. Keys for what this engine does not compute (such as visits along variations) are accepted and
ignored.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

from goengine.game.board import Board
from goengine.gtp.engine.analysis import MAX_MOVES, Analysis
from goengine.gtp.engine.protocol import GtpError, Handler, Stream, read_colour, read_integer
from goengine.gtp.engine.session import Session
from goengine.points import format_vertex, pass_move

_INTERVAL = 1.0  # seconds between two lines unless the controller says otherwise
_MIN_INTERVAL = 0.05  # seconds; a controller that asks for 0 centiseconds is not flooded
_THINKING_SHARE = 0.8  # of an interval; the rest is free for other programs
_MAX_THINKING = 0.15  # seconds without a look at the input, which may end the analysis
_GENMOVE_SECONDS = 0.3  # of analysis that goes with a move
_IGNORED_KEYS = ("movesOwnership", "ownershipStdev", "movesOwnershipStdev", "pvVisits", "pvEdgeVisits")
_CGOS_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+"  # from -1 to 1


# Arguments


@dataclass
class Request:
    """The arguments of an analysis command.

    Attributes:
        colour: Whose moves are analysed, None for the player to move.
        interval: Seconds between two lines.
        min_moves: The fewest moves.
        max_moves: The most moves.
        ownership: Whether to report ownership.
        root: Whether to report the position's own winrate and score.
        banned: By colour, points that are left out.
    """

    colour: int | None = None
    interval: float = _INTERVAL
    min_moves: int = 1
    max_moves: int = MAX_MOVES
    ownership: bool = False
    root: bool = False
    banned: dict[int, set[int]] = field(default_factory=dict)


Format = Callable[[Analysis, Request], str]


def read_request(session: Session, words: tuple[str, ...]) -> Request:
    """Parse the arguments of an analysis command.

    Raises:
        GtpError: If they are not valid.
    """
    request, remaining = Request(), list(words)
    if remaining and remaining[0].lower() in ("b", "w", "black", "white"):
        request.colour = read_colour(remaining.pop(0))
    if remaining and remaining[0].isascii() and remaining[0].isdigit():
        request.interval = read_integer(remaining.pop(0)) / 100
    while remaining:
        key, value = remaining.pop(0), remaining.pop(0) if remaining else ""
        if key == "interval":
            request.interval = read_integer(value) / 100
        elif key == "minmoves":
            request.min_moves = read_integer(value)
        elif key == "maxmoves":
            request.max_moves = max(1, read_integer(value))
        elif key == "ownership":
            request.ownership = _read_boolean(value)
        elif key == "rootInfo":
            request.root = _read_boolean(value)
        elif key in ("avoid", "allow") and len(remaining) >= 2:
            _restrict(session, request, key, value, remaining.pop(0), remaining.pop(0))
        elif key in _IGNORED_KEYS:
            _read_boolean(value)
        else:
            raise GtpError("syntax error")
    request.interval = max(request.interval, _MIN_INTERVAL)
    return request


def _restrict(session: Session, request: Request, key: str, colour: str, vertices: str, depth: str) -> None:
    """Apply `avoid` or `allow` to the first move. The depth has no effect, because nothing is searched."""
    read_integer(depth)
    points = {session.read_vertex(vertex) for vertex in vertices.split(",")}
    points.discard(pass_move(session.board.size))  # a pass is always allowed
    everywhere = set(range(session.board.size**2))
    banned = request.banned.setdefault(read_colour(colour), set())
    banned |= points if key == "avoid" else everywhere - points


def _read_boolean(word: str) -> bool:
    values = {"true": True, "1": True, "false": False, "0": False}
    if word.lower() not in values:
        raise GtpError("syntax error")
    return values[word.lower()]


# Response lines


def leela_line(analysis: Analysis, _request: Request) -> str:
    """Format an analysis as Leela Zero's `lz-analyze`, with rates in ten-thousandths."""
    return " ".join(
        f"info move {format_vertex(c.move, analysis.size)} visits {c.visits} "
        f"winrate {round(1e4 * c.winrate)} prior {round(1e4 * c.prior)} "
        f"lcb {round(1e4 * c.lower_bound)} order {order} pv {_vertices(c.variation, analysis.size)}"
        for order, c in enumerate(analysis.candidates)
    )


def katago_line(analysis: Analysis, request: Request) -> str:
    """Format an analysis as KataGo's `kata-analyze`: rates from 0 to 1, scores, ownership if asked for."""
    parts = [
        f"info move {format_vertex(c.move, analysis.size)} visits {c.visits} winrate {c.winrate:.6f} "
        f"scoreMean {c.score:.3f} scoreLead {c.score:.3f} prior {c.prior:.6f} lcb {c.lower_bound:.6f} "
        f"order {order} pv {_vertices(c.variation, analysis.size)}"
        for order, c in enumerate(analysis.candidates)
    ]
    if request.root:
        parts.append(
            f"rootInfo visits {analysis.visits} winrate {analysis.winrate:.6f} scoreLead {analysis.score:.3f}"
        )
    if request.ownership:
        parts.append("ownership " + " ".join(f"{owner:.3f}" for owner in analysis.ownership))
    return " ".join(parts)


def cgos_line(analysis: Analysis, _request: Request) -> str:
    """Format an analysis as the JSON object of CGOS's proposal "GTP tournament game expansion" 0.1."""
    size = analysis.size
    content = {
        "winrate": round(analysis.winrate, 4),
        "score": round(analysis.score, 2),
        "visits": analysis.visits,
        "moves": [
            {
                "move": format_vertex(c.move, size),
                "winrate": round(c.winrate, 4),
                "score": round(c.score, 2),
                "prior": round(c.prior, 4),
                "pv": _vertices(c.variation[1:], size),
                "visits": c.visits,
            }
            for c in analysis.candidates
        ],
        "ownership": "".join(_CGOS_DIGITS[round((owner + 1) / 2 * 62)] for owner in analysis.ownership),
    }
    return json.dumps(content, separators=(",", ":"))


def _vertices(moves: Iterable[int], size: int) -> str:
    return " ".join(format_vertex(move, size) for move in moves)


# Commands


def analyze(session: Session, *words: str, format_line: Format) -> Stream:
    """Analyse the position until the next line of input."""
    request = read_request(session, words)
    analysis = _new_analysis(session, request, session.board)
    seconds = min(_THINKING_SHARE * request.interval, _MAX_THINKING)

    def lines() -> Iterator[str]:
        while True:
            analysis.improve(seconds)
            yield format_line(analysis, request)

    return Stream(lines(), request.interval, endless=True)


def genmove_analyze(session: Session, *words: str, format_line: Format) -> Stream:
    """Choose and play a move, then analyse the position before it, which does not change the move."""
    request = read_request(session, words)
    before = session.board.copy()
    colour = request.colour = request.colour or before.to_play
    move = session.generate_move(colour, banned=request.banned.get(colour, ()))

    def lines() -> Iterator[str]:
        chosen = session.board.last_move if move != "resign" else None
        analysis = _new_analysis(session, request, before, chosen)
        seconds = min(_GENMOVE_SECONDS, session.clock.budget(colour, before.size**2, before.ply) / 4)
        deadline = time.monotonic() + seconds
        analysis.improve(0.0)
        while time.monotonic() < deadline:
            analysis.improve(0.0)
        yield format_line(analysis, request)
        yield f"play {move}"

    return Stream(lines())


def _new_analysis(session: Session, request: Request, board: Board, chosen: int | None = None) -> Analysis:
    colour = request.colour or board.to_play
    banned = request.banned.get(colour, ())
    return Analysis(session.player, board, colour, request.max_moves, request.min_moves, banned, chosen)


COMMANDS: dict[str, Handler] = {
    "analyze": partial(analyze, format_line=leela_line),
    "genmove_analyze": partial(genmove_analyze, format_line=leela_line),
    "lz-analyze": partial(analyze, format_line=leela_line),
    "lz-genmove_analyze": partial(genmove_analyze, format_line=leela_line),
    "kata-analyze": partial(analyze, format_line=katago_line),
    "kata-genmove_analyze": partial(genmove_analyze, format_line=katago_line),
    "cgos-analyze": partial(analyze, format_line=cgos_line),
    "cgos-genmove_analyze": partial(genmove_analyze, format_line=cgos_line),
}
