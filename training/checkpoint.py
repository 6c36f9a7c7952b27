"""Checkpoints: everything a run needs to continue at the exact sample where it stopped."""

import dataclasses
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from goengine.errors import GoEngineError
from goengine.files import cannot_write, whole_file
from goengine.network import PolicyNetwork
from training.config import TrainConfig
from training.evaluate import Accuracy

_FORMAT = "goengine training checkpoint 1"


@dataclass
class Checkpoint:
    """A run between two steps. Samples are a function of (table, seed, step): no generator has a state."""

    config: TrainConfig
    size: int
    step: int
    positions: int
    seconds: float
    network: dict[str, Any]
    optimizer: list[dict[str, Any]]
    validation: Accuracy | None  # the last measurement

    def policy_network(self) -> PolicyNetwork:
        """The network as it was, on the CPU.

        Raises GoEngineError if the weights are not those of a network of these settings.
        """
        network = PolicyNetwork(self.size, self.config.filters, self.config.layers)
        try:
            network.load_state_dict(self.network)
        except (RuntimeError, TypeError):
            raise GoEngineError(
                f"the checkpoint's weights are not those of {self.config.filters} filters in "
                f"{self.config.layers} layers, as its settings say"
            ) from None
        return network


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write the checkpoint beside its name, then rename it over: a crash never leaves half of one.

    Raises GoEngineError if it cannot be written; a checkpoint already there survives.
    """
    content = {field.name: getattr(checkpoint, field.name) for field in dataclasses.fields(checkpoint)}
    content |= {
        "format": _FORMAT,
        "config": dataclasses.asdict(checkpoint.config),
        "validation": dataclasses.asdict(checkpoint.validation) if checkpoint.validation else None,
    }
    with whole_file(path) as partial, partial.open("wb") as file:
        try:
            torch.save(content, file)
        except RuntimeError as error:  # how torch reports a full disk
            raise cannot_write(path, error) from None
        file.flush()
        os.fsync(file.fileno())


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint, its tensors on the CPU.

    Raises GoEngineError if the file is missing, truncated, or something else than a checkpoint.
    """
    if not path.is_file():
        raise GoEngineError(f"there is no checkpoint {path}")
    try:
        with zipfile.ZipFile(path) as archive:  # torch.load looks at no checksum
            if part := archive.testzip():
                raise zipfile.BadZipFile(part)
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises half a dozen unrelated types for damaged files
        raise GoEngineError(
            f"{path} is not a checkpoint of this program, or is damaged ({type(error).__name__})"
        ) from None
    if not isinstance(content, dict) or content.pop("format", None) != _FORMAT:
        raise GoEngineError(f"{path} is not a checkpoint that this version of the program can read")
    try:
        content["config"] = TrainConfig().replace(**content["config"])
        content["validation"] = content["validation"] and Accuracy(**content["validation"])
        checkpoint = Checkpoint(**content)
    except (KeyError, TypeError, GoEngineError) as error:
        raise GoEngineError(
            f"{path} is not a checkpoint that this version of the program can read ({error})"
        ) from None
    for name, kind in (("size", int), ("step", int), ("positions", int), ("seconds", float)):
        if type(getattr(checkpoint, name)) is not kind:
            raise GoEngineError(f"{path} is a damaged checkpoint: its {name} is no {kind.__name__}")
    return checkpoint
