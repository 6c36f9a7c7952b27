"""Reading games from folders, SGF files and collections, plain, compressed or in archives.

Everything is streamed: no file is held in memory as a whole.
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
from goengine.data.sgf.records import GameRecord, record_from_sgf
from goengine.data.sources.archives import archive_members
from goengine.data.sources.members import (
    ARCHIVE_SUFFIXES,
    COMPRESSED_SUFFIXES,
    GAME_SUFFIXES,
    Member,
    has_suffix,
)
from goengine.errors import GoEngineError

BUNDLED_SIZE = 19
"""The board size of the bundled games."""

BLOCK_BYTES = 1 << 18

_FOLDER_SUFFIXES = (*GAME_SUFFIXES, *ARCHIVE_SUFFIXES)
_FILE_SUFFIXES = (*_FOLDER_SUFFIXES, *COMPRESSED_SUFFIXES)


def bundled_games() -> Path:
    """Return the path of the games that come with goengine, played by programs (an SGF collection)."""
    return Path(__file__).parents[1] / "bundled" / "games.sgf.bz2"


def games_path(path: str | Path) -> Path:
    """Return the path of games; the word ``bundled`` stands for `bundled_games`."""
    return bundled_games() if str(path) == "bundled" else Path(path)


@dataclass(frozen=True, slots=True)
class SourceGame:
    """The SGF text of one game.

    Attributes:
        source: the file, or archive and member.
        index: number of the game in it, from 0.
        sgf: the text in UTF-8.
    """

    source: str
    index: int
    sgf: bytes


@dataclass(frozen=True, slots=True)
class Reject:
    """A rejected game, or the rest of a file from a game on.

    Attributes:
        source: the file, or archive and member.
        index: number of the game in it, from 0.
        reason: kind and details, separated by a colon, such as ``illegal move: move 5, ...``.
    """

    source: str
    index: int
    reason: str

    @property
    def kind(self) -> str:
        """The first part of the reason, such as ``illegal move``."""
        return self.reason.partition(":")[0]

    def __str__(self) -> str:
        return f"{self.source}, index {self.index}: {self.reason}"


class Sources:
    """The games under several paths, in the order of the paths and of the names within folders.

    Attributes:
        files: all game files and archives, list[Path].
        total_bytes: the size of all files.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        """Find the files under `paths`.

        Folders are searched recursively. Links to folders are followed, and each folder is searched once.

        Raises:
            GoEngineError: if a path does not exist, a folder holds no game file, or a file has a suffix that
                is not one of a game file, compressed file or archive.
        """
        self._unreadable_folders: list[Reject] = []
        self.files = [file for path in paths for file in self._find_files(path)]
        self._sizes = [_size(file) for file in self.files]
        self._starts = list(accumulate(self._sizes, initial=0))
        self.total_bytes = sum(self._sizes)
        self._bytes_before = 0  # size of the files before the open one
        self._open: tuple[io.BufferedIOBase, int] | None = None

    @property
    def done_bytes(self) -> int:
        """How many of `total_bytes` are read, for a progress bar."""
        if self._open is None:
            return self._bytes_before
        raw, size = self._open
        return self._bytes_before + min(raw.tell(), size)

    def games(self, report: Callable[[Reject], None]) -> Iterator[SourceGame]:
        """Yield every game.

        Args:
            report: called for each folder, file or archive member that cannot be read, or cannot be read
                further. Reading continues with the next one.
        """
        for number in range(len(self.files)):
            yield from self.games_of_file(number, report)

    def games_of_file(self, number: int, report: Callable[[Reject], None]) -> Iterator[SourceGame]:
        """Yield every game of the file ``files[number]``.

        Args:
            number: index in `files`.
            report: as in `games`. Unreadable folders are reported with file 0.
        """
        for reject in self._unreadable_folders if number == 0 else ():
            report(reject)
        file, size = self.files[number], self._sizes[number]
        self._bytes_before = self._starts[number]
        try:
            with file.open("rb") as raw:
                self._open = raw, size
                for member in archive_members(file.name, raw):
                    yield from _games_of_member(str(file), member, report)
        except Exception as error:  # libraries do not document what they raise on a damaged archive
            report(Reject(_printable(str(file)), 0, _damage_reason(error)))
        finally:
            self._open = None
            self._bytes_before = self._starts[number + 1]

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

    def _walk(self, top: Path) -> list[Path]:
        """Return the files under a folder, sorted; each folder once, however many links lead to it."""
        seen: set[tuple[int, int]] = set()

        def on_error(error: OSError) -> None:
            name = _printable(str(error.filename or top))
            self._unreadable_folders.append(Reject(name, 0, _damage_reason(error)))

        files: list[Path] = []
        for folder, subfolders, names in os.walk(top, onerror=on_error, followlinks=True):
            status = Path(folder).stat()
            if (status.st_dev, status.st_ino) in seen:
                subfolders.clear()
                continue
            seen.add((status.st_dev, status.st_ino))
            subfolders.sort()
            files += [file for name in names if (file := Path(folder, name)).is_file()]
        return sorted(files)


def read_record(path: Path, number: int = 1) -> GameRecord:
    """Read one game from a file, folder or archive of games.

    Args:
        path: where the games are.
        number: which of them, from 1.

    Raises:
        GoEngineError: if there is no such game, it has a fault, or the path cannot be read.
    """
    rejects: list[Reject] = []
    count = 0
    for count, game in enumerate(Sources([path]).games(rejects.append), start=1):
        if count == number:
            try:
                record = record_from_sgf(game.sgf, game.source, game.index)
            except GoEngineError as error:
                raise GoEngineError(f"{path}, game {number}: {error}") from error
            if record.fault:
                raise GoEngineError(f"{path}, game {number}: {record.fault}")
            return record
    if rejects:
        raise GoEngineError(f"game {number} cannot be read: {rejects[0]}")
    raise GoEngineError(f"{path}: there is no game {number}, it holds {count:,}")


def _printable(name: str) -> str:
    """Escape the bytes of a file name that are not UTF-8, so that it can be written anywhere."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0  # opening the file will report the error


def _games_of_member(file: str, member: Member, report: Callable[[Reject], None]) -> Iterator[SourceGame]:
    name = _printable(f"{file}/{member.name}" if member.name else file)
    if member.stream is None:
        report(Reject(name, 0, member.problem))
        return
    index = 0
    try:
        for text in games_in_stream(member.stream):
            yield SourceGame(name, index, text)
            index += 1
    except Exception as error:  # libraries do not document what they raise on damaged data
        report(Reject(name, index, _damage_reason(error)))
    else:
        if index == 0:
            report(Reject(name, 0, "no SGF game: this file holds none"))


def games_in_stream(stream: io.BufferedIOBase) -> Iterator[bytes]:
    """Yield the SGF texts of the games in a stream, in UTF-8.

    Raises:
        GoEngineError: if a game is too long, or much text holds no game (see `split_collection`). Errors of
            the stream are passed on.
    """
    blocks = _blocks(stream)
    first = next(blocks, b"")
    hint = None
    for text in split_collection(chain([first], blocks)):
        if not text.isascii() and not is_utf8(text):
            # Games that do not name their encoding share one, detected on as much text as possible.
            if hint is None:
                hint = detect(first)[0]
            text = utf8_game(text, hint)
        yield text


def _blocks(stream: io.BufferedIOBase) -> Iterator[bytes]:
    """Yield the contents of a stream in blocks; UTF-16 and UTF-32 are converted to UTF-8."""
    block = stream.read1(BLOCK_BYTES)
    codec = utf16_codec(block)
    decoder = codecs.getincrementaldecoder(codec)("replace") if codec else None
    while block:
        yield decoder.decode(block).encode("utf-8", "replace") if decoder else block
        block = stream.read1(BLOCK_BYTES)


def _damage_reason(error: BaseException) -> str:
    """Return the reject reason for an error while reading a file."""
    if isinstance(error, GoEngineError):
        return str(error)
    if isinstance(error, EOFError):
        return "damaged file: it is truncated"
    if isinstance(error, OSError) and error.strerror:
        return f"unreadable file: {error.strerror}"
    details = str(error).strip().partition("\n")[0][:200]
    return f"damaged file: {details or type(error).__name__}"
