"""Checkpoints: everything that a run needs to resume at the exact sample where it stopped."""

import dataclasses
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic

import torch

from goengine.errors import GoEngineError
from goengine.nn.network import ConvolutionNetwork
from goengine.training.config import C
from goengine.training.metrics import Accuracy
from goengine.util.files import cannot_write, whole_file

CHECKPOINT, STABLE, BEST = "checkpoint.pt", "stable.pt", "best.pt"
"""The checkpoints in a run's folder: the latest, the one where the learning rates began to fall, and the one
with the lowest validation loss."""

_FORMAT = "goengine training checkpoint 2"
_FORMAT_1 = "goengine training checkpoint 1"  # of policies alone


@dataclass
class Checkpoint(Generic[C]):
    """A run between two steps. It has no random state: batches depend on data, seed and step alone.

    Attributes:
        config: The run's settings.
        facts: The facts of the data that the network depends on, see `goengine.training.task.Task`.
        step: The steps taken.
        samples: The samples seen.
        seconds: The time trained.
        network: The state of the network.
        optimizer: The states of `NetworkOptimizer`.
        validation: The last validation, or None.
        average: The state of the weights' moving average, see `goengine.training.average`, or None.
    """

    config: C
    facts: dict[str, Any]
    step: int
    samples: int
    seconds: float
    network: dict[str, Any]
    optimizer: list[dict[str, Any]]
    validation: Accuracy | None
    average: dict[str, Any] | None = None

    def load_into(self, network: ConvolutionNetwork, averaged: bool = False) -> None:
        """Load the weights into a network.

        Args:
            network: The network.
            averaged: Load the average of the weights instead, if the run has one.

        Raises:
            GoEngineError: If the weights are those of another network.
        """
        try:
            network.load_state_dict(self.average["weights"] if averaged and self.average else self.network)
        except (RuntimeError, TypeError, KeyError) as error:
            raise GoEngineError("the checkpoint's weights do not fit the network of its settings") from error


def save_checkpoint(path: Path, checkpoint: Checkpoint[Any]) -> None:
    """Write a checkpoint to a temporary file, then rename it: a crash never leaves half a checkpoint.

    Raises:
        GoEngineError: If it cannot be written; an earlier checkpoint at `path` is kept.
    """
    content = {field.name: getattr(checkpoint, field.name) for field in dataclasses.fields(checkpoint)}
    content |= {
        "format": _FORMAT,
        "kind": checkpoint.config.kind,
        "config": checkpoint.config.model_dump(),
        "validation": dataclasses.asdict(checkpoint.validation) if checkpoint.validation else None,
    }
    with whole_file(path) as partial, partial.open("wb") as file:
        try:
            torch.save(content, file)
        except RuntimeError as error:  # how torch reports a full disk
            raise cannot_write(path, error) from error
        file.flush()
        os.fsync(file.fileno())


def load_checkpoint(path: Path, kind: type[C]) -> Checkpoint[C]:
    """Read a checkpoint, its tensors on the CPU.

    Args:
        path: The file.
        kind: The class of the run's settings.

    Raises:
        GoEngineError: If the file is missing, damaged, of another kind of run, or not a checkpoint.
    """
    if not path.is_file():
        raise GoEngineError(f"there is no checkpoint {path}")
    try:
        with zipfile.ZipFile(path) as archive:  # torch.load does not check checksums
            if part := archive.testzip():
                raise zipfile.BadZipFile(part)
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises half a dozen unrelated types for damaged files
        raise GoEngineError(
            f"{path} is not a checkpoint of goengine, or is damaged ({type(error).__name__})"
        ) from error
    if not isinstance(content, dict) or content.get("format") not in (_FORMAT, _FORMAT_1):
        raise GoEngineError(f"{path} is not a checkpoint that this version of goengine can read")
    try:
        if content.pop("format") == _FORMAT_1:
            _convert_format_1(content)
        if (trained := content.pop("kind")) != kind.kind:
            raise GoEngineError(f"{path} is a checkpoint of a {trained}, not of a {kind.kind}")
    except (KeyError, TypeError, AttributeError) as error:
        raise GoEngineError(
            f"{path} is not a checkpoint that this version of goengine can read ({error})"
        ) from error
    try:
        if kind.kind == "policy":  # the behaviour before these settings existed
            content["config"] = {"normalised": False, "reply_weight": 0.0} | content["config"]
        content["config"] = kind().replace(**content["config"])
        content["validation"] = content["validation"] and Accuracy(**content["validation"])
        checkpoint: Checkpoint[C] = Checkpoint(**content)
    except (KeyError, TypeError, GoEngineError) as error:
        raise GoEngineError(
            f"{path} is not a checkpoint that this version of goengine can read ({error})"
        ) from error
    for name, type_ in (("facts", dict), ("step", int), ("samples", int), ("seconds", float)):
        if type(getattr(checkpoint, name)) is not type_:
            raise GoEngineError(f"{path} is a damaged checkpoint: its {name} is not of type {type_.__name__}")
    return checkpoint


def _convert_format_1(content: dict[str, Any]) -> None:
    """Convert the content of a file of format 1 to format 2 in place."""
    content["kind"] = "policy"
    content["facts"] = {"size": content.pop("size")}
    content["samples"] = content.pop("positions")
    if content["validation"]:
        content["validation"]["samples"] = content["validation"].pop("positions")
