"""The members of a game file: the file itself, or the game files in an archive.

All are streams: nothing is unpacked to disk or held in memory as a whole, except the table of contents of a
zip or 7z archive.
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
    is_relevant,
)
from goengine.errors import GoEngineError


def archive_members(name: str, raw: io.BufferedIOBase) -> Iterator[Member]:
    """Yield the game files in a file: the file itself, or an archive's members in their order.

    Archives within the archive and encrypted members are yielded without a stream, with their problem.

    Args:
        name: the file's name, whose suffix tells what it is.
        raw: the file's contents.

    Raises:
        GoEngineError: if the archive holds no game file, needs a password, or is a 7z archive and py7zr is
            not installed. Libraries raise other errors if it is damaged.
    """
    if not has_suffix(name, ARCHIVE_SUFFIXES):
        yield Member("", decompressed(name, raw))
        return
    if has_suffix(name, (".zip",)):
        members = _zip_members(raw)
    elif has_suffix(name, (".7z",)):
        try:
            from goengine.data.sources.seven_zip import seven_zip_members
        except ImportError as error:
            raise GoEngineError("7z archive: py7zr is not installed; pip install 'goengine[7z]'") from error
        members = seven_zip_members(raw)
    else:
        members = _tar_members(decompressed(name, raw))
    empty = True
    for member in members:
        empty = False
        yield member
    if empty:
        raise GoEngineError("no SGF game: there is no game file in this archive")


def _zip_members(raw: io.BufferedIOBase) -> Iterator[Member]:
    with zipfile.ZipFile(raw) as archive:
        for info in archive.infolist():
            name = info.filename
            if info.is_dir() or not is_relevant(name):
                continue
            if is_nested(name) or info.flag_bits & 1:
                yield Member(name, None, NESTED if is_nested(name) else ENCRYPTED)
                continue
            try:
                stream = archive.open(info)
            except Exception as error:  # zipfile does not document what it raises on a damaged member
                yield Member(name, None, f"damaged file: {error}")
                continue
            with stream:
                yield Member(name, decompressed(name, cast(io.BufferedIOBase, stream)))


def _tar_members(stream: io.BufferedIOBase) -> Iterator[Member]:
    with tarfile.open(fileobj=stream, mode="r|", tarinfo=_StrictHeader, ignore_zeros=True) as archive:
        for info in archive:
            archive.members = []  # type: ignore[attr-defined]  # tarfile would keep every header
            name = info.name
            if not info.isreg() or not is_relevant(name):
                continue
            if is_nested(name):
                yield Member(name, None, NESTED)
            elif content := archive.extractfile(info):
                yield Member(name, decompressed(name, cast(io.BufferedIOBase, content)))


class _StrictHeader(tarfile.TarInfo):
    """A tar header that raises an error if it is damaged; tarfile's own counts as the archive's end."""

    @classmethod
    def fromtarfile(cls, archive: tarfile.TarFile) -> "_StrictHeader":
        try:
            return super().fromtarfile(archive)
        except tarfile.HeaderError as error:
            if isinstance(error, tarfile.EOFHeaderError | tarfile.EmptyHeaderError):  # type: ignore[attr-defined]
                raise
            raise tarfile.ReadError(f"{error} in a tar archive") from error
