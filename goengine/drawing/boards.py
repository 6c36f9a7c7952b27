"""Pictures of a position with probabilities or ownership, drawn with matplotlib."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from numpy.typing import NDArray

from goengine.drawing import palette
from goengine.drawing.charts import figure_png
from goengine.game.board import BLACK, EMPTY, Board, star_points
from goengine.points import COLUMN_LETTERS, pass_move

_POINT_INCHES = 0.44
_DPI = 120
_MIN_LABELLED = 0.005  # smaller probabilities are not drawn

LINES_LAYER = 1
"""The zorder of a board's lines."""
_MARKS_LAYER, _STONES_LAYER, _TEXT_LAYER = (LINES_LAYER + i for i in (1, 2, 3))


def board_picture(
    board: Board, probabilities: NDArray[np.float32], title: str, played: int | None = None
) -> bytes:
    """Draw a position with the probability of each point, as a PNG picture.

    The greener a point, the likelier; probabilities from 0.5 % are labelled in percent. The last move has a
    ring, and the move that was played next a red one.

    Args:
        board: The position.
        probabilities: float32 [size * size].
        title: The title.
        played: The move that was played next; None or a pass draws no ring.
    """
    size = board.size
    figure, axes = _empty_board(size, title)
    _draw_probabilities(axes, size, probabilities)
    _draw_stones(axes, board)
    if played is not None and played != pass_move(size):
        row, column = divmod(played, size)
        ring = Circle(
            (column, row), 0.46, fill=False, edgecolor=palette.MARK, linewidth=1.8, zorder=_TEXT_LAYER
        )
        axes.add_patch(ring)
    return figure_png(figure)


def ownership_picture(board: Board, ownership: NDArray[np.float32], title: str) -> bytes:
    """Draw a position with a square in its owner's colour on each point, as a PNG picture.

    Args:
        board: The position.
        ownership: float32 [size, size], 1 Black, -1 White. The side of a square is proportional to its
            absolute value.
        title: The title.
    """
    figure, axes = _empty_board(board.size, title)
    _draw_stones(axes, board)
    for (row, column), owner in np.ndenumerate(ownership):
        side = 0.5 * abs(float(owner))
        square = Rectangle(
            (column - side / 2, row - side / 2),
            side,
            side,
            facecolor=palette.BLACK_STONE if owner > 0 else palette.WHITE_STONE,
            edgecolor=palette.EDGE,
            linewidth=0.4,
            zorder=_TEXT_LAYER,
        )
        axes.add_patch(square)
    return figure_png(figure)


def draw_board(axes: Axes, size: int) -> None:
    """Draw an empty board with its coordinates; a point is at (column, row), row 0 at the top."""
    axes.set_xlim(-1.4, size + 0.4)
    axes.set_ylim(size + 0.4, -1.4)
    axes.set_aspect("equal")
    axes.axis("off")
    axes.add_patch(
        Rectangle((-0.6, -0.6), size + 0.2, size + 0.2, facecolor=palette.WOOD, edgecolor="none", zorder=0)
    )
    ends = [0, size - 1]
    for line in range(size):
        axes.plot(ends, [line, line], color=palette.LINES, linewidth=0.7, zorder=LINES_LAYER)
        axes.plot([line, line], ends, color=palette.LINES, linewidth=0.7, zorder=LINES_LAYER)
        for edge in (-1.0, size):
            axes.text(line, edge, COLUMN_LETTERS[line], ha="center", va="center", fontsize="small")
            axes.text(edge, line, str(size - line), ha="center", va="center", fontsize="small")
    for point in star_points(size):
        row, column = divmod(point, size)
        axes.add_patch(Circle((column, row), 0.09, color=palette.LINES, zorder=LINES_LAYER))


def _empty_board(size: int, title: str) -> tuple[Figure, Axes]:
    side = (size + 2.5) * _POINT_INCHES
    figure = Figure(figsize=(side, side + 0.5), dpi=_DPI, facecolor=palette.PAPER, layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title, fontsize="medium")
    draw_board(axes, size)
    return figure, axes


def _draw_probabilities(axes: Axes, size: int, probabilities: NDArray[np.float32]) -> None:
    highest = float(probabilities.max())
    for point in np.flatnonzero(probabilities >= _MIN_LABELLED):
        row, column = divmod(int(point), size)
        probability = float(probabilities[point])
        depth = (probability / highest) ** 0.5  # the root makes small probabilities distinguishable
        style = {"radius": 0.44, "linewidth": 0, "zorder": _MARKS_LAYER}
        axes.add_patch(Circle((column, row), facecolor=palette.WOOD, **style))
        axes.add_patch(Circle((column, row), facecolor=palette.PROBABILITY, alpha=0.85 * depth, **style))
        axes.text(
            column,
            row,
            f"{100 * probability:.0f}" if probability >= 0.0095 else f"{100 * probability:.1f}",
            ha="center",
            va="center",
            fontsize="small",
            color="white" if depth > 0.45 else "black",
            zorder=_TEXT_LAYER,
        )


def _draw_stones(axes: Axes, board: Board) -> None:
    for (row, column), colour in np.ndenumerate(board.stones):
        if colour == EMPTY:
            continue
        face, ring = palette.BLACK_STONE, palette.WHITE_STONE
        if colour != BLACK:
            face, ring = ring, face
        stone = Circle(
            (column, row),
            0.46,
            facecolor=face,
            edgecolor=palette.STONE_EDGE,
            linewidth=0.7,
            zorder=_STONES_LAYER,
        )
        axes.add_patch(stone)
        if board.last_move == row * board.size + column:
            axes.add_patch(
                Circle((column, row), 0.22, fill=False, edgecolor=ring, linewidth=1.5, zorder=_STONES_LAYER)
            )
