"""Where games come from: folders, SGF files and collections, plain, compressed or in archives.

Everything is streamed: no file is ever held whole.
"""

import codecs
import io
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from pathlib import Path

from goengine.data.sgf.collection import split_collection
from goengine.data.sgf.encodings import detect, is_utf8, utf8_game, utf16_codec
from goengine.data.sources.archives import members
from goengine.data.sources.members import (
    ARCHIVE_SUFFIXES,
    COMPRESSED_SUFFIXES,
    GAME_SUFFIXES,
    Member,
    has_suffix,
)
from goengine.errors import GoEngineError

BLOCK_BYTES = 1 << 18

_FOLDER_SUFFIXES = (*GAME_SUFFIXES, *ARCHIVE_SUFFIXES)
_FILE_SUFFIXES = (*_FOLDER_SUFFIXES, *COMPRESSED_SUFFIXES)


@dataclass(frozen=True, slots=True)
class SourceGame:
    """The SGF text of one game, in UTF-8: the index-th (from 0) of the file or archive member `source`."""

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
      total_bytes -- size of all files
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        """Look for files under `paths`: folders are searched through, files taken as they are.

        Links to folders are followed, each folder is searched once.

        Raises GoEngineError if a path is missing, a folder holds no game file, or a file has a suffix that
        is none of a game file, compressed or not, or an archive.
        """
        self._unlisted: list[Reject] = []
        self.files = [file for path in paths for file in self._find_files(path)]
        self._sizes = [_size(file) for file in self.files]
        self._starts = list(accumulate(self._sizes, initial=0))
        self.total_bytes = sum(self._sizes)
        self._before = 0  # bytes of the files before the one that is open
        self._open: tuple[io.BufferedIOBase, int] | None = None

    @property
    def done_bytes(self) -> int:
        """How much of the files is read, of `total_bytes`: for a progress bar."""
        if self._open is None:
            return self._before
        raw, size = self._open
        return self._before + min(raw.tell(), size)

    def games(self, report: Callable[[Reject], None]) -> Iterator[SourceGame]:
        """Yield every game.

        `report` is called for each folder, file, or member of an archive that cannot be read from some game
        on; the others are read all the same.
        """
        for number in range(len(self.files)):
            yield from self.games_of_file(number, report)

    def games_of_file(self, number: int, report: Callable[[Reject], None]) -> Iterator[SourceGame]:
        """Yield every game of the number-th file. What `games` says of `report` holds here.

        Folders that could not be searched are told with the first file.
        """
        for reject in self._unlisted if number == 0 else ():
            report(reject)
        file, size = self.files[number], self._sizes[number]
        self._before = self._starts[number]
        try:
            with file.open("rb") as raw:
                self._open = raw, size
                for member in members(file.name, raw):
                    yield from _games_of_member(str(file), member, report)
        except Exception as error:  # libraries do not document what they raise on a damaged archive
            report(Reject(_shown(str(file)), 0, _describe_damage(error)))
        finally:
            self._open = None
            self._before = self._starts[number + 1]

    def _find_files(self, path: Path) -> list[Path]:
        if path.is_dir():
            files = [file for file in self._walk(path) if has_suffix(file.name, _FOLDER_SUFFIXES)]
            if not files:
                raise GoEngineError(f"{path}: no game file in this folder ({', '.join(_FOLDER_SUFFIXES)})")
            return files
        if not path.exists():
            raise GoEngineError(f"{path}: no such file or folder")
        if not path.is_file() or not has_suffix(path.name, _FILE_SUFFIXES):
            raise GoEngineError(f"{path}: not a game file ({', '.join(_FILE_SUFFIXES)})")
        return [path]

    def _walk(self, top: Path) -> Iterator[Path]:
        """The files under a folder, in order of their names; each folder once, however links lead to it."""
        seen: set[tuple[int, int]] = set()

        def note(error: OSError) -> None:
            self._unlisted.append(Reject(_shown(str(error.filename or top)), 0, _describe_damage(error)))

        found: list[Path] = []
        for folder, subfolders, names in os.walk(top, onerror=note, followlinks=True):
            status = Path(folder).stat()
            if (status.st_dev, status.st_ino) in seen:
                subfolders.clear()
                continue
            seen.add((status.st_dev, status.st_ino))
            subfolders.sort()
            found += [file for name in names if (file := Path(folder, name)).is_file()]
        yield from sorted(found)


def _shown(name: str) -> str:
    """A file's name as text that can be written anywhere, also where it is no UTF-8."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0  # opening it will tell why


def _games_of_member(file: str, member: Member, report: Callable[[Reject], None]) -> Iterator[SourceGame]:
    name = _shown(f"{file}/{member.name}" if member.name else file)
    if member.stream is None:
        report(Reject(name, 0, member.problem))
        return
    index = 0
    try:
        for text in games_in_stream(member.stream):
            yield SourceGame(name, index, text)
            index += 1
    except Exception as error:  # see Sources.games
        report(Reject(name, index, _describe_damage(error)))
    else:
        if index == 0:
            report(Reject(name, 0, "no SGF game: there is none in this file"))


def games_in_stream(stream: io.BufferedIOBase) -> Iterator[bytes]:
    """The SGF texts of the games in a stream, in UTF-8.

    Raises GoEngineError if a game is too long to be one, and whatever the stream raises.
    """
    blocks = _blocks(stream)
    first = next(blocks, b"")
    hint = None
    for text in split_collection(chain([first], blocks)):
        if not text.isascii() and not is_utf8(text):
            if (
                hint is None
            ):  # one encoding for all games that do not name theirs, from as much text as possible
                hint = detect(first)[0]
            text = utf8_game(text, hint)
        yield text


def _blocks(stream: io.BufferedIOBase) -> Iterator[bytes]:
    """What a stream holds, in blocks; UTF-16 as UTF-8."""
    block = stream.read1(BLOCK_BYTES)
    codec = utf16_codec(block)
    decoder = codecs.getincrementaldecoder(codec)("replace") if codec else None
    while block:
        yield decoder.decode(block).encode("utf-8", "replace") if decoder else block
        block = stream.read1(BLOCK_BYTES)


def _describe_damage(error: BaseException) -> str:
    """One clause on why a file could not be read on."""
    if isinstance(error, GoEngineError):
        return str(error)
    if isinstance(error, EOFError):
        return "damaged file: it is cut off here"
    if isinstance(error, OSError) and error.strerror:
        return f"unreadable file: {error.strerror}"
    said = str(error).strip().partition("\n")[0][:200]
    return f"damaged file: {said or type(error).__name__}"
