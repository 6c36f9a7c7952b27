"""The speed of training: drawing and encoding samples, the network's steps, and both together."""

import gc
import time
from collections.abc import Callable, Sequence

import torch

from goengine.errors import GoEngineError
from goengine.kernel.replay import Games
from goengine.training.bench.measure import Figure, Report, Task, measure
from goengine.training.config import TrainConfig
from goengine.training.monitoring.utilisation import matrix_rate, training_flops
from goengine.training.policy.targets import PolicyBatch
from goengine.training.policy.task import PolicyTask
from goengine.training.prefetch import Batches, prefetch
from goengine.training.run import Run, thread_chooser, why_not_compiled
from goengine.util.threads import torch_threads

SAMPLES = "samples alone"
NETWORK = "network alone"
PIPELINE = "whole pipeline"

_GPU_STEPS = 20  # a GPU lags behind what it was told: so many steps are timed together, until it is done
_SWEEP_ROUNDS = 3
_COMPILED = {"off": "", "on": ", compiled", "graphs": ", compiled into CUDA graphs"}


def bench_train(config: TrainConfig, games: Games, seconds: float = 20.0) -> Report:
    """Positions a second of `goengine train` with that config, and the share of time it waits for samples.

    seconds: how long each figure is measured.

    Raises GoEngineError if the games hold no position, or the device that the config asks for is not there.
    """
    run = Run(config, PolicyTask(config, games))
    rate = matrix_rate(run.device, run.dtype)
    with (
        torch_threads(torch.get_num_threads()),  # put back at the end what the chooser leaves
        prefetch(run.task, 0, config.batch_size, run.device) as batches,
    ):
        steps = _Steps(run)
        pipeline = _Pipeline(steps, batches)
        fixed = next(batches)
        tasks = [
            Task(SAMPLES, lambda: len(next(batches).target), prepare=batches.skip_drawn),
            Task(NETWORK, lambda: steps.take(lambda: fixed)),
            Task(PIPELINE, pipeline.take, prepare=batches.skip_drawn),
        ]
        figures = measure(tasks, seconds)
    return Report(
        f"Training {config.filters} filters, {config.layers} layers, {config.batch_size} positions a step"
        + _COMPILED[config.compile],
        "position",
        figures,
        NETWORK,
        (
            f"{_describe(run, rate)}, {steps.threads} CPU thread{'s' if steps.threads > 1 else ''} a step",
            f"{len(games):,} games, {run.task.available:,} positions",
            f"the pipeline waits for samples for {pipeline.waiting:.1%} of its time",
        ),
        {
            figure.name: figure.rate * training_flops(run.network) / rate
            for figure in figures
            if figure.name != SAMPLES
        },
    )


def bench_sweep(
    config: TrainConfig,
    games: Games,
    batch_sizes: Sequence[int],
    compiled: Sequence[str],
    seconds: float,
    say: Callable[[str], None] = lambda _: None,
) -> Report:
    """Positions a second of the network alone, for each number of positions a step and way to compile it.

    What does not fit in the device's memory, or cannot be compiled, is left out, and named in the notes.
    say: is told each figure as soon as it is there.

    Raises GoEngineError if a setting is out of its range, nothing fits or can be compiled, or what
    `bench_train` raises.
    """
    figures: list[Figure] = []
    utilisation: dict[str, float] = {}
    described = ""
    failures: list[str] = []
    configs = [config.replace(batch_size=size, compile=way) for size in batch_sizes for way in compiled]
    task = PolicyTask(config, games)
    with torch_threads(torch.get_num_threads()):
        for each in configs:
            name = f"{each.batch_size:,} positions a step{_COMPILED[each.compile]}"
            run = None
            try:
                run = Run(each, task)
                rate = matrix_rate(run.device, run.dtype)
                described = _describe(run, rate)
                figures += measure([_network_alone(run, name)], seconds, _SWEEP_ROUNDS)
            except RuntimeError as error:
                reason = why_not_compiled(error)
                if reason is None and not isinstance(error, torch.OutOfMemoryError):
                    raise
                failures.append(f"{name}: {reason or 'does not fit in memory'}")
                say(failures[-1])
            else:
                utilisation[name] = figures[-1].rate * training_flops(run.network) / rate
                say(f"{name}: {figures[-1].rate:,.0f} positions/s")
            del run
            gc.collect()  # graphs hold memory of their own for as long as their network is there
            torch.compiler.reset()
            torch.cuda.empty_cache()
    if not figures:
        raise GoEngineError("no figure came of it: " + "; ".join(failures))
    fastest = max(figures, key=lambda figure: figure.rate)
    return Report(
        f"Training {config.filters} filters, {config.layers} layers, {NETWORK}",
        "position",
        tuple(figures),
        fastest.name,
        (described, *failures),
        utilisation,
    )


def _network_alone(run: Run[TrainConfig, PolicyBatch], name: str) -> Task:
    steps = _Steps(run)
    batch = run.task.batch(0, run.config.batch_size)
    return Task(name, lambda: steps.take(lambda: batch))


def _describe(run: Run[TrainConfig, PolicyBatch], rate: float) -> str:
    device = torch.cuda.get_device_name(run.device) if run.device.type == "cuda" else "CPU"
    return f"{device}, {str(run.dtype).removeprefix('torch.')}, matrix products at {rate / 1e12:,.2f} TFLOP/s"


class _Steps:
    """Training steps as `goengine train` takes them."""

    def __init__(self, run: Run[TrainConfig, PolicyBatch]) -> None:
        self._run = run
        self._count = 1 if run.device.type == "cpu" else _GPU_STEPS
        self._threads = thread_chooser(run.config, run.device)

    @property
    def threads(self) -> int:
        """CPU threads that steps have lately taken."""
        return self._threads.threads

    def take(self, batch: Callable[[], PolicyBatch]) -> int:
        """Train on a few batches. Returns how many positions they held."""
        for _ in range(self._count):
            with self._threads.step():
                self._run.train_step(batch())
        if self._run.device.type == "cuda":
            torch.cuda.synchronize(self._run.device)
        return self._count * self._run.config.batch_size


class _Pipeline:
    """Steps on fresh batches, and how much of their time goes by until a batch is there."""

    def __init__(self, steps: _Steps, batches: Batches[PolicyBatch]) -> None:
        self._steps = steps
        self._batches = batches
        self._waited = self._spent = 0.0

    @property
    def waiting(self) -> float:
        return self._waited / self._spent

    def take(self) -> int:
        begin, waited = time.perf_counter(), self._batches.waited
        positions = self._steps.take(self._batches.__next__)
        self._spent += time.perf_counter() - begin
        self._waited += self._batches.waited - waited
        return positions
