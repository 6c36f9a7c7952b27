"""A stream of SGF text, plain or compressed, and what its name says about it."""

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


MAX_XZ_MEMORY = 256 << 20
"""Bytes of memory that unpacking an .xz file may take; `xz -9` takes 65 MiB."""

_XZ_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class Member:
    """A text of games: a file, or a member of an archive.

    Public attributes:
      name -- within the archive, "" for a file of its own
      stream -- to be read before the next member is asked for; None where it cannot be read
      problem -- why it cannot, or ""
    """

    name: str
    stream: io.BufferedIOBase | None
    problem: str = ""


def has_suffix(name: str, suffixes: tuple[str, ...]) -> bool:
    return name.lower().endswith(suffixes)


def decompressed(name: str, raw: io.BufferedIOBase) -> io.BufferedIOBase:
    """The stream in a compressed one, by the suffix of its name; itself if it has no such suffix."""
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
            from backports import zstd  # see goengine.data.sgf.records
        return zstd.open(raw, "rb")
    return raw


class _Xz(io.RawIOBase):
    """What lzma.open gives, but with a bound on the memory that a file may ask for."""

    def __init__(self, raw: io.BufferedIOBase) -> None:
        self._raw = raw
        self._decompressor: lzma.LZMADecompressor | None = None
        self._unused = b""  # read, but not decompressed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while True:
            if self._decompressor is None:  # before a stream, of which a file may hold several
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


def wanted(name: str) -> bool:
    """Whether a member of an archive is read, or named as a problem; others are passed over."""
    return has_suffix(name, GAME_SUFFIXES) or is_nested(name)


def is_nested(name: str) -> bool:
    return has_suffix(name, ARCHIVE_SUFFIXES)


NESTED = "nested archive: archives within archives are not read"
ENCRYPTED = "encrypted: it needs a password"
