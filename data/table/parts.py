"""What is finished of a build, in a folder beside its table, so that a build that was stopped goes on."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from goengine.data.sources.sources import Reject
from goengine.data.table.arrow import SCHEMA, VERSION
from goengine.errors import GoEngineError
from goengine.util.files import cannot_write, make_folder, whole_file

_PLAN = "plan"


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the files of a build: which file, and how many of its games and faults lie before."""

    file: int = 0
    events: int = 0


class Parts:
    """The finished parts of a build, in order.

    A part is a file of games and a smaller one that says where it ends and which games were left out. The
    second is written last, so a part without it was never finished and is written again.

    Public attributes:
      cursor -- where the last part ends
      read -- how many games were read for the parts, kept or not
    """

    def __init__(self, out: Path, files: Sequence[Path], request: object) -> None:
        """The parts that an earlier run has left of the build of `out`; none if it was another build.

        It is the same build if the files have the same names, sizes and times, and `request` the same repr.

        Raises GoEngineError if the folder cannot be made.
        """
        self._folder = out.with_name(f"{out.name}.parts")
        self.cursor = Cursor()
        self.read = 0
        self._count = 0
        plan = _plan(files, request)
        try:
            if (self._folder / _PLAN).read_text(encoding="utf-8") == plan:
                self._take_stock()
                return
        except (OSError, ValueError):
            pass  # there is none
        self.remove()
        make_folder(self._folder)
        with whole_file(self._folder / _PLAN) as partial:
            partial.write_text(plan, encoding="utf-8")

    def add(self, games: pa.Table, rejects: Sequence[Reject], cursor: Cursor, read: int) -> None:
        """Keep a part: what was made of the `read` games that lie before `cursor` and after the last part.

        Raises GoEngineError if it cannot be written.
        """
        path = self._path(self._count)
        end = {
            "file": cursor.file,
            "events": cursor.events,
            "read": read,
            "rejects": [[reject.source, reject.index, reject.reason] for reject in rejects],
        }
        try:
            with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, SCHEMA) as writer:
                writer.write_table(games)
        except (OSError, pa.ArrowException) as error:
            raise cannot_write(path, error) from None
        with whole_file(path.with_suffix(".json")) as partial:
            partial.write_text(json.dumps(end), encoding="utf-8")
        self._count += 1
        self.cursor = cursor
        self.read += read

    def tables(self) -> Iterator[pa.Table]:
        """The games of each part, a table of SCHEMA, mapped and not read before they are used.

        Raises GoEngineError if a part is damaged.
        """
        for number in range(self._count):
            path = self._path(number)
            try:
                with pa.memory_map(str(path)) as source:
                    yield pa.ipc.open_file(source).read_all()
            except (OSError, pa.ArrowException):
                raise GoEngineError(f"{path}: damaged; delete the folder {self._folder}") from None

    def rejects(self) -> Iterator[Reject]:
        """The games that were left out."""
        for number in range(self._count):
            for source, index, reason in self._end(number)["rejects"]:
                yield Reject(source, index, reason)

    def remove(self) -> None:
        """Delete the folder, if it is there.

        Raises GoEngineError if it cannot be deleted.
        """
        try:
            shutil.rmtree(self._folder)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise GoEngineError(f"{self._folder}: cannot be deleted ({error.strerror})") from None

    def _take_stock(self) -> None:
        while self._path(self._count).with_suffix(".json").exists():
            end = self._end(self._count)
            self.cursor = Cursor(end["file"], end["events"])
            self.read += end["read"]
            self._count += 1

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:06d}.arrow"

    def _end(self, number: int) -> dict:
        return json.loads(self._path(number).with_suffix(".json").read_text(encoding="utf-8"))


def _plan(files: Sequence[Path], request: object) -> str:
    """A text that differs where another build is asked for."""
    digest = hashlib.sha256(repr((VERSION, request)).encode())
    for file in files:
        digest.update(b"\n" + os.fsencode(file.absolute()))
        with suppress(OSError):  # a file that cannot be looked at is read, and left out, anew each time
            status = file.stat()
            digest.update(f"\t{status.st_size}\t{status.st_mtime_ns}".encode())
    return digest.hexdigest()
