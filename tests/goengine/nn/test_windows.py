"""Positions of windows, compared with PyTorch's, which are rounded down."""

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from goengine.errors import GoEngineError
from goengine.nn.windows import Window

SETTINGS = st.tuples(st.integers(1, 7), st.integers(1, 4), st.integers(0, 6))
SIDES = st.tuples(st.integers(1, 24), st.integers(1, 24))


def exact(length: int, F: int, S: int, P: int) -> bool:
    return length + 2 * P >= F and (length + 2 * P - F) / S % 1 == 0


@given(SETTINGS, SIDES)
def test_rounded_down_positions_equal_pytorchs(
    settings: tuple[int, int, int], sides: tuple[int, int]
) -> None:
    F, S, P = settings
    assume(min(sides) + 2 * P >= F)
    with torch.device("meta"):
        out = torch.nn.Conv2d(1, 1, F, S, P)(torch.empty(1, 1, *sides)).shape
    window = Window("filter", F, S, P, F - 1)
    assert window.whole_places(*sides) == tuple(out[2:])
    if all(exact(side, F, S, P) for side in sides):
        assert window.places(*sides) == tuple(out[2:])
    else:
        with pytest.raises(GoEngineError, match="not a positive whole number"):
            window.places(*sides)


# Extent, stride, padding; a side; the paddings that are named.
REFUSED = [
    ("CS231n's example", (3, 3, 0), 10, "padding 1 would fit"),
    ("between two", (3, 4, 1), 7, "padding 0 or 2 would fit"),
    ("larger than the input", (5, 1, 0), 3, "padding 1 or 2 would fit"),
    ("AlexNet's paper", (11, 4, 0), 224, "no padding up to 10 would fit"),
]


@pytest.mark.parametrize(("name", "settings", "side", "hint"), REFUSED, ids=[row[0] for row in REFUSED])
def test_the_nearest_paddings_that_fit_are_named(
    name: str,  # noqa: ARG001
    settings: tuple[int, int, int],
    side: int,
    hint: str,
) -> None:
    F, S, P = settings
    with pytest.raises(GoEngineError) as caught:
        Window("filter", F, S, P, F - 1).places(side, side)
    message = str(caught.value)
    assert message.endswith(hint)
    assert f"({side} - {F} + 2*{P})/{S} + 1" in message
    named = hint.removesuffix(" would fit").removeprefix("padding ").split(" or ")
    for padding in (int(word) for word in named if word.isdigit()):
        Window("filter", F, S, padding, F - 1).places(side, side)


@pytest.mark.parametrize(("sides", "axis"), [((10, 9), "10 high"), ((9, 10), "10 wide")])
def test_the_side_that_does_not_fit_is_named(sides: tuple[int, int], axis: str) -> None:
    with pytest.raises(GoEngineError, match=axis):
        Window("filter", 3, 2, 0, 2).places(*sides)


def test_a_window_larger_than_the_input_is_refused() -> None:
    with pytest.raises(GoEngineError, match="does not fit an input 2 wide"):
        Window("pooling window", 3, 2, 0, 1).whole_places(5, 2)
