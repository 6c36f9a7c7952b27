"""The exponential moving average (EMA) of a network's weights."""

from typing import Any

import torch
from torch import Tensor, nn

from goengine.errors import GoEngineError


class WeightAverage:
    """The moving average of a network's parameters, with the buffers that were last measured for it."""

    def __init__(self, network: nn.Module, decay: float):
        """Start with the network's weights.

        Args:
            network: The network to follow.
            decay: The share of the average that an update keeps. Update n, counted from 0, keeps at most
                (1 + n) / (10 + n), so that the first weights soon lose their influence.
        """
        self._decay = decay
        self._steps = 0
        self._names, self._parameters = zip(*network.named_parameters(), strict=True)
        self._average: list[Tensor] = [p.detach().clone() for p in self._parameters]
        saved = set(network.state_dict())
        self._buffers = {name: b.detach().clone() for name, b in network.named_buffers() if name in saved}

    @torch.no_grad()
    def update(self) -> None:
        """Add the network's present weights to the average."""
        decay = min(self._decay, (1 + self._steps) / (10 + self._steps))
        torch._foreach_lerp_(self._average, list(self._parameters), 1 - decay)
        self._steps += 1

    def set_buffers(self, network: nn.Module) -> None:
        """Copy the buffers of a network that has the averaged weights: the statistics of its activations."""
        buffers = dict(network.named_buffers())
        for name, buffer in self._buffers.items():
            buffer.copy_(buffers[name])

    def state_dict(self) -> dict[str, Any]:
        """Return the state for a checkpoint; `weights` is a state of the network."""
        weights = dict(zip(self._names, self._average, strict=True)) | self._buffers
        return {"steps": self._steps, "weights": weights}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from a state.

        Raises:
            GoEngineError: If it is the state of another network's average.
        """
        try:
            self._steps = int(state["steps"])
            for name, average in zip(self._names, self._average, strict=True):
                average.copy_(state["weights"][name])
            for name, buffer in self._buffers.items():
                buffer.copy_(state["weights"][name])
        except (KeyError, TypeError, RuntimeError) as error:
            raise GoEngineError(
                "the checkpoint's average of weights does not fit the network of its settings"
            ) from error
