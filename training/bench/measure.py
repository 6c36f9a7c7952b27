"""Timing tasks side by side, and what came of it.

Tasks take turns, A B C A B C ..., so that a machine that slows down on the way slows all of them; a task's
rate is the median of its rounds. A first turn, which compiles and warms up, is not counted.
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
_REST = 0.05  # seconds before each round, in which the threads of the task before go to sleep


@dataclass(frozen=True)
class Task:
    """Something to be timed.

    run does a piece of the work and returns how many units that was. clock gives seconds: of the wall where
    several threads work, of the processor (time.process_time) where one does, so that other programs on the
    machine count less. prepare is called before each round, and not timed.
    """

    name: str
    run: Callable[[], int]
    clock: Callable[[], float] = time.perf_counter
    prepare: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Figure:
    """A task's rates, units a second, one a round."""

    name: str
    rates: tuple[float, ...]

    @property
    def rate(self) -> float:
        """The median round's."""
        return statistics.median(self.rates)


@dataclass(frozen=True)
class Report:
    """A table of figures.

    unit: what is counted ("position"). reference: the name of the figure that the others are compared with.
    notes: what else a reader has to know. utilisation: for figures that are a network's arithmetic, which
    share of the device's matrix rate that makes.
    """

    title: str
    unit: str
    figures: tuple[Figure, ...]
    reference: str
    notes: tuple[str, ...] = ()
    utilisation: Mapping[str, float] = field(default_factory=dict)

    def figure(self, name: str) -> Figure:
        return next(figure for figure in self.figures if figure.name == name)

    def ratio(self, figure: Figure) -> float:
        """How many times as fast as the reference."""
        return figure.rate / self.figure(self.reference).rate

    def as_dict(self) -> dict[str, Any]:
        """The same for JSON: rates in units a second, seconds a unit."""
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
    """Time the tasks in turns, each for about `seconds` in all (at least once a round).

    Raises GoEngineError if `seconds` is not above zero.
    """
    if not 0 < seconds < float("inf"):
        raise GoEngineError(f"a speed is measured for some seconds, not {seconds}")
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
    """What the figures were measured on, and when: for JSON and for the foot of a table."""
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
        pass  # no Linux
    return platform.processor() or platform.machine()
