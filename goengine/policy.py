"""A trained policy network, ready to be asked: boards in, probabilities over the points out."""

import statistics
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from goengine.board import Board
from goengine.errors import GoEngineError
from goengine.network import ConvolutionNetwork, PolicyNetwork, unpack
from goengine.placement import Layer
from goengine.planes import NUM_PLANES, encode_packed
from goengine.points import INVERSE, symmetry_tables
from goengine.threads import ThreadChooser, torch_threads

BUNDLED = Path(__file__).parent / "bundled" / "policy"

_LARGEST_BATCH = 256  # positions a pass: more takes memory and is no faster
_SMALL_BATCH = 8  # positions a pass up to which the number of threads is measured: a board's eight images
_TIMED_PASSES, _TIMED_SECONDS = 7, 0.5  # at most, to find the faster precision
_TIMED_STEPS = 5  # passes on each number of threads, to find the fastest


class Policy:
    """A policy network for inference, in whichever way this machine runs it fastest.

    Public attributes:
      name -- what it was loaded as
      size -- the board size it was trained for
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
        self.name = name
        self.size = network.size
        self.device = next(network.parameters()).device
        self.dtype = dtype or fastest_dtype(tuple(network.layers), self.device)
        most = threads or torch.get_num_threads()
        fewer = [] if threads or self.device.type != "cpu" else [2**i for i in range(most.bit_length())]
        self._choices = sorted({most, *fewer}, reverse=True)
        self._choosers: dict[int, ThreadChooser] = {}  # by the positions of a pass
        self._infer = network.for_inference(self.dtype)
        images = torch.from_numpy(symmetry_tables(self.size)[:, :-1].astype(np.int64))
        self._images = images.to(self.device)
        self._origins = images[list(INVERSE)].to(self.device)

    def policy(self, board: Board) -> NDArray[np.float32]:
        """How likely each point is played next: float32 [size * size].

        Illegal points are at zero and the rest sums to one; all are zero where no point is legal.

        Raises GoEngineError if the board's size is not the policy's.
        """
        return self.policies([board])[0]

    def policies(self, boards: Sequence[Board], symmetries: int = 1) -> NDArray[np.float32]:
        """The same for many boards at once: float32 [B, size * size].

        symmetries: 8 averages the probabilities over the turned and mirrored board, at eight times the cost.

        Raises GoEngineError if a board's size is not the policy's, or `symmetries` is not 1 or 8.
        """
        for board in boards:
            if board.size != self.size:
                raise GoEngineError(
                    f"the policy {self.name} is for {self.size}x{self.size} boards, "
                    f"not {board.size}x{board.size}"
                )
        if not boards:
            return np.empty((0, self.size**2), np.float32)
        probabilities = self.raw_policies(np.stack([encode_packed(board) for board in boards]), symmetries)
        legal = np.stack([board.legal_moves() for board in boards])
        probabilities = np.where(legal, probabilities, 0)
        total = probabilities.sum(axis=1, keepdims=True, dtype=np.float64)
        # A network so sure of an illegal point that the legal ones vanish in float32 knows nothing of them.
        share = legal / np.maximum(1, legal.sum(axis=1, keepdims=True))
        return np.where(total > 0, probabilities / np.where(total > 0, total, 1), share).astype(np.float32)

    def raw_policies(self, packed: NDArray[np.uint8], symmetries: int = 1) -> NDArray[np.float32]:
        """The network's softmax over all points, illegal ones included: float32 [B, size * size].

        packed: uint8 [B, packed_bytes(size)], as `goengine.planes.encode_packed` gives them.

        Raises GoEngineError if `symmetries` is not 1 or 8.
        """
        if symmetries not in (1, 8):
            raise GoEngineError(f"a policy is averaged over 1 or 8 symmetries, not {symmetries}")
        with torch.inference_mode():
            if (count := len(packed) * symmetries) <= _SMALL_BATCH:
                with torch_threads(torch.get_num_threads()), self.thread_chooser(count).step():
                    return self._average(torch.from_numpy(packed), symmetries).cpu().numpy()
            rows = torch.from_numpy(packed).split(_LARGEST_BATCH // symmetries)
            return torch.cat([self._average(chunk, symmetries).cpu() for chunk in rows]).numpy()

    def thread_chooser(self, count: int) -> ThreadChooser:
        """What chooses the threads of passes of `count` positions, up to eight."""
        if count not in self._choosers:
            self._choosers[count] = ThreadChooser(self._choices, _TIMED_STEPS)
        return self._choosers[count]

    def _average(self, packed: Tensor, symmetries: int) -> Tensor:
        """float32 [B, size * size], for a batch that fits a pass."""
        planes = unpack(packed.to(self.device), self.size, self.dtype)
        if symmetries == 1:
            return torch.softmax(self._infer(planes), dim=1)
        flat = planes.flatten(2)  # [B, 48, points]
        turned = flat[:, :, self._origins].permute(2, 0, 1, 3)  # point p of image s shows origins[s, p]
        turned = turned.reshape(-1, *planes.shape[1:]).contiguous(memory_format=torch.channels_last)
        outputs = torch.softmax(self._infer(turned), dim=1).view(symmetries, len(packed), -1)
        back = self._images[:, None].expand_as(outputs)
        return outputs.gather(2, back).mean(dim=0)


def load_policy(name_or_path: str | Path = "default") -> Policy:
    """Load the policy that comes with goengine ("default"), or a model folder; on the GPU where there is one.

    Raises GoEngineError if there is no such folder, or it holds no sound policy network.
    """
    network = load_network(name_or_path)
    return Policy(network.to("cuda" if torch.cuda.is_available() else "cpu"), Path(name_or_path).name)


def load_network(name_or_path: str | Path = "default") -> PolicyNetwork:
    """The network of `load_policy`, float32 on the CPU. Raises the same."""
    folder = BUNDLED if str(name_or_path) == "default" else Path(name_or_path)
    if not folder.is_dir():
        what = "is a file, not a model folder" if folder.exists() else "does not exist"
        raise GoEngineError(f"the model {name_or_path} {what}; expected a model's folder, or default")
    network = PolicyNetwork.from_pretrained(folder)
    if network.input.channels != NUM_PLANES:
        raise GoEngineError(
            f"the model {name_or_path} sees {network.input.channels} planes; a board has {NUM_PLANES}"
        )
    return network


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
