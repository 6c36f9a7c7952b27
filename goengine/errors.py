"""Exceptions that the command line reports as one sentence, without a traceback."""


class GoEngineError(ValueError):
    """Bad input. The message is one sentence that says what is wrong, where, and what was expected."""


class IllegalMoveError(GoEngineError):
    """A move that the rules of the game forbid."""


class Interrupted(Exception):  # noqa: N818 (not an error: the user asked for it)
    """The user stopped the work with Ctrl-C. The message is one sentence that says what was saved."""
