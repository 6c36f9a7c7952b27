"""The engine: a session, its commands, and the administrative ones (section 6.3.1 of the GTP 2 standard)."""

from collections.abc import Callable
from functools import partial

import goengine
from goengine.gtp.engine.commands import COMMANDS
from goengine.gtp.engine.protocol import Handler
from goengine.gtp.engine.session import DEFAULTS, Session
from goengine.gtp.engine.settings import Settings
from goengine.player.player import Player, PointPolicy
from goengine.policy.loading import load_policy


class Engine:
    """What answers a controller.

    handlers: every command's function, by the command's name, for `goengine.gtp.engine.protocol.answer`.
    session: the game. finished: whether `quit` was received.
    """

    def __init__(
        self,
        player: Callable[[], Player],
        settings: Settings = DEFAULTS,
        load_policy: Callable[[str, str], PointPolicy] = load_policy,
    ) -> None:
        """As a Session is made."""
        self.session = Session(player, settings, load_policy)
        self.finished = False
        administrative: dict[str, Handler] = {
            "protocol_version": lambda: "2",
            "name": lambda: "goengine",
            "version": lambda: goengine.__version__,
            "known_command": self.known_command,
            "list_commands": self.list_commands,
            "quit": self.quit,
        }
        others = {name: partial(command, self.session) for name, command in COMMANDS.items()}
        self.handlers: dict[str, Handler] = {**administrative, **others}

    def known_command(self, name: str) -> str:
        return "true" if name in self.handlers else "false"

    def list_commands(self) -> str:
        return "\n".join(self.handlers)

    def quit(self) -> str:
        self.finished = True
        return ""
