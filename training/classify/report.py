"""Reports of a classifier's evaluation: JSON, tables of text, an HTML page or a picture."""

from pathlib import Path
from typing import Any

import numpy as np

from goengine.drawing.report_page import check_report, html_page, html_picture, html_table
from goengine.training.classify.evaluation import Measured
from goengine.training.run_log import RunLog
from goengine.util.files import whole_file

_MISTAKES = 20  # in a report
_CONFUSIONS = 5  # in the table


def as_dict(measured: Measured) -> dict[str, Any]:
    """Return a report for JSON: `top1`, `top1_interval` and `top5` are shares, `loss` is in nats."""
    result = measured.result
    accuracy = result.accuracy
    return {
        "model": measured.model,
        "images": measured.images.name,
        "count": accuracy.samples,
        "top1": accuracy.top1,
        "top1_interval": list(result.interval),
        "top5": accuracy.top5,
        "loss": accuracy.loss,
        "seconds": result.seconds,
        "precision": measured.precision,
        "device": measured.device,
        "classes": list(measured.classes),
        "confusion": result.confusion.tolist(),
    }


def summary_rows(measured: Measured) -> list[list[str]]:
    """Return the main metrics as rows of a table, the headings first."""
    accuracy = measured.result.accuracy
    low, high = measured.result.interval
    return [
        ["", Path(measured.model).name],
        ["top-1", f"{accuracy.top1:.2%}"],
        ["95 % interval (Wilson)", f"{low:.2%} to {high:.2%}"],
        ["top-5", f"{accuracy.top5:.2%}"],
        ["loss (cross-entropy, nats)", f"{accuracy.loss:.4f}"],
        ["images", f"{accuracy.samples:,}"],
        ["images/s", f"{accuracy.samples / measured.result.seconds:,.0f}"],
    ]


def class_rows(measured: Measured) -> list[list[str]]:
    """Return precision and recall of each class as rows of a table, the headings first."""
    confusion = measured.result.confusion
    rows = [["class", "images", "recall", "guessed", "precision"]]
    for number, name in enumerate(measured.classes):
        images, guesses, hits = confusion[number].sum(), confusion[:, number].sum(), confusion[number, number]
        rows.append([name, f"{images:,}", _share(hits, images), f"{guesses:,}", _share(hits, guesses)])
    return rows


def confusion_rows(measured: Measured) -> list[list[str]]:
    """Return the most frequent confusions as rows of a table, the headings first."""
    confusion = measured.result.confusion.copy()
    np.fill_diagonal(confusion, 0)
    rows = [["class", "classified as", "images"]]
    for cell in np.argsort(-confusion, axis=None, kind="stable")[:_CONFUSIONS].tolist():
        row, column = divmod(cell, len(measured.classes))
        if confusion[row, column]:
            rows.append([measured.classes[row], measured.classes[column], f"{confusion[row, column]:,}"])
    return rows


def write_report(path: Path, measured: Measured, run: RunLog | None = None) -> None:
    """Write charts as a picture (.png), or charts and tables as a self-contained page (.html).

    Args:
        path: The file.
        measured: The measurement.
        run: A run whose learning curves are added.

    Raises:
        GoEngineError: If the file has another suffix or cannot be written.
    """
    check_report(path)
    from goengine.drawing.charts import charts_png  # matplotlib takes a second
    from goengine.training.classify.pictures import confusion_chart, mistakes_sheet
    from goengine.training.evaluation.charts import learning_charts

    charts = [confusion_chart(measured), *(learning_charts(run) if run else [])]
    title = f"{measured.model} on {Path(measured.images.name).name}"
    if path.suffix.lower() == ".png":
        content = charts_png(charts, f"{title}, {len(measured.result.labels):,} images")
    else:
        parts = [html_table(summary_rows(measured))]
        parts += [html_picture(chart.title, charts_png([chart])) for chart in charts]
        if len(worst := measured.result.worst(_MISTAKES)):
            parts.append(html_picture("The most confident mistakes", mistakes_sheet(measured, worst)))
        parts += ["<h2>By class</h2>", html_table(class_rows(measured))]
        content = html_page(title, parts).encode()
    with whole_file(path) as partial:
        partial.write_bytes(content)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else ""
