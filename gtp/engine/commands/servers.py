"""The commands of Go servers' clients: kgsGtp for KGS, and the Python client for CGOS.

kgsGtp's commands are in its documentation under "KGS-specific commands", CGOS's in the client's file
`gtpengine.py`.
"""

from goengine.gtp.engine.clock import Clock, byo_yomi, canadian
from goengine.gtp.engine.protocol import GtpError, Handler, read_colour, read_float, read_integer
from goengine.gtp.engine.session import Session

_KGS_RULES = {"chinese": "chinese", "japanese": "japanese", "aga": "aga", "new_zealand": "tromp-taylor"}
_KGS_TIME_ARGUMENTS = {"none": 0, "absolute": 1, "byoyomi": 3, "canadian": 3}  # by the kind of time limit

_INTRODUCTION = (
    "I am goengine, a neural network that plays what a strong player would most likely play, "
    "without reading ahead."
)


def kgs_rules(session: Session, rules: str) -> str:
    """Set the rules.

    New Zealand's rules become Tromp-Taylor's. They differ in superko, which in New Zealand's rules also
    considers whose turn it is.
    """
    if rules.lower() not in _KGS_RULES:
        raise GtpError("syntax error")
    session.change("rules", _KGS_RULES[rules.lower()])
    return ""


def kgs_time_settings(session: Session, kind: str, *limits: str) -> str:
    """Set the time limits.

    Args:
        session: The session.
        kind: "none", "absolute", "byoyomi" or "canadian".
        limits: Without a limit nothing; else the main time in seconds; with overtime also the seconds of a
            period, and the number of periods (byoyomi) or the stones of a period (canadian).
    """
    if len(limits) != _KGS_TIME_ARGUMENTS.get(kind):
        raise GtpError("syntax error")
    if kind == "none":
        session.clock = Clock()
        return ""
    main = _read_seconds(limits[0])
    if kind == "absolute":
        session.clock = canadian(main, 0, 0)
        return ""
    overtime = byo_yomi if kind == "byoyomi" else canadian
    session.clock = overtime(main, _read_seconds(limits[1]), read_integer(limits[2]))
    return ""


def kgs_genmove_cleanup(session: Session, colour: str) -> str:
    """Choose a move and play it; pass only when all dead stones of the opponent are captured."""
    return session.generate_move(read_colour(colour), cleanup=True)


def kgs_game_over(_session: Session) -> str:
    """Do nothing at the end of a game."""
    return ""


def kgs_chat(_session: Session, where: str, _name: str, *_message: str) -> str:
    """Answer a private message with an introduction, and a message in a game with nothing."""
    if where not in ("game", "private"):
        raise GtpError("syntax error")
    return _INTRODUCTION if where == "private" else ""


def cgos_opponent_name(_session: Session, *_name: str) -> str:
    """Do nothing with the opponent's name."""
    return ""


def cgos_opponent_rating(_session: Session, *_rating: str) -> str:
    """Do nothing with the opponent's rating, which is empty for a new player."""
    return ""


def cgos_gameover(_session: Session, *_result: str) -> str:
    """Do nothing with the game's result."""
    return ""


def _read_seconds(word: str) -> float:
    seconds = read_float(word)
    if seconds < 0:
        raise GtpError("syntax error")
    return seconds


COMMANDS: dict[str, Handler] = {
    "kgs-rules": kgs_rules,
    "kgs-time_settings": kgs_time_settings,
    "kgs-genmove_cleanup": kgs_genmove_cleanup,
    "kgs-game_over": kgs_game_over,
    "kgs-chat": kgs_chat,
    "cgos-opponent_name": cgos_opponent_name,
    "cgos-opponent_rating": cgos_opponent_rating,
    "cgos-gameover": cgos_gameover,
}
