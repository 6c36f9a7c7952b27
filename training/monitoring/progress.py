"""What a run shows while it trains: a progress bar on a terminal, a line now and then elsewhere."""

import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

_LINE_SECONDS = 30.0


class TrainingProgress:
    """Context manager; `update` may be called every step."""

    def __init__(self, console: Console):
        self._console = console
        self._bar: Progress | None = None
        self._last_line = time.perf_counter()
        if console.is_terminal:
            self._bar = Progress(
                TextColumn("{task.fields[phase]}"),
                BarColumn(bar_width=None),
                TextColumn("{task.percentage:>5.1f} %"),
                TextColumn("{task.fields[figures]}"),
                console=console,
            )
            self._task = self._bar.add_task("", total=1.0, phase="starting", figures="")

    def __enter__(self) -> "TrainingProgress":
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar:
            self._bar.stop()

    def update(self, progress: float, phase: str, figures: str) -> None:
        """progress: the share of the run that is done; phase: warm-up, stable or decay."""
        if self._bar:
            self._bar.update(self._task, completed=progress, phase=phase, figures=figures)
        elif time.perf_counter() - self._last_line >= _LINE_SECONDS:
            self._last_line = time.perf_counter()
            self.say(f"{100 * progress:5.1f} % {phase:7} {figures}")

    def say(self, message: str) -> None:
        """A line that stays."""
        self._console.print(Text(message), soft_wrap=True)


def clock(seconds: float) -> str:
    """Seconds as h:mm:ss."""
    minutes, s = divmod(round(seconds), 60)
    hours, m = divmod(minutes, 60)
    return f"{hours}:{m:02}:{s:02}"
