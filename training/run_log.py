"""The learning curves of a training run, from the log that it writes."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goengine.errors import GoEngineError
from goengine.training.reporting import LOG

UNITS = ("positions", "images")
"""What the samples of a log are called."""


@dataclass(frozen=True, eq=False)
class Curve:
    """Figures over a run: samples seen (int64 [N], rising), loss in nats and top-1 (float64 [N])."""

    samples: NDArray[np.int64]
    loss: NDArray[np.float64]
    top1: NDArray[np.float64]


@dataclass(frozen=True)
class RunLog:
    """name: the run's folder. unit: what its samples are called. training: on batches before they are learnt
    from. validation: on others."""

    name: str
    unit: str
    training: Curve
    validation: Curve


def read_run_log(folder: Path) -> RunLog:
    """The log of the run in a folder; it may still be going on.

    What a resumed run did twice, having stopped after its last checkpoint, is taken from the second time.

    Raises GoEngineError if there is no log, or it holds something else.
    """
    path = folder / LOG
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise GoEngineError(f"cannot read the log of a training run {path}: {error.strerror}") from None
    except ValueError:
        raise GoEngineError(f"{path} is no log of a training run: it is not text") from None
    whole, _, _ = text.rpartition("\n")  # a run may be writing its last line just now
    training: list[tuple[int, float, float]] = []
    validation: list[tuple[int, float, float]] = []
    for number, line in enumerate(whole.splitlines(), start=1):
        try:
            entry: dict[str, Any] = json.loads(line)
            unit = next(unit for unit in UNITS if unit in entry)
            at = int(entry[unit])
            if "resumed" in entry:
                training = [row for row in training if row[0] <= at]
                validation = [row for row in validation if row[0] <= at]
            elif "validation_loss" in entry:
                validation.append((at, float(entry["validation_loss"]), float(entry["validation_top1"])))
            else:
                training.append((at, float(entry["loss"]), float(entry["top1"])))
        except (KeyError, TypeError, ValueError, StopIteration, RecursionError):
            raise GoEngineError(f"{path}, line {number}: not an entry of a training run's log") from None
    if not training:
        raise GoEngineError(f"{path}: the run has logged nothing yet")
    return RunLog(folder.resolve().name, unit, _curve(training), _curve(validation))


def _curve(rows: list[tuple[int, float, float]]) -> Curve:
    samples, loss, top1 = zip(*rows, strict=True) if rows else ((), (), ())
    return Curve(np.array(samples, np.int64), np.array(loss, np.float64), np.array(top1, np.float64))
