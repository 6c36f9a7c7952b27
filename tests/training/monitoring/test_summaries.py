"""What TensorBoard shows of a run, read with TensorBoard."""

import pytest

from goengine.errors import GoEngineError
from goengine.training.monitoring.summaries import FOLDER, Summaries
from goengine.training.policy.task import train_policy as train
from goengine.training.run_log import read_run_log


def scalars(folder):
    """(samples, value) of every figure, by its name."""
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    events = accumulator.EventAccumulator(str(folder))
    events.Reload()
    return {tag: [(e.step, e.value) for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}


def test_a_run_shows_what_its_log_holds(config, tmp_path):
    pytest.importorskip("tensorboard")
    train(config.replace(tensorboard=True))
    log, shown = read_run_log(tmp_path / "run"), scalars(tmp_path / "run" / FOLDER)
    for tag, curve, values in (
        ("loss/training", log.training, log.training.loss),
        ("top-1/training", log.training, log.training.top1),
        ("loss/validation", log.validation, log.validation.loss),
        ("top-1/validation", log.validation, log.validation.top1),
    ):
        assert [step for step, _ in shown[tag]] == curve.samples.tolist()
        assert [value for _, value in shown[tag]] == pytest.approx(values.tolist())
    assert shown.keys() >= {"top-5/validation", "speed/samples a second"}


def test_what_was_done_twice_after_a_power_cut_is_shown_once(tmp_path):
    pytest.importorskip("tensorboard")
    before = Summaries(tmp_path, samples=0)
    for samples in (80, 160, 240):
        before.add(samples, {"loss": 3.0, "step": 1, "resumed": "c.pt"})
    before.close()
    after = Summaries(tmp_path, samples=80)
    after.add(120, {"loss": 1.0})
    after.close()
    assert scalars(tmp_path) == {"loss/training": [(80, 3.0), (120, 1.0)]}


def test_without_tensorboard_the_run_does_not_begin(config, tmp_path, monkeypatch):
    monkeypatch.setattr("goengine.training.monitoring.summaries.find_spec", lambda _: None)
    with pytest.raises(GoEngineError, match=r"pip install 'goengine\[tensorboard\]'"):
        train(config.replace(tensorboard=True))
    assert not (tmp_path / "run").exists()
