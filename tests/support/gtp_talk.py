"""Sends commands to an engine in this process."""

from collections.abc import Mapping

from goengine.gtp.engine.engine import Engine
from goengine.gtp.engine.protocol import Handler, Stream, answer
from goengine.gtp.engine.settings import Settings
from support.stub_policy import UniformPolicy


def new_engine(size: int = 9, **settings: object) -> Engine:
    """An engine with a uniform policy; settings by their names."""
    chosen = Settings(seed=1).replace(**settings)
    player = chosen.new_player(UniformPolicy(size))
    return Engine(lambda: player, chosen, lambda _name, _backend: UniformPolicy(size))


def respond(line: str, handlers: Mapping[str, Handler]) -> str | None:
    """The whole response to a line, or None where none is due, if the next line follows at once.

    As `answer`; of an endless stream that is the first line.
    """
    response = answer(line, handlers)
    if not isinstance(response, Stream):
        return response
    lines = [next(response.lines, "")] if response.endless else list(response.lines)
    return "\n".join([response.head, *filter(None, lines)]) + "\n\n"


def talk(engine: Engine, *lines: str) -> list[str]:
    """The responses to some lines, each without its last two newlines."""
    return [(respond(line, engine.handlers) or "").removesuffix("\n\n") for line in lines]


def check_session(engine: Engine, session: str) -> None:
    """A session is a table: what is sent, a bar, what is answered, "/" for a new line in it."""
    for row in session.strip().splitlines():
        line, expected = (part.strip() for part in row.split("|"))
        assert talk(engine, line) == [expected.replace("/", "\n")], row
