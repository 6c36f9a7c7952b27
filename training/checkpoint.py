"""Checkpoints: everything a run needs to continue at the exact sample where it stopped."""

import dataclasses
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from goengine.errors import GoEngineError
from training.config import TrainConfig

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
    validation: dict[str, Any] | None  # the last measurement, as in `training.evaluate.Accuracy`


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write the checkpoint beside its name, then rename it over: a crash never leaves half of one.

    Raises GoEngineError if it cannot be written; a checkpoint already there survives.
    """
    part = path.with_name(path.name + ".part")
    content = {field.name: getattr(checkpoint, field.name) for field in dataclasses.fields(checkpoint)}
    content |= {"format": _FORMAT, "config": dataclasses.asdict(checkpoint.config)}
    try:
        with part.open("wb") as file:
            torch.save(content, file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except (OSError, RuntimeError) as error:  # torch reports a full disk as a RuntimeError of its zip writer
        part.unlink(missing_ok=True)
        raise GoEngineError(f"cannot write the checkpoint {path}: {error}") from None


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint, its tensors on the CPU.

    Raises GoEngineError if the file is missing, truncated, or something else than a checkpoint.
    """
    if not path.is_file():
        raise GoEngineError(f"there is no checkpoint {path}")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises half a dozen unrelated types for damaged files
        raise GoEngineError(
            f"{path} is not a checkpoint of this program, or is damaged ({type(error).__name__})"
        ) from None
    if not isinstance(content, dict) or content.pop("format", None) != _FORMAT:
        raise GoEngineError(f"{path} is not a checkpoint that this version of the program can read")
    content["config"] = TrainConfig().replace(**content["config"])
    return Checkpoint(**content)
