"""The learning curves of a training run, read from its log."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goengine.errors import GoEngineError
from goengine.training.reporting import LOG

UNITS = ("positions", "images")
"""The names of samples in logs."""


@dataclass(frozen=True, eq=False)
class Curve:
    """Losses and accuracies over a run.

    Attributes:
        samples: The samples seen, rising, int64 [N].
        loss: Cross-entropy in nats, float64 [N].
        top1: Top-1 accuracy, float64 [N].
    """

    samples: NDArray[np.int64]
    loss: NDArray[np.float64]
    top1: NDArray[np.float64]


@dataclass(frozen=True)
class RunLog:
    """The learning curves of a run.

    Attributes:
        name: The run's folder.
        unit: The name of its samples, one of UNITS.
        training: On each batch before the network trains on it.
        validation: On held-out samples.
    """

    name: str
    unit: str
    training: Curve
    validation: Curve


def read_run_log(folder: Path) -> RunLog:
    """Read the log of a run, which may still be running.

    If a run was resumed from a checkpoint before its last log entry, the later entries are replaced.

    Args:
        folder: The run's folder.

    Raises:
        GoEngineError: If the log is missing, empty or damaged.
    """
    path = folder / LOG
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise GoEngineError(f"cannot read the log of a training run {path}: {error.strerror}") from error
    except ValueError as error:
        raise GoEngineError(f"{path} is not the log of a training run: it is not text") from error
    complete, _, _ = text.rpartition("\n")  # the run may be writing the last line
    training: list[tuple[int, float, float]] = []
    validation: list[tuple[int, float, float]] = []
    for number, line in enumerate(complete.splitlines(), start=1):
        try:
            entry: dict[str, Any] = json.loads(line)
            unit = next(unit for unit in UNITS if unit in entry)
            samples = int(entry[unit])
            if "resumed" in entry:
                training = [row for row in training if row[0] <= samples]
                validation = [row for row in validation if row[0] <= samples]
            elif "validation_loss" in entry:
                validation.append((samples, float(entry["validation_loss"]), float(entry["validation_top1"])))
            else:
                training.append((samples, float(entry["loss"]), float(entry["top1"])))
        except (KeyError, TypeError, ValueError, StopIteration, RecursionError) as error:
            raise GoEngineError(f"{path}, line {number}: not an entry of a training run's log") from error
    if not training:
        raise GoEngineError(f"{path}: the log has no entries yet")
    return RunLog(folder.resolve().name, unit, _curve(training), _curve(validation))


def _curve(rows: list[tuple[int, float, float]]) -> Curve:
    samples, loss, top1 = zip(*rows, strict=True) if rows else ((), (), ())
    return Curve(np.array(samples, np.int64), np.array(loss, np.float64), np.array(top1, np.float64))
