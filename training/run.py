"""A training run in memory: what happens in one step, and what a checkpoint keeps of it."""

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Generic

import torch

from goengine.errors import GoEngineError
from goengine.nn.folding import calibrate
from goengine.nn.layers import BatchNormalisation
from goengine.nn.network import ConvolutionNetwork
from goengine.training.average import WeightAverage
from goengine.training.checkpoint import BEST, CHECKPOINT, Checkpoint, load_checkpoint, save_checkpoint
from goengine.training.config import C, RunConfig
from goengine.training.device import choose_device, choose_precision
from goengine.training.metrics import Accuracy
from goengine.training.monitoring import dead_filters, dead_share
from goengine.training.optim import NetworkOptimizer
from goengine.training.processes import Processes
from goengine.training.schedule import learning_rate_factor, progress_of
from goengine.training.task import B, Loss, Task
from goengine.util.threads import ThreadChooser

_CALIBRATION_BATCH, _CALIBRATION_STEPS = 256, 6  # samples for the statistics of averaged weights
_EXAMINED = 256  # samples that show whether filters are alive
_COMPILE_MODES = {"on": "default", "graphs": "reduce-overhead"}  # torch.compile's names


@dataclass(frozen=True)
class Best:
    """Where a run's validation loss was lowest: after how many samples, and the validation."""

    samples: int
    validation: Accuracy


class Run(Generic[C, B]):
    """A run between steps: what it learns, the network, its optimizer.

    Where there are several processes each has one, and they stay alike.

    Public attributes:
      config, task, processes -- as given
      out -- its folder
      device, dtype -- where it computes, and the precision of the network's convolutions
      network -- the network, on the device
      optimizer -- NetworkOptimizer
      average -- WeightAverage, or None
      step, samples, seconds -- how far it is: samples of all processes, seconds of wall clock
      accuracy -- the last validation
      best -- where the validation loss was lowest, if the run keeps that
      validations_since_best -- how many validations have come since
    """

    def __init__(
        self,
        config: C,
        task: Task[B],
        resumed: Checkpoint[C] | None = None,
        processes: Processes | None = None,
    ):
        self.config = config
        self.task = task
        self.processes = processes or Processes()
        self.out = Path(config.out)
        self.device = choose_device(config.device)
        self.dtype = choose_precision(config.precision, self.device)
        network = task.network()
        if resumed is not None:
            task.check(resumed.facts)
            resumed.load_into(network)
        self.network = network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        if resumed is None:
            task.begin(self.network)
        if config.compile != "off":
            self.network.compile(mode=_COMPILE_MODES[config.compile])
        self._parallel = self.processes.parallel(self.network, self.device)
        self.optimizer = NetworkOptimizer(network, config)
        self.average = WeightAverage(network, config.average) if config.average else None
        self.step, self.samples, self.seconds = 0, 0, 0.0
        self.accuracy: Accuracy | None = None
        self.best: Best | None = None
        self.validations_since_best = 0
        if resumed is not None:
            self.best = _best_of(self.out, type(config), resumed.samples)
            self.optimizer.load_state_dict(resumed.optimizer)
            self.step, self.samples, self.seconds = resumed.step, resumed.samples, resumed.seconds
            self.accuracy = resumed.validation
            if self.average and resumed.average:
                self.average.load_state_dict(resumed.average)

    @property
    def progress(self) -> float:
        """The share of the run that is done, 0 to 1."""
        return progress_of(self.task.limit, self.config.minutes, self.samples, self.seconds)

    @property
    def stable(self) -> bool:
        """Whether the learning rates have not begun to fall."""
        return self.progress < 1 - self.config.decay

    def train_step(self, batch: B) -> Loss:
        """One update, from this process's share of a step's samples. Returns their loss before the update."""
        # What dropout drops is a function of seed and step too, and another in each process.
        torch.manual_seed(self.config.seed + self.step * self.processes.world + self.processes.rank)
        inputs = self.task.inputs(batch, self.device, self.dtype)
        with torch.autocast(self.device.type, self.dtype, enabled=self.dtype != torch.float32):
            outputs = self._parallel(inputs)
        loss = self.task.loss(outputs, batch, self.device)
        # Each process's mean counts by its share; of their gradients the mean over processes is taken.
        self.processes.backward(loss.total * (self.processes.world / self.config.batch_size))
        self.optimizer.step(learning_rate_factor(self.config, self.step, self.progress))
        if self.average:
            self.average.update()
        self.step += 1
        self.samples += self.config.batch_size
        return loss

    def released_network(self) -> ConvolutionNetwork:
        """What would be released now: the network, or where an average is kept a copy with its weights."""
        if not self.average:
            return self.network
        network = copy.deepcopy(self.network)
        network.load_state_dict(self.average.state_dict()["weights"])
        if self._normalised:
            batches = (self.task.batch(self.step + i, _CALIBRATION_BATCH) for i in range(_CALIBRATION_STEPS))
            inputs = (self.task.inputs(batch, self.device, self.dtype) for batch in batches)
            with torch.autocast(self.device.type, self.dtype, enabled=self.dtype != torch.float32):
                calibrate(network, inputs)
            self.average.set_buffers(network)
        return network

    @property
    def _normalised(self) -> bool:
        return any(isinstance(layer.spec, BatchNormalisation) for layer in self.network.layers)

    def dead_share(self) -> float:
        """The share of filters that are dead, on samples of the data."""
        batch = self.task.batch(self.step, min(self.config.batch_size, _EXAMINED))
        return dead_share(dead_filters(self.network, self.task.inputs(batch, self.device, self.dtype)))

    @property
    def kept(self) -> str:
        """What is left of a run that cannot go on, for a person."""
        path = self.out / CHECKPOINT
        return f"{path}, saved before, is kept" if path.exists() else "nothing of it has been saved"

    def save(self, name: str) -> Path:
        """Write a checkpoint of that name into the run's folder.

        Raises GoEngineError if it cannot be written, or weights are no numbers: an update can leave such
        behind a last loss that was one.
        """
        path = self.out / name
        if not all(bool(tensor.isfinite().all()) for tensor in self.network.parameters()):
            raise GoEngineError(
                f"some weights are no numbers after step {self.step}, so the run stops; {self.kept}"
            )
        if self.average and self._normalised:
            self.released_network()  # brings the statistics of the averaged weights up to date
        save_checkpoint(
            path,
            Checkpoint(
                self.config,
                self.task.facts,
                self.step,
                self.samples,
                self.seconds,
                self.network.state_dict(),
                self.optimizer.state_dict(),
                self.accuracy,
                self.average.state_dict() if self.average else None,
            ),
        )
        return path


def _best_of(out: Path, kind: type[C], samples: int) -> Best | None:
    """Return the best checkpoint in a run's folder that is not later than the one to go on from."""
    if not (out / BEST).is_file():
        return None
    checkpoint = load_checkpoint(out / BEST, kind)
    if checkpoint.validation is None or checkpoint.samples > samples:
        return None
    return Best(checkpoint.samples, checkpoint.validation)


def why_not_compiled(error: BaseException) -> str | None:
    """What torch.compile says of a network that it could not compile; None for any other error."""
    if not type(error).__module__.startswith(("torch._dynamo", "torch._inductor")):
        return None
    cause = getattr(error, "inner_exception", error)
    return str(cause).strip().partition("\n")[0] or type(cause).__name__


def thread_chooser(config: RunConfig, device: torch.device) -> ThreadChooser:
    """What chooses the CPU threads of training steps."""
    if device.type != "cpu":
        return ThreadChooser([1])
    return ThreadChooser([config.threads] if config.threads else [torch.get_num_threads(), 1])
