"""The speed of training: drawing and encoding samples, the network's steps, and both together."""

import time
from collections.abc import Callable, Iterator

import torch

from data.samples import Batch
from goengine.kernel.replay import Games
from goengine.threads import torch_threads
from training.bench.measure import Report, Task, measure
from training.config import TrainConfig
from training.policy_task import PolicyTask
from training.prefetch import prefetch
from training.run import Run, thread_chooser

SAMPLES = "samples alone"
NETWORK = "network alone"
PIPELINE = "whole pipeline"

_GPU_STEPS = 20  # a GPU lags behind what it was told: so many steps are timed together, until it is done


def bench_train(config: TrainConfig, games: Games, seconds: float = 20.0) -> Report:
    """Positions a second of `goengine train` with that config, and the share of time it waits for samples.

    seconds: how long each figure is measured.

    Raises GoEngineError if the games hold no position, or the device that the config asks for is not there.
    """
    run = Run(config, PolicyTask(config, games))
    with (
        torch_threads(torch.get_num_threads()),  # put back at the end what the chooser leaves
        prefetch(run.task, 0, config.batch_size, run.device) as batches,
    ):
        steps = _Steps(run)
        waiting = _Waiting(batches)
        fixed = next(batches)
        tasks = [
            Task(SAMPLES, lambda: len(next(batches).target)),
            Task(NETWORK, lambda: steps.take(lambda: fixed)),
            Task(PIPELINE, lambda: waiting.measure(steps)),
        ]
        figures = measure(tasks, seconds)
    if run.device.type == "cuda":
        device = torch.cuda.get_device_name(run.device)
    else:
        device = f"CPU, {steps.threads} thread{'s' if steps.threads > 1 else ''}"
    return Report(
        f"Training {config.filters} filters, {config.layers} layers, {config.batch_size} positions a step",
        "position",
        figures,
        NETWORK,
        (
            f"{device}, {str(run.dtype).removeprefix('torch.')}; "
            f"{len(games):,} games, {run.task.available:,} positions",
            f"the pipeline waits for samples for {waiting.share:.1%} of its time",
        ),
    )


class _Steps:
    """Training steps as `goengine train` takes them."""

    def __init__(self, run: Run[TrainConfig, Batch]) -> None:
        self._run = run
        self._count = 1 if run.device.type == "cpu" else _GPU_STEPS
        self._threads = thread_chooser(run.config, run.device)

    @property
    def threads(self) -> int:
        """CPU threads that steps have lately taken."""
        return self._threads.threads

    def take(self, batch: Callable[[], Batch]) -> int:
        """Train on a few batches. Returns how many positions they held."""
        for _ in range(self._count):
            with self._threads.step():
                self._run.train_step(batch())
        if self._run.device.type == "cuda":
            torch.cuda.synchronize(self._run.device)
        return self._count * self._run.config.batch_size


class _Waiting:
    """Steps on fresh batches, and how much of their time goes by until a batch is there."""

    def __init__(self, batches: Iterator[Batch]) -> None:
        self._batches = batches
        self._waited = self._spent = 0.0

    @property
    def share(self) -> float:
        return self._waited / self._spent

    def measure(self, steps: _Steps) -> int:
        begin = time.perf_counter()
        positions = steps.take(self._next)
        self._spent += time.perf_counter() - begin
        return positions

    def _next(self) -> Batch:
        begin = time.perf_counter()
        batch = next(self._batches)
        self._waited += time.perf_counter() - begin
        return batch
