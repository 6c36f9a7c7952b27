"""How much time a move may take."""

import math

import pytest

from goengine.colours import BLACK, WHITE
from goengine.gtp.engine.clock import Clock, byo_yomi, canadian

NO_LIMIT = math.inf


def test_without_limits_the_budget_is_infinite() -> None:
    assert Clock().budget(BLACK, 361, 0) == NO_LIMIT
    assert canadian(0, 30, 0).budget(BLACK, 361, 0) == NO_LIMIT  # the standard: no limit at all


@pytest.mark.parametrize(
    ("clock", "remaining", "seconds"),
    [
        (canadian(0, 0, 0), None, 0.0),  # the standard: no time, not no limit
        (canadian(1264, 0, 0), None, 9.5),  # on 19x19 each player has about 126 moves
        (canadian(600, 0, 0), (0, 0), 0.0),
        (canadian(600, 0, 0), (1, 0), 0.0),
        (canadian(600, 250, 25), (250, 25), 9.5),
        (canadian(600, 250, 25), (10, 20), 0.0),
        (canadian(0, 250, 25), None, 9.5),  # overtime from the first move on
        (byo_yomi(600, 30, 5), (600, 0), 29.5),  # a period follows the main time
        (byo_yomi(600, 30, 5), (30, 5), 29.5),
        (byo_yomi(600, 30, 5), (12, 1), 11.5),
        (Clock(), (50, 10), 4.5),  # time_left without time_settings
    ],
)
def test_budget(clock: Clock, remaining: tuple[float, int] | None, seconds: float) -> None:
    if remaining is not None:
        clock = clock.with_remaining(WHITE, *remaining)
    assert clock.budget(WHITE, 361, 0) == pytest.approx(seconds, abs=0.01)


def test_each_colour_has_its_own_time() -> None:
    clock = canadian(600, 0, 0).with_remaining(BLACK, 100, 0).with_remaining(WHITE, 1000, 0)
    assert clock.budget(BLACK, 361, 0) < clock.budget(WHITE, 361, 0)
    assert clock.restarted().budget(BLACK, 361, 0) == clock.restarted().budget(WHITE, 361, 0)


def test_a_long_game_keeps_time_for_further_moves() -> None:
    assert canadian(600, 0, 0).with_remaining(BLACK, 30, 0).budget(BLACK, 361, 500) == pytest.approx(1.0)
