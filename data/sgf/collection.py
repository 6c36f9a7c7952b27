"""Splitting SGF text that holds many games into single games."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from goengine.data.sgf.encodings import VALUES, is_utf8, misplaced_brackets
from goengine.errors import GoEngineError

MAX_GAME_BYTES = 16 << 20
"""A longer game, or this much text without a game, counts as damage. It bounds memory and time."""

MAX_GAP = 64
"""Bytes kept of a block in which no game starts: the start of a game may be split between two blocks."""


def split_collection(blocks: Iterable[bytes]) -> Iterator[bytes]:
    r"""Split SGF text into single games, each from its ``(`` to its ``)``.

    Text between games is dropped. Brackets in property values are ignored, as are an escaped ``\]`` and a
    ``]`` that is the second byte of a character. A root that begins ``(;GM[1]`` or ``(;FF[4]`` always starts
    a new game, so a game without its last bracket ends there; the broken game is yielded too.

    Args:
        blocks: the text in blocks of any size.

    Raises:
        GoEngineError: if a game is longer than 16 MiB, or that much text holds no game.
    """
    buffer = b""
    dropped = 0  # bytes since the last game
    for block in chain(blocks, [None]):
        buffer += block or b""
        position = 0
        while start := _GAME_START.search(buffer, position):
            position = start.start()
            end = _plain_end(buffer, position) or _game_end(buffer, position, at_end=block is None)
            if end is None:
                break
            yield buffer[position:end]
            position = end
            dropped = 0
        else:
            dropped += max(0, len(buffer) - MAX_GAP - position)
            position = max(position, len(buffer) - MAX_GAP)
        buffer = buffer[position:]
        if len(buffer) > MAX_GAME_BYTES:
            raise GoEngineError(f"damaged file: no game ends within {MAX_GAME_BYTES >> 20} MiB")
        if dropped > MAX_GAME_BYTES:
            raise GoEngineError(f"damaged file: no game starts within {MAX_GAME_BYTES >> 20} MiB")


_GAME_START = re.compile(rb"\(\s*(?:;|[A-Z]{2}\[)")
_ROOT = re.compile(rb"\(\s*;\s*(?:GM|FF)\[[0-9]\]")
_OPEN, _VALUE = b"(["


def _plain_end(text: bytes, start: int) -> int | None:
    """Return where a game without variations and escapes ends, as most games are; else None."""
    end = text.find(b")", start) + 1
    structure = text[start:end].translate(None, _NOT_STRUCTURE)
    values, rest = divmod(len(structure), 2)
    if rest or values == 0 or structure != b"(" + b"[]" * (values - 1) + b")":
        return None
    return end


_NOT_STRUCTURE = bytes(set(range(256)) - set(b"()[]\\"))


def _game_end(text: bytes, start: int, at_end: bool) -> int | None:
    """Return where the game that starts at `start` ends; None if more text is needed."""
    end = _end_of_brackets(text, start, at_end, VALUES[0])
    game = text[start:end]
    if _AMBIGUOUS.search(game) is None or is_utf8(game):
        return end
    ends = [end, *(_end_of_brackets(text, start, at_end, value) for value in VALUES[1:])]
    misplaced = [misplaced_brackets(text[start:end], value) for end, value in zip(ends, VALUES, strict=True)]
    return ends[misplaced.index(min(misplaced))]


_AMBIGUOUS = re.compile(rb"[\x80-\xff][\[\\\]]")


def _end_of_brackets(text: bytes, start: int, at_end: bool, value: bytes) -> int | None:
    """Return where the bracket at `start` is closed, if values match the pattern `value`."""
    unnested = re.compile(rb"(?:[^()\[]++|" + value + rb")*+", re.DOTALL)
    depth = 0
    end = None
    position = start
    while position < len(text):
        bracket = text[position]
        if bracket == _VALUE:  # the start of a value that does not end in this text
            break
        depth += 1 if bracket == _OPEN else -1
        if depth == 0:
            end = position + 1
            break
        position = unnested.match(text, position + 1).end()  # type: ignore[union-attr]  # it always matches
    if end is None and at_end:
        end = len(text)
    # A root within the game means that the last bracket of the game, or of a value in it, is missing.
    inner = _ROOT.search(text, start + 1, len(text) if end is None else end)
    return inner.start() if inner else end
