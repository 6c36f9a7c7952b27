"""The engine's commands. Each takes the session, then the command's arguments as strings.

docs/gtp.md describes every command. For commands of the GTP 2 standard, a docstring here adds what the
standard leaves open.
"""

from goengine.gtp.engine.commands import analysis, gogui, servers, standard
from goengine.gtp.engine.protocol import Handler

COMMANDS: dict[str, Handler] = {
    **standard.COMMANDS,
    **analysis.COMMANDS,
    **gogui.COMMANDS,
    **servers.COMMANDS,
}
"""All commands except the administrative ones, which `goengine.gtp.engine.engine` answers."""
