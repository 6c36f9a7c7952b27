"""Compiled functions: numba, cached on disk, without the GIL.

numba's cache does not see a change in a function that lives in another file and was compiled into its
caller. So the cache of all compiled code lies in a folder named after a hash of all modules that hold
such code, and of those they import: a change to any of them compiles all of them anew.
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
from numba import types
from numba.extending import intrinsic

_COMPILED = (b"\n@njit", b"\n@inline", b"\n@intrinsic")
_IMPORT = re.compile(rb"^from (goengine[\w.]*) import ([\w, ]*)", re.MULTILINE)


def compiled_sources() -> dict[str, bytes]:
    """The sources that compiled code is made of, by module name, in order of the names.

    They are all modules of goengine with a compiled function, wherever they lie, and the modules that those
    import: constants of another module become part of machine code.
    """
    folders = {"goengine": str(Path(__file__).parents[1])}
    for name in ("goengine.data", "goengine.training", "goengine.gtp"):  # elsewhere in an editable install
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            folders[name] = str(Path(spec.origin).parent)
    texts: dict[str, bytes] = {}
    for package, folder in folders.items():
        _read(package, folder, texts)
    found = {name for name, text in texts.items() if any(mark in text for mark in _COMPILED)}
    new = found
    while new:
        imported = set()
        for name in new:
            for module, names in _IMPORT.findall(texts[name]):
                package = module.decode()
                imported |= {package, *(f"{package}.{word.split()[0]}" for word in _words(names))}
        new = (imported & texts.keys()) - found
        found |= new
    return {name: texts[name] for name in sorted(found)}


def _read(package: str, folder: str, texts: dict[str, bytes]) -> None:
    """Add the texts of all modules in a folder, by name. Every start waits for it, so it is done by hand."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                name = package if entry.name == "__init__.py" else f"{package}.{entry.name[:-3]}"
                with open(entry.path, "rb", buffering=0) as file:  # noqa: PTH123
                    texts[name] = file.read()
            elif "." not in entry.name and entry.name != "__pycache__" and entry.is_dir():
                _read(f"{package}.{entry.name}", entry.path, texts)


def _words(names: bytes) -> list[str]:
    """What a line imports: `a, b as c` is ["a", "b as c"]."""
    return [word for word in names.decode().split(",") if word.strip()]


@cache
def cache_folder() -> Path:
    """The folder of the compiled code: in $GOENGINE_CACHE, else in goengine in the user's cache folder."""
    digest = hashlib.sha256()  # numba itself sees a change in the file of the very function it loads
    for name, text in compiled_sources().items():
        digest.update(b"%s %d\n" % (name.encode(), len(text)))
        digest.update(text)
    base = os.environ.get("GOENGINE_CACHE") or Path(
        os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "goengine"
    )
    return Path(base, "numba", digest.hexdigest()[:16])


def njit(function: Callable) -> Any:
    """Compile a function at its first call and keep the machine code for the next process."""
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(cache_folder())  # read while the decorator runs, then put back
    try:
        return numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    finally:
        numba.config.CACHE_DIR = before


def inline(function: Callable) -> Any:
    """Compile a small function into its callers (by LLVM; it gets no cache entry of its own)."""
    return numba.njit(nogil=True, error_model="numpy", forceinline=True)(function)


@intrinsic
def popcount(_typing_context, _word):
    """How many bits of a uint64 are set, as int64."""

    def emit(_context, builder, _signature, arguments):
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), emit


@intrinsic
def lowest_bit(_typing_context, _word):
    """The index of the lowest set bit of a uint64 that is not zero, as int64."""

    def emit(_context, builder, _signature, arguments):
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), emit
