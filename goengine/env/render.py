"""Images of boards, and a window that shows them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from goengine.drawing.board_tile import board_tile
from goengine.errors import GoEngineError
from goengine.game.board import Board

CELL = 32
"""Pixels between two lines."""


def board_image(board: Board) -> NDArray[np.uint8]:
    """Return an image of a position, the last move marked: uint8 [side, side, 3], side CELL * (size + 2)."""
    last = board.last_move if board.last_move is not None and board.last_move < board.size**2 else None
    return np.asarray(board_tile(board.stones, marked=last, cell=CELL, coordinates=True))


def _windowed_backends() -> list[str]:
    from matplotlib.backends.registry import BackendFilter, backend_registry

    registry: Any = backend_registry  # has no type hints
    return list(registry.list_builtin(BackendFilter.INTERACTIVE))


class BoardWindow:
    """A window that shows images, opened with the first one. A deep copy is a new window."""

    def __init__(self) -> None:
        self._figure: Any = None

    def __deepcopy__(self, memo: dict[int, Any]) -> "BoardWindow":
        return BoardWindow()

    def show(self, image: NDArray[np.uint8]) -> None:
        """Show an image: uint8 [height, width, 3].

        Raises:
            GoEngineError: If matplotlib cannot open a window.
        """
        from matplotlib import pyplot

        if self._figure is None:
            if pyplot.get_backend().lower() not in _windowed_backends():
                raise GoEngineError('cannot open a window; render_mode="rgb_array" needs none')
            self._figure = pyplot.figure(num="goengine", figsize=(7, 7), layout="tight")
            axes = self._figure.add_subplot()
            axes.axis("off")
            self._picture = axes.imshow(image)
            self._figure.show()
        self._picture.set_data(image)
        self._figure.canvas.draw_idle()
        self._figure.canvas.flush_events()

    def close(self) -> None:
        """Close the window; further calls do nothing."""
        if self._figure is not None:
            from matplotlib import pyplot

            pyplot.close(self._figure)
            self._figure = None
