"""The end of a game: the score, and the status of stones (section 6.3.4 of the standard)."""

from goengine.game.scoring import chains, final_score, status
from goengine.gtp.engine.protocol import GtpError, Handler, format_score
from goengine.gtp.engine.session import Session
from goengine.points import format_vertex


def final_score_command(session: Session) -> str:
    """Dead stones are taken off; the rest of the board is counted as it stands."""
    return format_score(final_score(session.board))


def final_status_list(session: Session, wanted: str) -> str:
    """One chain a line."""
    if wanted not in ("alive", "seki", "dead"):
        raise GtpError("syntax error")
    board = session.board
    listed = set(getattr(status(board), wanted))
    lines = [
        " ".join(format_vertex(point, board.size) for point in chain)
        for chain in chains(board)
        if chain[0] in listed
    ]
    return "\n".join(lines)


COMMANDS: dict[str, Handler] = {"final_score": final_score_command, "final_status_list": final_status_list}
