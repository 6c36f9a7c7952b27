"""Compiled functions: numba, cached on disk, without the GIL.

numba's cache does not see a change in a function that lives in another file and was compiled into its
caller. So the cache of all compiled code lies in a folder named after a hash of all modules that hold
such code: a change to any of them compiles all of them anew.
"""

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

_COMPILED_SOURCES = ("goengine/jit.py", "goengine/kernel/*.py", "data/identity.py", "data/permutation.py")


@cache
def cache_folder() -> Path:
    """Where compiled code is kept: $GOENGINE_CACHE, else goengine in the user's cache folder."""
    here = Path(__file__).parent.parent
    digest = hashlib.sha256()  # numba itself sees a change in the file of the very function it loads
    for pattern in _COMPILED_SOURCES:
        for path in sorted(here.glob(pattern)):
            digest.update(path.read_bytes())
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
