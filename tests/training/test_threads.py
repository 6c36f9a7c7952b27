"""Choosing the number of threads by the time of steps."""

import pytest
import torch

import training.threads
from training.threads import ThreadChooser


@pytest.fixture(autouse=True)
def _restore_threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def run_steps(chooser, seconds, count, monkeypatch):
    """Run steps that take `seconds[threads]`; returns the threads of each."""
    clock = [0.0]
    used = []
    monkeypatch.setattr(training.threads.time, "perf_counter", lambda: clock[0])
    for _ in range(count):
        with chooser.step():
            used.append(torch.get_num_threads())
            clock[0] += seconds[torch.get_num_threads()]
    return used


@pytest.mark.parametrize(("alone", "all_", "best"), [(1.0, 0.6, 2), (1.0, 4.0, 1)])
def test_the_faster_number_is_kept(monkeypatch, alone, all_, best):
    torch.set_num_threads(2)
    used = run_steps(ThreadChooser(0), {1: alone, 2: all_}, 20, monkeypatch)
    assert used[:4] == [2, 2, 1, 1]
    assert used[4:] == [best] * 16


def test_it_is_measured_again_after_a_while(monkeypatch):
    torch.set_num_threads(2)
    used = run_steps(ThreadChooser(0), {1: 1.0, 2: 3.0}, 60, monkeypatch)
    assert used.count(2) == 4


def test_a_given_number_is_fixed(monkeypatch):
    used = run_steps(ThreadChooser(1), {1: 1.0}, 50, monkeypatch)
    assert used == [1] * 50
