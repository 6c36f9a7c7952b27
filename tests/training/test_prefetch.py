"""Batches drawn ahead: their order, and the time spent waiting for them."""

import time
from dataclasses import dataclass

import pytest
import torch

from goengine.training.prefetch import prefetch
from goengine.training.processes import Processes

CPU = torch.device("cpu")


@dataclass
class Slow:
    """A task whose batches are the arguments of `batch`, and take some time."""

    seconds: float

    def batch(self, *arguments):
        time.sleep(self.seconds)
        return arguments


def test_batches_are_the_shares_of_a_process_in_step_order():
    with prefetch(Slow(0), 5, 16, CPU, Processes(1, 2, 1, 2)) as batches:
        assert [next(batches) for _ in range(6)] == [(step, 16, 1, 2) for step in range(5, 11)]


def test_waiting_for_the_first_batch_takes_none():
    with prefetch(Slow(0.05), 3, 16, CPU) as batches:
        batches.wait_for_first()
        assert batches.waited == 0
        assert next(batches)[0] == 3
        assert batches.waited < 0.03


def test_only_time_spent_waiting_is_counted():
    with prefetch(Slow(0.05), 0, 16, CPU) as batches:
        next(batches)
        assert batches.waited > 0.03
        time.sleep(0.3)
        waited = batches.waited
        next(batches)
        assert batches.waited - waited < 0.03


def test_an_error_is_raised_at_the_step_of_its_batch():
    def fail(step, *_):
        if step == 1:
            raise ValueError("step 1")
        return step

    task = Slow(0)
    task.batch = fail
    with prefetch(task, 0, 16, CPU) as batches:
        assert next(batches) == 0
        with pytest.raises(ValueError, match="step 1"):
            next(batches)
