"""Talking to an engine in this process."""

from gtp.engine import Engine
from gtp.protocol import respond
from gtp.settings import Settings
from support.stub_policy import UniformPolicy


def new_engine(size: int = 9, **settings: object) -> Engine:
    """An engine with a uniform policy; settings by their names."""
    chosen = Settings(seed=1).replace(**settings)
    player = chosen.new_player(UniformPolicy(size))
    return Engine(lambda: player, chosen, lambda _name, _backend: UniformPolicy(size))


def talk(engine: Engine, *lines: str) -> list[str]:
    """The responses to some lines, each without its last two newlines."""
    return [(respond(line, engine.handlers) or "").removesuffix("\n\n") for line in lines]


def check_session(engine: Engine, session: str) -> None:
    """A session is a table: what is sent, a bar, what is answered, "/" for a new line in it."""
    for row in session.strip().splitlines():
        line, expected = (part.strip() for part in row.split("|"))
        assert talk(engine, line) == [expected.replace("/", "\n")], row
