"""What a run reports: its progress, its log, and what TensorBoard reads."""

import io

import pytest
from rich.console import Console

from goengine.errors import GoEngineError
from goengine.training import reporting
from goengine.training.policy.task import train_policy as train
from goengine.training.reporting import TENSORBOARD, Summaries, TrainingProgress, clock
from goengine.training.run_log import read_run_log


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00:00"), (59.6, "0:01:00"), (3725, "1:02:05")])
def test_the_clock_shows_hours_minutes_and_seconds(seconds, text):
    assert clock(seconds) == text


def test_without_a_terminal_progress_is_a_line_every_30_seconds(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(reporting.time, "perf_counter", lambda: now[0])
    text = io.StringIO()
    with TrainingProgress(Console(file=text, force_terminal=False)) as show:
        for second in range(100):
            now[0] = float(second)
            show.update(second / 100, "stable", "figures [of] step")
    assert text.getvalue().splitlines() == [
        f"{share:5.1f} % stable  figures [of] step" for share in (30, 60, 90)
    ]


def test_on_a_terminal_progress_is_a_bar():
    text = io.StringIO()
    with TrainingProgress(Console(file=text, force_terminal=True, width=100)) as show:
        show.update(0.5, "decay", "loss 2.5")
        show.say("validation top-1 40 %")
    assert "decay" in text.getvalue()
    assert "50.0 %" in text.getvalue()
    assert "validation top-1 40 %" in text.getvalue()


def scalars(folder):
    """(samples, value) of every figure, by its name."""
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    events = accumulator.EventAccumulator(str(folder))
    events.Reload()
    return {tag: [(e.step, e.value) for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}


def test_tensorboard_shows_the_figures_of_the_log(config, tmp_path):
    pytest.importorskip("tensorboard")
    train(config.replace(tensorboard=True))
    log, shown = read_run_log(tmp_path / "run"), scalars(tmp_path / "run" / TENSORBOARD)
    for tag, curve, values in (
        ("loss/training", log.training, log.training.loss),
        ("top-1/training", log.training, log.training.top1),
        ("loss/validation", log.validation, log.validation.loss),
        ("top-1/validation", log.validation, log.validation.top1),
    ):
        assert [step for step, _ in shown[tag]] == curve.samples.tolist()
        assert [value for _, value in shown[tag]] == pytest.approx(values.tolist())
    assert shown.keys() >= {"top-5/validation", "speed/samples a second"}


def test_samples_seen_twice_after_a_crash_are_shown_once(tmp_path):
    pytest.importorskip("tensorboard")
    before = Summaries(tmp_path, samples=0)
    for samples in (80, 160, 240):
        before.add(samples, {"loss": 3.0, "step": 1, "resumed": "c.pt"})
    before.close()
    after = Summaries(tmp_path, samples=80)
    after.add(120, {"loss": 1.0})
    after.close()
    assert scalars(tmp_path) == {"loss/training": [(80, 3.0), (120, 1.0)]}


def test_a_run_does_not_begin_if_tensorboard_is_missing(config, tmp_path, monkeypatch):
    monkeypatch.setattr("goengine.training.reporting.find_spec", lambda _: None)
    with pytest.raises(GoEngineError, match=r"pip install 'goengine\[tensorboard\]'"):
        train(config.replace(tensorboard=True))
    assert not (tmp_path / "run").exists()


def test_a_warm_up_longer_than_a_tenth_of_the_run_is_shortened(config):
    text = io.StringIO()
    train(config.replace(warmup_steps=200), console=Console(file=text, force_terminal=False))
    assert "the warm-up ends after 2 steps instead of 200, at 10 % of the run" in text.getvalue()
    text = io.StringIO()
    other = config.replace(warmup_steps=2, out=config.out + "2")
    train(other, console=Console(file=text, force_terminal=False))
    assert "warm-up" not in text.getvalue()
