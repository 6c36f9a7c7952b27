"""The game files in a 7z archive, as streams, by py7zr.

py7zr pushes decompressed blocks into a writer object. A thread runs it, and a short queue turns the blocks
into streams that can be read: a solid archive is decompressed once, and only a few blocks are in memory. The
size of a block is chosen by py7zr, up to 128 MB for text that compresses well.
"""

import io
import queue
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import PurePosixPath

import py7zr
from py7zr.io import Py7zIO, WriterFactory

from goengine.data.sources.members import ENCRYPTED, NESTED, Member, decompressed, is_nested, is_relevant
from goengine.errors import GoEngineError

_QUEUED_BLOCKS = 2
_POLL_SECONDS = 0.1  # how often a thread that waits for space checks whether it was cancelled

_Item = str | bytes | Exception | None
"""What the queue holds: a member's name, then its blocks; at the end None, or the error that ended it."""


def seven_zip_members(raw: io.BufferedIOBase) -> Iterator[Member]:
    """Yield the members with games, in the archive's order.

    Raises:
        GoEngineError: if the archive needs a password. py7zr raises other errors if it is damaged.
    """
    try:
        archive = py7zr.SevenZipFile(raw)
    except py7zr.PasswordRequired as error:
        raise GoEngineError(ENCRYPTED) from error
    with archive:
        if archive.needs_password():
            raise GoEngineError(ENCRYPTED)
        files = [info.filename for info in archive.list() if not info.is_directory]
        targets: list[str] = []
        for name in filter(is_relevant, files):
            if is_nested(name):
                yield Member(name, None, NESTED)
            elif _is_unsafe(name):
                yield Member(name, None, "unsafe name: it leads out of the archive")
            else:
                targets.append(name)
        if targets:
            yield from _Extraction(archive, targets).members()


def _is_unsafe(name: str) -> bool:
    """Return whether py7zr would refuse the whole archive because of this member's name."""
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts


class _CancelledError(Exception):
    """The reader stopped before the end of the archive."""


class _Extraction(WriterFactory):
    """A thread that extracts members into a queue."""

    def __init__(self, archive: py7zr.SevenZipFile, targets: list[str]) -> None:
        self._archive = archive
        self._targets = targets
        self._queue: queue.Queue[_Item] = queue.Queue(_QUEUED_BLOCKS)
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def members(self) -> Iterator[Member]:
        """Start the thread and yield the members; stop the thread when the iterator is closed."""
        self._thread.start()
        try:
            item = self._queue.get()
            while isinstance(item, str):
                stream = _Stream(self._queue)
                yield Member(item, decompressed(item, io.BufferedReader(stream)))
                item = stream.skip_rest()
            if isinstance(item, Exception):
                raise item
        finally:
            self._cancelled.set()
            self._thread.join()

    def create(self, filename: str) -> Py7zIO:
        """Return the writer for a member; py7zr calls it, in the thread, when the member starts."""
        self.put(filename)
        return _Writer(self)

    def put(self, item: _Item) -> None:
        """Add an item to the queue; raise _CancelledError if nobody reads it any more."""
        while not self._cancelled.is_set():
            try:
                self._queue.put(item, timeout=_POLL_SECONDS)
                return
            except queue.Full:
                continue
        raise _CancelledError

    def _run(self) -> None:
        try:
            self._archive.extract(targets=self._targets, factory=self)
            self.put(None)
        except _CancelledError:
            pass
        except Exception as error:  # raised again in the thread that reads
            with suppress(_CancelledError):
                self.put(error)


class _Writer(Py7zIO):
    """Puts the blocks of a member into the queue."""

    def __init__(self, extraction: _Extraction) -> None:
        self._extraction = extraction
        self._written = 0

    def write(self, block: bytes | bytearray) -> int:
        self._extraction.put(bytes(block))
        self._written += len(block)
        return len(block)

    def read(self, size: int | None = None) -> bytes:  # noqa: ARG002  # abstract, never called
        return b""

    def seek(self, offset: int, whence: int = 0) -> int:  # noqa: ARG002
        return 0

    def flush(self) -> None:
        pass

    def size(self) -> int:
        return self._written


class _Stream(io.RawIOBase):
    """The blocks of one member in the queue, as a stream."""

    def __init__(self, source: queue.Queue[_Item]) -> None:
        self._source = source
        self._block = memoryview(b"")
        self._next: str | Exception | None = None  # the item after the last block
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._block and not self._ended:
            item = self._source.get()
            if isinstance(item, bytes):
                self._block = memoryview(item)
            else:
                self._next, self._ended = item, True
        if isinstance(self._next, Exception) and not self._block:
            raise self._next
        count = min(len(buffer), len(self._block))
        buffer[:count] = self._block[:count]
        self._block = self._block[count:]
        return count

    def skip_rest(self) -> str | Exception | None:
        """Skip the rest of the member and return the item that follows it."""
        self._block = memoryview(b"")
        while not self._ended:
            item = self._source.get()
            if not isinstance(item, bytes):
                self._next, self._ended = item, True
        return self._next
