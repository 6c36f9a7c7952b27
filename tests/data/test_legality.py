"""Which records a table takes, and what is said of the others."""

import pytest
from support.example_records import example_records

from data.legality import faults
from data.records import record_from_sgf

CASES = [
    ("legal", "(;SZ[9];B[aa];W[bb];B[];W[])", ""),
    ("occupied", "(;SZ[9];B[aa];W[aa])", "illegal move: move 2, White cannot play A9: "),
    ("suicide", "(;SZ[9]AB[ab][ba];W[aa];B[cc])", "illegal move: move 1, White cannot play A9: "),
    ("capture is no suicide", "(;SZ[9]AB[ba]AW[ca][bb];B[ab];W[aa])", ""),
    ("ko", "(;SZ[9]AB[ba][ab][bc]AW[ca][db][cc][bb];B[cb];W[bb])", "illegal move: move 2, White cannot"),
    ("ko after moves elsewhere", "(;SZ[9]AB[ba][ab][bc]AW[ca][db][cc][bb];B[cb];W[hh];B[hi];W[bb])", ""),
    ("impossible setup", "(;SZ[9]AB[ab][ba]AW[aa];B[cc])", "impossible setup"),
    ("another board", "(;SZ[13];B[aa])", "board size: 13x13 in a table of 9x9"),
    ("no moves", "(;SZ[9]AB[aa])", "no moves"),
    ("only passes", "(;SZ[9];B[];W[])", ""),
]  # fmt: skip


@pytest.mark.parametrize(("sgf", "fault"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_faults(sgf: str, fault: str) -> None:
    (found,) = faults([record_from_sgf(sgf.encode())], 9)
    assert found.startswith(fault)
    assert bool(found) == bool(fault)


def test_each_record_gets_its_own_answer() -> None:
    bad = record_from_sgf(b"(;SZ[9];B[aa];W[aa])")
    good = example_records(3)
    found = faults([bad, good[0], bad, good[1], good[2]], 9)
    assert [bool(fault) for fault in found] == [True, False, True, False, False]
    assert faults([], 9) == []
