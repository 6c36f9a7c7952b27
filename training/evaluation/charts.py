"""Charts of evaluations and learning curves, drawn with matplotlib."""

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, PercentFormatter
from numpy.typing import NDArray

from goengine.drawing import palette
from goengine.drawing.charts import Chart
from goengine.training.evaluation.evaluate import Evaluation
from goengine.training.metrics import TOP_K, by_move_number, calibration, figures
from goengine.training.run_log import Curve, RunLog

_COLOURS = {1: palette.FIRST, 8: palette.SECOND}  # by the number of symmetries
_TRAINING, _VALIDATION = palette.BACKGROUND, palette.FIRST
_WINDOWS = 30  # running means are over 1/30 of a learning curve
_PERCENT = PercentFormatter(xmax=1, decimals=0)


def evaluation_charts(result: Evaluation) -> list[Chart]:
    """Return charts of accuracy by move number, calibration and top-k accuracy."""
    return [
        Chart("Accuracy by move number", lambda axes: _move_numbers(axes, result)),
        Chart("Calibration", lambda axes: _calibration(axes, result)),
        Chart("Top-k accuracy", lambda axes: _top_k(axes, result)),
    ]


def learning_charts(run: RunLog) -> list[Chart]:
    """Return charts of a run's cross-entropy and top-1 accuracy over the samples seen."""
    return [
        Chart(f"Cross-entropy of {run.name}", lambda axes: _learning(axes, run, lambda curve: curve.loss)),
        Chart(f"Top-1 accuracy of {run.name}", lambda axes: _learning(axes, run, lambda curve: curve.top1)),
    ]


def _name(symmetries: int) -> str:
    return "one pass" if symmetries == 1 else f"mean of {symmetries} symmetries"


def _move_numbers(axes: Axes, result: Evaluation) -> None:
    for measured in result.measurements:
        groups = by_move_number(measured.predictions, result.size)
        middle = [(group.first + (group.last or group.first)) / 2 for group in groups]
        low, high = zip(*(group.figures.interval for group in groups), strict=True)
        colour = _COLOURS[measured.symmetries]
        axes.fill_between(middle, low, high, color=colour, alpha=0.15, linewidth=0)
        axes.plot(
            middle,
            [group.figures.top1 for group in groups],
            marker="o",
            markersize=4,
            color=colour,
            label=f"top-1, {_name(measured.symmetries)}",
        )
    axes.set_xlabel("move number")
    axes.set_ylabel("top-1 accuracy, 95 % interval")
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(_PERCENT)
    axes.legend(frameon=False)


def _calibration(axes: Axes, result: Evaluation) -> None:
    axes.plot([0, 1], [0, 1], color="black", linewidth=0.8, linestyle="--", label="perfectly calibrated")
    for measured in result.measurements:
        reliability = calibration(measured.predictions)
        colour = _COLOURS[measured.symmetries]
        if measured is result.main:
            axes.bar(
                [b.low for b in reliability.bins],
                [b.positions / len(measured.predictions) for b in reliability.bins],
                width=[b.high - b.low for b in reliability.bins],
                align="edge",
                color=colour,
                alpha=0.15,
                label="share of positions",
            )
        axes.plot(
            [b.confidence for b in reliability.bins],
            [b.accuracy for b in reliability.bins],
            marker="o",
            markersize=4,
            color=colour,
            label=f"{_name(measured.symmetries)}, expected error {reliability.error:.1%}",
        )
    axes.set_xlabel("probability of the likeliest point")
    axes.set_ylabel("share of positions in which it was played")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.xaxis.set_major_formatter(_PERCENT)
    axes.yaxis.set_major_formatter(_PERCENT)
    axes.legend(frameon=False)


def _top_k(axes: Axes, result: Evaluation) -> None:
    width = 0.8 / len(result.measurements)
    for number, measured in enumerate(result.measurements):
        top = figures(measured.predictions).top
        x = np.arange(len(TOP_K)) + (number - (len(result.measurements) - 1) / 2) * width
        bars = axes.bar(
            x,
            [top[k] for k in TOP_K],
            width,
            color=_COLOURS[measured.symmetries],
            label=_name(measured.symmetries),
        )
        axes.bar_label(bars, [f"{top[k]:.1%}" for k in TOP_K], fontsize="small", padding=2)
    axes.set_xticks(range(len(TOP_K)), [f"top-{k}" for k in TOP_K])
    axes.set_ylim(0, 1.12)
    axes.set_yticks(np.linspace(0, 1, 6))
    axes.yaxis.set_major_formatter(_PERCENT)
    axes.set_ylabel("share of positions")
    axes.legend(frameon=False, loc="upper left")


def _learning(axes: Axes, run: RunLog, figure_of: Callable[[Curve], NDArray[np.float64]]) -> None:
    curve = run.training
    axes.plot(curve.samples, figure_of(curve), color=_TRAINING, alpha=0.35, linewidth=0.7)
    window = max(1, len(curve.samples) // _WINDOWS)
    axes.plot(
        _running_mean(curve.samples, window),
        _running_mean(figure_of(curve), window),
        color=_TRAINING,
        label="training, running mean",
    )
    if len(run.validation.samples):
        axes.plot(
            run.validation.samples,
            figure_of(run.validation),
            color=_VALIDATION,
            marker="o",
            markersize=4,
            label="validation",
        )
    axes.set_xlabel(f"{run.unit} seen")
    axes.xaxis.set_major_formatter(FuncFormatter(_short_number))
    if figure_of(curve) is curve.top1:
        axes.set_ylabel("top-1 accuracy")
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_formatter(_PERCENT)
    else:
        axes.set_ylabel("cross-entropy, nats")
    axes.legend(frameon=False)


def _running_mean(values: NDArray[np.generic], window: int) -> NDArray[np.float64]:
    return np.convolve(values.astype(np.float64), np.full(window, 1 / window), mode="valid")


def _short_number(value: float, _place: int) -> str:
    for unit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= unit:
            return f"{value / unit:g} {letter}"
    return f"{value:g}"
