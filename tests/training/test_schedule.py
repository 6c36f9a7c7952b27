"""The schedule of a run: its length, and its learning rates."""

import pytest

from goengine.training.config import TrainConfig
from goengine.training.schedule import learning_rate_factor, phase_of, progress_of, remaining_seconds


def test_progress_is_by_the_nearer_limit():
    assert progress_of(1000, 10, 500, 60) == 0.5
    assert progress_of(1000, 10, 500, 480) == 0.8
    assert progress_of(1000, 10, 2000, 0) == 1.0
    assert progress_of(0, 10, 2000, 60) == 0.1


def test_the_remaining_time_is_to_the_nearer_limit():
    assert remaining_seconds(1000, 0, 500, 60, rate=50) == 10
    assert remaining_seconds(1000, 10, 500, 595, rate=50) == 5
    assert remaining_seconds(0, 10, 500, 700, rate=50) == 0


def test_the_learning_rate_warms_up_is_stable_and_decays():
    config = TrainConfig(warmup_steps=10, decay=0.4)
    at = [learning_rate_factor(config, step, step / 1000) for step in range(1000)]
    assert at[:3] == pytest.approx([0.1, 0.2, 0.3])
    assert at[9:600] == [1.0] * 591
    assert at[800] == pytest.approx(0.5)
    assert at[999] == pytest.approx(0.0025)


@pytest.mark.parametrize(("warmup_steps", "steps"), [(200, 81), (50, 24), (10**6, 100)])
def test_the_warm_up_takes_at_most_a_tenth_of_the_run(warmup_steps, steps):
    config = TrainConfig(warmup_steps=warmup_steps, decay=0.0)
    at = [learning_rate_factor(config, step, step / steps) for step in range(steps)]
    assert at == sorted(at)
    assert all(factor < 1 for step, factor in enumerate(at) if step < steps / 10)
    assert all(factor == 1 for step, factor in enumerate(at) if step >= steps / 10)
    phases = [phase_of(config, step, step / steps) for step in range(steps)]
    assert phases.count("warm-up") == sum(factor < 1 for factor in at)


def test_without_a_decay_the_learning_rate_stays_to_the_end():
    assert learning_rate_factor(TrainConfig(warmup_steps=1, decay=0.0), 10, 1.0) == 1.0


def test_the_phases_are_named():
    config = TrainConfig(warmup_steps=10, decay=0.4)
    places = ((9, 0.09), (9, 0.1), (10, 0.1), (10, 0.59), (10, 0.6))
    phases = [phase_of(config, step, progress) for step, progress in places]
    assert phases == ["warm-up", "stable", "stable", "stable", "decay"]
