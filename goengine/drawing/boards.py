"""Pictures of a board: the probabilities that a policy gives its points, and who owns them."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from numpy.typing import NDArray

from goengine.drawing.charts import LINES_LAYER, WOOD, draw_board, figure_png
from goengine.game.board import BLACK, EMPTY, Board
from goengine.points import pass_move

_POINT_INCHES = 0.44
_DPI = 120
_HEAT, _PLAYED = "#0b6e3a", "#c1121f"
_NAMED_SHARE = 0.005  # probabilities from here on are written as percentages
_MARKS, _STONES, _TEXT = (LINES_LAYER + i for i in (1, 2, 3))  # what lies on what


def board_picture(
    board: Board, probabilities: NDArray[np.float32], title: str, played: int | None = None
) -> bytes:
    """A PNG picture of a position: the greener a point, the likelier it is (float32 [size * size]).

    Probabilities from 0.5 % are written on their points, in percent; the last move is ringed, and so is in
    red the move that was played next, if given and no pass.
    """
    size = board.size
    figure, axes = _empty_board(size, title)
    _draw_probabilities(axes, size, probabilities)
    _draw_stones(axes, board)
    if played is not None and played != pass_move(size):
        row, column = divmod(played, size)
        ring = Circle((column, row), 0.46, fill=False, edgecolor=_PLAYED, linewidth=1.8, zorder=_TEXT)
        axes.add_patch(ring)
    return figure_png(figure)


def ownership_picture(board: Board, ownership: NDArray[np.float32], title: str) -> bytes:
    """A PNG picture of a position: on each point a square in its owner's colour, the surer the larger.

    ownership: float32 [size, size], 1 always Black's, -1 always White's.
    """
    figure, axes = _empty_board(board.size, title)
    _draw_stones(axes, board)
    for (row, column), owner in np.ndenumerate(ownership):
        side = 0.5 * abs(float(owner))
        colour = "#111111" if owner > 0 else "#fafafa"
        corner = (column - side / 2, row - side / 2)
        axes.add_patch(
            Rectangle(corner, side, side, facecolor=colour, edgecolor="#777777", linewidth=0.4, zorder=_TEXT)
        )
    return figure_png(figure)


def _empty_board(size: int, title: str) -> tuple[Figure, Axes]:
    side = (size + 2.5) * _POINT_INCHES
    figure = Figure(figsize=(side, side + 0.5), dpi=_DPI, facecolor="white", layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title, fontsize="medium")
    draw_board(axes, size)
    return figure, axes


def _draw_probabilities(axes: Axes, size: int, probabilities: NDArray[np.float32]) -> None:
    most = float(probabilities.max())
    for point in np.flatnonzero(probabilities >= _NAMED_SHARE):
        row, column = divmod(int(point), size)
        share = float(probabilities[point])
        depth = (share / most) ** 0.5  # an eye tells small areas of colour apart by their roots
        axes.add_patch(Circle((column, row), 0.44, facecolor=WOOD, edgecolor="none", zorder=_MARKS))
        axes.add_patch(
            Circle((column, row), 0.44, facecolor=_HEAT, alpha=0.85 * depth, linewidth=0, zorder=_MARKS)
        )
        text = f"{100 * share:.0f}" if share >= 0.0095 else f"{100 * share:.1f}"
        colour = "white" if depth > 0.45 else "black"
        axes.text(column, row, text, ha="center", va="center", fontsize="small", color=colour, zorder=_TEXT)


def _draw_stones(axes: Axes, board: Board) -> None:
    for (row, column), colour in np.ndenumerate(board.stones):
        if colour == EMPTY:
            continue
        face, other = ("#111111", "white") if colour == BLACK else ("#fafafa", "#111111")
        axes.add_patch(
            Circle((column, row), 0.46, facecolor=face, edgecolor="#333333", linewidth=0.7, zorder=_STONES)
        )
        if board.last_move == row * board.size + column:
            axes.add_patch(
                Circle((column, row), 0.22, fill=False, edgecolor=other, linewidth=1.5, zorder=_STONES)
            )
