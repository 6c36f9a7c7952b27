"""Fixed handicap, compared with the places that GNU Go gives on the sizes where both agree."""

import pytest

from goengine.errors import GoEngineError
from goengine.game.handicap import fixed_handicap, max_fixed_handicap
from goengine.points import format_vertex


@pytest.mark.parametrize(
    ("stones", "size", "vertices"),
    [
        (2, 19, "D4 Q16"),
        (3, 19, "D4 Q16 D16"),
        (4, 19, "D4 Q16 D16 Q4"),
        (5, 19, "D4 Q16 D16 Q4 K10"),
        (6, 19, "D4 Q16 D16 Q4 D10 Q10"),
        (7, 19, "D4 Q16 D16 Q4 D10 Q10 K10"),
        (8, 19, "D4 Q16 D16 Q4 D10 Q10 K4 K16"),
        (9, 19, "D4 Q16 D16 Q4 D10 Q10 K4 K16 K10"),
        (9, 13, "D4 K10 D10 K4 D7 K7 G4 G10 G7"),
        (5, 9, "C3 G7 C7 G3 E5"),
        (4, 8, "C3 F6 C6 F3"),
        (4, 7, "C3 E5 C5 E3"),
        (4, 12, "C3 K10 C10 K3"),
    ],
)
def test_handicap_stones_have_fixed_places(stones: int, size: int, vertices: str) -> None:
    assert [format_vertex(point, size) for point in fixed_handicap(stones, size)] == vertices.split()


def test_too_many_handicap_stones_are_refused() -> None:
    assert [max_fixed_handicap(size) for size in (2, 6, 7, 8, 9, 13, 18, 19, 25)] == [
        0,
        0,
        4,
        4,
        9,
        9,
        4,
        9,
        9,
    ]
    for stones, size in ((0, 19), (1, 19), (10, 19), (5, 8), (5, 7), (2, 6)):
        with pytest.raises(GoEngineError, match="no fixed places"):
            fixed_handicap(stones, size)
