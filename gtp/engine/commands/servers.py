"""What KGS's and CGOS's clients send besides the standard.

kgsGtp: its documentation's "KGS-specific commands". CGOS: the Python client's `gtpengine.py`.
"""

from goengine.gtp.engine.commands.core import generate
from goengine.gtp.engine.protocol import GtpError, Handler, read_colour
from goengine.gtp.engine.session import Session

_KGS_RULES = {"chinese": "chinese", "japanese": "japanese", "aga": "aga", "new_zealand": "tromp-taylor"}

_INTRODUCTION = (
    "I am goengine, a neural network that plays what a strong player would most likely play, "
    "without reading ahead."
)


def kgs_rules(session: Session, rules: str) -> str:
    """New Zealand's rules are Tromp-Taylor's but for a superko that looks at the player to move, too."""
    if rules.lower() not in _KGS_RULES:
        raise GtpError("syntax error")
    session.change("rules", _KGS_RULES[rules.lower()])
    return ""


def kgs_genmove_cleanup(session: Session, colour: str) -> str:
    """Passes only when all dead stones of the opponent are off the board."""
    return generate(session, read_colour(colour), cleanup=True)


def kgs_game_over(_session: Session) -> str:
    return ""


def kgs_chat(_session: Session, where: str, _name: str, *_message: str) -> str:
    """Says what it is to whoever speaks to it alone, and is silent in a game, where others talk."""
    if where not in ("game", "private"):
        raise GtpError("syntax error")
    return _INTRODUCTION if where == "private" else ""


def cgos_opponent_name(_session: Session, *_name: str) -> str:
    return ""


def cgos_opponent_rating(_session: Session, *_rating: str) -> str:
    """A new player's rating is empty."""
    return ""


def cgos_gameover(_session: Session, *_result: str) -> str:
    return ""


COMMANDS: dict[str, Handler] = {
    "kgs-rules": kgs_rules,
    "kgs-genmove_cleanup": kgs_genmove_cleanup,
    "kgs-game_over": kgs_game_over,
    "kgs-chat": kgs_chat,
    "cgos-opponent_name": cgos_opponent_name,
    "cgos-opponent_rating": cgos_opponent_rating,
    "cgos-gameover": cgos_gameover,
}
