"""Sends commands to an engine in this process."""

from collections.abc import Mapping

from goengine.gtp.engine.engine import Engine
from goengine.gtp.engine.protocol import Handler, Stream, answer
from goengine.gtp.engine.session import Session
from goengine.gtp.engine.settings import Settings
from support.stub_policy import UniformPolicy


def new_engine(size: int = 9, **settings: object) -> Engine:
    """Return an engine with a uniform policy for this board size, and with these settings."""
    all_settings = Settings(seed=1).replace(**settings)
    player = all_settings.new_player(UniformPolicy(size))
    return Engine(Session(lambda: player, all_settings, lambda _name, _backend: UniformPolicy(size)))


def respond(line: str, handlers: Mapping[str, Handler]) -> str | None:
    """Return the complete response to a line, or None where none is due.

    An endless stream ends after its first line, as if the next line of input had arrived.
    """
    response = answer(line, handlers)
    if not isinstance(response, Stream):
        return response
    lines = [next(response.lines, "")] if response.endless else list(response.lines)
    return "\n".join([response.head, *filter(None, lines)]) + "\n\n"


def talk(engine: Engine, *lines: str) -> list[str]:
    """Return the responses to some lines, each without its last two newlines."""
    return [(respond(line, engine.handlers) or "").removesuffix("\n\n") for line in lines]


def check_session(engine: Engine, session: str) -> None:
    """Check the responses to the lines of a session.

    Args:
        engine: The engine.
        session: A table with the line that is sent, "|", and the response, in which "/" stands for a newline.
    """
    for row in session.strip().splitlines():
        line, expected = (part.strip() for part in row.split("|"))
        assert talk(engine, line) == [expected.replace("/", "\n")], row
