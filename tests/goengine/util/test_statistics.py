"""Wilson's interval against published figures."""

import pytest

from goengine.util.statistics import wilson_interval


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17:857 (1998), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        # the function prop.test of R, without continuity correction
        (20, 20, 0.8389, 1.0),
        (500, 1000, 0.4691, 0.5309),
    ],
)
def test_wilson_interval(successes: int, trials: int, low: float, high: float) -> None:
    share = successes / trials
    assert wilson_interval(share, trials) == pytest.approx((low, high), abs=5e-5)
    assert wilson_interval(1 - share, trials) == pytest.approx((1 - high, 1 - low), abs=5e-5)


def test_no_trials_exclude_nothing() -> None:
    assert wilson_interval(0.0, 0) == (0.0, 1.0)


def test_half_a_success_lies_inside_its_interval() -> None:
    low, high = wilson_interval(0.5, 1)
    assert 0 < low < 0.5 < high < 1
