"""Statistics of a match, counted by hand."""

import json
import math
from typing import Any

import pytest

from goengine.gtp.match.record import PlayedGame, Side
from goengine.gtp.match.summary import elo_difference, summarise
from goengine.util.statistics import wilson_interval

NAMES: dict[Side, str] = {"A": "one", "B": "two"}


def game(number: int, black: Side, result: str, plies: int = 200, **others: Any) -> PlayedGame:
    times: dict[str, Any] = {
        "ending": "passes",
        "answers": {"A": 2, "B": 1},
        "seconds": {"A": 1.0, "B": 3.0},
        "slowest": {"A": 0.5 + number, "B": 3.0},
    }
    return PlayedGame(number, black, result, plies=plies, **(times | others))


GAMES = [
    game(1, "A", "B+3.5", 150, scores={"A": "B+3.5", "B": "B+3.5"}),
    game(2, "B", "W+R", 180, ending="resignation"),
    game(3, "A", "W+T", 10, ending="forfeit", fault="time-out", reason="silent"),
    game(4, "B", "0", 300, scores={"A": "0", "B": "W+1"}),
    game(5, "A", "B+F", 12, ending="forfeit", fault="crash", reason="dead"),
]


def test_the_statistics_of_five_games() -> None:
    summary = summarise(NAMES, GAMES)
    one, two = summary.sides["A"], summary.sides["B"]
    assert (summary.games, summary.draws) == (5, 1)
    assert (one.wins, one.wins_as_black, one.wins_as_white) == (3, 2, 1)
    assert (two.wins, two.wins_as_black, two.wins_as_white) == (1, 0, 1)
    assert (one.games_as_black, one.games_as_white) == (3, 2)
    assert (two.games_as_black, two.games_as_white) == (2, 3)
    assert (one.share, two.share) == (0.7, 0.3)
    assert one.interval == wilson_interval(0.7, 5)
    assert (one.mean_seconds, one.slowest) == (0.5, 5.5)
    assert (two.mean_seconds, two.slowest) == (3.0, 3.0)
    assert dict(one.faults) == {"time-out": 1}
    assert dict(two.faults) == {"crash": 1}
    assert summary.lengths == (150, 180, 300)
    assert dict(summary.endings) == {"passes": 2, "resignation": 1, "forfeit": 2}
    assert (summary.scored, summary.agreed) == (2, 1)
    assert summary.elo == pytest.approx(147.2, abs=0.1)  # 400 log10(0.7 / 0.3)
    low, high = summary.elo_interval
    assert low < summary.elo < high


def test_one_side_wins_all_games() -> None:
    summary = summarise(NAMES, [game(1, "A", "B+F", ending="forfeit", fault="crash")])
    assert summary.elo == float("inf")
    assert summary.lengths is None
    written = json.loads(json.dumps(summary.as_json(), allow_nan=False))
    assert written["elo_difference"] is None
    assert written["elo_interval"][0] == pytest.approx(-233.8, abs=0.1)  # 400 log10(1 / 1.96**2)
    assert written["sides"]["B"]["forfeits"] == {"crash": 1}


def test_a_side_without_moves_has_no_times() -> None:
    nothing: dict[Side, Any] = {"A": 0, "B": 0}
    silent = game(1, "A", "W+F", answers=nothing, seconds=nothing, slowest=nothing)
    side = summarise(NAMES, [silent]).sides["B"]
    assert (side.mean_seconds, side.slowest) == (None, None)


@pytest.mark.parametrize(
    ("share", "elo"),
    [(0.5, 0), (10 / 11, 400), (1 / 11, -400), (0.76, 200.2), (0.64, 100), (1, math.inf), (0, -math.inf)],
)
def test_elo_difference(share: float, elo: float) -> None:
    assert elo_difference(share) == pytest.approx(elo, abs=0.1)
