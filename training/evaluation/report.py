"""Reports of an evaluation: JSON, tables of text, an HTML page or a picture."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any

from goengine.drawing.report_page import check_report, html_page, html_picture, html_table
from goengine.training.evaluation.evaluate import Evaluation, Measurement, PlayerGroup
from goengine.training.evaluation.value import ValueFigures
from goengine.training.metrics import (
    INTERVAL_METHOD,
    TOP_K,
    Figures,
    MoveGroup,
    by_move_number,
    by_phase,
    calibration,
    figures,
)
from goengine.training.run_log import RunLog
from goengine.util.files import whole_file


@dataclass(frozen=True)
class Subject:
    """The subject of an evaluation.

    Attributes:
        model: The model as the user named it.
        games: The games as the user named them.
        arithmetic: The library, precision and device of the computation.
        weights: The hash of the model's weights, see `goengine.nn.model_folder.weights_hash`.
    """

    model: str
    games: str
    arithmetic: str
    weights: str


def as_dict(subject: Subject, result: Evaluation, value: Sequence[ValueFigures] = ()) -> dict[str, Any]:
    """Return a report for JSON.

    Args:
        subject: The subject of the evaluation.
        result: The evaluation; of an ensemble, the single pass is reported too.
        value: The metrics of the value head.
    """
    report = {
        "model": subject.model,
        "weights": subject.weights,
        "games": subject.games,
        "positions": len(result.main.predictions),
        "seed": result.seed,
        "player": result.player,
        **_measurement_dict(result.main, result.size),
        "ranks": [_player_dict(group) for group in result.ranks],
        "players": [_player_dict(group) for group in result.players],
        "interval_method": INTERVAL_METHOD,
        "arithmetic": subject.arithmetic,
    }
    if result.ensemble:
        report["single_pass"] = _measurement_dict(result.single, result.size)
    if value:
        report["value"] = [asdict(row) for row in value]
    return report


def _measurement_dict(measured: Measurement, size: int) -> dict[str, Any]:
    reliability = calibration(measured.predictions)
    return {
        "symmetries": measured.symmetries,
        **_figures_dict(figures(measured.predictions)),
        "seconds": measured.seconds,
        "positions_per_second": measured.rate,
        "phases": [_group_dict(group) for group in by_phase(measured.predictions, size)],
        "move_numbers": [_group_dict(group) for group in by_move_number(measured.predictions, size)],
        "calibration": {"expected_error": reliability.error, "bins": [asdict(b) for b in reliability.bins]},
    }


def _group_dict(group: MoveGroup) -> dict[str, Any]:
    return {
        "name": group.name,
        "first_move": group.first,
        "last_move": group.last,
        "positions": group.figures.positions,
        **_figures_dict(group.figures),
    }


def _player_dict(group: PlayerGroup) -> dict[str, Any]:
    return {
        "name": group.name,
        "positions": group.figures.positions,
        **_figures_dict(group.figures),
    }


def _figures_dict(metrics: Figures) -> dict[str, Any]:
    shares = {f"top{k}": share for k, share in metrics.top.items()}
    return {**shares, "top1_interval": list(metrics.interval), "loss": metrics.loss}


def write_report(path: Path, subject: Subject, result: Evaluation, run: RunLog | None = None) -> None:
    """Write charts as a picture (.png), or charts and tables as a self-contained page (.html).

    Args:
        path: The file.
        subject: The subject of the evaluation.
        result: The evaluation.
        run: A run whose learning curves are added.

    Raises:
        GoEngineError: If the file has another suffix or cannot be written.
    """
    check_report(path)
    from goengine.drawing.charts import charts_png  # matplotlib takes a second
    from goengine.training.evaluation.charts import evaluation_charts, learning_charts

    charts = evaluation_charts(result) + (learning_charts(run) if run else [])
    title = f"{subject.model} on {Path(subject.games).name}{_of_player(result)}"
    if path.suffix.lower() == ".png":
        content = charts_png(charts, f"{title}, {len(result.main.predictions):,} positions")
    else:
        pictures = [(chart.title, charts_png([chart])) for chart in charts]
        content = _page(title, subject, result, pictures).encode()
    with whole_file(path) as partial:
        partial.write_bytes(content)


def summary_rows(result: Evaluation) -> list[list[str]]:
    """Return the metrics as rows of a table, the headings first; a column for each measurement."""
    measured = result.measurements
    metrics = [figures(m.predictions) for m in measured]
    rows = [["", *("one pass" if m.symmetries == 1 else f"mean of {m.symmetries}" for m in measured)]]
    rows.append(["top-1", *(f"{f.top1:.2%}" for f in metrics)])
    rows.append(["95 % interval", *(_percent_interval(f) for f in metrics)])
    rows += [[f"top-{k}", *(f"{f.top[k]:.2%}" for f in metrics)] for k in TOP_K[1:]]
    rows.append(["loss (cross-entropy, nats)", *(f"{f.loss:.4f}" for f in metrics)])
    errors = [calibration(m.predictions).error for m in measured]
    rows.append(["expected calibration error", *(f"{error:.2%}" for error in errors)])
    rows.append(["positions", *(f"{f.positions:,}" for f in metrics)])
    rows.append(["seconds", *(f"{m.seconds:.1f}" for m in measured)])
    rows.append(["positions/s", *(f"{m.rate:,.0f}" for m in measured)])
    return rows


def footnote(subject: Subject, result: Evaluation) -> str:
    """Return how the metrics were measured, one sentence per line."""
    return (
        f"Drawn from {result.games:,} games{_of_player(result)} with seed {result.seed}; "
        f"{subject.arithmetic}.\n"
        f"95 % intervals: {INTERVAL_METHOD}."
    )


def _of_player(result: Evaluation) -> str:
    return "" if result.player is None else f" (moves of {result.player})"


def group_rows(result: Evaluation) -> list[list[str]]:
    """Return the main metrics by phase and by move number as rows of a table, the headings first."""
    made, size = result.main.predictions, result.size
    rows = [["moves", *_FIGURES]]
    for group in by_phase(made, size):
        moves = f"from {group.first}" if group.last is None else f"{group.first}-{group.last}"
        rows.append([f"{group.name} ({moves})", *_cells(group.figures)])
    rows += [[group.name, *_cells(group.figures)] for group in by_move_number(made, size)]
    return rows


def player_tables(result: Evaluation) -> list[list[list[str]]]:
    """Return the main metrics by rank and by player as tables, the headings first, if they are known."""
    named = (("rank", result.ranks), ("player", result.players))
    return [
        [[heading, *_FIGURES], *([group.name, *_cells(group.figures)] for group in groups)]
        for heading, groups in named
        if groups
    ]


def calibration_rows(result: Evaluation) -> list[list[str]]:
    """Return the calibration bins of the main measurement as rows of a table, the headings first."""
    rows = [["probability of the likeliest point", "positions", "mean", "played"]]
    for b in calibration(result.main.predictions).bins:
        rows.append(
            [f"{b.low:.0%} to {b.high:.0%}", f"{b.positions:,}", f"{b.confidence:.1%}", f"{b.accuracy:.1%}"]
        )
    return rows


_FIGURES = ["positions", "top-1", "95 % interval", "top-5", "loss"]


def _cells(metrics: Figures) -> list[str]:
    return [
        f"{metrics.positions:,}",
        f"{metrics.top1:.2%}",
        _percent_interval(metrics),
        f"{metrics.top[5]:.2%}",
        f"{metrics.loss:.3f}",
    ]


def _percent_interval(metrics: Figures) -> str:
    low, high = metrics.interval
    return f"{low:.2%} to {high:.2%}"


def _page(title: str, subject: Subject, result: Evaluation, pictures: Iterable[tuple[str, bytes]]) -> str:
    note = escape(footnote(subject, result)).replace("\n", "<br>\n")
    return html_page(
        title,
        [
            html_table(summary_rows(result)),
            f"<p>{note}</p>",
            *(html_picture(name, content) for name, content in pictures),
            "<h2>By phase and move number</h2>",
            html_table(group_rows(result)),
            *(f"<h2>By {escape(rows[0][0])}</h2>\n{html_table(rows)}" for rows in player_tables(result)),
            "<h2>Calibration</h2>",
            html_table(calibration_rows(result)),
        ],
    )
