"""Charts and boards, drawn with matplotlib without a screen."""

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from goengine.game.board import star_points
from goengine.points import COLUMN_LETTERS

WOOD = "#e8c37d"
LINES_LAYER = 1
"""Where on the pile of a picture the lines of a board lie (zorder)."""

_LINE = "#5b4a2a"
_PANEL_INCHES = (7.0, 4.4)
_DPI = 110


@dataclass(frozen=True)
class Chart:
    """A chart: its title, what draws it on axes, and whether it is a board, square and without a grid."""

    title: str
    draw: Callable[[Axes], None]
    is_board: bool = False


def png(charts: Sequence[Chart], title: str = "") -> bytes:
    """The charts as one PNG picture, in two columns where there are several."""
    columns = min(2, len(charts))
    rows = math.ceil(len(charts) / columns)
    width, height = _PANEL_INCHES
    if any(chart.is_board for chart in charts):
        height = width
    figure = Figure(figsize=(width * columns, height * rows), dpi=_DPI, layout="constrained")
    for number, chart in enumerate(charts, start=1):
        axes = figure.add_subplot(rows, columns, number)
        axes.set_title(chart.title)
        if not chart.is_board:
            axes.grid(alpha=0.3)
            axes.set_axisbelow(True)
            axes.spines[["top", "right"]].set_visible(False)
        chart.draw(axes)
    if title:
        figure.suptitle(title, fontsize="x-large")
    return figure_png(figure)


def figure_png(figure: Figure) -> bytes:
    """A figure as a PNG picture, drawn without a screen."""
    buffer = io.BytesIO()
    FigureCanvasAgg(figure).print_png(buffer)
    return buffer.getvalue()


def draw_board(axes: Axes, size: int) -> None:
    """An empty board with its coordinates; a point lies at (column, row), row 0 at the top."""
    axes.set_xlim(-1.4, size + 0.4)
    axes.set_ylim(size + 0.4, -1.4)
    axes.set_aspect("equal")
    axes.axis("off")
    axes.add_patch(
        Rectangle((-0.6, -0.6), size + 0.2, size + 0.2, facecolor=WOOD, edgecolor="none", zorder=0)
    )
    ends = [0, size - 1]
    for line in range(size):
        axes.plot(ends, [line, line], color=_LINE, linewidth=0.7, zorder=LINES_LAYER)
        axes.plot([line, line], ends, color=_LINE, linewidth=0.7, zorder=LINES_LAYER)
        for edge in (-1.0, size):
            axes.text(line, edge, COLUMN_LETTERS[line], ha="center", va="center", fontsize="small")
            axes.text(edge, line, str(size - line), ha="center", va="center", fontsize="small")
    for point in star_points(size):
        row, column = divmod(point, size)
        axes.add_patch(Circle((column, row), 0.09, color=_LINE, zorder=LINES_LAYER))
