"""What a run shows."""

import io

import pytest
from rich.console import Console

import goengine.training.monitoring.progress
from goengine.training.monitoring.progress import TrainingProgress, clock


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00:00"), (59.6, "0:01:00"), (3725, "1:02:05")])
def test_clock(seconds, text):
    assert clock(seconds) == text


def test_without_a_terminal_there_is_a_line_now_and_then(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(goengine.training.monitoring.progress.time, "perf_counter", lambda: now[0])
    text = io.StringIO()
    with TrainingProgress(Console(file=text, force_terminal=False)) as show:
        for second in range(100):
            now[0] = float(second)
            show.update(second / 100, "stable", "figures [of] step")
    assert text.getvalue().splitlines() == [
        f"{share:5.1f} % stable  figures [of] step" for share in (30, 60, 90)
    ]


def test_on_a_terminal_there_is_a_bar():
    text = io.StringIO()
    with TrainingProgress(Console(file=text, force_terminal=True, width=100)) as show:
        show.update(0.5, "decay", "loss 2.5")
        show.say("validation top-1 40 %")
    assert "decay" in text.getvalue()
    assert "50.0 %" in text.getvalue()
    assert "validation top-1 40 %" in text.getvalue()
