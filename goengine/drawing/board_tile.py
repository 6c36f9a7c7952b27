"""Small pictures of boards and parts of boards, drawn with Pillow."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from goengine.drawing import palette
from goengine.game.board import BLACK, EMPTY, star_points
from goengine.nn.placement import Box
from goengine.points import COLUMN_LETTERS

_SCALE = 3  # pictures are drawn larger by this factor and then reduced, for smooth edges


def board_tile(
    stones: NDArray[np.int8],
    box: Box | None = None,
    marked: int | None = None,
    cell: int = 12,
    coordinates: bool = False,
) -> Image.Image:
    """Draw a board or a part of it.

    Args:
        stones: int8 [size, size] of EMPTY, BLACK and WHITE.
        box: The rows and columns to draw, which may lie outside the board; None for the whole board.
        marked: A point that gets a ring, such as the last move.
        cell: The distance between two lines, in pixels.
        coordinates: Draw the whole board with a margin of one cell that holds the names of rows and columns.
    """
    size = len(stones)
    if coordinates:
        box = Box(-1, size + 1, -1, size + 1)
    top, bottom, left, right = box or Box(0, size, 0, size)
    step = cell * _SCALE
    canvas = (right - left) * step, (bottom - top) * step
    picture = Image.new("RGB", canvas, palette.WOOD if coordinates else palette.OFF_BOARD)
    draw = ImageDraw.Draw(picture)

    def centre(row: float, column: float) -> tuple[float, float]:
        return (column - left + 0.5) * step, (row - top + 0.5) * step

    draw.rectangle([*centre(-0.5, -0.5), *centre(size - 0.5, size - 0.5)], fill=palette.WOOD)
    width = max(1, step // 16)
    for line in range(size):
        draw.line([*centre(line, 0), *centre(line, size - 1)], palette.LINES, width)
        draw.line([*centre(0, line), *centre(size - 1, line)], palette.LINES, width)
    if coordinates:
        style: dict[str, Any] = {"fill": palette.LINES, "anchor": "mm", "font_size": 0.42 * step}
        for line in range(size):
            for edge in (-0.9, size - 0.1):
                draw.text(centre(edge, line), COLUMN_LETTERS[line], **style)
                draw.text(centre(line, edge), str(size - line), **style)
    for point in star_points(size):
        draw.circle(centre(*divmod(point, size)), step * 0.1, fill=palette.LINES)
    for (row, column), colour in np.ndenumerate(stones):
        if colour != EMPTY:
            face = palette.BLACK_STONE if colour == BLACK else palette.WHITE_STONE
            draw.circle(centre(row, column), step * 0.46, fill=face, outline=palette.STONE_EDGE, width=width)
    if marked is not None:
        draw.circle(centre(*divmod(marked, size)), step * 0.24, outline=palette.MARK, width=2 * width)
    return picture.resize((picture.width // _SCALE, picture.height // _SCALE), Image.Resampling.LANCZOS)
