"""What a classifier's evaluation found, as a dict for JSON, as tables and as a page or picture for people."""

from pathlib import Path
from typing import Any

import numpy as np

from goengine.drawing.report_page import check_report, html_page, html_picture, html_table
from goengine.training.classify.evaluation import Measured
from goengine.training.run_log import RunLog
from goengine.util.files import whole_file

_MISTAKES = 20  # shown in a report
_CONFUSIONS = 5  # printed


def as_dict(measured: Measured) -> dict[str, Any]:
    """All figures: `top1`, `top1_interval` and `top5` are shares, `loss` is in nats."""
    said = measured.said
    found = said.accuracy
    return {
        "model": measured.model,
        "images": measured.images.name,
        "count": found.samples,
        "top1": found.top1,
        "top1_interval": list(said.interval),
        "top5": found.top5,
        "loss": found.loss,
        "seconds": said.seconds,
        "precision": measured.precision,
        "device": measured.device,
        "classes": list(measured.classes),
        "confusion": said.confusion.tolist(),
    }


def summary_rows(measured: Measured) -> list[list[str]]:
    """A table of the main figures, a heading first."""
    found = measured.said.accuracy
    low, high = measured.said.interval
    return [
        ["", Path(measured.model).name],
        ["top-1", f"{found.top1:.2%}"],
        ["95 % interval (Wilson)", f"{low:.2%} to {high:.2%}"],
        ["top-5", f"{found.top5:.2%}"],
        ["loss (cross-entropy, nats)", f"{found.loss:.4f}"],
        ["images", f"{found.samples:,}"],
        ["images/s", f"{found.samples / measured.said.seconds:,.0f}"],
    ]


def class_rows(measured: Measured) -> list[list[str]]:
    """A table by class, a heading first: found is recall, right is precision."""
    confusion = measured.said.confusion
    rows = [["class", "images", "found", "taken for it", "right"]]
    for number, name in enumerate(measured.classes):
        there, taken, both = confusion[number].sum(), confusion[:, number].sum(), confusion[number, number]
        rows.append([name, f"{there:,}", _share(both, there), f"{taken:,}", _share(both, taken)])
    return rows


def confusion_rows(measured: Measured) -> list[list[str]]:
    """A table of the commonest confusions, a heading first."""
    confusion = measured.said.confusion.copy()
    np.fill_diagonal(confusion, 0)
    rows = [["class", "taken for", "images"]]
    for cell in np.argsort(-confusion, axis=None, kind="stable")[:_CONFUSIONS].tolist():
        row, column = divmod(cell, len(measured.classes))
        if confusion[row, column]:
            rows.append([measured.classes[row], measured.classes[column], f"{confusion[row, column]:,}"])
    return rows


def write_report(path: Path, measured: Measured, run: RunLog | None = None) -> None:
    """Write charts as one picture (.png), or a page with tables that needs no other file (.html).

    The confusion matrix, the surest mistakes, the learning curves of `run` if given.

    Raises GoEngineError for a name of another kind, or if the file cannot be written.
    """
    check_report(path)
    from goengine.drawing.charts import png  # matplotlib takes a second
    from goengine.training.classify.pictures import confusion_chart, mistakes_sheet
    from goengine.training.evaluation.charts import learning_charts

    charts = [confusion_chart(measured), *(learning_charts(run) if run else [])]
    title = f"{measured.model} on {Path(measured.images.name).name}"
    if path.suffix.lower() == ".png":
        content = png(charts, f"{title}, {len(measured.said.labels):,} images")
    else:
        parts = [html_table(summary_rows(measured))]
        parts += [html_picture(chart.title, png([chart])) for chart in charts]
        if len(worst := measured.said.worst(_MISTAKES)):
            parts.append(html_picture("The surest mistakes", mistakes_sheet(measured, worst)))
        parts += ["<h2>By class</h2>", html_table(class_rows(measured))]
        content = html_page(title, parts).encode()
    with whole_file(path) as partial:
        partial.write_bytes(content)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else ""
