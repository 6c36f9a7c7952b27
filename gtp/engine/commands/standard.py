"""The commands of the GTP 2 standard: board, moves, time, scoring, files; and GNU Go's `gg-undo`."""

import logging
from pathlib import Path

from goengine.colours import BLACK, COLOUR_NAMES, WHITE
from goengine.data.sources.reader import read_record
from goengine.errors import GoEngineError, IllegalMoveError
from goengine.game import handicap, scoring
from goengine.gtp.engine.clock import canadian
from goengine.gtp.engine.protocol import GtpError, Handler, read_colour, read_float, read_integer
from goengine.gtp.engine.session import Session
from goengine.gtp.notation import format_move, format_score
from goengine.player.player import Player
from goengine.points import format_vertex, pass_move

logger = logging.getLogger(__name__)


# Set-up (section 6.3.2)


def boardsize(session: Session, size: str) -> str:
    """Set the board size and clear the board."""
    session.new_game(read_integer(size))
    return ""


def clear_board(session: Session) -> str:
    """Clear the board and restart the clock."""
    session.new_game(session.board.size)
    return ""


def komi(session: Session, new_komi: str) -> str:
    """Set the komi of this game and the next ones."""
    session.change("komi", read_float(new_komi))
    return ""


def fixed_handicap(session: Session, number: str) -> str:
    """Place handicap stones on the star points."""
    stones, size = read_integer(number), session.board.size
    if not 2 <= stones <= handicap.max_fixed_handicap(size):
        raise GtpError("invalid number of stones")
    return _place_handicap(session, handicap.fixed_handicap(stones, size))


def place_free_handicap(session: Session, number: str) -> str:
    """Place handicap stones on the star points, and further ones where the policy would play for Black.

    Fewer stones than asked for are placed if the policy sees no further sensible point.
    """
    stones, size = read_integer(number), session.board.size
    if not 2 <= stones < size * size:
        raise GtpError("invalid number of stones")
    session.require_empty_board()
    fixed = min(stones, handicap.max_fixed_handicap(size))
    points = handicap.fixed_handicap(fixed, size) if fixed >= 2 else []
    while len(points) < stones:
        board = session.empty_board(size)
        board.setup(points, (), BLACK)
        point = session.player.choose(board)
        if point == pass_move(size):
            break
        points.append(point)
    return _place_handicap(session, points)


def set_free_handicap(session: Session, *vertices: str) -> str:
    """Place handicap stones on the given points."""
    size = session.board.size
    points = [session.read_vertex(vertex) for vertex in vertices]
    repeated = len(set(points)) < len(points)
    if repeated or pass_move(size) in points or not 2 <= len(points) < size * size:
        raise GtpError("bad vertex list")
    _place_handicap(session, points)
    return ""


def _place_handicap(session: Session, points: list[int]) -> str:
    session.require_empty_board()
    try:
        session.board.setup(points, (), WHITE)
    except ValueError as error:
        raise GtpError("bad vertex list") from error
    return " ".join(format_vertex(point, session.board.size) for point in points)


# Moves (section 6.3.3)


def play(session: Session, colour: str, vertex: str) -> str:
    """Play a move or a pass."""
    mover, move = read_colour(colour), session.read_vertex(vertex)
    try:
        session.board.play(move, mover)
    except IllegalMoveError as error:
        raise GtpError("illegal move") from error
    return ""


def genmove(session: Session, colour: str) -> str:
    """Choose a move and play it."""
    return session.generate_move(read_colour(colour))


def reg_genmove(session: Session, colour: str) -> str:
    """Choose a move without playing it.

    The same position always gives the same move: temperature, clock and resignation have no influence.
    """
    player = session.player
    deterministic = Player(player.policy, symmetries=player.symmetries)
    move = deterministic.choose(session.board, read_colour(colour))
    return format_move(move, session.board.size)


def undo(session: Session) -> str:
    """Take back one move."""
    return gg_undo(session, "1")


def gg_undo(session: Session, moves: str = "1") -> str:
    """Take back a number of moves, or none if fewer were played."""
    number = read_integer(moves)
    if number > session.board.ply:
        raise GtpError("cannot undo")
    for _ in range(number):
        session.board.undo()
    return ""


def showboard(session: Session) -> str:
    """Show the board as a diagram, with the player to move, the komi and the captures."""
    board = session.board
    captures = board.captures
    return (
        f"\n{board}\n{COLOUR_NAMES[board.to_play]} to play, komi {board.komi:g}, "
        f"captured by Black {captures[BLACK]}, by White {captures[WHITE]}"
    )


# Time (section 4.2)


def time_settings(session: Session, main_time: str, byo_yomi_time: str, byo_yomi_stones: str) -> str:
    """Set the time limits, with Canadian overtime."""
    main, period, stones = (read_integer(word) for word in (main_time, byo_yomi_time, byo_yomi_stones))
    session.clock = canadian(main, period, stones)
    return ""


def time_left(session: Session, colour: str, time: str, stones: str) -> str:
    """Set a player's remaining time."""
    session.clock = session.clock.with_remaining(
        read_colour(colour), read_integer(time), read_integer(stones)
    )
    return ""


# Scoring (section 6.3.4)


def final_score(session: Session) -> str:
    """Score the position under the rules in force, with dead stones removed."""
    return format_score(scoring.final_score(session.board))


def final_status_list(session: Session, wanted: str) -> str:
    """List the stones of a status, one chain per line."""
    if wanted not in ("alive", "seki", "dead"):
        raise GtpError("syntax error")
    board = session.board
    listed = set(getattr(scoring.status(board), wanted))
    lines = [
        " ".join(format_vertex(point, board.size) for point in chain)
        for chain in scoring.chains(board)
        if chain[0] in listed
    ]
    return "\n".join(lines)


# Files (section 6.3.5)


def loadsgf(session: Session, filename: str, move_number: str | None = None) -> str:
    """Load the main line of a file's first game; log why if that fails."""
    plies = None if move_number is None else max(read_integer(move_number) - 1, 0)
    try:
        record = read_record(Path(filename))
        komi = session.settings.komi if record.komi is None else record.komi
        board = session.empty_board(record.size, komi)
        board.setup(record.setup_black, record.setup_white, record.first_player)
        for move in record.moves[:plies]:
            board.play(move)
    except (GoEngineError, GtpError, OSError) as error:
        logger.warning("cannot load %s: %s", filename, error)
        raise GtpError("cannot load file") from error
    session.board = board
    return ""


COMMANDS: dict[str, Handler] = {
    "boardsize": boardsize,
    "clear_board": clear_board,
    "komi": komi,
    "fixed_handicap": fixed_handicap,
    "place_free_handicap": place_free_handicap,
    "set_free_handicap": set_free_handicap,
    "play": play,
    "genmove": genmove,
    "reg_genmove": reg_genmove,
    "undo": undo,
    "gg-undo": gg_undo,
    "showboard": showboard,
    "time_settings": time_settings,
    "time_left": time_left,
    "final_score": final_score,
    "final_status_list": final_status_list,
    "loadsgf": loadsgf,
}
