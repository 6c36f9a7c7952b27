"""Diagnostics of a run: dead filters, and model FLOP utilisation (MFU).

MFU is the share of the device's rate of matrix products that the network's own arithmetic reaches, forward
and backward, whatever else the device computes for it (Chowdhery et al., "PaLM", 2022).
"""

import time
from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor, nn

from goengine.nn.network import ConvolutionNetwork
from goengine.util.threads import torch_threads

_MATRIX_SIZE = {"cpu": 1024, "cuda": 8192}
_FIRST_MEASUREMENTS = 7
_BEST_SHARE = 0.1  # of the measurements: the rest were disturbed


@torch.no_grad()
def dead_filters(network: ConvolutionNetwork, inputs: Tensor) -> dict[str, tuple[int, int]]:
    """Count the filters whose ReLU gives zero everywhere, which learn nothing any more.

    Args:
        network: The network; its running statistics do not change.
        inputs: Some hundred samples, [B, *network.input], in the precision the network computes in.

    Returns:
        For each layer with a ReLU: the number of dead filters, and of all filters.
    """
    counts: dict[str, tuple[int, int]] = {}
    training = network.training
    network.eval()
    x, layer = inputs, ""
    with torch.autocast(inputs.device.type, inputs.dtype, enabled=inputs.dtype != torch.float32):
        for placed in network.layers:
            if (module := network._modules.get(placed.name)) is None:
                continue
            x = module(x)
            if isinstance(module, nn.Conv2d):
                layer = placed.name
            elif isinstance(module, nn.ReLU) and x.dim() == 4:
                counts[layer] = (int((x.amax(dim=(0, 2, 3)) <= 0).sum()), x.shape[1])
    network.train(training)
    return counts


def dead_share(counts: dict[str, tuple[int, int]]) -> float:
    """Return the share of dead filters in the result of `dead_filters`; 0 for a network without ReLUs."""
    return sum(dead for dead, _ in counts.values()) / max(1, sum(count for _, count in counts.values()))


def training_flops(network: ConvolutionNetwork) -> int:
    """Return the floating-point operations of training on one sample.

    Two for each multiply-add; one pass forward and two backward, for the weights and for the inputs. The
    first layer needs no gradient of its inputs.
    """
    first = next(layer.multiply_adds for layer in network.layers if layer.multiply_adds)
    return 2 * (3 * network.multiply_adds - first)


class MatrixRate:
    """The device's rate of matrix products, the reference of model FLOP utilisation.

    Other programs can disturb any single measurement, and a slow reference would put the utilisation above
    100 %. So the rate is measured again during a run, and the best tenth of the measurements counts.
    """

    def __init__(
        self, device: torch.device, dtype: torch.dtype, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        """Measure a few times.

        Args:
            device: The device: square matrices of 8,192 rows are multiplied on a GPU, of 1,024 on a CPU with
                the threads that PyTorch has now.
            dtype: The precision of the matrices.
            clock: The time in seconds.
        """
        self._device, self._dtype, self._clock = device, dtype, clock
        self._threads = torch.get_num_threads()
        self._size = _MATRIX_SIZE[device.type]
        self._seconds: list[float] = []
        for _ in range(_FIRST_MEASUREMENTS):
            self.measure()

    def measure(self) -> None:
        """Measure once more, which takes some milliseconds."""
        # Not kept, for the memory; random, since on zeros a GPU draws less power and is faster.
        generator = torch.Generator(self._device).manual_seed(0)
        left, right = (
            torch.randn(self._size, self._size, device=self._device, generator=generator).to(self._dtype)
            for _ in range(2)
        )
        with torch_threads(self._threads):
            torch.mm(left[:8], right)  # loads the kernels and wakes the threads
            self._wait()
            begin = self._clock()
            torch.mm(left, right)
            self._wait()
            self._seconds.append(self._clock() - begin)

    @property
    def flops(self) -> float:
        """Floating-point operations per second: those of the slowest of the best tenth of measurements."""
        best = max(1, int(_BEST_SHARE * len(self._seconds)))
        return 2 * self._size**3 / sorted(self._seconds)[best - 1]

    def _wait(self) -> None:
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)


@cache
def matrix_rate(device: torch.device, dtype: torch.dtype) -> MatrixRate:
    """Return this process's `MatrixRate` of a device and precision; the first call measures it."""
    return MatrixRate(device, dtype)
