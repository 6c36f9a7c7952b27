"""Selecting games."""

from dataclasses import replace
from datetime import date

import pytest

from goengine.data.sgf.records import GameRecord
from goengine.data.sources.selection import Selection, parse_day, parse_ranks
from goengine.errors import GoEngineError

GAME = GameRecord(
    size=19,
    moves=(72, 288),
    date="2016-03-09",
    result="W+R",
    black_name="Lee Sedol",
    white_name="AlphaGo",
    black_rank="9p",
    white_rank="9d",
)
HANDICAP = replace(GAME, handicap=4, setup_black=(72, 288, 60, 300), first_player=2)
SETUP = replace(GAME, setup_black=(72,), setup_white=(288,))
UNKNOWN = GameRecord(size=19, moves=(72,))

SELECTIONS = [
    (Selection(), GAME, ""),
    (Selection(), UNKNOWN, ""),
    (Selection(size=9), GAME, "board size: 19x19 in a table of 9x9"),
    (Selection(ranks=parse_ranks("6d+")), GAME, ""),
    (Selection(ranks=parse_ranks("9d")), GAME, "rank"),
    (Selection(ranks=parse_ranks("9d-9p")), GAME, ""),
    (Selection(ranks=parse_ranks("9p")), GAME, "rank"),
    (Selection(ranks=parse_ranks("30k-9p")), UNKNOWN, "rank"),
    (Selection(since=date(2016, 3, 9)), GAME, ""),
    (Selection(since=date(2016, 3, 10)), GAME, "date"),
    (Selection(until=date(2016, 3, 9)), GAME, ""),
    (Selection(until=date(2016, 3, 8)), GAME, "date"),
    (Selection(since=date(2016, 1, 1)), replace(GAME, date="2016"), ""),
    (Selection(since=date(2016, 2, 1)), replace(GAME, date="2016"), "date"),
    (Selection(until=date(2016, 12, 1)), replace(GAME, date="2016-12"), "date"),
    (Selection(since=date(1900, 1, 1)), UNKNOWN, "date"),
    (Selection(even=True), GAME, ""),
    (Selection(even=True), HANDICAP, "handicap"),
    (Selection(even=True), SETUP, "handicap"),
    (Selection(even=False), GAME, "handicap"),
    (Selection(even=False), HANDICAP, ""),
    (Selection(player="sedol"), GAME, ""),
    (Selection(player="ALPHAGO"), GAME, ""),
    (Selection(player="Ke Jie"), GAME, "player"),
    (Selection(results=("white",)), GAME, ""),
    (Selection(results=("white", "resignation")), GAME, ""),
    (Selection(results=("white", "time")), GAME, "result"),
    (Selection(results=("black",)), GAME, "result"),
    (Selection(results=("draw",)), replace(GAME, result="Jigo"), ""),
    (Selection(results=("draw",)), UNKNOWN, "result"),
]


@pytest.mark.parametrize(("selection", "record", "kind"), SELECTIONS)
def test_reject_reasons(selection: Selection, record: GameRecord, kind: str) -> None:
    reason = selection.reject_reason(record)
    assert reason == kind or (kind and reason.startswith(f"{kind}: "))


def test_short_games_are_rejected() -> None:
    assert Selection().length_reject_reason(0) == "no moves: the record holds none"
    assert Selection().length_reject_reason(1) == ""
    assert Selection(min_moves=50).length_reject_reason(49) == "too short: 49 moves"
    assert Selection(min_moves=50).length_reject_reason(50) == ""


RANKS = [
    ("6d+", 6, float("inf")),
    ("3k-1d", -2, 1),
    ("9p", 19, 19),
    ("10k-9p", -9, 19),
    ("1 dan +", 1, float("inf")),
]


@pytest.mark.parametrize(("text", "low", "high"), RANKS)
def test_ranges_of_ranks(text: str, low: float, high: float) -> None:
    ranks = parse_ranks(text)
    assert (ranks.text, ranks.low, ranks.high) == (text, low, high)


@pytest.mark.parametrize("text", ["", "strong", "1d-3k", "6d+-9d", "6d-", "-6d", "+"])
def test_invalid_ranges_of_ranks_are_refused(text: str) -> None:
    with pytest.raises(GoEngineError, match="is not a range of ranks such as"):
        parse_ranks(text)


DAYS = [
    ("2010", date(2010, 1, 1), date(2010, 12, 31)),
    ("2012-02", date(2012, 2, 1), date(2012, 2, 29)),
    ("2010-5", date(2010, 5, 1), date(2010, 5, 31)),
    ("2010-05-31", date(2010, 5, 31), date(2010, 5, 31)),
]


@pytest.mark.parametrize(("text", "first", "last"), DAYS)
def test_days(text: str, first: date, last: date) -> None:
    assert parse_day(text) == first
    assert parse_day(text, end=True) == last


@pytest.mark.parametrize("text", ["", "10", "2010-13", "2010-02-30", "today", "2010-", "2010-00", "0000"])
def test_invalid_dates_are_refused(text: str) -> None:
    with pytest.raises(GoEngineError, match="is not a date such as"):
        parse_day(text, end=True)


def test_unknown_results_are_refused() -> None:
    with pytest.raises(GoEngineError, match=r"unknown result .*; expected one of black, white"):
        Selection(results=("B+R",))
