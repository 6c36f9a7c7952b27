"""Checkpoints: everything a run needs to continue at the exact sample where it stopped."""

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
"""Names in a run's folder: where it is, where it was when its learning rates began to fall, and where its
validation loss was lowest."""

_FORMAT = "goengine training checkpoint 2"
_FORMAT_1 = "goengine training checkpoint 1"  # of policies alone


@dataclass
class Checkpoint(Generic[C]):
    """A run between two steps. Samples are a function of (data, seed, step): no generator has a state.

    Public attributes:
      facts -- what the data says of the network, see `goengine.training.task.Task`
      samples -- how many have been learnt from
      validation -- the last measurement
      average -- the moving average of the weights, see `goengine.training.average`; None where none is kept
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
        """Give a network the weights that it had, or what is released of them: their average if one is kept.

        Raises GoEngineError if they are not those of such a network.
        """
        try:
            network.load_state_dict(self.average["weights"] if averaged and self.average else self.network)
        except (RuntimeError, TypeError, KeyError):
            raise GoEngineError(
                "the checkpoint's weights are not those of the network of its settings"
            ) from None


def save_checkpoint(path: Path, checkpoint: Checkpoint[Any]) -> None:
    """Write the checkpoint beside its name, then rename it over: a crash never leaves half of one.

    Raises GoEngineError if it cannot be written; a checkpoint already there survives.
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
            raise cannot_write(path, error) from None
        file.flush()
        os.fsync(file.fileno())


def load_checkpoint(path: Path, kind: type[C]) -> Checkpoint[C]:
    """Read a checkpoint of a run with that kind of config, its tensors on the CPU.

    Raises GoEngineError if the file is missing, truncated, of another kind of run, or no checkpoint.
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
    if not isinstance(content, dict) or content.get("format") not in (_FORMAT, _FORMAT_1):
        raise GoEngineError(f"{path} is not a checkpoint that this version of the program can read")
    try:
        if content.pop("format") == _FORMAT_1:
            _bring_up_to_date(content)
        if (trained := content.pop("kind")) != kind.kind:
            raise GoEngineError(f"{path} is a checkpoint of a {trained}, not of a {kind.kind}")
    except (KeyError, TypeError, AttributeError) as error:
        raise GoEngineError(
            f"{path} is not a checkpoint that this version of the program can read ({error})"
        ) from None
    try:
        if kind.kind == "policy":  # as runs were before these settings
            content["config"] = {"normalised": False, "reply_weight": 0.0} | content["config"]
        content["config"] = kind().replace(**content["config"])
        content["validation"] = content["validation"] and Accuracy(**content["validation"])
        checkpoint: Checkpoint[C] = Checkpoint(**content)
    except (KeyError, TypeError, GoEngineError) as error:
        raise GoEngineError(
            f"{path} is not a checkpoint that this version of the program can read ({error})"
        ) from None
    for name, form in (("facts", dict), ("step", int), ("samples", int), ("seconds", float)):
        if type(getattr(checkpoint, name)) is not form:
            raise GoEngineError(f"{path} is a damaged checkpoint: its {name} is no {form.__name__}")
    return checkpoint


def _bring_up_to_date(content: dict[str, Any]) -> None:
    """Turn what a file of format 1 holds into that of format 2."""
    content["kind"] = "policy"
    content["facts"] = {"size": content.pop("size")}
    content["samples"] = content.pop("positions")
    if content["validation"]:
        content["validation"]["samples"] = content["validation"].pop("positions")
