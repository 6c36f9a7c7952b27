"""Analysis as Leela Zero, KataGo, Sabaki and CGOS have it: responses that grow while the engine thinks.

Their arguments are `[colour] [interval] key value ...`, the interval in centiseconds. Keys that ask for what
this engine does not know (moves' ownerships, visits along variations) are taken and give nothing.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from goengine.game.board import Board
from goengine.gtp.engine.analysis import MAX_MOVES, Analysis, cgos_object, katago_line, leela_line
from goengine.gtp.engine.commands.core import generate
from goengine.gtp.engine.protocol import GtpError, Handler, Stream, read_colour, read_integer
from goengine.gtp.engine.session import Session
from goengine.points import pass_move

_INTERVAL = 1.0  # seconds, where the controller names none
_SHORTEST_INTERVAL = 0.05  # a controller that asks for 0 centiseconds is not flooded
_THINKING_SHARE = 0.8  # of an interval; the rest is left for other programs
_LONGEST_THINKING = 0.15  # seconds on end, since a line of input is seen in between only
_GENMOVE_SECONDS = 0.3  # of analysis beside a move
_UNKNOWN = ("movesOwnership", "ownershipStdev", "movesOwnershipStdev", "pvVisits", "pvEdgeVisits")

Format = Callable[[Analysis, "Request"], str]


@dataclass
class Request:
    """What an analysis command asks for. colour None: the player to move. banned: by colour, points."""

    colour: int | None = None
    interval: float = _INTERVAL
    least_moves: int = 1
    moves: int = MAX_MOVES
    ownership: bool = False
    root: bool = False
    banned: dict[int, set[int]] = field(default_factory=dict)


def read_request(session: Session, words: tuple[str, ...]) -> Request:
    """Raises GtpError for words that are no such request."""
    request, rest = Request(), list(words)
    if rest and rest[0].lower() in ("b", "w", "black", "white"):
        request.colour = read_colour(rest.pop(0))
    if rest and rest[0].isascii() and rest[0].isdigit():
        request.interval = read_integer(rest.pop(0)) / 100
    while rest:
        key, value = rest.pop(0), rest.pop(0) if rest else ""
        if key == "interval":
            request.interval = read_integer(value) / 100
        elif key == "minmoves":
            request.least_moves = read_integer(value)
        elif key == "maxmoves":
            request.moves = max(1, read_integer(value))
        elif key == "ownership":
            request.ownership = _read_boolean(value)
        elif key == "rootInfo":
            request.root = _read_boolean(value)
        elif key in ("avoid", "allow") and len(rest) >= 2:
            _restrict(session, request, key, value, rest.pop(0), rest.pop(0))
        elif key in _UNKNOWN:
            _read_boolean(value)
        else:
            raise GtpError("syntax error")
    request.interval = max(request.interval, _SHORTEST_INTERVAL)
    return request


def _restrict(session: Session, request: Request, key: str, colour: str, vertices: str, depth: str) -> None:
    """avoid and allow, for the first move alone, whatever the depth: nothing deeper is searched."""
    read_integer(depth)
    points = {session.read_vertex(vertex) for vertex in vertices.split(",")}
    points.discard(pass_move(session.board.size))  # can always be played
    everywhere = set(range(session.board.size**2))
    banned = request.banned.setdefault(read_colour(colour), set())
    banned |= points if key == "avoid" else everywhere - points


def _read_boolean(word: str) -> bool:
    values = {"true": True, "1": True, "false": False, "0": False}
    if word.lower() not in values:
        raise GtpError("syntax error")
    return values[word.lower()]


def _analyze(session: Session, words: tuple[str, ...], show: Format) -> Stream:
    request = read_request(session, words)
    analysis = _new_analysis(session, request, session.board)
    seconds = min(_THINKING_SHARE * request.interval, _LONGEST_THINKING)

    def lines() -> Iterator[str]:
        while True:
            analysis.improve(seconds)
            yield show(analysis, request)

    return Stream(lines(), request.interval, endless=True)


def _genmove_analyze(session: Session, words: tuple[str, ...], show: Format) -> Stream:
    """The move stands before anything is shown: no search will change it."""
    request = read_request(session, words)
    before = session.board.copy()
    colour = request.colour = request.colour or before.to_play
    answer = generate(session, colour, banned=request.banned.get(colour, ()))

    def lines() -> Iterator[str]:
        chosen = session.board.last_move if answer != "resign" else None
        analysis = _new_analysis(session, request, before, chosen)
        seconds = min(_GENMOVE_SECONDS, session.clock.budget(colour, before.size**2, before.ply) / 4)
        deadline = time.monotonic() + seconds
        analysis.improve(0.0)
        while time.monotonic() < deadline:
            analysis.improve(0.0)
        yield show(analysis, request)
        yield f"play {answer}"

    return Stream(lines())


def _new_analysis(session: Session, request: Request, board: Board, chosen: int | None = None) -> Analysis:
    colour = request.colour or board.to_play
    banned = request.banned.get(colour, ())
    return Analysis(session.player, board, colour, request.moves, request.least_moves, banned, chosen)


def _leela(analysis: Analysis, _request: Request) -> str:
    return leela_line(analysis)


def _katago(analysis: Analysis, request: Request) -> str:
    return katago_line(analysis, request.ownership, request.root)


def _cgos(analysis: Analysis, _request: Request) -> str:
    return json.dumps(cgos_object(analysis), separators=(",", ":"))


def lz_analyze(session: Session, *words: str) -> Stream:
    return _analyze(session, words, _leela)


def lz_genmove_analyze(session: Session, *words: str) -> Stream:
    return _genmove_analyze(session, words, _leela)


def kata_analyze(session: Session, *words: str) -> Stream:
    return _analyze(session, words, _katago)


def kata_genmove_analyze(session: Session, *words: str) -> Stream:
    return _genmove_analyze(session, words, _katago)


def cgos_analyze(session: Session, *words: str) -> Stream:
    return _analyze(session, words, _cgos)


def cgos_genmove_analyze(session: Session, *words: str) -> Stream:
    return _genmove_analyze(session, words, _cgos)


COMMANDS: dict[str, Handler] = {
    "analyze": lz_analyze,
    "genmove_analyze": lz_genmove_analyze,
    "lz-analyze": lz_analyze,
    "lz-genmove_analyze": lz_genmove_analyze,
    "kata-analyze": kata_analyze,
    "kata-genmove_analyze": kata_genmove_analyze,
    "cgos-analyze": cgos_analyze,
    "cgos-genmove_analyze": cgos_genmove_analyze,
}
