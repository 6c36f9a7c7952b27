"""A policy computed by PyTorch."""

import copy
import statistics
import time
from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from goengine.errors import GoEngineError
from goengine.nn.network import ConvolutionNetwork, PolicyNetwork, unpack
from goengine.nn.placement import Layer
from goengine.nn.resizing import can_resize
from goengine.policy.base import Policy
from goengine.policy.symmetry import SymmetryAverage
from goengine.util.threads import ThreadChooser, torch_threads

_LARGEST_BATCH = 256  # positions; larger batches take more memory and are no faster
_SMALL_BATCH = 8  # positions; up to here the number of threads is measured (a board has eight images)
_TIMED_PASSES, _TIMED_SECONDS = 7, 0.5  # limits when measuring the faster precision
_TIMED_STEPS = 5  # forward passes with each number of threads


class PolicyValue(NamedTuple):
    """The prediction of a policy and its value head for B positions, seen by the player to move.

    Attributes:
        policies: float32 [B, size * size], probabilities of all points, illegal ones included.
        winrates: float32 [B], the probability that the player wins.
        scores: float32 [B], the expected points on the board less the opponent's, without komi.
        spreads: float32 [B], the scale of the logistic distribution around the score, in points. With another
            komi the winrate is 1 / (1 + exp(-(score - komi) / spread)) for Black, (score + komi) for White.
        ownership: float32 [B, size * size], from 1 (the player will own the point) to -1 (the opponent will).
    """

    policies: NDArray[np.float32]
    winrates: NDArray[np.float32]
    scores: NDArray[np.float32]
    spreads: NDArray[np.float32]
    ownership: NDArray[np.float32]


class TorchPolicy(Policy):
    """A policy computed by PyTorch, in the precision and with the threads that are fastest on this machine.

    On a CPU, batches of up to eight positions run on the number of threads that has been fastest lately, and
    larger batches on all threads that PyTorch may use.

    Attributes:
        dtype: torch.float32 or torch.bfloat16, the precision of its convolutions.
        device: The device it runs on.
    """

    def __init__(
        self,
        network: PolicyNetwork,
        name: str = "policy",
        dtype: torch.dtype | None = None,
        threads: int | None = None,
    ) -> None:
        """Wrap a copy of a network, on the network's device.

        Args:
            network: The network.
            name: The policy's name.
            dtype: The precision; None to measure once which is faster.
            threads: CPU threads of small batches; None to measure.
        """
        super().__init__()
        self.name = name
        self.size = network.size
        self.filters = network.filters
        self._network = copy.deepcopy(network)
        self.device = next(network.parameters()).device
        self.dtype = dtype or fastest_dtype(tuple(network.layers), self.device)
        most = threads or torch.get_num_threads()
        fewer = [] if threads or self.device.type != "cpu" else [2**i for i in range(most.bit_length())]
        self._choices = sorted({most, *fewer}, reverse=True)
        self._choosers: dict[int, ThreadChooser] = {}  # by batch size
        self._trunk, self._head = network.parts_for_inference(self.dtype)
        self._symmetry = SymmetryAverage(self.size, lambda a: torch.from_numpy(a).to(self.device))

    def can_play(self, size: int) -> bool:
        """Return whether it can evaluate boards of this size: its own, or a smaller one from 5x5."""
        return size == self.size or can_resize(self.size, size)

    def _resize(self, size: int) -> "TorchPolicy":
        return TorchPolicy(self._network.for_size(size), self.name, self.dtype)

    @property
    def arithmetic(self) -> str:
        """A text for people: which library computes it, in which precision, on which device."""
        return f"PyTorch, {str(self.dtype).removeprefix('torch.')} on {self.device}"

    def thread_chooser(self, count: int) -> ThreadChooser:
        """Return what chooses the number of threads for batches of `count` positions, at most eight."""
        if count not in self._choosers:
            self._choosers[count] = ThreadChooser(self._choices, _TIMED_STEPS)
        return self._choosers[count]

    @property
    def has_value(self) -> bool:
        """Whether the network has a value head, which `evaluate` needs."""
        return self._network.value_head is not None

    def evaluate(
        self, packed: NDArray[np.uint8], black: NDArray[np.bool_], komi: NDArray[np.float32]
    ) -> PolicyValue:
        """Return the prediction of the policy and its value head in one forward pass.

        Args:
            packed: Positions, uint8 [B, packed_bytes(size)], as for `raw_policies`.
            black: bool [B], whether the player to move is Black.
            komi: float32 [B], points for White.

        Raises:
            GoEngineError: If the network has no value head.
        """
        value_head = self._network.value_head
        if value_head is None:
            raise GoEngineError(f"the model {self.name} has no value head")
        parts = []
        with torch.inference_mode():
            for start in range(0, len(packed), _LARGEST_BATCH):
                rows = slice(start, start + _LARGEST_BATCH)
                planes = unpack(torch.from_numpy(packed[rows]).to(self.device), self.size, self.dtype)
                features = self._trunk(planes)
                value = value_head(features)
                side = torch.from_numpy(black[rows]).to(self.device)
                wins = value.win_logits(side, torch.from_numpy(komi[rows]).to(self.device))
                policies = torch.softmax(self._head(features), dim=1)
                owners = torch.tanh(value.owner / 2)
                scores, spreads = value.score_of(side), value.spread_of(side)
                parts.append((policies, torch.sigmoid(wins), scores, spreads, owners))
        columns = zip(*parts, strict=True)
        return PolicyValue(*(torch.cat(column).float().cpu().numpy() for column in columns))

    def _average(self, packed: NDArray[np.uint8], symmetries: int) -> NDArray[np.float32]:
        with torch.inference_mode():
            if (count := len(packed) * symmetries) <= _SMALL_BATCH:
                with torch_threads(torch.get_num_threads()), self.thread_chooser(count).step():
                    return self._pass(torch.from_numpy(packed), symmetries).cpu().numpy()
            rows = torch.split(torch.from_numpy(packed), _LARGEST_BATCH // symmetries)
            return torch.cat([self._pass(chunk, symmetries).cpu() for chunk in rows]).numpy()

    def _pass(self, packed: Tensor, symmetries: int) -> Tensor:
        """Return float32 [B, size * size] for a batch that fits a forward pass."""
        planes = unpack(packed.to(self.device), self.size, self.dtype)
        if symmetries == 1:
            return torch.softmax(self._head(self._trunk(planes)), dim=1)
        images = self._symmetry.expand(planes).contiguous(memory_format=torch.channels_last)
        return self._symmetry.average(torch.softmax(self._head(self._trunk(images)), dim=1))


@cache
def fastest_dtype(layers: tuple[Layer, ...], device: torch.device) -> torch.dtype:
    """Return float32 or bfloat16, whichever evaluates one position faster on this machine.

    Processors with bfloat16 instructions take half the time with it, others many times as long. It is
    measured once per process, in a fraction of a second, on one thread, which other work on the machine
    disturbs least.

    Args:
        layers: The layers of the network.
        device: The device to measure on.
    """
    network = ConvolutionNetwork([layer.spec for layer in layers], layers[0].input).to(device)
    with torch_threads(1):
        times = {d: _seconds_per_pass(network, d, device) for d in (torch.float32, torch.bfloat16)}
    return min(times, key=lambda dtype: times[dtype])


def _seconds_per_pass(network: ConvolutionNetwork, dtype: torch.dtype, device: torch.device) -> float:
    """Return the median of a few forward passes of one position, after one that is not counted."""
    infer = network.for_inference(dtype)
    planes = torch.zeros(1, *network.input, dtype=dtype, device=device)
    planes = planes.contiguous(memory_format=torch.channels_last)
    passes: list[float] = []
    with torch.inference_mode():
        infer(planes).cpu()  # the copy waits for the GPU
        while len(passes) < _TIMED_PASSES and sum(passes) < _TIMED_SECONDS:
            begin = time.perf_counter()
            infer(planes).cpu()
            passes.append(time.perf_counter() - begin)
    return statistics.median(passes)
