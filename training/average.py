"""The exponential moving average of a network's weights (EMA), which is smoother than any one step's."""

from typing import Any

import torch
from torch import Tensor, nn

from goengine.errors import GoEngineError


class WeightAverage:
    """The moving average of a network's parameters, with the buffers that were last measured for it.

    decay: the share of the average that stays at each step, once there have been enough: step n, counted from
    0, keeps (1 + n) / (10 + n) of it at most, so that the first weights are soon forgotten.
    """

    def __init__(self, network: nn.Module, decay: float):
        self._decay = decay
        self._steps = 0
        self._names, self._parameters = zip(*network.named_parameters(), strict=True)
        self._average: list[Tensor] = [p.detach().clone() for p in self._parameters]
        kept = set(network.state_dict())
        self._buffers = {name: b.detach().clone() for name, b in network.named_buffers() if name in kept}

    @torch.no_grad()
    def update(self) -> None:
        """Take in the network's weights of now."""
        kept = min(self._decay, (1 + self._steps) / (10 + self._steps))
        torch._foreach_lerp_(self._average, list(self._parameters), 1 - kept)
        self._steps += 1

    def set_buffers(self, network: nn.Module) -> None:
        """Keep the buffers of a network with the averaged weights: statistics measured with these weights."""
        buffers = dict(network.named_buffers())
        for name, buffer in self._buffers.items():
            buffer.copy_(buffers[name])

    def state_dict(self) -> dict[str, Any]:
        weights = dict(zip(self._names, self._average, strict=True)) | self._buffers
        return {"steps": self._steps, "weights": weights}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Raises GoEngineError if it is not the average of such a network."""
        try:
            self._steps = int(state["steps"])
            for name, average in zip(self._names, self._average, strict=True):
                average.copy_(state["weights"][name])
            for name, buffer in self._buffers.items():
                buffer.copy_(state["weights"][name])
        except (KeyError, TypeError, RuntimeError):
            raise GoEngineError("the checkpoint's average of weights is not of such a network") from None
