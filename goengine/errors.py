"""The error type that means: the user can mend this."""


class GoEngineError(ValueError):
    """Bad input. The message is one sentence that names what is wrong and where."""


class IllegalMoveError(GoEngineError):
    """A move that the rules in force do not allow."""
