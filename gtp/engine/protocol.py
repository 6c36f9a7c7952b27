"""GTP version 2: from a line of input to a response.

Everything here is a pure function of its arguments, except for what the handlers do. The standard is
"Specification of the Go Text Protocol, version 2, draft 2" (Gunnar Farnebäck, 2002); section numbers refer
to it.
"""

import inspect
import logging
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from goengine.colours import BLACK, WHITE
from goengine.errors import GoEngineError
from goengine.gtp.notation import clean_text

logger = logging.getLogger(__name__)

MAX_LINE = 1 << 16
"""The most characters of a line. The longest sensible command, a whole game, has about 5,000."""

_MAX_INTEGER = 2**31 - 1  # section 2.11: an int is unsigned and has 31 bits

Handler = Callable[..., "str | Stream"]
"""A command's function. It takes the arguments as strings, and returns the response's text or a stream of its
lines, or raises GtpError. Its signature says how many arguments the command takes."""

_INTEGER = re.compile(r"[0-9]{1,10}")
_FLOAT = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_COLOURS = {"b": BLACK, "black": BLACK, "w": WHITE, "white": WHITE}


class GtpError(Exception):
    """A command failed. The message is the response's text."""


@dataclass(frozen=True, slots=True)
class Command:
    """A parsed command line.

    Attributes:
        id: The text of the command's number, "" without one.
        name: The command, "" if the line is a number alone.
        arguments: The other words of the line.
    """

    id: str
    name: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stream:
    """A successful response that is sent line by line while the engine thinks.

    Attributes:
        lines: The lines after `head`. Each may take time to compute; empty lines are not sent.
        interval: The least number of seconds from one line to the next.
        endless: True if the response goes on until the next line of input. Otherwise it ends after its last
            line, whatever input arrives meanwhile.
        head: The first line: "=" and the command's number.
    """

    lines: Iterator[str]
    interval: float = 0.0
    endless: bool = False
    head: str = "="


def answer(line: str, handlers: Mapping[str, Handler]) -> str | Stream | None:
    """Return the response to a line of input.

    Neither this function nor the stream raises an Exception: an unexpected error in a handler is logged with
    its traceback, and is answered as an internal error or ends the stream.

    Returns:
        A complete response, a stream, or None where none is due (an empty line or a comment).
    """
    if len(line) > MAX_LINE and "#" not in line[:MAX_LINE]:
        command = parse_command(line[:MAX_LINE])
        return format_response(command.id if command else "", "line too long", failed=True)
    command = parse_command(line[:MAX_LINE])
    if command is None:
        return None
    try:
        response = call(command, handlers)
        if isinstance(response, Stream):
            return replace(response, head=f"={command.id}", lines=_clean_lines(command, response.lines))
        return format_response(command.id, response)
    except (GtpError, GoEngineError) as error:
        return format_response(command.id, str(error), failed=True)
    except Exception as error:
        logger.exception("%s failed", command.name)
        return format_response(command.id, f"internal error: {type(error).__name__}", failed=True)


def preprocess(line: str) -> str:
    """Return a line without control characters, comment, tabs and outer spaces (section 3.1)."""
    return clean_text(line.partition("#")[0]).strip(" \n")


def parse_command(line: str) -> Command | None:
    """Split a line into number, command and arguments (section 2.5).

    A number alone gives a command with an empty name, because its sender waits for a response.

    Returns:
        The command, or None if preprocessing leaves nothing of the line.
    """
    words = [word for word in preprocess(line).split(" ") if word]
    if not words:
        return None
    command_id = words.pop(0) if _is_integer(words[0]) else ""
    return Command(command_id, words[0] if words else "", tuple(words[1:]))


def call(command: Command, handlers: Mapping[str, Handler]) -> str | Stream:
    """Run the command's handler.

    Raises:
        GtpError: "unknown command" if there is no handler, "syntax error" if it takes another number of
            arguments; or the handler's own error.
    """
    handler = handlers.get(command.name)
    if handler is None:
        raise GtpError("unknown command")
    try:
        inspect.signature(handler).bind(*command.arguments)
    except TypeError as error:
        raise GtpError("syntax error") from error
    return handler(*command.arguments)


def format_response(command_id: str, text: str, failed: bool = False) -> str:
    """Return a complete response: "=" or "?", the number, the text, an empty line (sections 2.6 and 2.7).

    Empty lines inside the text are dropped, because they would end the response early. An error message
    becomes a single line. The space after the number stays even if the first line has no text, because GoGui
    expects it.
    """
    lines = [line.rstrip() for line in clean_text(text).split("\n")]
    lines = lines[:1] + [line for line in lines[1:] if line]
    first, rest = lines[0], lines[1:]
    if failed:
        first, rest = " ".join(filter(None, lines)), []
    head = f"{'?' if failed else '='}{command_id} {first}"
    if not rest:
        head = head.rstrip(" ")
    return "\n".join([head, *rest]) + "\n\n"


def _clean_lines(command: Command, lines: Iterator[str]) -> Iterator[str]:
    try:
        for line in lines:
            yield " ".join(clean_text(line).split())
    except Exception:  # part of the response is sent, so that it can no longer become an error
        logger.exception("%s failed", command.name)


# Arguments (section 2.11). Every command answers a bad argument with "syntax error".


def read_integer(word: str) -> int:
    """Return an unsigned integer of at most 31 bits.

    Raises:
        GtpError: If the word is not one.
    """
    if not _is_integer(word):
        raise GtpError("syntax error")
    return int(word)


def read_float(word: str) -> float:
    """Return a finite number, such as 7.5 or -0.5.

    Raises:
        GtpError: If the word is not one.
    """
    if len(word) > 40 or not _FLOAT.fullmatch(word) or not math.isfinite(float(word)):
        raise GtpError("syntax error")
    return float(word)


def read_colour(word: str) -> int:
    """Return BLACK or WHITE for b, black, w or white in any case.

    Raises:
        GtpError: If the word is not a colour.
    """
    colour = _COLOURS.get(word.lower())
    if colour is None:
        raise GtpError("syntax error")
    return colour


def _is_integer(word: str) -> bool:
    return bool(_INTEGER.fullmatch(word)) and int(word) <= _MAX_INTEGER
