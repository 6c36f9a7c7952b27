"""What a training run learns: the one loop of `goengine.training.loop` trains every task alike.

A task knows the network, the samples, how samples become the network's inputs, and how well the network does
on samples that it has not learnt from. The loop knows everything else: steps, schedule, optimizer,
checkpoints, stopping and going on, progress and logs.
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
    """A batch: whatever a task draws, with the right answers, int64 [B]."""

    @property
    def target(self) -> NDArray[np.int64]: ...


B = TypeVar("B", bound=Samples)


@dataclass(frozen=True)
class Loss:
    """What a step's samples cost, summed over them.

    Public attributes:
      total -- what is minimised, scalar
      main -- the cross-entropy of the right answers, scalar; its mean is the loss that is shown
      hits -- how many right answers were the network's first guess, scalar
      parts -- other losses by name, for the log
    """

    total: Tensor
    main: Tensor
    hits: Tensor
    parts: Mapping[str, Tensor] = field(default_factory=dict)


def cross_entropy_loss(logits: Tensor, target: Tensor) -> Loss:
    """Return the loss of logits [B, classes] for the right answers, int64 [B] on their device."""
    loss = cross_entropy(logits, target, reduction="sum")
    return Loss(loss, loss.detach(), (logits.detach().argmax(1) == target).sum())


class Task(Protocol[B]):
    """What a run learns.

    Public attributes:
      command -- what a person types to train it
      unit -- what its samples are called: "positions"
      available -- how many different samples there are to draw from
      limit -- how many samples end the run; 0 is no limit
      facts -- what the data says of the network, such as the board's size; checkpoints keep it
    """

    command: str
    unit: str
    available: int
    limit: int
    facts: dict[str, Any]

    def network(self) -> ConvolutionNetwork:
        """The network with its first weights, which are the same each time."""

    def begin(self, network: ConvolutionNetwork) -> None:
        """Prepare the network, on its device, of a run that begins: give it the weights it starts from."""

    def check(self, facts: dict[str, Any]) -> None:
        """Raises GoEngineError if a run with those facts cannot go on with this task's data."""

    def batch(self, step: int, batch_size: int, rank: int = 0, world: int = 1) -> B:
        """The samples of a step, a pure function of the data, the seed and the step.

        Where there are `world` processes: the share of process `rank` in them; `batch_size` is of all
        together.

        Raises GoEngineError if the data cannot be read.
        """

    def inputs(self, batch: B, device: torch.device, dtype: torch.dtype) -> Tensor:
        """What the network is shown of a batch: [B, *network.input] on the device, channels last."""

    def loss(self, outputs: Any, batch: B, device: torch.device) -> Loss:
        """The loss of what the network gave for `inputs`."""

    def validate(self, network: ConvolutionNetwork, dtype: torch.dtype) -> Accuracy | None:
        """How well a network does on samples kept apart, computing in `dtype`; None if there are none."""

    def describe(self) -> str:
        """The network in a few words: "64 filters, 13 layers"."""
