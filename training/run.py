"""The state of a training run: a step changes it, a checkpoint stores it."""

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
_DEAD_FILTER_SAMPLES = 256  # samples on which a dead filter is never active
_COMPILE_MODES = {"on": "default", "graphs": "reduce-overhead"}  # torch.compile's names


@dataclass(frozen=True)
class Best:
    """The validation with the lowest loss of a run.

    Attributes:
        samples: The number of samples the run had trained on.
        validation: The accuracy and loss.
    """

    samples: int
    validation: Accuracy


class Run(Generic[C, B]):
    """The state of a run between steps: network, optimizer, and counters.

    With several processes each has a Run, and their networks and optimizers stay equal.

    Attributes:
        config: The settings.
        task: The task.
        processes: This process among those of the run.
        out: The run's folder.
        device: The device that trains.
        dtype: The precision of the network's convolutions.
        network: The network, on the device.
        optimizer: The optimizer of the network's parameters.
        average: The moving average of the weights; None if the config asks for none.
        step: The number of steps taken.
        samples: The number of samples trained on, of all processes.
        seconds: The duration of training in seconds of wall clock, without the time between sessions.
        accuracy: The last validation; None before the first.
        best: The validation with the lowest loss; None before the first.
        validations_since_best: The number of validations since then.
    """

    def __init__(
        self,
        config: C,
        task: Task[B],
        resumed: Checkpoint[C] | None = None,
        processes: Processes | None = None,
    ) -> None:
        """Begin a run, or resume one.

        Args:
            config: The settings.
            task: The task.
            resumed: The checkpoint to resume from; None to begin.
            processes: This process among those of the run; None if it is alone.

        Raises:
            GoEngineError: If the checkpoint does not fit the task or the settings, or the device is missing.
        """
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
        network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.network = network
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
            if config.best:
                self.best = _best_of(self.out, type(config), resumed.samples)
            self.optimizer.load_state_dict(resumed.optimizer)
            self.step, self.samples, self.seconds = resumed.step, resumed.samples, resumed.seconds
            self.accuracy = resumed.validation
            if self.average and resumed.average:
                self.average.load_state_dict(resumed.average)

    @property
    def progress(self) -> float:
        """The completed share of the run, 0 to 1."""
        return progress_of(self.task.limit, self.config.minutes, self.samples, self.seconds)

    @property
    def stable(self) -> bool:
        """Whether the learning rates have not begun to fall."""
        return self.progress < 1 - self.config.decay

    def train_step(self, batch: B) -> Loss:
        """Update the weights once.

        Args:
            batch: This process's share of the samples of the step.

        Returns:
            The loss of these samples before the update.
        """
        # Dropout too is a function of seed and step, and differs between processes.
        torch.manual_seed(self.config.seed + self.step * self.processes.world + self.processes.rank)
        inputs = self.task.inputs(batch, self.device, self.dtype)
        with torch.autocast(self.device.type, self.dtype, enabled=self.dtype != torch.float32):
            outputs = self._parallel(inputs)
        loss = self.task.loss(outputs, batch, self.device)
        # Gradients are averaged over the processes, whose shares may differ by a sample: dividing by
        # batch_size / world, not by the share, makes the average that of the whole batch.
        self.processes.backward(loss.total * (self.processes.world / self.config.batch_size))
        self.optimizer.step(learning_rate_factor(self.config, self.step, self.progress))
        if self.average:
            self.average.update()
        self.step += 1
        self.samples += self.config.batch_size
        return loss

    def released_network(self) -> ConvolutionNetwork:
        """Return the network to release: a copy with the averaged weights if there is an average."""
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
        """Return the share of filters that are zero on all of a few samples of the data."""
        batch = self.task.batch(self.step, min(self.config.batch_size, _DEAD_FILTER_SAMPLES))
        return dead_share(dead_filters(self.network, self.task.inputs(batch, self.device, self.dtype)))

    @property
    def saved_note(self) -> str:
        """What is saved of a run that has to stop, in words, for an error message."""
        path = self.out / CHECKPOINT
        return f"{path}, saved before, is kept" if path.exists() else "nothing of it has been saved"

    def save(self, name: str) -> Path:
        """Write a checkpoint of that name into the run's folder.

        Returns:
            Its path.

        Raises:
            GoEngineError: If it cannot be written, or some weights are not finite.
        """
        path = self.out / name
        # A finite loss does not suffice: it was computed before the last update.
        if not all(bool(tensor.isfinite().all()) for tensor in self.network.parameters()):
            raise GoEngineError(
                f"some weights are not finite after step {self.step}, so the run stops; {self.saved_note}"
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
    """Return the validation of BEST; None if missing or later than the checkpoint to resume from."""
    if not (out / BEST).is_file():
        return None
    checkpoint = load_checkpoint(out / BEST, kind)
    if checkpoint.validation is None or checkpoint.samples > samples:
        return None
    return Best(checkpoint.samples, checkpoint.validation)


def compile_failure(error: BaseException) -> str | None:
    """Return the message of an error of torch.compile; None for any other error."""
    if not type(error).__module__.startswith(("torch._dynamo", "torch._inductor")):
        return None
    cause = getattr(error, "inner_exception", error)
    return str(cause).strip().partition("\n")[0] or type(cause).__name__


def thread_chooser(config: RunConfig, device: torch.device) -> ThreadChooser:
    """Return the chooser of the number of CPU threads for training steps."""
    if device.type != "cpu":
        return ThreadChooser([1])
    return ThreadChooser([config.threads] if config.threads else [torch.get_num_threads(), 1])
