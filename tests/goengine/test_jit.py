"""Compiled code is kept for the next process, and thrown away when any compiled source changes."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from goengine import jit
from goengine.jit import lowest_bit, njit, popcount

_COUNT_HITS = """
from goengine.board import Board
from goengine.kernel.moves import play_move
Board(9).play("E5")
print(sum(play_move.stats.cache_hits.values()))
"""


@njit
def _bits(word):
    return popcount(word), lowest_bit(word)


def test_bit_operations():
    for word in (1, 2, 3, 12, 2**63, 2**64 - 1, 0xF0F0 << 40):
        count, lowest = _bits(np.uint64(word))
        assert count == word.bit_count()
        assert 1 << lowest == word & -word


def test_all_modules_of_compiled_code_are_hashed():
    """A change to any of them must compile all anew, since compiled functions hold copies of others."""
    root = Path(jit.__file__).parent.parent
    hashed = {path for pattern in jit._COMPILED_SOURCES for path in root.glob(pattern)}
    compiled = {
        path
        for package in ("goengine", "data", "training", "gtp")
        for path in (root / package).rglob("*.py")
        if re.search(r"^@(njit|inline|intrinsic)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(compiled) > 10
    assert compiled <= hashed


@pytest.mark.long
def test_a_second_process_compiles_nothing(tmp_path: Path):
    environment = os.environ | {"GOENGINE_CACHE": str(tmp_path)}
    command = [sys.executable, "-c", _COUNT_HITS]
    runs = [subprocess.run(command, env=environment, check=True, capture_output=True) for _ in range(2)]
    hits = [int(run.stdout) for run in runs]
    assert hits == [0, 1]
    assert [path.name for path in tmp_path.iterdir()] == ["numba"]
