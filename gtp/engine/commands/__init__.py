"""The commands, by what they are about. Each takes the session, then its arguments as strings.

What a command of the GTP 2 standard does and how it fails is written there; a docstring says what the
standard leaves open.
"""

from goengine.gtp.engine.commands import analysis, clocks, core, ending, files, gogui, servers, settings
from goengine.gtp.engine.protocol import Handler

COMMANDS: dict[str, Handler] = {
    **core.COMMANDS,
    **clocks.COMMANDS,
    **ending.COMMANDS,
    **files.COMMANDS,
    **settings.COMMANDS,
    **analysis.COMMANDS,
    **gogui.COMMANDS,
    **servers.COMMANDS,
}
"""Every command but the administrative ones, which the engine itself answers."""
