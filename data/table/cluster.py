"""A Dask cluster that builds tables."""

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from goengine.errors import GoEngineError

_TIMEOUT = "10s"


@contextmanager
def dask_executor(address: str) -> Iterator[tuple[Executor, int]]:
    """The executor of the Dask cluster with the scheduler at `address`, and how many threads its workers run.

    The workers need goengine installed, and no files: they are sent the games' texts.

    Raises GoEngineError if dask.distributed is not installed, the cluster does not answer or has no worker,
    or a worker dies of its task again and again.
    """
    try:
        from distributed import Client, KilledWorker
    except ImportError:
        raise GoEngineError(
            "a Dask cluster needs dask.distributed, which `pip install goengine[dask]` installs"
        ) from None
    try:
        client = Client(address, timeout=_TIMEOUT)
    except (OSError, ValueError) as error:
        raise GoEngineError(f"the Dask cluster at {address} does not answer ({error})") from None
    with client:
        threads = sum(client.nthreads().values())
        if threads == 0:
            raise GoEngineError(f"the Dask cluster at {address} has no worker")
        try:
            yield client.get_executor(), threads
        except KilledWorker as error:
            raise GoEngineError(f"the Dask cluster at {address} lost its workers ({error})") from None
