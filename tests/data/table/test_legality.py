"""Faults of records: where they are, and why."""

import pytest
from support.example_records import example_records

from goengine.data.sgf.records import record_from_sgf
from goengine.data.table.legality import find_faults, truncate

CASES = [
    ("legal", "(;SZ[9];B[aa];W[bb];B[];W[])", None, ""),
    ("occupied", "(;SZ[9];B[aa];W[aa])", 1, "illegal move: move 2, White cannot play A9: "),
    ("suicide", "(;SZ[9]AB[ab][ba];W[aa];B[cc])", 0, "illegal move: move 1, White cannot play A9: "),
    ("capture is no suicide", "(;SZ[9]AB[ba]AW[ca][bb];B[ab];W[aa])", None, ""),
    ("ko", "(;SZ[9]AB[ba][ab][bc]AW[ca][db][cc][bb];B[cb];W[bb])", 1, "illegal move: move 2, White cannot"),
    ("ko later", "(;SZ[9]AB[ba][ab][bc]AW[ca][db][cc][bb];B[cb];W[hh];B[hi];W[bb])", None, ""),
    ("impossible setup", "(;SZ[9]AB[ab][ba]AW[aa];B[cc])", -1, "impossible setup"),
    ("only passes", "(;SZ[9];B[];W[])", None, ""),
    ("no moves", "(;SZ[9])", None, ""),
    ("off the board", "(;SZ[9];B[aa];W[zz];B[bb])", 1, "bad point: move 2 is off the board"),
    ("occupied, then off the board", "(;SZ[9];B[aa];W[aa];B[zz])", 1, "illegal move: move 2"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("sgf", "moves", "reason"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
def test_faults(sgf: str, moves: int | None, reason: str) -> None:
    record = record_from_sgf(sgf.encode())
    (fault,) = find_faults([record], 9)
    if fault is None:
        assert moves is None
        return
    assert fault.moves == moves
    assert fault.reason.startswith(reason)


def test_a_record_is_truncated_at_its_fault() -> None:
    record = record_from_sgf(b"(;SZ[9];B[aa];W[bb];B[bb];W[cc])")
    (fault,) = find_faults([record], 9)
    assert fault
    shorter = truncate(record, fault)
    assert shorter.moves == record.moves[:2]
    assert shorter.fault == fault.reason
    assert find_faults([shorter], 9) == [fault]


def test_faults_are_in_the_order_of_the_records() -> None:
    bad = record_from_sgf(b"(;SZ[9];B[aa];W[aa])")
    good = example_records(3)
    faults = find_faults([bad, good[0], bad, good[1], good[2]], 9)
    assert [bool(fault) for fault in faults] == [True, False, True, False, False]
    assert find_faults([], 9) == []
