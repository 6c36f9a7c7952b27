"""A collection of games in one text, split into single games."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from goengine.data.sgf.encodings import VALUES, bracket_faults, is_utf8
from goengine.errors import GoEngineError

MAX_GAME_BYTES = 16 << 20
"""A game longer than this, or as much text without a game, is taken for damage: memory and time stay bounded
whatever a file holds."""

MAX_GAP = 64
"""How much of a block is kept where no game starts in it: a `(` may be parted from its `;`."""


def split_collection(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Split SGF text, which comes in blocks, into single games, each from its `(` to its `)`.

    Text between games is dropped. Brackets inside property values are no structure, nor does `\\]` end a
    value, nor a `]` that is half of a character. A root that begins `(;GM[1]` or `(;FF[4]` always starts a
    new game, so a game without its last bracket ends there; the broken one is yielded as it stands.

    Raises GoEngineError if a game is longer than 16 MiB, or that much text holds none.
    """
    buffer = b""
    dropped = 0
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
    """Where a game ends that has no variations, escapes or doubtful brackets, as nearly all do; else None."""
    end = text.find(b")", start) + 1
    structure = text[start:end].translate(None, _NO_STRUCTURE)
    values, rest = divmod(len(structure), 2)
    if rest or values == 0 or structure != b"(" + b"[]" * (values - 1) + b")":
        return None
    return end


_NO_STRUCTURE = bytes(set(range(256)) - set(b"()[]\\"))


def _game_end(text: bytes, start: int, at_end: bool) -> int | None:
    """Where the game that starts at `start` ends; None if more text is needed to know."""
    plain = _end_of_brackets(text, start, at_end, VALUES[0])
    game = text[start:plain]
    if _DOUBTFUL.search(game) is None or is_utf8(game):
        return plain
    ends = [plain, *(_end_of_brackets(text, start, at_end, value) for value in VALUES[1:])]
    faults = [bracket_faults(text[start:end], value) for end, value in zip(ends, VALUES, strict=True)]
    return ends[faults.index(min(faults))]


_DOUBTFUL = re.compile(rb"[\x80-\xff][\[\\\]]")


def _end_of_brackets(text: bytes, start: int, at_end: bool, value: bytes) -> int | None:
    unnested = re.compile(rb"(?:[^()\[]++|" + value + rb")*+", re.DOTALL)
    depth = 0
    end = None
    position = start
    while position < len(text):
        bracket = text[position]
        if bracket == _VALUE:  # one that does not end in this text
            break
        depth += 1 if bracket == _OPEN else -1
        if depth == 0:
            end = position + 1
            break
        position = unnested.match(text, position + 1).end()  # type: ignore[union-attr]  # matches at least nothing
    if end is None and at_end:
        end = len(text)
    # A new root inside: the last bracket of this game, or of a value in it, is missing.
    inner = _ROOT.search(text, start + 1, len(text) if end is None else end)
    return inner.start() if inner else end
