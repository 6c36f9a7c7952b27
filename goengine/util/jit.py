"""Compile functions with numba, without the GIL, and cache the machine code on disk.

numba compiles a function again when its own file changes, but not when functions or constants change that it
uses from other files. So the cache folder is named after a hash of all modules with compiled code and of
the modules that they import: after a change to any of them, everything is compiled again, into a new folder.
"""

import hashlib
import os
import re
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numba
from llvmlite import ir
from numba import extending, types

_COMPILED = (b"\n@njit", b"\n@inline", b"\n@intrinsic")
_IMPORT = re.compile(rb"^from (goengine[\w.]*) import ([\w, ]*)", re.MULTILINE)


def compiled_sources() -> dict[str, bytes]:
    """Return the source of every module on which compiled code depends.

    These are all modules of goengine with a compiled function, and the modules of goengine that they import,
    since machine code contains the values of imported constants.

    Returns:
        Sources by module name, in alphabetical order.
    """
    folders = {"goengine": str(Path(__file__).parents[1])}
    for name in (
        "goengine.data",
        "goengine.training",
        "goengine.gtp",
    ):  # in other folders in an editable install
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            folders[name] = str(Path(spec.origin).parent)
    texts: dict[str, bytes] = {}
    for package, folder in folders.items():
        _read(package, folder, texts)
    result = {name for name, text in texts.items() if any(mark in text for mark in _COMPILED)}
    new = result
    while new:
        imported = set()
        for name in new:
            for module, names in _IMPORT.findall(texts[name]):
                package = module.decode()
                imported |= {package, *(f"{package}.{word.split()[0]}" for word in _words(names))}
        new = (imported & texts.keys()) - result
        result |= new
    return {name: texts[name] for name in sorted(result)}


def _read(package: str, folder: str, texts: dict[str, bytes]) -> None:
    """Add the source of every module in a folder. Without pathlib, which would delay every start."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                name = package if entry.name == "__init__.py" else f"{package}.{entry.name[:-3]}"
                with open(entry.path, "rb", buffering=0) as file:  # noqa: PTH123
                    texts[name] = file.read()
            elif "." not in entry.name and entry.name != "__pycache__" and entry.is_dir():
                _read(f"{package}.{entry.name}", entry.path, texts)


def _words(names: bytes) -> list[str]:
    """Split what an import statement imports: "a, b as c" gives ["a", "b as c"]."""
    return [word for word in names.decode().split(",") if word.strip()]


@cache
def cache_folder() -> Path:
    """Return the folder of compiled code, in $GOENGINE_CACHE or in goengine/ in the user's cache folder."""
    digest = hashlib.sha256()
    for name, text in compiled_sources().items():
        digest.update(b"%s %d\n" % (name.encode(), len(text)))
        digest.update(text)
    base = os.environ.get("GOENGINE_CACHE") or Path(
        os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "goengine"
    )
    return Path(base, "numba", digest.hexdigest()[:16])


def njit(function: Callable[..., Any]) -> Any:
    """Compile a function at its first call and cache the machine code for later processes."""
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(cache_folder())  # only the decorator reads it
    try:
        return numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    finally:
        numba.config.CACHE_DIR = before


def inline(function: Callable[..., Any]) -> Any:
    """Compile a small function into each of its callers. LLVM inlines it; it is not cached by itself."""
    return numba.njit(nogil=True, error_model="numpy", forceinline=True)(function)


def intrinsic(function: Callable[..., Any]) -> Any:
    """Make a function of compiled code from one that emits LLVM instructions."""
    return extending.intrinsic(function)


@intrinsic
def popcount(_typing_context: Any, _word: Any) -> Any:
    """Return the number of bits of a uint64 that are set, as int64."""

    def emit(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), emit


@intrinsic
def lowest_bit(_typing_context: Any, _word: Any) -> Any:
    """Return the index of the lowest set bit of a uint64 other than 0, as int64."""

    def emit(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), emit
