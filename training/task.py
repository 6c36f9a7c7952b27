"""The interface of a training task, for the training loop in `goengine.training.loop`.

A task defines the network, the samples, the network's inputs, the loss and the validation. The loop does the
rest: steps, schedule, optimizer, checkpoints, stopping and resuming, progress and logs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from goengine.nn.network import ConvolutionNetwork
from goengine.training.metrics import Accuracy


class Samples(Protocol):
    """A batch of B samples of a task."""

    @property
    def target(self) -> NDArray[np.int64]:
        """The class or move to predict for each sample, int64 [B]."""


B = TypeVar("B", bound=Samples)


@dataclass(frozen=True)
class Loss:
    """The loss of a batch, summed over its samples.

    Attributes:
        total: The loss to minimise, scalar.
        main: The cross-entropy of the targets in nats, scalar; its mean is the loss in progress and logs.
        hits: The number of samples whose target is the network's most likely class, scalar.
        parts: Other losses by name, scalars, for the log.
    """

    total: Tensor
    main: Tensor
    hits: Tensor
    parts: Mapping[str, Tensor] = field(default_factory=dict)


def cross_entropy_loss(logits: Tensor, target: Tensor) -> Loss:
    """Return the loss of logits [B, classes] for targets, int64 [B], on the same device."""
    loss = cross_entropy(logits, target, reduction="sum")
    return Loss(loss, loss.detach(), (logits.detach().argmax(1) == target).sum())


class Task(Protocol[B]):
    """A training task: network, samples, loss and validation.

    Attributes:
        command: The command that trains it: "goengine train".
        unit: What its samples are called: "positions".
        available: The number of different samples in the data.
        limit: The number of samples after which a run is complete; 0 for no limit.
        facts: Properties of the network that the data determines, such as the board size. Checkpoints store
            them.
    """

    command: str
    unit: str
    available: int
    limit: int
    facts: dict[str, Any]

    def network(self) -> ConvolutionNetwork:
        """Return the network with its initial weights, which are the same at each call."""

    def begin(self, network: ConvolutionNetwork) -> None:
        """Prepare the network of a new run, on its device, for example with a model's weights."""

    def check(self, facts: dict[str, Any]) -> None:
        """Check that a run with these facts can be resumed on this task's data.

        Raises:
            GoEngineError: If it cannot.
        """

    def batch(self, step: int, batch_size: int, rank: int = 0, world: int = 1) -> B:
        """Return the samples of a step, a pure function of the data, the seed and the step.

        Args:
            step: The number of the step, from 0.
            batch_size: The number of samples of all processes together.
            rank: The process whose share is returned.
            world: The number of processes.

        Raises:
            GoEngineError: If the data cannot be read.
        """

    def inputs(self, batch: B, device: torch.device, dtype: torch.dtype) -> Tensor:
        """Return the network's input for a batch: [B, *network.input] on the device, channels last."""

    def loss(self, outputs: Any, batch: B, device: torch.device) -> Loss:
        """Return the loss of the network's outputs for the inputs of a batch."""

    def validate(self, network: ConvolutionNetwork, dtype: torch.dtype) -> Accuracy | None:
        """Return a network's accuracy on held-out samples, computed in `dtype`; None if there are none."""

    def describe(self) -> str:
        """Return the network in a few words: "64 filters, 13 layers"."""
