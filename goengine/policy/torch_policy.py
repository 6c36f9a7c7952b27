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
from goengine.points import INVERSE, symmetry_tables
from goengine.policy.base import Policy
from goengine.util.threads import ThreadChooser, torch_threads

_LARGEST_BATCH = 256  # positions a pass: more takes memory and is no faster
_SMALL_BATCH = 8  # positions a pass up to which the number of threads is measured: a board's eight images
_TIMED_PASSES, _TIMED_SECONDS = 7, 0.5  # at most, to find the faster precision
_TIMED_STEPS = 5  # passes on each number of threads, to find the fastest


class PolicyValue(NamedTuple):
    """What a policy and its value head say of B positions, from the view of the player to move.

    Attributes:
      policies -- float32 [B, size * size], probabilities of all points, illegal ones included
      winrates -- float32 [B], probability that the player wins
      scores -- float32 [B], expected points on the board minus the opponent's, komi left out
      spreads -- float32 [B], scale of the logistic distribution around the score, in points: with another
        komi the winrate is 1 / (1 + exp(-(score - komi) / spread)) for Black, (score + komi) for White
      ownership -- float32 [B, size * size], 1 where a point will be the player's, -1 the opponent's
    """

    policies: NDArray[np.float32]
    winrates: NDArray[np.float32]
    scores: NDArray[np.float32]
    spreads: NDArray[np.float32]
    ownership: NDArray[np.float32]


class TorchPolicy(Policy):
    """A policy network of PyTorch, in whichever way this machine runs it fastest.

    Public attributes, beside those of every policy:
      dtype -- torch.float32 or torch.bfloat16, the precision of its convolutions
      device -- where it runs

    On a CPU a pass of up to eight positions takes as many threads as have lately been fastest, at most those
    that PyTorch may use; larger passes take these.
    """

    def __init__(
        self,
        network: PolicyNetwork,
        name: str = "policy",
        dtype: torch.dtype | None = None,
        threads: int | None = None,
    ):
        """Wraps a copy of the network, on the network's device.

        dtype: None to measure, once, which is faster. threads: of small passes, None to measure.
        """
        super().__init__()
        self.name = name
        self.size = network.size
        self._network = copy.deepcopy(network)
        self.device = next(network.parameters()).device
        self.dtype = dtype or fastest_dtype(tuple(network.layers), self.device)
        most = threads or torch.get_num_threads()
        fewer = [] if threads or self.device.type != "cpu" else [2**i for i in range(most.bit_length())]
        self._choices = sorted({most, *fewer}, reverse=True)
        self._choosers: dict[int, ThreadChooser] = {}  # by the positions of a pass
        self._trunk, self._head = network.parts_for_inference(self.dtype)
        images = torch.from_numpy(symmetry_tables(self.size)[:, :-1].astype(np.int64))
        self._images = images.to(self.device)
        self._origins = images[list(INVERSE)].to(self.device)

    def can_play(self, size: int) -> bool:
        return size == self.size or can_resize(self.size, size)

    def _resize(self, size: int) -> "TorchPolicy":
        return TorchPolicy(self._network.for_size(size), self.name, self.dtype)

    @property
    def arithmetic(self) -> str:
        return f"PyTorch, {str(self.dtype).removeprefix('torch.')} on {self.device}"

    def thread_chooser(self, count: int) -> ThreadChooser:
        """What chooses the threads of passes of `count` positions, up to eight."""
        if count not in self._choosers:
            self._choosers[count] = ThreadChooser(self._choices, _TIMED_STEPS)
        return self._choosers[count]

    @property
    def has_value(self) -> bool:
        """Whether the network has a value head, which `evaluate` asks."""
        return self._network.value_head is not None

    def evaluate(
        self, packed: NDArray[np.uint8], black: NDArray[np.bool_], komi: NDArray[np.float32]
    ) -> "PolicyValue":
        """Return what the policy and its value head say of positions, in one pass of the network.

        Args:
            packed: Positions, uint8 [B, packed_bytes(size)], as `raw_policies` takes them.
            black: Whether the player to move is Black, bool [B].
            komi: Points for White, float32 [B].

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
            rows = torch.from_numpy(packed).split(_LARGEST_BATCH // symmetries)
            return torch.cat([self._pass(chunk, symmetries).cpu() for chunk in rows]).numpy()

    def _pass(self, packed: Tensor, symmetries: int) -> Tensor:
        """float32 [B, size * size], for a batch that fits a pass."""
        planes = unpack(packed.to(self.device), self.size, self.dtype)
        if symmetries == 1:
            return torch.softmax(self._head(self._trunk(planes)), dim=1)
        flat = planes.flatten(2)  # [B, 48, points]
        turned = flat[:, :, self._origins].permute(2, 0, 1, 3)  # point p of image s shows origins[s, p]
        turned = turned.reshape(-1, *planes.shape[1:]).contiguous(memory_format=torch.channels_last)
        outputs = torch.softmax(self._head(self._trunk(turned)), dim=1).view(symmetries, len(packed), -1)
        back = self._images[:, None].expand_as(outputs)
        return outputs.gather(2, back).mean(dim=0)


@cache
def fastest_dtype(layers: tuple[Layer, ...], device: torch.device) -> torch.dtype:
    """float32 or bfloat16, whichever passes one position through such layers faster here.

    Processors with bfloat16 instructions take half the time with it, others many times as long. Measured once
    a process, in a fraction of a second, on one thread, which a busy machine disturbs least.
    """
    network = ConvolutionNetwork([layer.spec for layer in layers], layers[0].input).to(device)
    with torch_threads(1):
        times = {d: _seconds_a_pass(network, d, device) for d in (torch.float32, torch.bfloat16)}
    return min(times, key=lambda dtype: times[dtype])


def _seconds_a_pass(network: ConvolutionNetwork, dtype: torch.dtype, device: torch.device) -> float:
    """The median of a few passes of one position, after one that is not counted."""
    infer = network.for_inference(dtype)
    planes = torch.zeros(1, *network.input, dtype=dtype, device=device)
    planes = planes.contiguous(memory_format=torch.channels_last)
    passes: list[float] = []
    with torch.inference_mode():
        infer(planes).cpu()  # waits for a GPU
        while len(passes) < _TIMED_PASSES and sum(passes) < _TIMED_SECONDS:
            begin = time.perf_counter()
            infer(planes).cpu()
            passes.append(time.perf_counter() - begin)
    return statistics.median(passes)
