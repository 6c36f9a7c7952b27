"""The game files in a 7z archive, as streams, by py7zr.

py7zr writes what it decompresses. Here a thread lets it, and a short queue makes that a stream to be read: a
solid archive is decompressed once, and no more than a few blocks of it are held. Blocks are py7zr's, up to
128 MB where text is packed that tightly.
"""

import io
import queue
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import PurePosixPath

import py7zr
from py7zr.io import Py7zIO, WriterFactory

from goengine.data.sources.members import ENCRYPTED, NESTED, Member, decompressed, is_nested, wanted
from goengine.errors import GoEngineError

_QUEUED_BLOCKS = 2
_PATIENCE = 0.1  # seconds until a thread that cannot go on looks whether it is still wanted


def seven_zip_members(raw: io.BufferedIOBase) -> Iterator[Member]:
    """The members with games, in the archive's order.

    Raises GoEngineError if it needs a password, and what py7zr raises if it is damaged.
    """
    try:
        archive = py7zr.SevenZipFile(raw)
    except py7zr.PasswordRequired:
        raise GoEngineError(ENCRYPTED) from None
    with archive:
        if archive.needs_password():
            raise GoEngineError(ENCRYPTED)
        names = [info.filename for info in archive.list() if not info.is_directory and wanted(info.filename)]
        for name in names:
            if is_nested(name) or _leads_out(name):
                yield Member(
                    name, None, NESTED if is_nested(name) else "unsafe name: it leads out of the archive"
                )
        targets = [name for name in names if not is_nested(name) and not _leads_out(name)]
        if targets:
            yield from _Extraction(archive, targets).members()


def _leads_out(name: str) -> bool:
    """Whether py7zr would refuse the whole archive for this member's name."""
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts


class _AbandonedError(Exception):
    """Nobody reads on."""


class _Extraction(WriterFactory):
    """A thread that extracts, and the queue of what it does: a member's name, its blocks, in the end None.

    An exception in the queue is why it ended early.
    """

    def __init__(self, archive: py7zr.SevenZipFile, targets: list[str]) -> None:
        self._archive = archive
        self._targets = targets
        self._queue: queue.Queue[str | bytes | Exception | None] = queue.Queue(_QUEUED_BLOCKS)
        self._abandoned = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def members(self) -> Iterator[Member]:
        self._thread.start()
        try:
            item = self._queue.get()
            while isinstance(item, str):
                stream = _Stream(self._queue)
                yield Member(item, decompressed(item, io.BufferedReader(stream)))
                item = stream.skip()
            if isinstance(item, Exception):
                raise item
        finally:
            self._abandoned.set()
            self._thread.join()

    def create(self, filename: str) -> Py7zIO:
        """Called by py7zr, in the thread, when a member begins."""
        self.put(filename)
        return _Writer(self)

    def put(self, item: str | bytes | Exception | None) -> None:
        while not self._abandoned.is_set():
            try:
                self._queue.put(item, timeout=_PATIENCE)
                return
            except queue.Full:
                continue
        raise _AbandonedError

    def _run(self) -> None:
        try:
            self._archive.extract(targets=self._targets, factory=self)
            self.put(None)
        except _AbandonedError:
            pass
        except Exception as error:  # told to the thread that reads
            with suppress(_AbandonedError):
                self.put(error)


class _Writer(Py7zIO):
    def __init__(self, extraction: _Extraction) -> None:
        self._extraction = extraction
        self._written = 0

    def write(self, block: bytes | bytearray) -> int:
        self._extraction.put(bytes(block))
        self._written += len(block)
        return len(block)

    def read(self, size: int | None = None) -> bytes:  # noqa: ARG002  # Py7zIO asks for it, py7zr never does
        return b""

    def seek(self, offset: int, whence: int = 0) -> int:  # noqa: ARG002
        return 0

    def flush(self) -> None:
        pass

    def size(self) -> int:
        return self._written


class _Stream(io.RawIOBase):
    """What the queue holds of one member."""

    def __init__(self, source: queue.Queue) -> None:
        self._source = source
        self._block = memoryview(b"")
        self._after: str | Exception | None = None
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._block and not self._ended:
            item = self._source.get()
            if isinstance(item, bytes):
                self._block = memoryview(item)
            else:
                self._after, self._ended = item, True
        if isinstance(self._after, Exception) and not self._block:
            raise self._after
        count = min(len(buffer), len(self._block))
        buffer[:count] = self._block[:count]
        self._block = self._block[count:]
        return count

    def skip(self) -> str | Exception | None:
        """Pass over the rest of the member; what follows it."""
        self._block = memoryview(b"")
        while not self._ended:
            item = self._source.get()
            if not isinstance(item, bytes):
                self._after, self._ended = item, True
        return self._after
