"""A run's figures for TensorBoard, which is installed as an extra: pip install 'goengine[tensorboard]'."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from goengine.errors import GoEngineError

FOLDER = "tensorboard"

_TAGS = {  # what the log calls a figure, and where TensorBoard shows it
    "loss": "loss/training",
    "validation_loss": "loss/validation",
    "top1": "top-1/training",
    "validation_top1": "top-1/validation",
    "validation_top5": "top-5/validation",
    "dead_filters": "network/share of filters that are dead",
    "rate": "speed/samples a second",
    "waiting": "speed/share of time waiting for samples",
    "mfu": "speed/model FLOP utilisation",
}


class Summaries:
    """The event file of a run, whose horizontal axis is the number of samples seen."""

    def __init__(self, folder: Path, samples: int) -> None:
        """Go on at so many samples: what was written of later ones before is no longer shown."""
        from torch.utils.tensorboard import SummaryWriter  # takes a second

        self._writer = SummaryWriter(str(folder), purge_step=samples + 1 if samples else None)

    def add(self, samples: int, entry: Mapping[str, Any]) -> None:
        """Write the figures of an entry of the run's log; what is no figure in it is left out."""
        for name in _TAGS.keys() & entry.keys():
            self._writer.add_scalar(_TAGS[name], entry[name], samples)
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()


def check_tensorboard() -> None:
    """Raises GoEngineError if TensorBoard is not installed."""
    if find_spec("tensorboard") is None:
        raise GoEngineError(
            "the setting tensorboard needs TensorBoard; install it with: pip install 'goengine[tensorboard]'"
        )


@contextmanager
def open_summaries(out: Path, samples: int, wanted: bool) -> Iterator[Summaries | None]:
    """The summaries of the run in a folder, which has seen so many samples; None unless wanted."""
    if not wanted:
        yield None
        return
    summaries = Summaries(out / FOLDER, samples)
    try:
        yield summaries
    finally:
        summaries.close()
