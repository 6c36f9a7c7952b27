"""Pictures of a classifier's evaluation: the confusion matrix and the wrong guesses."""

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from goengine.drawing import palette
from goengine.drawing.charts import Chart
from goengine.drawing.contact_sheet import Tile, contact_sheet
from goengine.training.classify.evaluation import Measured

_MAX_NAMED_CLASSES = 25  # more names and numbers would not be legible


def confusion_chart(measured: Measured) -> Chart:
    """Return a chart of the confusion matrix: each row shows how the images of a class were classified."""
    return Chart("Confusion matrix", lambda axes: _confusion(axes, measured))


def _confusion(axes: Axes, measured: Measured) -> None:
    confusion = measured.result.confusion
    shares = confusion / np.maximum(1, confusion.sum(axis=1, keepdims=True))
    axes.grid(visible=False)
    axes.imshow(shares**0.5, cmap=palette.SHADES, vmin=0, vmax=1)  # square roots make rare mistakes visible
    axes.set_xlabel("classified as")
    axes.set_ylabel("class")
    if len(measured.classes) > _MAX_NAMED_CLASSES:
        return
    ticks = range(len(measured.classes))
    axes.set_xticks(ticks, measured.classes, rotation=0 if max(map(len, measured.classes)) < 4 else 90)
    axes.set_yticks(ticks, measured.classes)
    for row, column in np.argwhere(confusion > 0).tolist():
        colour = "white" if shares[row, column] > 0.25 else "black"
        count = f"{confusion[row, column]:,}"
        axes.text(column, row, count, ha="center", va="center", fontsize="small", color=colour)


def mistakes_sheet(measured: Measured, rows: NDArray[np.int64]) -> bytes:
    """Return a contact sheet of images with their classes and what they were classified as, PNG."""
    tiles = []
    for row in rows.tolist():
        guess = measured.result.guesses[row]
        share = measured.result.probabilities[row, guess]
        label = measured.classes[measured.result.labels[row]]
        tiles.append(
            Tile(measured.images.image(row), f"{label} classified as\n{measured.classes[guess]}, {share:.0%}")
        )
    return contact_sheet(tiles)
