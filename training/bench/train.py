"""The speed of training: drawing and encoding samples, the network's steps, and both together."""

import gc
import time
from collections.abc import Callable, Sequence

import torch

from goengine.errors import GoEngineError
from goengine.kernel.replay import Games
from goengine.training.bench.measure import Figure, Report, Task, measure
from goengine.training.config import TrainConfig
from goengine.training.monitoring import MatrixRate, matrix_rate, training_flops
from goengine.training.policy.targets import PolicyBatch
from goengine.training.policy.task import PolicyTask
from goengine.training.prefetch import Batches, prefetch
from goengine.training.run import Run, compile_failure, thread_chooser
from goengine.util.threads import torch_threads

SAMPLES = "samples alone"
NETWORK = "network alone"
PIPELINE = "whole pipeline"

_GPU_STEPS = 20  # timed together: a GPU runs asynchronously, and waiting for it after each step costs time
_SWEEP_ROUNDS = 3
_COMPILED = {"off": "", "on": ", compiled", "graphs": ", compiled into CUDA graphs"}


def bench_train(config: TrainConfig, games: Games, seconds: float = 20.0) -> Report:
    """Measure the positions per second of `goengine train`, and its share of time waiting for samples.

    The reference of model FLOP utilisation is measured between the rounds.

    Args:
        config: The settings to train with.
        games: The games to train on.
        seconds: The time to measure each figure for.

    Raises:
        GoEngineError: If the games have no position, or the config's device is not available.
    """
    run = Run(config, PolicyTask(config, games))
    reference = matrix_rate(run.device, run.dtype)

    def prepare() -> None:
        reference.measure()
        batches.skip_drawn()

    with (
        torch_threads(torch.get_num_threads()),  # restores the number that training changes
        prefetch(run.task, 0, config.batch_size, run.device) as batches,
    ):
        steps = _Steps(run)
        pipeline = _Pipeline(steps, batches)
        fixed = next(batches)
        tasks = [
            Task(SAMPLES, lambda: len(next(batches).target), prepare=prepare),
            Task(NETWORK, lambda: steps.take(lambda: fixed), prepare=reference.measure),
            Task(PIPELINE, pipeline.take, prepare=prepare),
        ]
        figures = measure(tasks, seconds)
    return Report(
        f"Training {config.filters} filters, {config.layers} layers, {config.batch_size} positions a step"
        + _COMPILED[config.compile],
        "position",
        figures,
        NETWORK,
        (
            f"{_describe(run, reference)}, CPU threads a step: {steps.threads}",
            f"{len(games):,} games, {run.task.available:,} positions",
            f"the pipeline waits for samples for {pipeline.waiting:.1%} of its time",
        ),
        {figure.name: _utilisation(figure, run, reference) for figure in figures if figure.name != SAMPLES},
    )


def bench_sweep(
    config: TrainConfig,
    games: Games,
    batch_sizes: Sequence[int],
    compiled: Sequence[str],
    seconds: float,
    on_figure: Callable[[str], None] = lambda _: None,
) -> Report:
    """Measure the network alone, for each combination of batch size and way of compiling it.

    A combination that does not fit in the device's memory, or cannot be compiled, is named in the notes.

    Args:
        config: The other settings to train with.
        games: The games to train on.
        batch_sizes: Positions per step.
        compiled: Values of the setting `compile`.
        seconds: The time to measure each figure for.
        on_figure: Called with a line of text after each combination.

    Raises:
        GoEngineError: If a setting is out of its range, no combination could be measured, or for the reasons
            of `bench_train`.
    """
    figures: list[Figure] = []
    utilisation: dict[str, float] = {}
    description = ""
    failures: list[str] = []
    configs = [config.replace(batch_size=size, compile=way) for size in batch_sizes for way in compiled]
    task = PolicyTask(config, games)
    with torch_threads(torch.get_num_threads()):
        for each in configs:
            name = f"{each.batch_size:,} positions a step{_COMPILED[each.compile]}"
            run = None
            try:
                run = Run(each, task)
                reference = matrix_rate(run.device, run.dtype)
                figures += measure([_network_alone(run, name, reference)], seconds, _SWEEP_ROUNDS)
                description = _describe(run, reference)
            except RuntimeError as error:
                reason = compile_failure(error)
                if reason is None and not isinstance(error, torch.OutOfMemoryError):
                    raise
                failures.append(f"{name}: {reason or 'does not fit in memory'}")
                on_figure(failures[-1])
            else:
                utilisation[name] = _utilisation(figures[-1], run, reference)
                on_figure(f"{name}: {figures[-1].rate:,.0f} positions/s")
            del run
            gc.collect()  # CUDA graphs keep their memory until their network is collected
            torch.compiler.reset()
            torch.cuda.empty_cache()
    if not figures:
        raise GoEngineError("nothing could be measured: " + "; ".join(failures))
    fastest = max(figures, key=lambda figure: figure.rate)
    return Report(
        f"Training {config.filters} filters, {config.layers} layers, {NETWORK}",
        "position",
        tuple(figures),
        fastest.name,
        (description, *failures),
        utilisation,
    )


def _network_alone(run: Run[TrainConfig, PolicyBatch], name: str, reference: MatrixRate) -> Task:
    steps = _Steps(run)
    batch = run.task.batch(0, run.config.batch_size)
    return Task(name, lambda: steps.take(lambda: batch), prepare=reference.measure)


def _utilisation(figure: Figure, run: Run[TrainConfig, PolicyBatch], reference: MatrixRate) -> float:
    return figure.rate * training_flops(run.network) / reference.flops


def _describe(run: Run[TrainConfig, PolicyBatch], reference: MatrixRate) -> str:
    device = torch.cuda.get_device_name(run.device) if run.device.type == "cuda" else "CPU"
    precision = str(run.dtype).removeprefix("torch.")
    return f"{device}, {precision}, matrix products at {reference.flops / 1e12:,.2f} TFLOP/s"


class _Steps:
    """Training steps as `goengine train` takes them."""

    def __init__(self, run: Run[TrainConfig, PolicyBatch]) -> None:
        self._run = run
        self._count = 1 if run.device.type == "cpu" else _GPU_STEPS
        self._threads = thread_chooser(run.config, run.device)

    @property
    def threads(self) -> int:
        """CPU threads of the latest steps."""
        return self._threads.threads

    def take(self, batch: Callable[[], PolicyBatch]) -> int:
        """Train on one or more batches and return their number of positions."""
        for _ in range(self._count):
            with self._threads.step():
                self._run.train_step(batch())
        if self._run.device.type == "cuda":
            torch.cuda.synchronize(self._run.device)
        return self._count * self._run.config.batch_size


class _Pipeline:
    """Steps on fresh batches; measures the share of time spent waiting for them."""

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
