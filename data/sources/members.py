"""Members of archives: streams of SGF text, plain or compressed, and what their names' suffixes mean."""

import bz2
import gzip
import io
import lzma
import sys
from dataclasses import dataclass
from pathlib import PurePath

COMPRESSED_SUFFIXES = (".gz", ".bz2", ".xz", ".zst")
TAR_SUFFIXES = {".tgz": ".gz", ".tbz": ".bz2", ".tbz2": ".bz2", ".txz": ".xz", ".tzst": ".zst"}
GAME_SUFFIXES = (".sgf", *(f".sgf{suffix}" for suffix in COMPRESSED_SUFFIXES))
ARCHIVE_SUFFIXES = (
    ".zip",
    ".7z",
    ".tar",
    *(f".tar{suffix}" for suffix in COMPRESSED_SUFFIXES),
    *TAR_SUFFIXES,
)

NESTED = "nested archive: archives within archives are not read"
ENCRYPTED = "encrypted: it needs a password"

MAX_XZ_MEMORY = 256 << 20
"""Bytes of memory that unpacking an .xz file may take; ``xz -9`` takes 65 MiB."""

_XZ_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class Member:
    """A file with SGF text: a file on disk, or a member of an archive.

    Attributes:
        name: the name within the archive; "" for a file on disk.
        stream: the text, to be read before the next member is requested; None if it cannot be read.
        problem: why it cannot be read, or "".
    """

    name: str
    stream: io.BufferedIOBase | None
    problem: str = ""


def has_suffix(name: str, suffixes: tuple[str, ...]) -> bool:
    """Return whether a name has one of the suffixes, in any case."""
    return name.lower().endswith(suffixes)


def decompressed(name: str, raw: io.BufferedIOBase) -> io.BufferedIOBase:
    """Return a decompressed stream, by the suffix of its name; the stream itself if it has no such suffix."""
    suffix = PurePath(name.lower()).suffix
    suffix = TAR_SUFFIXES.get(suffix, suffix)
    if suffix == ".gz":
        return gzip.open(raw, "rb")
    if suffix == ".bz2":
        return bz2.open(raw, "rb")
    if suffix == ".xz":
        return io.BufferedReader(_Xz(raw))
    if suffix == ".zst":
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
        return zstd.open(raw, "rb")
    return raw


class _Xz(io.RawIOBase):
    """A decompressed .xz file, like lzma.open's, with a limit on the memory that decompression may take."""

    def __init__(self, raw: io.BufferedIOBase) -> None:
        self._raw = raw
        self._decompressor: lzma.LZMADecompressor | None = None
        self._unused = b""  # bytes read but not yet decompressed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while True:
            if self._decompressor is None:  # at the start of a stream; a file may hold several
                self._unused = self._unused or self._raw.read(_XZ_BLOCK)
                if not self._unused:
                    return 0
                self._unused = self._unused.lstrip(b"\x00")  # padding
                if not self._unused:
                    continue
                self._decompressor = lzma.LZMADecompressor(memlimit=MAX_XZ_MEMORY)
            elif self._decompressor.needs_input:
                self._unused = self._raw.read(_XZ_BLOCK)
                if not self._unused:
                    raise EOFError
            block = self._decompressor.decompress(self._unused, len(buffer))
            self._unused = b""
            if self._decompressor.eof:
                self._unused = self._decompressor.unused_data
                self._decompressor = None
            if block:
                buffer[: len(block)] = block
                return len(block)


def is_relevant(name: str) -> bool:
    """Return whether an archive member is read, or reported as a nested archive; others are skipped."""
    return has_suffix(name, GAME_SUFFIXES) or is_nested(name)


def is_nested(name: str) -> bool:
    """Return whether an archive member is an archive itself."""
    return has_suffix(name, ARCHIVE_SUFFIXES)
