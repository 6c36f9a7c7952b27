"""Model FLOP utilisation: which share of the device's matrix rate the network's own arithmetic makes.

After Chowdhery et al., "PaLM" (2022): what is counted is the arithmetic that the network calls for, forward
and backward, whatever the device does for it.
"""

import statistics
import time
from functools import cache

import torch

from goengine.nn.network import ConvolutionNetwork

_ROWS = {"cpu": 1024, "cuda": 8192}  # of the square matrices multiplied
_ROUNDS = 7


def training_flops(network: ConvolutionNetwork) -> int:
    """Floating-point operations to learn from one sample.

    Two a multiply-add; forward, and backward once for the weights and once for the inputs, which the first
    layer does not need.
    """
    first = next(layer.multiply_adds for layer in network.layers if layer.multiply_adds)
    return 2 * (3 * network.multiply_adds - first)


@cache
def matrix_rate(device: torch.device, dtype: torch.dtype) -> float:
    """Floating-point operations a second of a square matrix product: of 8,192 rows on a GPU, 1,024 on a CPU.

    The median of seven, after one that is not counted; measured once a process. On a CPU with the threads
    that PyTorch has.
    """
    rows = _ROWS[device.type]
    generator = torch.Generator(device).manual_seed(0)  # on zeros a GPU, drawing less power, is faster
    a, b = (torch.randn(rows, rows, device=device, generator=generator).to(dtype) for _ in range(2))
    seconds = []
    for _ in range(1 + _ROUNDS):
        _wait(device)
        begin = time.perf_counter()
        torch.mm(a, b)
        _wait(device)
        seconds.append(time.perf_counter() - begin)
    return 2 * rows**3 / statistics.median(seconds[1:])


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
