"""Write files and folders completely or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from goengine.errors import GoEngineError


def check_target(path: Path) -> None:
    """Check, before long work, that its result can be written to this path.

    Raises:
        GoEngineError: if it is a folder, or its folder does not exist.
    """
    if path.is_dir():
        raise GoEngineError(f"{path}: cannot be written (it is a folder)")
    if not path.parent.is_dir():
        raise GoEngineError(f"{path}: cannot be written (there is no folder {path.parent})")


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path to write to, and rename it to `path` at the end of the block.

    If the block raises, the temporary file is removed and a file at `path` is unchanged.

    Raises:
        GoEngineError: if the file cannot be written.
    """
    check_target(path)
    partial = partial_name(path)
    try:
        yield partial
        partial.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder to write to, and rename it to `path` at the end of the block.

    If the block raises, the temporary folder is removed.

    Raises:
        GoEngineError: if `path` exists and is not an empty folder, or the folder cannot be written.
    """
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise GoEngineError(f"{path}: already exists; expected a new name or an empty folder")
    partial = partial_name(path)
    make_folder(partial)
    try:
        yield partial
        if path.exists():
            path.rmdir()
        partial.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def partial_name(path: Path) -> Path:
    """Return the path of an incomplete file: a hidden name in the same folder, with the process id."""
    return path.with_name(f".{path.name}.{os.getpid()}.partial")


def make_folder(path: Path) -> None:
    """Create a folder, and its parents, unless it exists.

    Raises:
        GoEngineError: if it cannot be created.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GoEngineError(f"{path}: cannot create this folder ({error.strerror})") from error


def cannot_write(path: Path, error: Exception) -> GoEngineError:
    """Return the error to raise when the system or a library cannot write a file."""
    reason = getattr(error, "strerror", None) or str(error).strip().partition("\n")[0][:200]
    return GoEngineError(f"{path}: cannot be written ({reason})")
