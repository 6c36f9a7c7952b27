"""Boards, and parts of boards, as small pictures."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from goengine.game.board import BLACK, EMPTY, star_points
from goengine.nn.placement import Box

_WOOD, _LINE, _OUTSIDE, _MARK = "#e8c37d", "#5b4a2a", "#b9b2a5", "#c1121f"
_FINE = 4  # drawn so many times as large, then reduced, for smooth edges


def board_tile(
    stones: NDArray[np.int8],
    box: Box | None = None,
    marked: int | None = None,
    cell: int = 12,
) -> Image.Image:
    """A picture of a board, or of a part that may reach over its edges, `cell` pixels a point.

    stones: [size, size] of EMPTY, BLACK and WHITE. marked: a point with a ring, such as the last move's.
    """
    size = len(stones)
    top, bottom, left, right = box or Box(0, size, 0, size)
    step = cell * _FINE
    picture = Image.new("RGB", ((right - left) * step, (bottom - top) * step), _OUTSIDE)
    draw = ImageDraw.Draw(picture)

    def middle(row: float, column: float) -> tuple[float, float]:
        return (column - left + 0.5) * step, (row - top + 0.5) * step

    draw.rectangle([*middle(-0.5, -0.5), *middle(size - 0.5, size - 0.5)], fill=_WOOD)
    width = max(1, step // 16)
    for line in range(size):
        draw.line([*middle(line, 0), *middle(line, size - 1)], _LINE, width)
        draw.line([*middle(0, line), *middle(size - 1, line)], _LINE, width)
    for point in star_points(size):
        draw.circle(middle(*divmod(point, size)), step * 0.1, fill=_LINE)
    for (row, column), colour in np.ndenumerate(stones):
        if colour != EMPTY:
            face = "#111111" if colour == BLACK else "#fafafa"
            draw.circle(middle(row, column), step * 0.46, fill=face, outline="#333333", width=width)
    if marked is not None:
        draw.circle(middle(*divmod(marked, size)), step * 0.24, outline=_MARK, width=2 * width)
    return picture.resize((picture.width // _FINE, picture.height // _FINE), Image.Resampling.LANCZOS)
