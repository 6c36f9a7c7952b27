"""The number of threads is chosen by the time that steps take."""

import numpy as np
import pytest
import torch

import goengine.util.threads
from goengine.util.threads import ThreadChooser, torch_threads


@pytest.fixture(autouse=True)
def _restore_threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def run_steps(chooser, seconds, count, monkeypatch, start=0.0):
    """Run steps that take `seconds[threads]`; return the number of threads of each."""
    clock = [start]
    used = []
    monkeypatch.setattr(goengine.util.threads.time, "perf_counter", lambda: clock[0])
    for _ in range(count):
        with chooser.step():
            used.append(torch.get_num_threads())
            clock[0] += seconds[torch.get_num_threads()]
    return used


@pytest.mark.parametrize(("alone", "both", "best"), [(0.1, 0.06, 2), (0.1, 0.4, 1)])
def test_faster_number_is_kept(monkeypatch, alone, both, best):
    chooser = ThreadChooser([2, 1])
    used = run_steps(chooser, {1: alone, 2: both}, 12, monkeypatch)
    assert used[:4] == [2, 2, 1, 1]
    assert used[4:] == [best] * 8
    assert chooser.threads == best


def test_first_step_of_each_choice_is_not_counted(monkeypatch):
    chooser = ThreadChooser([4, 2, 1], timed_steps=3)
    times = {4: [9.0, 1.0, 1.0, 1.0], 2: [1.0, 2.0, 0.1, 2.0], 1: [0.1, 2.0, 2.0, 2.0]}
    clock = [0.0]
    monkeypatch.setattr(goengine.util.threads.time, "perf_counter", lambda: clock[0])
    for _ in range(12):
        with chooser.step():
            clock[0] += times[torch.get_num_threads()].pop(0)
    assert chooser.threads == 4


def test_choices_are_timed_again_at_growing_intervals(monkeypatch):
    used = run_steps(ThreadChooser([2, 1]), {1: 0.1, 2: 0.3}, 1000, monkeypatch)
    measured = [i for i in range(1, 1000) if used[i - 1 : i + 1] == [1, 2]]
    between = np.diff(measured) * 0.1
    assert between[0] == pytest.approx(2.8, abs=0.3)  # the measurement itself takes 0.8 s
    assert (np.diff(between) > 0).all()
    assert used.count(2) == 2 * (len(measured) + 1)


def test_wrong_choice_is_corrected_soon(monkeypatch):
    chooser = ThreadChooser([2, 1])
    run_steps(chooser, {1: 0.1, 2: 0.3}, 8, monkeypatch)
    assert chooser.threads == 1
    run_steps(chooser, {1: 0.1, 2: 0.06}, 16, monkeypatch, start=1.2)
    assert chooser.threads == 2


def test_single_choice_is_fixed(monkeypatch):
    used = run_steps(ThreadChooser([1, 1]), {1: 1.0}, 50, monkeypatch)
    assert used == [1] * 50


def test_torch_threads_restores_the_number():
    torch.set_num_threads(2)
    with torch_threads(1):
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 2
