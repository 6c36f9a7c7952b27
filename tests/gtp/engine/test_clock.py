"""How much time a move may take."""

import math

import pytest

from goengine.game.board import BLACK, WHITE
from goengine.gtp.engine.clock import Clock, byo_yomi, canadian

NO_LIMIT = math.inf


def test_without_limits_a_move_may_take_any_time() -> None:
    assert Clock().budget(BLACK, 361, 0) == NO_LIMIT
    assert canadian(0, 30, 0).budget(BLACK, 361, 0) == NO_LIMIT  # the standard: no limit at all


@pytest.mark.parametrize(
    ("clock", "left", "seconds"),
    [
        (canadian(0, 0, 0), None, 0.0),  # the standard: no time, not no limit
        (canadian(1264, 0, 0), None, 9.5),  # a game of 19x19 has some 126 moves of each side
        (canadian(600, 0, 0), (0, 0), 0.0),
        (canadian(600, 0, 0), (1, 0), 0.0),
        (canadian(600, 250, 25), (250, 25), 9.5),
        (canadian(600, 250, 25), (10, 20), 0.0),
        (canadian(0, 250, 25), None, 9.5),  # overtime from the first move on
        (byo_yomi(600, 30, 5), (600, 0), 29.5),  # main time may run out: a period follows
        (byo_yomi(600, 30, 5), (30, 5), 29.5),
        (byo_yomi(600, 30, 5), (12, 1), 11.5),
        (Clock(), (50, 10), 4.5),  # time that is told though none was set
    ],
)
def test_budget(clock: Clock, left: tuple[float, int] | None, seconds: float) -> None:
    if left is not None:
        clock = clock.with_left(WHITE, *left)
    assert clock.budget(WHITE, 361, 0) == pytest.approx(seconds, abs=0.01)


def test_each_colour_has_its_own_time() -> None:
    clock = canadian(600, 0, 0).with_left(BLACK, 100, 0).with_left(WHITE, 1000, 0)
    assert clock.budget(BLACK, 361, 0) < clock.budget(WHITE, 361, 0)
    assert clock.full().budget(BLACK, 361, 0) == clock.full().budget(WHITE, 361, 0)


def test_a_long_game_is_never_taken_for_over() -> None:
    assert canadian(600, 0, 0).with_left(BLACK, 30, 0).budget(BLACK, 361, 500) == pytest.approx(1.0)
