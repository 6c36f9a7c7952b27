"""Charts, drawn with matplotlib without a screen."""

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

_PANEL_INCHES = (7.0, 4.4)
_DPI = 110


@dataclass(frozen=True)
class Chart:
    """A chart.

    Attributes:
        title: Its title.
        draw: Draws the chart on axes.
        is_board: Whether it shows a board; such a chart is square and has no grid.
    """

    title: str
    draw: Callable[[Axes], None]
    is_board: bool = False


def charts_png(charts: Sequence[Chart], title: str = "") -> bytes:
    """Return the charts as one PNG picture, in two columns if there are several."""
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
    """Return a figure as a PNG picture."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
