"""Files that are written whole or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from goengine.errors import GoEngineError


def check_target(path: Path) -> None:
    """Look before long work whether its result can have this name.

    Raises GoEngineError if it is a folder, or would lie in a folder that does not exist.
    """
    if path.is_dir():
        raise GoEngineError(f"{path}: cannot be written (it is a folder)")
    if not path.parent.is_dir():
        raise GoEngineError(f"{path}: cannot be written (there is no folder {path.parent})")


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Gives the name to write to. When the block ends the file there takes the place of `path`.

    If the block is left by an exception nothing remains, and a file that was at `path` is as it was.

    Raises GoEngineError if the file cannot be written.
    """
    check_target(path)
    partial = partial_name(path)
    try:
        yield partial
        partial.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from None
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Gives a folder to write to, which takes the name `path` when the block ends; nothing remains otherwise.

    Raises GoEngineError if there is something of that name, other than an empty folder, or the folder cannot
    be written.
    """
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise GoEngineError(f"{path}: there is something of this name already")
    partial = partial_name(path)
    make_folder(partial)
    try:
        yield partial
        if path.exists():
            path.rmdir()
        partial.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def partial_name(path: Path) -> Path:
    """What a file is called until it is whole: a hidden name in the same folder, the process's own."""
    return path.with_name(f".{path.name}.{os.getpid()}.partial")


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, where there is none.

    Raises GoEngineError if it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GoEngineError(f"{path}: cannot be made a folder ({error.strerror})") from None


def cannot_write(path: Path, error: Exception) -> GoEngineError:
    """The sentence for what the system, or a library, says when it cannot write."""
    reason = getattr(error, "strerror", None) or str(error).strip().partition("\n")[0][:200]
    return GoEngineError(f"{path}: cannot be written ({reason})")
