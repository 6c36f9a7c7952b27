"""GTP, version 2: from a line to a response.

Everything here is a pure function of its arguments, the handlers included as far as they are. The
standard is "Specification of the Go Text Protocol, version 2, draft 2" (Gunnar Farnebäck, 2002);
section numbers below are its own.
"""

import inspect
import logging
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from goengine.errors import GoEngineError
from goengine.game.board import BLACK, WHITE

logger = logging.getLogger(__name__)

MAX_LINE = 1 << 16
"""Characters of a line that are looked at. The longest sensible command, a whole game, has about 5,000."""

MAX_INTEGER = 2**31 - 1  # section 2.11: an int has 31 bits and no sign

Handler = Callable[..., "str | Stream"]
"""Takes a command's arguments as strings, returns the response's text, or a stream of its lines, or raises
GtpError. Its signature says how many arguments the command has."""

_CONTROL_CHARACTERS = {code: None for code in [*range(32), 127] if chr(code) not in "\t\n"}
_INTEGER = re.compile(r"[0-9]{1,10}")
_FLOAT = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_COLOURS = {"b": BLACK, "black": BLACK, "w": WHITE, "white": WHITE}


class GtpError(Exception):
    """A command fails; the message is the response's text."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command line taken apart. `id` is the text of its number, or empty."""

    id: str
    name: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stream:
    """A successful response that is sent line by line, while the engine thinks.

    lines: the lines after the first, which is the head alone; an empty one is not sent. Asking for one may
        take time.
    interval: seconds from one line to the next, at least.
    endless: whether the next line of input ends the response, and nothing else does; otherwise it ends
        with its lines, whatever is sent meanwhile.
    head: "=" and the command's number.
    """

    lines: Iterator[str]
    interval: float = 0.0
    endless: bool = False
    head: str = "="


def answer(line: str, handlers: Mapping[str, Handler]) -> str | Stream | None:
    """What is to be sent for a line: a whole response, or a stream, or None (an empty line, a comment).

    Never raises an Exception, nor does the stream: a fault in a handler is logged with its traceback and
    answered, or ends the stream.
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
    """Section 3.1: control characters and comments taken out, tabs turned into spaces, ends stripped."""
    return line.translate(_CONTROL_CHARACTERS).partition("#")[0].replace("\t", " ").strip(" \n")


def parse_command(line: str) -> Command | None:
    """Take a line apart (section 2.5), or None if nothing is left of it after preprocessing.

    A number alone is a command without a name: whoever sent it waits for a response.
    """
    words = [word for word in preprocess(line).split(" ") if word]
    if not words:
        return None
    command_id = words.pop(0) if _is_integer(words[0]) else ""
    return Command(command_id, words[0] if words else "", tuple(words[1:]))


def call(command: Command, handlers: Mapping[str, Handler]) -> str | Stream:
    """Run the command's handler.

    Raises GtpError: "unknown command"; "syntax error" for another number of arguments than it takes.
    """
    handler = handlers.get(command.name)
    if handler is None:
        raise GtpError("unknown command")
    try:
        inspect.signature(handler).bind(*command.arguments)
    except TypeError:
        raise GtpError("syntax error") from None
    return handler(*command.arguments)


def format_response(command_id: str, text: str, failed: bool = False) -> str:
    """Section 2.6 and 2.7: "=" or "?", the number, the text, and one empty line.

    Empty lines inside the text would end the response early, so they are left out; an error message is
    a single line. The space after the number stays where lines follow: GoGui looks for it.
    """
    lines = [line.rstrip() for line in text.translate(_CONTROL_CHARACTERS).replace("\t", " ").split("\n")]
    lines = lines[:1] + [line for line in lines[1:] if line]
    first, rest = lines[0], lines[1:]
    if failed:
        first, rest = " ".join(filter(None, lines)), []
    head = f"{'?' if failed else '='}{command_id} {first}"
    if not rest:
        head = head.rstrip(" ")
    return "\n".join([head, *rest]) + "\n\n"


def format_score(score: float) -> str:
    """A score, positive where Black is ahead, as final_score gives it: "B+3.5", "W+0.5", "0" for a draw."""
    return f"{'B' if score > 0 else 'W'}+{abs(score):g}" if score else "0"


def _clean_lines(command: Command, lines: Iterator[str]) -> Iterator[str]:
    try:
        for line in lines:
            yield " ".join(line.translate(_CONTROL_CHARACTERS).split())
    except Exception:  # half of the response is out: it cannot become an error any more
        logger.exception("%s failed", command.name)


# Arguments (section 2.11). All fail alike, so that every command fails the same way.


def read_integer(word: str) -> int:
    """An unsigned number of 31 bits. Raises GtpError."""
    if not _is_integer(word):
        raise GtpError("syntax error")
    return int(word)


def read_float(word: str) -> float:
    """A finite number, such as 7.5 or -0.5. Raises GtpError."""
    if len(word) > 40 or not _FLOAT.fullmatch(word) or not math.isfinite(float(word)):
        raise GtpError("syntax error")
    return float(word)


def read_colour(word: str) -> int:
    """BLACK or WHITE from b, w, black or white in any case. Raises GtpError."""
    colour = _COLOURS.get(word.lower())
    if colour is None:
        raise GtpError("syntax error")
    return colour


def _is_integer(word: str) -> bool:
    return bool(_INTEGER.fullmatch(word)) and int(word) <= MAX_INTEGER
