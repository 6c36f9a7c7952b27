"""Results, ranks, komi and handicap, as records write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goengine.data.sgf.game_info import (
    GameResult,
    parse_handicap,
    parse_komi,
    parse_rank,
    parse_result,
    rank_name,
)

B, W, NONE = 1, 2, None
UNKNOWN = (NONE, None, "")
RESULTS = [
    ("B+R", (B, None, "resignation")),
    ("W+Resign", (W, None, "resignation")),
    ("b+res.", (B, None, "resignation")),
    ("B + R", (B, None, "resignation")),
    ("B+R (no further moves known)", (B, None, "resignation")),
    ("W+T", (W, None, "time")),
    ("W+Time", (W, None, "time")),
    ("B+F", (B, None, "forfeit")),
    ("B+Forfeit", (B, None, "forfeit")),
    ("B+0.5", (B, 0.5, "points")),
    ("B+1", (B, 1.0, "points")),
    ("W+8.50", (W, 8.5, "points")),
    ("W+ 8,5", (W, 8.5, "points")),
    ("W+3½", (W, 3.5, "points")),
    ("B+63.5", (B, 63.5, "points")),
    ("B+3 (moves beyond 253 not known)", (B, 3.0, "points")),
    ("B+0.0", (B, None, "")),
    ("B+", (B, None, "")),
    ("W+?", (W, None, "")),
    ("B+Win", (B, None, "")),
    ("Black wins by 3.5", (B, 3.5, "points")),
    ("Black wins by resignation", (B, None, "resignation")),
    ("White won on time", (W, None, "time")),
    ("White resigns", (B, None, "resignation")),
    ("Black loses on time", (W, None, "time")),
    ("0", (0, 0.0, "draw")),
    ("Draw", (0, 0.0, "draw")),
    ("Jigo", (0, 0.0, "draw")),
    ("持碁", (0, 0.0, "draw")),
    ("和棋", (0, 0.0, "draw")),
    ("Void", (NONE, None, "void")),
    ("無勝負", (NONE, None, "void")),
    ("Both lost", (NONE, None, "void")),
    ("?", UNKNOWN),
    ("? (No further moves known)", UNKNOWN),
    ("", UNKNOWN),
    ("Left unfinished", UNKNOWN),
    ("打ち掛け", UNKNOWN),
    ("Bob wins", UNKNOWN),
    ("黑中盘胜", (B, None, "resignation")),
    ("白中盤勝", (W, None, "resignation")),
    ("257手完, 黒中押し勝ち", (B, None, "resignation")),
    ("白番中押し勝ち", (W, None, "resignation")),
    ("흑불계승", (B, None, "resignation")),
    ("白投了", (B, None, "resignation")),
    ("黑胜3.5目", (B, 3.5, "points")),
    ("白半目勝", (W, 0.5, "points")),
    ("黒3目半勝ち", (B, 3.5, "points")),
    ("白番二目半勝", (W, 2.5, "points")),
    ("백 3집반승", (W, 3.5, "points")),
    ("백 반집승", (W, 0.5, "points")),
    ("黑胜3/4子", (B, 1.5, "points")),
    ("黑胜1又3/4子", (B, 3.5, "points")),
    ("白胜四分之一子", (W, 0.5, "points")),
    ("白胜2子半", (W, 5.0, "points")),
    ("黑胜", (B, None, "")),
    ("白時間切れ勝ち", (W, None, "time")),
    ("黑超时负", (W, None, "time")),
    ("白反則負け", (B, None, "forfeit")),
]


@pytest.mark.parametrize(("text", "result"), RESULTS, ids=[row[0] for row in RESULTS])
def test_results(text: str, result: tuple[int | None, float | None, str]) -> None:
    assert parse_result(text) == GameResult(*result)


RANKS = [
    ("30k", -29),
    ("2 kyu", -1),
    ("1k", 0),
    ("12k?", -11),
    ("8k*", -7),
    ("7級", -6),
    ("5级", -4),
    ("18급", -17),
    ("二十級", -19),
    ("1d", 1),
    ("初段", 1),
    ("9d", 9),
    ("9D", 9),
    ("9 dan", 9),
    ("9-dan", 9),
    ("9d?", 9),
    ("2d*", 2),
    ("9段", 9),
    ("９段", 9),
    ("九段", 9),
    ("9단", 9),
    ("业余5段", 5),
    ("10段", 10),
    ("1p", 11),
    ("9p", 19),
    ("P9p", 19),
    ("P9段", 19),
    ("9 dan pro", 19),
    ("9 dan (professional)", 19),
    ("pro 9 dan", 19),
    ("职业九段", 19),
    ("プロ九段", 19),
    ("프로 9단", 19),
    ("本因坊九段", 9),
    ("Meijin, 9p", 19),
    ("十段 9p", 19),
    ("5.5k", -4.5),
]


@pytest.mark.parametrize(("text", "rank"), RANKS, ids=[row[0] for row in RANKS])
def test_ranks(text: str, rank: float) -> None:
    assert parse_rank(text) == rank


@pytest.mark.parametrize(
    "text", ["", "?", "-", "NR", "pro", "Meijin", "十段", "初級", "99d", "0k", "1999", "12 deep"]
)
def test_texts_without_a_rank(text: str) -> None:
    assert parse_rank(text) is None


def test_rank_names_are_parsed_back() -> None:
    names = [
        *(f"{n}k" for n in range(30, 0, -1)),
        *(f"{n}d" for n in range(1, 10)),
        *(f"{n}p" for n in range(1, 10)),
    ]
    ranks = [parse_rank(name) for name in names]
    assert ranks == sorted(ranks)  # type: ignore[type-var]  # none is None
    assert [rank_name(rank) for rank in ranks if rank is not None] == names


KOMI = [
    ("6.5", 6.5),
    ("7.50", 7.5),
    ("6,5", 6.5),
    ("6½", 6.5),
    ("6 1/2", 6.5),
    (" 0 ", 0.0),
    ("-3.5", -3.5),
    ("-59.5", -59.5),
    ("80", 80.0),
    ("650", 6.5),
    ("750", 7.5),
    ("0.25", 0.5),
    ("3.75", 7.5),
    ("2.75", 5.5),
    ("375", 7.5),
    ("275", 5.5),
    ("-375", -7.5),
    ("3又3/4子", 7.5),
    ("3.75子", 7.5),
    ("黑贴三又四分之三子", 7.5),
    ("6.5目", 6.5),
    ("6目半", 6.5),
    ("六目半", 6.5),
    ("コミ6目半", 6.5),
    ("덤 6집반", 6.5),
    ("komi 5.5 points", 5.5),
    ("", None),
    ("none", None),
    ("nan", None),
    ("inf", None),
    ("1e300", None),
    ("99999999999", None),
]


@pytest.mark.parametrize(("text", "komi"), KOMI, ids=[row[0] for row in KOMI])
def test_komi(text: str, komi: float | None) -> None:
    assert parse_komi(text) == komi


HANDICAPS = [
    ("0", 0),
    ("2", 2),
    (" 9 ", 9),
    ("H4", 4),
    ("4子", 4),
    ("让四子", 4),
    ("4 stones", 4),
    ("Four stones", 4),
    ("none", 0),
    ("even", 0),
    ("互先", 0),
    ("", None),
    ("..text..", None),
    ("-2", None),
    ("0.5", None),
    ("99999", None),
    ("999", None),
]


@pytest.mark.parametrize(("text", "stones"), HANDICAPS, ids=[row[0] for row in HANDICAPS])
def test_handicaps(text: str, stones: int | None) -> None:
    assert parse_handicap(text) == stones


PIECES = [
    "b+",
    "w",
    "黑",
    "胜",
    "9",
    "3/4",
    "½",
    ".",
    ",",
    "-",
    "子",
    "目",
    "半",
    "分之",
    "十",
    "百",
    "d",
    "p",
    "k",
    "段",
    " ",
]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=30))
def test_no_text_raises_an_error(text: str) -> None:
    result = parse_result(text)
    assert (result.winner, result.margin) == (0, 0.0) or result.margin is None or result.margin > 0
    assert abs(parse_komi(text) or 0) <= 625
    assert (parse_handicap(text) or 0) <= 625
    assert -49 <= (parse_rank(text) or 0) <= 19
