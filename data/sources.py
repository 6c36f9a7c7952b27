"""Where games come from: folders, SGF files and collections, plain or compressed.

Everything is streamed: no file is ever held whole.
"""

import bz2
import codecs
import gzip
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import cast

from goengine.errors import GoEngineError

BLOCK_BYTES = 1 << 20
MAX_GAME_BYTES = 16 << 20
"""A game longer than this is taken for damage, so that memory stays bounded whatever a file holds."""

MAX_GAP = 64
"""How much of a block is kept where no game starts in it: a `(` may be parted from its `;`."""

_GAME_SUFFIXES = (".sgf", ".sgf.bz2", ".sgf.gz", ".zip")
_FILE_SUFFIXES = (".sgf", ".bz2", ".gz", ".zip")
_DAMAGE = (
    OSError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    RuntimeError,
    NotImplementedError,
)


@dataclass(frozen=True, slots=True)
class SourceGame:
    """The SGF text of one game: the index-th (from 0) of the file or archive member `source`."""

    source: str
    index: int
    sgf: bytes


@dataclass(frozen=True, slots=True)
class Reject:
    """A game that was left out, or the rest of a file from that game on.

    The reason begins with its kind, parted by a colon from the particulars: `illegal move: ...`.
    """

    source: str
    index: int
    reason: str

    @property
    def kind(self) -> str:
        return self.reason.partition(":")[0]

    def __str__(self) -> str:
        return f"{self.source}, index {self.index}: {self.reason}"


class Sources:
    """The games of several paths, in the order of the paths and of the names within folders.

    Public attributes:
      files -- the files found, list[Path]
      total_bytes, done_bytes -- size of all files, and how much of that is read: for a progress bar
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        """Look for files under `paths`: folders are searched through, files taken as they are.

        Raises GoEngineError if a path is missing, a folder holds no game file, or a file has another
        suffix than .sgf, .bz2, .gz and .zip.
        """
        self.files = [file for path in paths for file in _find_files(path)]
        self._sizes = [file.stat().st_size for file in self.files]
        self.total_bytes = sum(self._sizes)
        self.done_bytes = 0

    def games(self, report: Callable[[Reject], None]) -> Iterator[SourceGame]:
        """Yield every game.

        `report` is called for each file, or member of an archive, that is unreadable from some game on.
        """
        self.done_bytes = 0
        for file, size in zip(self.files, self._sizes, strict=True):
            before = self.done_bytes
            try:
                with file.open("rb") as raw:
                    for name, stream in _open_members(file, raw):
                        for game in _games_of_stream(name, stream, report):
                            yield game
                            self.done_bytes = before + min(raw.tell(), size)
            except _DAMAGE as error:
                report(Reject(str(file), 0, _describe_damage(error)))
            self.done_bytes = before + size


def split_collection(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Split SGF text, which comes in blocks, into single games, each from its `(` to its `)`.

    Text between games is dropped. Brackets inside property values are no structure, nor does `\\]` end a
    value. A root that begins `(;GM[1]` or `(;FF[4]` always starts a new game, so a game without its last
    bracket ends there; the broken one is yielded as it stands.

    Raises GoEngineError if a game is longer than 16 MiB.
    """
    buffer = b""
    for block in chain(blocks, [None]):
        buffer += block or b""
        position = 0
        while start := _GAME_START.search(buffer, position):
            position = start.start()
            end = _game_end(buffer, position, at_end=block is None)
            if end is None:
                break
            yield buffer[position:end]
            position = end
        else:
            position = max(position, len(buffer) - MAX_GAP)
        buffer = buffer[position:]
        if len(buffer) > MAX_GAME_BYTES:
            raise GoEngineError(f"damaged file: no game ends within {MAX_GAME_BYTES >> 20} MiB")


_GAME_START = re.compile(rb"\(\s*;")
_ROOT = re.compile(rb"\(\s*;\s*(?:GM|FF)\[[0-9]\]")
_UNNESTED = re.compile(rb"(?:[^()\[]++|\[(?:[^\\\]]++|\\.)*+\])*+", re.DOTALL)
_OPEN, _VALUE = b"(["


def _game_end(text: bytes, start: int, at_end: bool) -> int | None:
    """Where the game that starts at `start` ends; None if more text is needed to know."""
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
        position = _UNNESTED.match(text, position + 1).end()  # type: ignore[union-attr]  # matches at least nothing
    if end is None and at_end:
        end = len(text)
    # A new root inside: the last bracket of this game, or of a value in it, is missing.
    inner = _ROOT.search(text, start + 1, len(text) if end is None else end)
    return inner.start() if inner else end


def _games_of_stream(
    name: str, stream: io.BufferedIOBase, report: Callable[[Reject], None]
) -> Iterator[SourceGame]:
    index = 0
    try:
        for text in split_collection(_blocks(stream)):
            yield SourceGame(name, index, text)
            index += 1
    except (*_DAMAGE, GoEngineError) as error:
        report(Reject(name, index, _describe_damage(error)))
    else:
        if index == 0:
            report(Reject(name, 0, "no SGF game: there is none in this file"))


def _find_files(path: Path) -> list[Path]:
    if path.is_dir():
        files = sorted(
            file for file in path.rglob("*") if _has_suffix(file, _GAME_SUFFIXES) and file.is_file()
        )
        if not files:
            raise GoEngineError(f"{path}: no {', '.join(_GAME_SUFFIXES)} file in this folder")
        return files
    if not path.exists():
        raise GoEngineError(f"{path}: no such file or folder")
    if not _has_suffix(path, _FILE_SUFFIXES):
        raise GoEngineError(f"{path}: not a game file ({', '.join(_FILE_SUFFIXES)})")
    return [path]


def _has_suffix(path: Path, suffixes: tuple[str, ...]) -> bool:
    return path.name.lower().endswith(suffixes)


def _open_members(file: Path, raw: io.BufferedIOBase) -> Iterator[tuple[str, io.BufferedIOBase]]:
    """The streams of SGF text in a file, with their names."""
    if not _has_suffix(file, (".zip",)):
        yield str(file), _decompressed(file.name, raw)
        return
    with zipfile.ZipFile(raw) as archive:
        members = [m for m in archive.infolist() if m.filename.lower().endswith(_GAME_SUFFIXES[:-1])]
        if not members:
            raise zipfile.BadZipFile("no SGF file in it")
        for member in members:
            with archive.open(member) as stream:
                yield (
                    f"{file}/{member.filename}",
                    _decompressed(member.filename, cast(io.BufferedIOBase, stream)),
                )


def _decompressed(name: str, raw: io.BufferedIOBase) -> io.BufferedIOBase:
    if name.lower().endswith(".bz2"):
        return bz2.open(raw, "rb")
    if name.lower().endswith(".gz"):
        return gzip.open(raw, "rb")
    return raw


def _blocks(stream: io.BufferedIOBase) -> Iterator[bytes]:
    """What a stream holds, as it comes; UTF-16 with a byte order mark as UTF-8."""
    decode = None
    first = True
    while block := stream.read1(BLOCK_BYTES):
        if first and block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            decode = codecs.getincrementaldecoder("utf-16")("replace").decode
        first = False
        yield decode(block).encode() if decode else block


def _describe_damage(error: BaseException) -> str:
    """One clause on why a file could not be read on."""
    if isinstance(error, GoEngineError):
        return str(error)
    if isinstance(error, EOFError):
        return "damaged file: it is cut off here"
    if isinstance(error, OSError) and error.strerror:
        return f"unreadable file: {error.strerror}"
    return f"damaged file: {error or type(error).__name__}"
