"""A picture of a board with the probabilities that a policy gives its points."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from numpy.typing import NDArray

from goengine.board import BLACK, EMPTY, Board, star_points
from goengine.points import COLUMN_LETTERS, pass_move
from training.charts import figure_png

_POINT_INCHES = 0.44
_DPI = 120
_WOOD, _LINE, _HEAT, _PLAYED = "#e8c37d", "#5b4a2a", "#0b6e3a", "#c1121f"
_NAMED_SHARE = 0.005  # probabilities from here on are written as percentages
_LINES, _MARKS, _STONES, _TEXT = 1, 2, 3, 4  # what lies on what


def board_picture(
    board: Board, probabilities: NDArray[np.float32], title: str, played: int | None = None
) -> bytes:
    """A PNG picture of a position: the greener a point, the likelier it is (float32 [size * size]).

    Probabilities from 0.5 % are written on their points, in percent; the last move is ringed, and so is in
    red the move that was played next, if given and no pass.
    """
    size = board.size
    side = (size + 2.5) * _POINT_INCHES
    figure = Figure(figsize=(side, side + 0.5), dpi=_DPI, facecolor="white", layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title, fontsize="medium")
    axes.set_xlim(-1.4, size + 0.4)
    axes.set_ylim(size + 0.4, -1.4)  # row 0 at the top
    axes.set_aspect("equal")
    axes.axis("off")
    _draw_grid(axes, size)
    _draw_probabilities(axes, size, probabilities)
    _draw_stones(axes, board)
    if played is not None and played != pass_move(size):
        row, column = divmod(played, size)
        ring = Circle((column, row), 0.46, fill=False, edgecolor=_PLAYED, linewidth=1.8, zorder=_TEXT)
        axes.add_patch(ring)
    return figure_png(figure)


def _draw_grid(axes: Axes, size: int) -> None:
    axes.add_patch(
        Rectangle((-0.6, -0.6), size + 0.2, size + 0.2, facecolor=_WOOD, edgecolor="none", zorder=0)
    )
    ends = [0, size - 1]
    for line in range(size):
        axes.plot(ends, [line, line], color=_LINE, linewidth=0.7, zorder=_LINES)
        axes.plot([line, line], ends, color=_LINE, linewidth=0.7, zorder=_LINES)
        for edge in (-1.0, size):
            axes.text(line, edge, COLUMN_LETTERS[line], ha="center", va="center", fontsize="small")
            axes.text(edge, line, str(size - line), ha="center", va="center", fontsize="small")
    for point in star_points(size):
        row, column = divmod(point, size)
        axes.add_patch(Circle((column, row), 0.09, color=_LINE, zorder=_LINES))


def _draw_probabilities(axes: Axes, size: int, probabilities: NDArray[np.float32]) -> None:
    most = float(probabilities.max())
    for point in np.flatnonzero(probabilities >= _NAMED_SHARE):
        row, column = divmod(int(point), size)
        share = float(probabilities[point])
        depth = (share / most) ** 0.5  # an eye tells small areas of colour apart by their roots
        axes.add_patch(Circle((column, row), 0.44, facecolor=_WOOD, edgecolor="none", zorder=_MARKS))
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
