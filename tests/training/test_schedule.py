"""The schedule of a run: its length, and its learning rates."""

import pytest

from goengine.training.config import TrainConfig
from goengine.training.schedule import learning_rate_factor, phase_of, progress_of


def test_progress_is_by_whichever_limit_is_nearer():
    assert progress_of(1000, 10, 500, 60) == 0.5
    assert progress_of(1000, 10, 500, 480) == 0.8
    assert progress_of(1000, 10, 2000, 0) == 1.0
    assert progress_of(0, 10, 2000, 60) == 0.1


def test_the_learning_rate_warms_up_stays_and_falls_to_zero():
    config = TrainConfig(warmup_steps=10, decay=0.4)
    at = [learning_rate_factor(config, step, step / 1000) for step in range(1000)]
    assert at[:3] == pytest.approx([0.1, 0.2, 0.3])
    assert at[9:600] == [1.0] * 591
    assert at[800] == pytest.approx(0.5)
    assert at[999] == pytest.approx(0.0025)


def test_without_a_decay_the_learning_rate_stays_to_the_end():
    assert learning_rate_factor(TrainConfig(warmup_steps=1, decay=0.0), 10, 1.0) == 1.0


def test_the_phases_are_named():
    config = TrainConfig(warmup_steps=10, decay=0.4)
    at = [phase_of(config, step, progress) for step, progress in ((9, 0.1), (10, 0.1), (10, 0.59), (10, 0.6))]
    assert at == ["warm-up", "stable", "stable", "decay"]
