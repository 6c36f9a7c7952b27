"""The speed of a policy on one position; reference: plain PyTorch passes and ONNX Runtime."""

import copy
import itertools
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from goengine.data import BUNDLED_SIZE, bundled_games
from goengine.data.table.load import load_games
from goengine.game.board import Board
from goengine.game.planes import encode, encode_packed
from goengine.nn.network import PolicyNetwork
from goengine.player.player import Player
from goengine.policy.base import Policy
from goengine.policy.loading import has_onnx
from goengine.policy.torch_policy import TorchPolicy
from goengine.training.bench.measure import Figure, Report, Task, measure
from goengine.util.threads import torch_threads

if TYPE_CHECKING:
    from goengine.policy.onnx_policy import OnnxPolicy

CHOSEN = "Policy"
"""The name of the policy's figure."""

ONNX = "ONNX Runtime, float32"
MOVE = "whole move: planes, Policy, choice"


def bench_infer(network: PolicyNetwork, name: str, seconds: float = 2.0, one_thread: bool = False) -> Report:
    """Measure the positions per second of a policy, one per pass, on the network's device.

    The reference is the fastest of the plain PyTorch passes: float32, and bfloat16 with channels_last, on one
    CPU thread and on all. ONNX Runtime is measured if it is installed.

    Args:
        network: The network.
        name: The name of the policy in the report.
        seconds: The time to measure each figure for.
        one_thread: Use one CPU thread and measure its processor time, which other programs on the machine
            change less than wall-clock time.

    Raises:
        GoEngineError: If `seconds` is not positive and finite.
    """
    clock = time.process_time if one_thread else time.perf_counter
    with torch_threads(1 if one_thread else torch.get_num_threads()):
        return _bench(network, name, seconds, 1 if one_thread else None, clock)


def _bench(
    network: PolicyNetwork, name: str, seconds: float, threads: int | None, clock: Callable[[], float]
) -> Report:
    policy = TorchPolicy(network, name, threads=threads)
    boards = _game(policy.size)
    board = boards[len(boards) // 2]
    packed = encode_packed(board)[None]
    all_threads = torch.get_num_threads()
    counts = [all_threads, 1] if all_threads > 1 and policy.device.type == "cpu" else [all_threads]
    policies = [(f", {_threads(count)}", TorchPolicy(network, name, policy.dtype, count)) for count in counts]
    tasks = [
        Task(CHOSEN, lambda: len(policy.raw_policies(packed))),
        *(Task(CHOSEN + suffix, _passes(other, packed)) for suffix, other in policies if len(counts) > 1),
    ]
    plain = []
    for dtype, layout, label in (
        (torch.float32, torch.contiguous_format, "plain float32"),
        (torch.bfloat16, torch.channels_last, "plain bf16 channels_last"),
    ):
        run = _plain_pass(network, dtype, layout, encode(board))
        plain += [Task(f"{label}, {_threads(count)}", _on_threads(count, run)) for count in counts]
    watch = _Stopwatch(policy, clock)
    player = Player(watch)
    overheads: list[list[float]] = [[] for _ in boards]  # of each board, seconds a round
    turns = itertools.cycle(zip(boards, overheads, strict=True))

    def choose() -> int:
        watch.seconds = 0.0
        turn, seconds_beyond = next(turns)
        begin = clock()
        player.choose(turn)
        seconds_beyond.append(clock() - begin - watch.seconds)
        return 1

    onnx = _onnx_policy(network, threads)
    others = [Task(ONNX, _passes(onnx, packed))] if onnx else []
    timed = [replace(task, clock=clock) for task in (*tasks, *plain, *others, Task(MOVE, choose))]
    figures = measure(timed, seconds)
    beyond = [statistics.median(values) for values in overheads if values]
    reference = _fastest(figures, [task.name for task in plain])
    precision = str(policy.dtype).removeprefix("torch.")
    return Report(
        f"One position through {network.filters} filters ({name}){', processor time' if threads else ''}",
        "position",
        figures,
        reference,
        (
            f"{network.parameter_count:,} parameters, {network.multiply_adds / 1e6:,.0f} M multiply-adds "
            f"a position, {_device_name(policy.device)}",
            f"Policy computes in {precision} on {_threads(policy.thread_chooser(1).threads)}, and unpacks "
            "the planes too, which a plain PyTorch pass has as floats",
            f"a move takes {_ms(statistics.median(beyond))} beyond Policy's time in the median of "
            f"{len(beyond)} positions of a game, {_ms(statistics.quantiles(beyond, n=20)[-1])} or less "
            f"in 95 %, {_ms(max(beyond))} at most",
            f"ONNX Runtime uses {_threads(onnx.threads)}"
            if onnx
            else "onnx is not installed; pip install 'goengine[onnx]'",
        ),
    )


def _onnx_policy(network: PolicyNetwork, threads: int | None) -> "OnnxPolicy | None":
    """Return the network as a policy of ONNX Runtime, or None if that is not installed."""
    if not has_onnx():
        return None
    from goengine.nn.onnx import build_onnx
    from goengine.policy.onnx_policy import OnnxPolicy

    weights = {name: tensor.float().cpu().numpy() for name, tensor in network.state_dict().items()}
    return OnnxPolicy(build_onnx(network.config, weights).SerializeToString(), threads=threads)


class _Stopwatch(Policy):
    """A policy that measures the seconds it takes."""

    def __init__(self, policy: Policy, clock: Callable[[], float]):
        super().__init__()
        self.name, self.size, self._policy = policy.name, policy.size, policy
        self.seconds = 0.0
        self._clock = clock

    @property
    def arithmetic(self) -> str:
        return self._policy.arithmetic

    def _average(self, packed: NDArray[np.uint8], symmetries: int) -> NDArray[np.float32]:
        begin = self._clock()
        probabilities = self._policy.raw_policies(packed, symmetries)
        self.seconds += self._clock() - begin
        return probabilities


class PlainPolicy(nn.Module):
    """The policy network as a plain PyTorch module, the reference."""

    def __init__(self, network: PolicyNetwork):
        """Copy the weights of a policy network."""
        super().__init__()
        modules = [network.get_submodule(layer.name) for layer in network.layers if layer.weights]
        convolutions = [copy.deepcopy(module) for module in modules]  # the value head's are no layers
        layers: list[nn.Module] = []
        for convolution in convolutions[:-1]:
            layers += [convolution, nn.ReLU()]
        self.layers = nn.Sequential(*layers, convolutions[-1], nn.Flatten())
        biases = [value for name, value in network.named_parameters() if name.startswith("position_bias")]
        self.bias = nn.Parameter(biases[0].detach().flatten().clone())

    def forward(self, planes: Tensor) -> Tensor:
        """Return probabilities, float [B, size * size], for planes, float [B, 48, size, size]."""
        return torch.softmax(self.layers(planes) + self.bias, dim=1)


def _plain_pass(
    network: PolicyNetwork, dtype: torch.dtype, layout: torch.memory_format, planes: NDArray[np.uint8]
) -> Callable[[], int]:
    device = next(network.parameters()).device
    model = PlainPolicy(network).eval().to(device, dtype, memory_format=layout)  # type: ignore[call-overload]
    inputs = torch.from_numpy(planes[None]).to(device, dtype, memory_format=layout)

    def run() -> int:
        with torch.inference_mode():
            return len(model(inputs).cpu())

    return run


def _passes(policy: Policy, packed: NDArray[np.uint8]) -> Callable[[], int]:
    return lambda: len(policy.raw_policies(packed))


def _on_threads(count: int, run: Callable[[], int]) -> Callable[[], int]:
    def wrapped() -> int:
        with torch_threads(count):
            return run()

    return wrapped


def _fastest(figures: Sequence[Figure], names: Sequence[str]) -> str:
    return max((figure for figure in figures if figure.name in names), key=lambda figure: figure.rate).name


def _game(size: int) -> list[Board]:
    """Return every fourth position of a game: a bundled one, or one of random sensible moves."""
    board = Board(size)
    boards = []
    for move in _bundled_moves() if size == BUNDLED_SIZE else _random_moves(size):
        if board.ply % 4 == 0:
            boards.append(board.copy())
        board.play(move)
    return boards


def _bundled_moves() -> list[int]:
    games = load_games(bundled_games(), BUNDLED_SIZE)
    return [int(move) for move in games.moves[: games.move_starts[1]]]


def _random_moves(size: int) -> list[int]:
    """Return the same random sensible moves each time, at most one for each point of the board."""
    rng = np.random.default_rng(0)
    board = Board(size)
    while board.ply < size * size and (moves := np.flatnonzero(board.sensible_moves())).size:
        board.play(int(rng.choice(moves)))
    return [move for _, move in board.moves]


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.2f} ms"


def _threads(count: int) -> str:
    return "1 thread" if count == 1 else f"{count} threads"


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
