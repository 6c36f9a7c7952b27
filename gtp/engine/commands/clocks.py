"""Time: `time_settings` and `time_left` (section 4.2 of the standard), and KGS's own kinds of overtime."""

from goengine.gtp.engine.clock import Clock, byo_yomi, canadian
from goengine.gtp.engine.protocol import GtpError, Handler, read_colour, read_float, read_integer
from goengine.gtp.engine.session import Session


def time_settings(session: Session, main_time: str, byo_yomi_time: str, byo_yomi_stones: str) -> str:
    main, period, stones = (read_integer(word) for word in (main_time, byo_yomi_time, byo_yomi_stones))
    session.clock = canadian(main, period, stones)
    return ""


def time_left(session: Session, colour: str, time: str, stones: str) -> str:
    session.clock = session.clock.with_left(read_colour(colour), read_integer(time), read_integer(stones))
    return ""


def kgs_time_settings(session: Session, kind: str, *limits: str) -> str:
    """kind: none, absolute, byoyomi or canadian, as kgsGtp's documentation has them."""
    if len(limits) != _KGS_LIMITS.get(kind):
        raise GtpError("syntax error")
    if kind == "none":
        session.clock = Clock()
        return ""
    main, period = ([*map(_read_seconds, limits[:2]), 0.0])[:2]
    if kind == "absolute":
        session.clock = canadian(main, 0, 0)
    elif kind == "byoyomi":
        session.clock = byo_yomi(main, period, read_integer(limits[2]))
    else:
        session.clock = canadian(main, period, read_integer(limits[2]))
    return ""


def _read_seconds(word: str) -> float:
    seconds = read_float(word)
    if seconds < 0:
        raise GtpError("syntax error")
    return seconds


_KGS_LIMITS = {"none": 0, "absolute": 1, "byoyomi": 3, "canadian": 3}

COMMANDS: dict[str, Handler] = {
    "time_settings": time_settings,
    "time_left": time_left,
    "kgs-time_settings": kgs_time_settings,
}
