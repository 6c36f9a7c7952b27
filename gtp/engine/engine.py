"""The engine: a session, its commands, and the administrative commands (section 6.3.1 of the standard)."""

from functools import partial

import goengine
from goengine.gtp.engine.commands import COMMANDS
from goengine.gtp.engine.protocol import Handler
from goengine.gtp.engine.session import Session


class Engine:
    """A GTP engine: answers a controller's commands by `goengine.gtp.engine.protocol.answer`.

    Attributes:
        handlers: Every command's function, by the command's name.
        session: The game.
        finished: True once `quit` was received.
    """

    def __init__(self, session: Session) -> None:
        """Make an engine that plays in this session."""
        self.session = session
        self.finished = False
        administrative: dict[str, Handler] = {
            "protocol_version": lambda: "2",
            "name": lambda: "goengine",
            "version": lambda: goengine.__version__,
            "known_command": self._known_command,
            "list_commands": self._list_commands,
            "quit": self._quit,
        }
        others = {name: partial(command, self.session) for name, command in COMMANDS.items()}
        self.handlers: dict[str, Handler] = {**administrative, **others}

    def _known_command(self, name: str) -> str:
        return "true" if name in self.handlers else "false"

    def _list_commands(self) -> str:
        return "\n".join(self.handlers)

    def _quit(self) -> str:
        self.finished = True
        return ""
