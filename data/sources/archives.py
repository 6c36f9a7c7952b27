"""The SGF texts in a file: its own, a compressed file's, or those of an archive's members.

All are streams: nothing is unpacked to disk or held whole, but a zip or 7z archive's table of contents.
"""

import io
import tarfile
import zipfile
from collections.abc import Iterator
from typing import cast

from goengine.data.sources.members import (
    ARCHIVE_SUFFIXES,
    ENCRYPTED,
    NESTED,
    Member,
    decompressed,
    has_suffix,
    is_nested,
    wanted,
)
from goengine.errors import GoEngineError


def members(name: str, raw: io.BufferedIOBase) -> Iterator[Member]:
    """The game files in a file of this name: itself, or an archive's in the order in which they lie there.

    Archives within the archive are named as problems, and so is what needs a password.

    Raises GoEngineError if the archive holds no game file, and whatever the libraries raise on damage.
    """
    if not has_suffix(name, ARCHIVE_SUFFIXES):
        yield Member("", decompressed(name, raw))
        return
    if has_suffix(name, (".zip",)):
        found = _zip_members(raw)
    elif has_suffix(name, (".7z",)):
        try:
            from goengine.data.sources.seven_zip import seven_zip_members
        except ImportError:
            raise GoEngineError("7z archive: it takes py7zr to read, pip install 'goengine[7z]'") from None
        found = seven_zip_members(raw)
    else:
        found = _tar_members(decompressed(name, raw))
    empty = True
    for member in found:
        empty = False
        yield member
    if empty:
        raise GoEngineError("no SGF game: there is no game file in this archive")


def _zip_members(raw: io.BufferedIOBase) -> Iterator[Member]:
    with zipfile.ZipFile(raw) as archive:
        for info in archive.infolist():
            name = info.filename
            if info.is_dir() or not wanted(name):
                continue
            if is_nested(name) or info.flag_bits & 1:
                yield Member(name, None, NESTED if is_nested(name) else ENCRYPTED)
                continue
            try:
                stream = archive.open(info)
            except (
                Exception
            ) as error:  # of this member alone; what zipfile raises on damage is not documented
                yield Member(name, None, f"damaged file: {error}")
                continue
            with stream:
                yield Member(name, decompressed(name, cast(io.BufferedIOBase, stream)))


def _tar_members(stream: io.BufferedIOBase) -> Iterator[Member]:
    with tarfile.open(fileobj=stream, mode="r|", tarinfo=_Header, ignore_zeros=True) as archive:
        for info in archive:
            archive.members = []  # type: ignore[attr-defined]  # which would hold every header that was read
            name = info.name
            if not info.isreg() or not wanted(name):
                continue
            if is_nested(name):
                yield Member(name, None, NESTED)
            elif content := archive.extractfile(info):
                yield Member(name, decompressed(name, cast(io.BufferedIOBase, content)))


class _Header(tarfile.TarInfo):
    """A tar header that is damaged is named, where tarfile takes it for the archive's end."""

    @classmethod
    def fromtarfile(cls, archive: tarfile.TarFile) -> "_Header":
        try:
            return super().fromtarfile(archive)
        except tarfile.HeaderError as error:
            if isinstance(error, tarfile.EOFHeaderError | tarfile.EmptyHeaderError):  # type: ignore[attr-defined]
                raise
            raise tarfile.ReadError(f"{error} in a tar archive") from None
