"""Timing several tasks, and the report of their rates.

Tasks take turns, A B C A B C ..., so that a machine that slows down meanwhile slows all of them; a task's
rate is the median of its rounds. A first turn, which compiles and warms up, does not count.
"""

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from goengine.errors import GoEngineError
from goengine.util.parallel import cores

ROUNDS = 7
"""The turns of each task that count."""

_REST = 0.05  # seconds before each round, so that the threads of the last task go to sleep


@dataclass(frozen=True)
class Task:
    """A task to be timed.

    Attributes:
        name: The name of its figure.
        run: Does a part of the work, and returns its number of units.
        clock: The time in seconds: wall-clock time for several threads; for one thread the processor's time
            (time.process_time), which other programs on the machine change less.
        prepare: Called before each round, untimed.
    """

    name: str
    run: Callable[[], int]
    clock: Callable[[], float] = time.perf_counter
    prepare: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Figure:
    """The rates of a task in units per second, one for each round."""

    name: str
    rates: tuple[float, ...]

    @property
    def rate(self) -> float:
        """The median of the rates."""
        return statistics.median(self.rates)


@dataclass(frozen=True)
class Report:
    """A table of figures.

    Attributes:
        title: The title.
        unit: What is counted: "position".
        figures: The figures.
        reference: The name of the figure that the others are compared with.
        notes: Further facts for the reader, such as the data and the device.
        utilisation: The model FLOP utilisation by the name of a figure, for those of a network's arithmetic.
    """

    title: str
    unit: str
    figures: tuple[Figure, ...]
    reference: str
    notes: tuple[str, ...] = ()
    utilisation: Mapping[str, float] = field(default_factory=dict)

    def figure(self, name: str) -> Figure:
        """Return the figure of a name."""
        return next(figure for figure in self.figures if figure.name == name)

    def ratio(self, figure: Figure) -> float:
        """Return the rate of a figure divided by that of the reference."""
        return figure.rate / self.figure(self.reference).rate

    def as_dict(self) -> dict[str, Any]:
        """Return the report for JSON, with rates in units per second, and seconds per unit."""
        return {
            "title": self.title,
            "unit": self.unit,
            "reference": self.reference,
            "notes": list(self.notes),
            "figures": [
                {
                    "name": figure.name,
                    "rate": figure.rate,
                    "seconds": 1 / figure.rate,
                    "times_reference": self.ratio(figure),
                    "rounds": list(figure.rates),
                    **({"mfu": self.utilisation[figure.name]} if figure.name in self.utilisation else {}),
                }
                for figure in self.figures
            ],
        }


def measure(tasks: Sequence[Task], seconds: float, rounds: int = ROUNDS) -> tuple[Figure, ...]:
    """Time tasks in turns.

    Args:
        tasks: The tasks.
        seconds: The time for each task in total; it runs at least once in each round.
        rounds: The turns of each task.

    Raises:
        GoEngineError: If `seconds` is not positive and finite.
    """
    if not 0 < seconds < float("inf"):
        raise GoEngineError(f"the time to measure is {seconds} seconds; expected a positive number")
    for task in tasks:
        task.run()
    rates: dict[str, list[float]] = {task.name: [] for task in tasks}
    for _ in range(rounds):
        for task in tasks:
            time.sleep(_REST)
            task.prepare()
            rates[task.name].append(_rate(task, seconds / rounds))
    return tuple(Figure(name, tuple(values)) for name, values in rates.items())


def _rate(task: Task, seconds: float) -> float:
    units = 0
    begin = task.clock()
    deadline = time.perf_counter() + seconds
    while True:
        units += task.run()
        if time.perf_counter() >= deadline:
            return units / (task.clock() - begin)


def describe_machine() -> dict[str, Any]:
    """Return the machine, its load and the date, for JSON and for the notes of a table."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": _processor(),
        "cores": cores(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass  # not Linux
    return platform.processor() or platform.machine()
