"""Intervals and Elo differences against published figures."""

import math

import pytest

from goengine.gtp.match.strength import elo_difference, wilson_interval


@pytest.mark.parametrize(
    ("points", "games", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17:857 (1998), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (0, 0, 0.0, 1.0),
    ],
)
def test_wilson_interval(points: float, games: int, low: float, high: float) -> None:
    assert wilson_interval(points, games) == pytest.approx((low, high), abs=5e-5)
    assert wilson_interval(games - points, games) == pytest.approx((1 - high, 1 - low), abs=5e-5)


def test_a_draw_is_half_a_point() -> None:
    low, high = wilson_interval(0.5, 1)
    assert 0 < low < 0.5 < high < 1


@pytest.mark.parametrize(
    ("share", "elo"),
    [(0.5, 0), (10 / 11, 400), (1 / 11, -400), (0.76, 200.2), (0.64, 100), (1, math.inf), (0, -math.inf)],
)
def test_elo_difference(share: float, elo: float) -> None:
    assert elo_difference(share) == pytest.approx(elo, abs=0.1)
