"""What an evaluation found, as a dict for JSON and as a page or picture for people."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any

from goengine.drawing.report_page import check_report, html_page, html_picture, html_table
from goengine.training.evaluation.breakdown import PlayerGroup, by_player, by_rank
from goengine.training.evaluation.evaluate import Evaluation, Measurement
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
    """What was measured: the model and the games as the user named them, and what computed it.

    weights: the hash of the model's weights, see `goengine.nn.model_folder.weights_hash`.
    """

    model: str
    games: str
    arithmetic: str
    weights: str


def as_dict(subject: Subject, result: Evaluation, value: Sequence[ValueFigures] = ()) -> dict[str, Any]:
    """Return the figures for JSON: of what was asked for, of the single pass too, and of the value head."""
    report = {
        "model": subject.model,
        "weights": subject.weights,
        "games": subject.games,
        "positions": len(result.asked.predictions),
        "seed": result.seed,
        "player": result.player,
        **_measurement_dict(result.asked, result.size),
        "ranks": [_player_dict(group) for group in _ranks(result)],
        "players": [_player_dict(group) for group in _players(result)],
        "interval_method": INTERVAL_METHOD,
        "arithmetic": subject.arithmetic,
    }
    if result.ensemble:
        report["single_pass"] = _measurement_dict(result.single, result.size)
    if value:
        report["value"] = [asdict(row) for row in value]
    return report


def _measurement_dict(measured: Measurement, size: int) -> dict[str, Any]:
    found = calibration(measured.predictions)
    return {
        "symmetries": measured.symmetries,
        **_figures_dict(figures(measured.predictions)),
        "seconds": measured.seconds,
        "positions_per_second": measured.rate,
        "phases": [_group_dict(group) for group in by_phase(measured.predictions, size)],
        "move_numbers": [_group_dict(group) for group in by_move_number(measured.predictions, size)],
        "calibration": {"expected_error": found.error, "bins": [asdict(b) for b in found.bins]},
    }


def _group_dict(group: MoveGroup) -> dict[str, Any]:
    return {
        "name": group.name,
        "first_move": group.first,
        "last_move": group.last,
        "positions": group.figures.positions,
        **_figures_dict(group.figures),
    }


def _ranks(result: Evaluation) -> list[PlayerGroup]:
    return by_rank(result.asked.predictions, result.moving.ranks) if result.moving else []


def _players(result: Evaluation) -> list[PlayerGroup]:
    return by_player(result.asked.predictions, result.moving.names) if result.moving else []


def _player_dict(group: PlayerGroup) -> dict[str, Any]:
    return {
        "name": group.name,
        "positions": group.figures.positions,
        **_figures_dict(group.figures),
    }


def _figures_dict(said: Figures) -> dict[str, Any]:
    shares = {f"top{k}": share for k, share in said.top.items()}
    return {**shares, "top1_interval": list(said.interval), "loss": said.loss}


def write_report(path: Path, subject: Subject, result: Evaluation, run: RunLog | None = None) -> None:
    """Write charts as one picture (.png), or a page with tables that needs no other file (.html).

    Accuracy by move number, calibration, top-k accuracy; the learning curves of `run` if given.

    Raises what `check_report` raises, and GoEngineError if the file cannot be written.
    """
    check_report(path)
    from goengine.drawing.charts import png  # matplotlib takes a second
    from goengine.training.evaluation.charts import evaluation_charts, learning_charts

    charts = evaluation_charts(result) + (learning_charts(run) if run else [])
    title = f"{subject.model} on {Path(subject.games).name}{_whose(result)}"
    if path.suffix.lower() == ".png":
        content = png(charts, f"{title}, {len(result.asked.predictions):,} positions")
    else:
        pictures = [(chart.title, png([chart])) for chart in charts]
        content = _page(title, subject, result, pictures).encode()
    with whole_file(path) as partial:
        partial.write_bytes(content)


def summary_rows(result: Evaluation) -> list[list[str]]:
    """A table of the main figures: a heading, then a row a figure; a column a measurement."""
    measured = result.measurements
    said = [figures(m.predictions) for m in measured]
    rows = [["", *("one pass" if m.symmetries == 1 else f"mean of {m.symmetries}" for m in measured)]]
    rows.append(["top-1", *(f"{f.top1:.2%}" for f in said)])
    rows.append(["95 % interval", *(percent_interval(f) for f in said)])
    rows += [[f"top-{k}", *(f"{f.top[k]:.2%}" for f in said)] for k in TOP_K[1:]]
    rows.append(["loss (cross-entropy, nats)", *(f"{f.loss:.4f}" for f in said)])
    errors = [calibration(m.predictions).error for m in measured]
    rows.append(["expected calibration error", *(f"{error:.2%}" for error in errors)])
    rows.append(["positions", *(f"{f.positions:,}" for f in said)])
    rows.append(["seconds", *(f"{m.seconds:.1f}" for m in measured)])
    rows.append(["positions/s", *(f"{m.rate:,.0f}" for m in measured)])
    return rows


def footnote(subject: Subject, result: Evaluation) -> str:
    """What the figures rest on, one sentence a line."""
    return (
        f"Drawn from {result.games:,} games{_whose(result)} with seed {result.seed}; "
        f"{subject.arithmetic}.\n"
        f"95 % intervals: {INTERVAL_METHOD}."
    )


def _whose(result: Evaluation) -> str:
    return "" if result.player is None else f" (moves of {result.player})"


def group_rows(result: Evaluation) -> list[list[str]]:
    """A table of accuracy by phase, then by move number, of what was asked for; a heading first."""
    found, size = result.asked.predictions, result.size
    rows = [["moves", *_FIGURES]]
    for group in by_phase(found, size):
        moves = f"from {group.first}" if group.last is None else f"{group.first}-{group.last}"
        rows.append([f"{group.name} ({moves})", *_cells(group.figures)])
    rows += [[group.name, *_cells(group.figures)] for group in by_move_number(found, size)]
    return rows


def player_tables(result: Evaluation) -> list[list[list[str]]]:
    """Tables of accuracy by rank and by player, of what was asked for, each with a heading first; none of
    what the games do not say."""
    named = (("rank of who moved", _ranks(result)), ("player", _players(result)))
    return [
        [[heading, *_FIGURES], *([group.name, *_cells(group.figures)] for group in groups)]
        for heading, groups in named
        if groups
    ]


def calibration_rows(result: Evaluation) -> list[list[str]]:
    """A table of the reliability bins of what was asked for, a heading first."""
    rows = [["probability of the likeliest point", "positions", "mean", "played"]]
    for b in calibration(result.asked.predictions).bins:
        rows.append(
            [f"{b.low:.0%} to {b.high:.0%}", f"{b.positions:,}", f"{b.confidence:.1%}", f"{b.accuracy:.1%}"]
        )
    return rows


_FIGURES = ["positions", "top-1", "95 % interval", "top-5", "loss"]


def _cells(said: Figures) -> list[str]:
    return [
        f"{said.positions:,}",
        f"{said.top1:.2%}",
        percent_interval(said),
        f"{said.top[5]:.2%}",
        f"{said.loss:.3f}",
    ]


def percent_interval(said: Figures) -> str:
    """The 95 % interval of top-1 for people."""
    low, high = said.interval
    return f"{low:.2%} to {high:.2%}"


def _page(title: str, subject: Subject, result: Evaluation, pictures: Iterable[tuple[str, bytes]]) -> str:
    said = escape(footnote(subject, result)).replace("\n", "<br>\n")
    return html_page(
        title,
        [
            html_table(summary_rows(result)),
            f"<p>{said}</p>",
            *(html_picture(name, content) for name, content in pictures),
            "<h2>By phase and move number</h2>",
            html_table(group_rows(result)),
            *(f"<h2>By {escape(rows[0][0])}</h2>\n{html_table(rows)}" for rows in player_tables(result)),
            "<h2>Calibration</h2>",
            html_table(calibration_rows(result)),
        ],
    )
