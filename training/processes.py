"""The processes of a run: one, or those started by torchrun, on one or more machines.

Each process has the whole network and trains on its share of each step's batch; the gradients are averaged
(torch.nn.parallel.DistributedDataParallel). Before anything that decides what the next step is, such as the
clock or a request to stop, the processes agree on it: otherwise they would wait for each other forever.
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
    """This process and the number of processes.

    Attributes:
        rank: The number of this process, from 0.
        world: The number of processes on all machines.
        local_rank: The number of this process on this machine.
        local_world: The number of processes on this machine.
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
        """Return the number of this process's samples in a batch."""
        return batch_size * (self.rank + 1) // self.world - batch_size * self.rank // self.world

    def highest(self, *values: float) -> list[float]:
        """Return the maximum of each value over the processes."""
        return self._reduced(values, dist.ReduceOp.MAX)

    def sums(self, *values: float) -> list[float]:
        """Return the sum of each value over the processes."""
        return self._reduced(values, dist.ReduceOp.SUM)

    def _reduced(self, values: tuple[float, ...], operation: dist.ReduceOp.RedOpType) -> list[float]:
        if self.world == 1:
            return list(values)
        numbers = torch.tensor(values, dtype=torch.float64)  # on the CPU, so that nothing waits for the GPU
        with _ended_process_error():
            dist.all_reduce(numbers, operation)
        return [float(number) for number in numbers]

    def parallel(self, network: nn.Module, device: torch.device) -> nn.Module:
        """Wrap a network so that its backward pass averages the gradients of all processes.

        The network gets the weights of the first process.
        """
        if self.world == 1:
            return network
        with _ended_process_error():
            return DistributedDataParallel(network, [device] if device.type == "cuda" else None)

    def backward(self, loss: Tensor) -> None:
        """Compute the gradients of a loss together with the other processes.

        Raises:
            GoEngineError: If another process has ended.
        """
        with _ended_process_error():
            loss.backward()  # type: ignore[no-untyped-call]


@contextmanager
def _ended_process_error() -> Iterator[None]:
    """Turn the error of waiting for a process that has ended into a GoEngineError."""
    try:
        yield
    except RuntimeError as error:  # DistBackendError is one
        if not isinstance(error, dist.DistError) and "gloo" not in str(error):
            raise
        raise GoEngineError(
            "another process of the run has ended, see its message; the last checkpoint is kept"
        ) from error


def launched() -> bool:
    """Return whether a launcher such as torchrun started this process as one of several."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


@contextmanager
def joined_processes(device: str) -> Iterator[Processes]:
    """Join the other processes that torchrun started, if it did, until the block ends.

    Args:
        device: The config's device. Tensors on GPUs are exchanged by NCCL, those on CPUs by Gloo.

    Raises:
        GoEngineError: If this machine has more processes than GPUs.
    """
    if not launched():
        yield Processes()
        return
    names = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE")
    processes = Processes(*(int(os.environ[name]) for name in names))
    cuda = torch.cuda.is_available() and device != "cpu"
    if cuda:
        if processes.local_world > torch.cuda.device_count():
            raise GoEngineError(
                f"{processes.local_world} processes were started on this machine, "
                f"which has {torch.cuda.device_count()} GPUs; start one process per GPU"
            )
        torch.cuda.set_device(processes.local_rank)
    _import_functional()
    dist.init_process_group("cpu:gloo,cuda:nccl" if cuda else "gloo")
    try:
        yield processes
    finally:
        dist.destroy_process_group()
        # Gloo's threads end with the last reference to the group. One that outlives the interpreter and frees
        # a tensor would abort the process.
        gc.collect()


def _import_functional() -> None:
    """Import a module that keeps the default group, if there is one yet, in its default arguments.

    DistributedDataParallel imports it later, when there is one, and the group would never end.
    """
    import torch.distributed.nn.functional  # noqa: F401
