"""Pictures of what a classifier's evaluation found: which classes it confuses, which images it gets wrong."""

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from goengine.drawing.charts import Chart
from goengine.drawing.contact_sheet import Tile, contact_sheet
from goengine.training.classify.evaluation import Measured

_NAMED_CLASSES = 25  # at most, for names and numbers to be legible


def confusion_chart(measured: Measured) -> Chart:
    """The confusion matrix: each row the shares of a class's images that were taken for the columns'."""
    return Chart("Confusion matrix", lambda axes: _confusion(axes, measured))


def _confusion(axes: Axes, measured: Measured) -> None:
    confusion = measured.said.confusion
    shares = confusion / np.maximum(1, confusion.sum(axis=1, keepdims=True))
    axes.grid(visible=False)
    axes.imshow(shares**0.5, cmap="Blues", vmin=0, vmax=1)  # roots, so that few mistakes are seen at all
    axes.set_xlabel("taken for")
    axes.set_ylabel("class")
    if len(measured.classes) > _NAMED_CLASSES:
        return
    places = range(len(measured.classes))
    axes.set_xticks(places, measured.classes, rotation=0 if max(map(len, measured.classes)) < 4 else 90)
    axes.set_yticks(places, measured.classes)
    for row, column in np.argwhere(confusion > 0).tolist():
        colour = "white" if shares[row, column] > 0.25 else "black"
        count = f"{confusion[row, column]:,}"
        axes.text(column, row, count, ha="center", va="center", fontsize="small", color=colour)


def mistakes_sheet(measured: Measured, rows: NDArray[np.int64]) -> bytes:
    """A contact sheet of images, each with its class and what it was taken for, as a PNG picture."""
    tiles = []
    for row in rows.tolist():
        guess = measured.said.guesses[row]
        share = measured.said.probabilities[row, guess]
        right = measured.classes[measured.said.labels[row]]
        tiles.append(
            Tile(measured.images.image(row), f"{right} taken for\n{measured.classes[guess]}, {share:.0%}")
        )
    return contact_sheet(tiles)
