"""Compiled code is cached for later processes, until any source it depends on changes."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import goengine
from goengine.util import jit
from goengine.util.jit import lowest_bit, njit, popcount

_COUNT_HITS = """
from goengine.game.board import Board
from goengine.kernel.moves import play_move
Board(9).play("E5")
print(sum(play_move.stats.cache_hits.values()))
"""


@njit
def _bits(word):
    return popcount(word), lowest_bit(word)


def test_popcount_and_lowest_bit():
    for word in (1, 2, 3, 12, 2**63, 2**64 - 1, 0xF0F0 << 40):
        count, lowest = _bits(np.uint64(word))
        assert count == word.bit_count()
        assert 1 << lowest == word & -word


def test_all_modules_with_compiled_code_are_hashed():
    """A change to any of them must compile all again, since compiled functions contain copies of others."""
    root = Path(goengine.__file__).parents[1]
    hashed = jit.compiled_sources()
    compiled = {
        path.read_bytes()
        for package in ("goengine", "data", "training", "gtp")
        for path in (root / package).rglob("*.py")
        if re.search(r"^@(njit|inline|intrinsic)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(compiled) > 10
    assert compiled <= set(hashed.values())
    assert "goengine.kernel.playouts.games" in hashed
    assert "goengine.data.table.hashes" in hashed


def test_imported_modules_are_hashed_and_no_others():
    hashed = jit.compiled_sources()
    assert "goengine.points" in hashed
    assert "goengine.util.jit" in hashed
    assert not any(name.startswith(("goengine.cli", "goengine.nn", "goengine.training")) for name in hashed)


@pytest.mark.long
def test_second_process_compiles_nothing(tmp_path: Path):
    environment = os.environ | {"GOENGINE_CACHE": str(tmp_path)}
    command = [sys.executable, "-c", _COUNT_HITS]
    runs = [subprocess.run(command, env=environment, check=True, capture_output=True) for _ in range(2)]
    hits = [int(run.stdout) for run in runs]
    assert hits == [0, 1]
    assert [path.name for path in tmp_path.iterdir()] == ["numba"]
