"""A board as people know it, as an image or in a window."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from goengine.errors import GoEngineError
from goengine.game.board import BLACK, EMPTY, Board, star_points
from goengine.points import COLUMN_LETTERS

CELL = 32  # pixels between two lines
_FINER = 3  # drawn that much larger and then reduced, which smooths the edges
_WOOD, _LINE, _BLACK, _WHITE = (226, 186, 118), (70, 52, 24), (24, 24, 24), (246, 246, 246)


def board_image(board: Board) -> NDArray[np.uint8]:
    """A picture of a position: uint8 [CELL * (size + 2), CELL * (size + 2), 3], the last move marked."""
    cell = CELL * _FINER
    side = cell * (board.size + 2)
    image = Image.new("RGB", (side, side), _WOOD)
    draw = ImageDraw.Draw(image)

    def circle(point: int, radius: float, **style: Any) -> None:
        row, column = divmod(point, board.size)
        x, y, r = (column + 1.5) * cell, (row + 1.5) * cell, radius * cell
        draw.ellipse((x - r, y - r, x + r, y + r), **style)

    first, last = 1.5 * cell, (board.size + 0.5) * cell
    for line in range(board.size):
        at = (line + 1.5) * cell
        draw.line((first, at, last, at), _LINE, _FINER)
        draw.line((at, first, at, last), _LINE, _FINER)
        for edge in (0.6 * cell, side - 0.6 * cell):
            style: dict[str, Any] = {"fill": _LINE, "anchor": "mm", "font_size": 0.42 * cell}
            draw.text((at, edge), COLUMN_LETTERS[line], **style)
            draw.text((edge, at), str(board.size - line), **style)
    for point in star_points(board.size):
        circle(point, 0.11, fill=_LINE)
    for point, colour in enumerate(board.stones.ravel()):
        if colour != EMPTY:
            circle(point, 0.47, fill=_BLACK if colour == BLACK else _WHITE, outline=_LINE, width=_FINER)
    if board.last_move is not None and board.last_move < board.size**2:
        colour = board.stones.flat[board.last_move]
        circle(board.last_move, 0.22, outline=_WHITE if colour == BLACK else _BLACK, width=2 * _FINER)
    return np.asarray(image.resize((side // _FINER, side // _FINER), Image.Resampling.LANCZOS))


def _windowed_backends() -> list[str]:
    from matplotlib.backends import BackendFilter, backend_registry

    return backend_registry.list_builtin(BackendFilter.INTERACTIVE)


class BoardWindow:
    """A window that shows images, opened with the first. Copies of it are windows of their own."""

    def __init__(self) -> None:
        self._figure: Any = None

    def __deepcopy__(self, memo: dict[int, Any]) -> "BoardWindow":
        return BoardWindow()

    def show(self, image: NDArray[np.uint8]) -> None:
        """Show an image: uint8 [height, width, 3].

        Raises GoEngineError if matplotlib has no window at hand.
        """
        from matplotlib import pyplot

        if self._figure is None:
            if pyplot.get_backend().lower() not in _windowed_backends():
                raise GoEngineError('no window can be opened here; render_mode="rgb_array" needs none')
            self._figure = pyplot.figure(num="goengine", figsize=(7, 7), layout="tight")
            axes = self._figure.add_subplot()
            axes.axis("off")
            self._picture = axes.imshow(image)
            self._figure.show()
        self._picture.set_data(image)
        self._figure.canvas.draw_idle()
        self._figure.canvas.flush_events()

    def close(self) -> None:
        """Close the window. May be called again."""
        if self._figure is not None:
            from matplotlib import pyplot

            pyplot.close(self._figure)
            self._figure = None
