"""What ends a command with a sentence instead of a traceback."""


class GoEngineError(ValueError):
    """Bad input. The message is one sentence that names what is wrong and where."""


class IllegalMoveError(GoEngineError):
    """A move that the rules in force do not allow."""


class Interrupted(Exception):  # noqa: N818 (no error: the user wanted it)
    """The user stopped the work with Ctrl-C. The message is one sentence on what is kept."""
