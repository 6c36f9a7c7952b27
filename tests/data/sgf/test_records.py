"""Reading SGF to a GameRecord, and writing it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.example_records import example_records

from goengine.data.sgf.records import GameRecord, record_from_sgf, record_to_sgf
from goengine.errors import GoEngineError
from goengine.points import parse_vertex


def points(size: int, *vertices: str) -> tuple[int, ...]:
    return tuple(parse_vertex(vertex, size) for vertex in vertices)


def test_all_properties_of_a_record() -> None:
    record = record_from_sgf(
        b"(;GM[1]FF[4]CA[UTF-8]SZ[9]KM[6.5]RU[Chinese]PB[Ann]PW[B\xc3\xa9a]BR[3k]WR[5d]DT[2020-02-01]RE[W+R]EV[Cup]"
        b"HA[0];B[cg];W[];B[tt])",
        "file.sgf",
        7,
    )
    assert record == GameRecord(
        size=9,
        moves=points(9, "C3", "pass", "pass"),
        komi=6.5,
        rules="Chinese",
        black_name="Ann",
        white_name="Béa",
        black_rank="3k",
        white_rank="5d",
        date="2020-02-01",
        result="W+R",
        event="Cup",
        source="file.sgf",
        index=7,
    )
    assert record.positions == 1


MOVES = [
    # what, the SGF after the root's SZ[9], first player (B or W), moves
    ("points count from the top left", "(;SZ[9];B[aa];W[ia];B[ai])", "B", ["A9", "J9", "A1"]),
    ("White begins", "(;SZ[9];W[aa];B[bb])", "W", ["A9", "B8"]),
    ("White begins after handicap", "(;SZ[9]HA[2]AB[gc][cg];W[ee])", "W", ["E5"]),
    ("one colour twice: a pass between", "(;SZ[9];B[aa];B[bb];W[cc])", "B", ["A9", "pass", "B8", "C7"]),
    ("handicap as moves", "(;SZ[9]HA[3];B[aa];B[bb];B[cc];W[dd])", "B",
     ["A9", "pass", "B8", "pass", "C7", "D6"]),
    ("the main line is the first branch", "(;SZ[9];B[aa](;W[bb];B[cc](;W[dd])(;W[ee]))(;W[ff]))", "B",
     ["A9", "B8", "C7", "D6"]),
    ("comments may hold brackets", r"(;SZ[9]C[(;B[aa\] no];B[bb]C[\\];W[cc])", "B", ["B8", "C7"]),
    ("clock times", "(;SZ[9];B[aa]BL[29.5]OB[5];W[bb]WL[30])", "B", ["A9", "B8"]),
    ("white space anywhere", "( ; SZ[9]\r\n;B[aa]\n\n;\tW[bb] )\n", "B", ["A9", "B8"]),
    ("a pass as tt, and as nothing", "(;SZ[9];B[tt];W[])", "B", ["pass", "pass"]),
    ("old long names", "(;SiZe[9];Black[aa];White[bb])", "B", ["A9", "B8"]),
    ("nodes without a move", "(;SZ[9];C[hello];B[aa];;W[bb])", "B", ["A9", "B8"]),
    ("player to move of a position without moves", "(;SZ[9]AB[aa]PL[W])", "W", []),
    ("moves in the root", "(;SZ[9]B[aa];W[bb])", "B", ["A9", "B8"]),
    ("vertices", "(;SZ[9];Black[E5];White[j9];Black[A1])", "B", ["E5", "J9", "A1"]),
    ("no semicolon before the root", "(SZ[9];B[aa];W[bb])", "B", ["A9", "B8"]),
    ("no semicolon in a branch", "(;SZ[9];B[aa](W[bb];B[cc])(W[dd]))", "B", ["A9", "B8", "C7"]),
    ("the last branch without bracket", "(;SZ[9];B[aa](;W[bb];B[cc]);W[dd])", "B", ["A9", "B8", "C7"]),
    ("brackets missing at the end", "(;SZ[9];B[aa](;W[bb]", "B", ["A9", "B8"]),
    ("text after the main line", "(;SZ[9];B[aa];W[bb]) ] [", "B", ["A9", "B8"]),
    ("player to move in the middle", "(;SZ[9];B[aa];PL[W];W[bb])", "B", ["A9", "B8"]),
    ("a property without value", "(;SZ[9];B[aa]DO;W[bb])", "B", ["A9", "B8"]),
    ("a board given as 9:9", "(;SZ[9:9];B[aa])", "B", ["A9"]),
]  # fmt: skip


@pytest.mark.parametrize(("sgf", "first", "moves"), [row[1:] for row in MOVES], ids=[row[0] for row in MOVES])
def test_moves_and_first_player(sgf: str, first: str, moves: list[str]) -> None:
    record = record_from_sgf(sgf.encode())
    assert record.first_player == {"B": 1, "W": 2}[first]
    assert record.moves == points(9, *moves)


def test_tt_is_a_point_on_boards_above_19() -> None:
    assert record_from_sgf(b"(;SZ[21];B[tt])").moves == (19 * 21 + 19,)


def test_the_default_size_is_19() -> None:
    assert record_from_sgf(b"(;B[pd])").size == 19


def test_setup_stones_in_any_node_before_the_first_move() -> None:
    record = record_from_sgf(b"(;SZ[9]AB[aa][bb:cc]AW[ii];AE[bb]AW[aa];B[ee])")
    assert record.setup_black == points(9, "C8", "B7", "C7")
    assert record.setup_white == points(9, "A9", "J1")


def test_escapes_and_line_breaks_are_removed_from_texts() -> None:
    assert record_from_sgf(b"(;PB[a\\]b\\\\c\nd]BR[];B[aa])").black_name == "a]b\\c d"


def test_game_info_is_read_from_all_of_the_main_line() -> None:
    record = record_from_sgf(b"(;PB[Ann]SZ[9];B[aa](;PB[Bob]PW[Cid]RE[W+3.5]SZ[13];W[bb])(;PW[Dee];W[cc]))")
    assert (record.black_name, record.white_name, record.result, record.size) == ("Ann", "Cid", "W+3.5", 9)


HANDICAPS = [
    ("HA[2]AB[gc][cg];W[ee]", 2),
    ("AB[gc][cg];W[ee]", 2),  # HA missing
    ("HA[5]AB[gc][cg];W[ee]", 2),  # wrong
    ("HA[..text..]AB[gc][cg];W[ee]", 2),
    ("HA[0]AB[gc][cg]PL[W]", 2),
    ("HA[3]AB[gc][cg][gg];B[ee]", 3),
    ("AB[gc][cg];B[ee]", 0),  # a position, perhaps
    ("AB[gc];W[ee]", 0),  # Black's first move
    ("HA[2]AB[gc][cg]AW[ee];W[dd]", 2),
    ("AB[gc][cg]AW[ee];W[dd]", 0),
    ("HA[0];B[aa];B[bb];B[cc];W[dd]", 3),
    ("HA[1];B[aa];W[bb]", 0),
    ("HA[4];B[aa];W[bb]", 4),  # its stones are not in the record
    (";B[aa];B[bb];B[cc]", 3),
    (";B[aa];W[bb]", 0),
]  # fmt: skip


@pytest.mark.parametrize(("sgf", "stones"), HANDICAPS)
def test_handicap_is_counted_on_the_board(sgf: str, stones: int) -> None:
    assert record_from_sgf(f"(;SZ[9]{sgf})".encode()).handicap == stones


@pytest.mark.parametrize(
    ("text", "komi"), [("6.5", 6.5), ("650", 6.5), ("3.75", 7.5), ("", None), ("none", None)]
)
def test_komi(text: str, komi: float | None) -> None:
    assert record_from_sgf(f"(;KM[{text}];B[aa])".encode()).komi == komi


BROKEN = [
    (b"", "no SGF game"),
    (b"hello", "no SGF game"),
    (b"(;SZ[9]AB[kk];B[aa])", "a setup stone is off"),
    (b"(;AB[pp]AW[cp]SZ[9])", "a setup stone is off"),
    (b"(;SZ[1];B[aa])", "board size: '1' is not an integer from 2 to 25"),
    (b"(;SZ[26];B[aa])", "board size"),
    (b"(;SZ[big];B[aa])", "board size: 'big'"),
    (b"(;SZ[9:13];B[aa])", "rectangular board: '9:13', expected a square one"),
    (b"(;SZ[13x9];B[aa])", "rectangular board"),
    (b"(;GM[2]SZ[8];B[aa])", "not Go"),
]


@pytest.mark.parametrize(("sgf", "reason"), BROKEN)
def test_records_that_are_refused(sgf: bytes, reason: str) -> None:
    with pytest.raises(GoEngineError, match=reason):
        record_from_sgf(sgf)


FAULTS = [
    ("(;SZ[9];B[zz])", [], "bad point: move 1 is off the board"),
    ("(;SZ[9];B[aa];W[jj];B[bb])", ["A9"], "bad point: move 2 is off the board"),
    ("(;SZ[9];B[a])", [], "bad point: move 1 is off the board"),
    ("(;SZ[9];B[aa];W[K1])", ["A9"], "bad point: move 2 is off the board"),
    ("(;SZ[9];B[AA])", [], "bad point: move 1 is off the board"),
    ("(;SZ[9];B[aa];AW[bb];W[cc])", ["A9"], "late setup: stones are set up after move 1"),
    ("(;SZ[9];B[aa];W[bb];B[cc]W[dd])", ["A9", "B8"], "two moves: one node holds 2 moves, after move 2"),
    ("(;SZ[9];B[aa];W[bb][cc])", ["A9"], "two moves: one node holds 2 moves, after move 1"),
    ("(;SZ[9];B[aa];W[b", ["A9"], "bad SGF: a value does not end, after move 1"),
    ("(;SZ[9];B[aa]C[so it", ["A9"], "bad SGF: a value does not end, after move 1"),
    ("(;SZ[9];B[aa];C[a]b];W[bb])", ["A9"], "bad SGF: unexpected '];W[bb])', after move 1"),
    ("(;SZ[9];B[aa];[bb])", ["A9"], "bad SGF: a value has no property, after move 1"),
    ("(;SZ[9];B[aa];W[bb])", ["A9", "B8"], ""),
]  # fmt: skip


@pytest.mark.parametrize(("sgf", "moves", "fault"), FAULTS)
def test_moves_end_at_the_first_fault(sgf: str, moves: list[str], fault: str) -> None:
    record = record_from_sgf(sgf.encode())
    assert (record.moves, record.fault) == (points(9, *moves), fault)


@st.composite
def records(draw: st.DrawFn) -> GameRecord:
    size = draw(st.integers(2, 25))
    stones = draw(st.lists(st.integers(0, size * size - 1), unique=True, max_size=8))
    middle = draw(st.integers(0, len(stones)))
    text = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), max_size=10)
    moves = draw(st.lists(st.integers(0, size * size), min_size=1, max_size=30))
    return GameRecord(
        size=size,
        moves=tuple(moves),
        first_player=draw(st.sampled_from([1, 2])),
        setup_black=tuple(sorted(stones[:middle])),
        setup_white=tuple(sorted(stones[middle:])),
        komi=draw(st.sampled_from([None, 0.0, 6.5, -5.5])),
        result=draw(st.sampled_from(["", "B+R", "W+3.5"])),
        black_name=draw(text),
        event=draw(text),
    )


@given(records())
def test_a_written_record_is_read_back(record: GameRecord) -> None:
    assert replace(record_from_sgf(record_to_sgf(record)), handicap=0) == record


def test_a_written_handicap_is_read_back() -> None:
    *_, record = example_records()
    assert record.handicap == 2
    assert record_from_sgf(record_to_sgf(record), record.source, record.index) == record
