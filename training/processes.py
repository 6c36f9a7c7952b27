"""The processes of a run: one, or those that torchrun has started, on one machine or several.

Every process holds the whole network and learns from its share of each step's samples; their gradients are
averaged (torch.nn.parallel.DistributedDataParallel). Whatever decides what the next step is, such as the
clock or a wish to stop, is agreed on first: processes that disagree would wait for each other forever.
"""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from goengine.errors import GoEngineError


@dataclass(frozen=True)
class Processes:
    """Which process this is of how many.

    Public attributes:
      rank, world -- this one's number, and how many there are on all machines
      local_rank, local_world -- the same on this machine
    """

    rank: int = 0
    world: int = 1
    local_rank: int = 0
    local_world: int = 1

    @property
    def first(self) -> bool:
        """Whether this process writes files, shows progress and validates."""
        return self.rank == 0

    def share(self, batch_size: int) -> int:
        """How many of a step's samples are this process's."""
        return batch_size * (self.rank + 1) // self.world - batch_size * self.rank // self.world

    def highest(self, *values: float) -> list[float]:
        """For each value the highest that any process has."""
        return self._reduced(values, dist.ReduceOp.MAX)

    def sums(self, *values: float) -> list[float]:
        """Each value summed over the processes."""
        return self._reduced(values, dist.ReduceOp.SUM)

    def _reduced(self, values: tuple[float, ...], operation: dist.ReduceOp.RedOpType) -> list[float]:
        if self.world == 1:
            return list(values)
        numbers = torch.tensor(values, dtype=torch.float64)  # on the CPU: the GPU need not be waited for
        with _peers():
            dist.all_reduce(numbers, operation)
        return numbers.tolist()

    def parallel(self, network: nn.Module, device: torch.device) -> nn.Module:
        """The network as a module whose backward pass leaves the mean of all processes' gradients.

        Its weights become those of the first process.
        """
        if self.world == 1:
            return network
        with _peers():
            return DistributedDataParallel(network, [device] if device.type == "cuda" else None)

    def backward(self, loss: Tensor) -> None:
        """`loss.backward()`, in step with the other processes.

        Raises GoEngineError if one of them has ended.
        """
        with _peers():
            loss.backward()


@contextmanager
def _peers() -> Iterator[None]:
    """Raises GoEngineError where a process that is waited for has ended."""
    try:
        yield
    except RuntimeError as error:  # DistBackendError is one
        if not isinstance(error, dist.DistError) and "gloo" not in str(error):
            raise
        raise GoEngineError(
            "another process of the run has ended, which says why; the last checkpoint is kept"
        ) from None


def launched() -> bool:
    """Whether a launcher such as torchrun has started this process as one of several."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


@contextmanager
def joined_processes(device: str) -> Iterator[Processes]:
    """Join the others that torchrun has started, where it has, until the block ends.

    device: the config's. Tensors on GPUs are exchanged by NCCL, those of CPUs by Gloo.

    Raises GoEngineError if there are more processes on this machine than GPUs for them.
    """
    if not launched():
        yield Processes()
        return
    number = {
        name: int(os.environ[name]) for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE")
    }
    processes = Processes(*number.values())
    cuda = torch.cuda.is_available() and device != "cpu"
    if cuda:
        if processes.local_world > torch.cuda.device_count():
            raise GoEngineError(
                f"{processes.local_world} processes were started on this machine, "
                f"which has {torch.cuda.device_count()} GPUs; start one a GPU"
            )
        torch.cuda.set_device(processes.local_rank)
    _import_first()
    dist.init_process_group("cpu:gloo,cuda:nccl" if cuda else "gloo")
    try:
        yield processes
    finally:
        dist.destroy_process_group()
        # The group ends with the last reference to it. Gloo's threads must not outlive the interpreter: one
        # that lets go of a tensor then would abort the process.
        gc.collect()


def _import_first() -> None:
    """Import what takes the default group for its functions' default arguments, and would keep it forever.

    DistributedDataParallel imports it, too late.
    """
    import torch.distributed.nn.functional  # noqa: F401
