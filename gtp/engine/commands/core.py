"""Setting up a board and playing on it: sections 6.3.2 and 6.3.3 of the standard, `undo` and `showboard`."""

from collections.abc import Iterable

from goengine.errors import IllegalMoveError
from goengine.game.board import BLACK, WHITE
from goengine.game.handicap import fixed_handicap, max_fixed_handicap
from goengine.gtp.engine.protocol import GtpError, Handler, read_colour, read_float, read_integer
from goengine.gtp.engine.session import Session
from goengine.player.player import Player
from goengine.points import RESIGN, format_vertex, pass_move


def boardsize(session: Session, size: str) -> str:
    """The board is cleared, too."""
    session.new_game(read_integer(size))
    return ""


def clear_board(session: Session) -> str:
    session.new_game(session.board.size)
    return ""


def komi(session: Session, new_komi: str) -> str:
    session.change("komi", read_float(new_komi))
    return ""


def play(session: Session, colour: str, vertex: str) -> str:
    mover, move = read_colour(colour), session.read_vertex(vertex)
    try:
        session.board.play(move, mover)
    except IllegalMoveError:
        raise GtpError("illegal move") from None
    return ""


def genmove(session: Session, colour: str) -> str:
    return generate(session, read_colour(colour))


def reg_genmove(session: Session, colour: str) -> str:
    """The same position gives the same move: no chance, no clock, no resignation, and nothing is played."""
    player = session.player
    steady = Player(player.policy, symmetries=player.symmetries)
    return _name(session, steady.choose(session.board, read_colour(colour)))


def undo(session: Session) -> str:
    return gg_undo(session, "1")


def gg_undo(session: Session, moves: str = "1") -> str:
    """GNU Go's: takes back so many moves, or none if there are fewer."""
    number = read_integer(moves)
    if number > session.board.ply:
        raise GtpError("cannot undo")
    for _ in range(number):
        session.board.undo()
    return ""


def fixed_handicap_command(session: Session, number: str) -> str:
    stones, size = read_integer(number), session.board.size
    if not 2 <= stones <= max_fixed_handicap(size):
        raise GtpError("invalid number of stones")
    return _place_handicap(session, fixed_handicap(stones, size))


def place_free_handicap(session: Session, number: str) -> str:
    """The fixed places as far as there are any, then the policy's likeliest points for Black.

    Fewer stones come back than were asked for where the policy sees no sensible point any more.
    """
    stones, size = read_integer(number), session.board.size
    if not 2 <= stones < size * size:
        raise GtpError("invalid number of stones")
    session.require_empty_board()
    fixed = min(stones, max_fixed_handicap(size))
    points = fixed_handicap(fixed, size) if fixed >= 2 else []
    while len(points) < stones:
        trial = session.empty_board(size)
        trial.setup(points, (), BLACK)
        point = session.player.choose(trial)
        if point == pass_move(size):
            break
        points.append(point)
    return _place_handicap(session, points)


def set_free_handicap(session: Session, *vertices: str) -> str:
    size = session.board.size
    points = [session.read_vertex(vertex) for vertex in vertices]
    repeated = len(set(points)) < len(points)
    if repeated or pass_move(size) in points or not 2 <= len(points) < size * size:
        raise GtpError("bad vertex list")
    _place_handicap(session, points)
    return ""


def showboard(session: Session) -> str:
    board = session.board
    captures = board.captures
    return (
        f"\n{board}\n{'Black' if board.to_play == BLACK else 'White'} to play, komi {board.komi:g}, "
        f"captured by Black {captures[BLACK]}, by White {captures[WHITE]}"
    )


def generate(session: Session, colour: int, cleanup: bool = False, banned: Iterable[int] = ()) -> str:
    """Choose a move within the time there is, play it, and name it: a vertex, "pass" or "resign".

    cleanup, banned: as `Player.choose` has them.
    """
    with session.on_the_clock(colour) as player:
        move = player.choose(session.board, colour, cleanup, banned)
    if move != RESIGN:
        session.board.play(move, colour)
    return _name(session, move)


def _name(session: Session, move: int) -> str:
    return "resign" if move == RESIGN else format_vertex(move, session.board.size)


def _place_handicap(session: Session, points: list[int]) -> str:
    session.require_empty_board()
    try:
        session.board.setup(points, (), WHITE)
    except ValueError:
        raise GtpError("bad vertex list") from None
    return " ".join(format_vertex(point, session.board.size) for point in points)


COMMANDS: dict[str, Handler] = {
    "boardsize": boardsize,
    "clear_board": clear_board,
    "komi": komi,
    "fixed_handicap": fixed_handicap_command,
    "place_free_handicap": place_free_handicap,
    "set_free_handicap": set_free_handicap,
    "play": play,
    "genmove": genmove,
    "reg_genmove": reg_genmove,
    "undo": undo,
    "gg-undo": gg_undo,
    "showboard": showboard,
}
