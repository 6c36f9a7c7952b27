"""The finished parts of a build, in a folder next to the table, from which an interrupted build resumes."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from goengine.data.sources.reader import Reject
from goengine.data.table.arrow import SCHEMA, VERSION
from goengine.data.table.moves_file import sibling
from goengine.errors import GoEngineError
from goengine.util.files import cannot_write, make_folder, whole_file

_FINGERPRINT = "plan"


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position in the files of a build.

    Attributes:
        file: number of the file.
        events: number of games and rejects of that file before the position.
    """

    file: int = 0
    events: int = 0


class Parts:
    """The finished parts of a build, in order.

    A part is a file of games, and a JSON file with its end and its rejects. The JSON file is written last, so
    a part without it is unfinished and is written again.

    Attributes:
        cursor: the end of the last part.
        read: number of games read for the parts, accepted or rejected.
    """

    def __init__(self, out: Path, files: Sequence[Path], request: object) -> None:
        """Open the parts that an earlier run of the same build left, or start with none.

        Args:
            out: the table to build.
            files: the game files. The build is the same if their names, sizes and times are.
            request: everything else that the table depends on, compared by its repr.

        Raises:
            GoEngineError: if the folder cannot be created.
        """
        self._folder = sibling(out, "parts")
        self.cursor = Cursor()
        self.read = 0
        self._count = 0
        fingerprint = _fingerprint(files, request)
        with suppress(OSError, ValueError):
            if (self._folder / _FINGERPRINT).read_text(encoding="utf-8") == fingerprint:
                self._open_finished()
                return
        self.remove()
        make_folder(self._folder)
        with whole_file(self._folder / _FINGERPRINT) as partial:
            partial.write_text(fingerprint, encoding="utf-8")

    def add(self, games: pa.Table, rejects: Sequence[Reject], cursor: Cursor, read: int) -> None:
        """Save a part.

        Args:
            games: the accepted games, a table of SCHEMA.
            rejects: the rejected games.
            cursor: the end of the part.
            read: number of games read since the last part.

        Raises:
            GoEngineError: if it cannot be written.
        """
        path = self._path(self._count)
        summary = {
            "file": cursor.file,
            "events": cursor.events,
            "read": read,
            "rejects": [[reject.source, reject.index, reject.reason] for reject in rejects],
        }
        try:
            with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, SCHEMA) as writer:
                writer.write_table(games)
        except (OSError, pa.ArrowException) as error:
            raise cannot_write(path, error) from error
        with whole_file(path.with_suffix(".json")) as partial:
            partial.write_text(json.dumps(summary), encoding="utf-8")
        self._count += 1
        self.cursor = cursor
        self.read += read

    def tables(self) -> Iterator[pa.Table]:
        """Yield the games of each part, a memory-mapped table of SCHEMA.

        Raises:
            GoEngineError: if a part is damaged.
        """
        for number in range(self._count):
            path = self._path(number)
            try:
                with pa.memory_map(str(path)) as source:
                    yield pa.ipc.open_file(source).read_all()
            except (OSError, pa.ArrowException) as error:
                raise GoEngineError(f"{path}: damaged; delete the folder {self._folder}") from error

    def rejects(self) -> Iterator[Reject]:
        """Yield the rejected games of all parts."""
        for number in range(self._count):
            for source, index, reason in self._summary(number)["rejects"]:
                yield Reject(source, index, reason)

    def remove(self) -> None:
        """Delete the folder if it exists.

        Raises:
            GoEngineError: if it cannot be deleted.
        """
        try:
            shutil.rmtree(self._folder)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise GoEngineError(f"{self._folder}: cannot be deleted ({error.strerror})") from error

    def _open_finished(self) -> None:
        while self._path(self._count).with_suffix(".json").exists():
            summary = self._summary(self._count)
            self.cursor = Cursor(summary["file"], summary["events"])
            self.read += summary["read"]
            self._count += 1

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:06d}.arrow"

    def _summary(self, number: int) -> dict[str, Any]:
        text = self._path(number).with_suffix(".json").read_text(encoding="utf-8")
        summary: dict[str, Any] = json.loads(text)
        return summary


def _fingerprint(files: Sequence[Path], request: object) -> str:
    digest = hashlib.sha256(repr((VERSION, request)).encode())
    for file in files:
        digest.update(b"\n" + os.fsencode(file.absolute()))
        with suppress(OSError):  # a file that cannot be examined is rejected when it is read
            status = file.stat()
            digest.update(f"\t{status.st_size}\t{status.st_mtime_ns}".encode())
    return digest.hexdigest()
