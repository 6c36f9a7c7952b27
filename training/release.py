"""From a checkpoint to a model folder that plays: weights in a storage precision, and a model card."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import torch

from goengine.backends import load_network
from goengine.errors import GoEngineError
from goengine.network import PolicyNetwork, save_model
from training.checkpoint import CHECKPOINT, Checkpoint, load_checkpoint
from training.config import TrainConfig
from training.policy_task import policy_network

STORAGE = {"bfloat16": torch.bfloat16, "float16": torch.float16, "float32": torch.float32}


def release(checkpoint: Path, folder: Path, dtype: str = "bfloat16", reports: tuple[Path, ...] = ()) -> None:
    """Write the network of a checkpoint as a model folder, storing its weights as `dtype`.

    reports: what `goengine evaluate --json` wrote; their figures go on the model card.

    Raises GoEngineError if the checkpoint or a report cannot be read, or there is no such precision.
    """
    storage = storage_dtype(dtype)
    run = load_checkpoint(checkpoint, TrainConfig)
    network = policy_network(run)
    card = _card(run, network, dtype, [_read_report(path) for path in reports])
    save_model(network, folder, storage, card)


def storage_dtype(name: str) -> torch.dtype:
    """The precision of that name. Raises GoEngineError if weights cannot be stored in it."""
    if name not in STORAGE:
        raise GoEngineError(f"weights are stored as {', '.join(STORAGE)}, not {name}")
    return STORAGE[name]


def network_of(source: str) -> PolicyNetwork:
    """The network of a checkpoint file, a run's folder, a model folder or anything else that
    `goengine.backends.load_network` knows by name, float32 on the CPU.

    Raises GoEngineError if it is none of these, or is damaged.
    """
    path = checkpoint_of(source)
    if path.is_file():
        return policy_network(load_checkpoint(path, TrainConfig))
    return load_network(source)


def checkpoint_of(source: str) -> Path:
    """The checkpoint of a run's folder; another path as it is."""
    path = Path(source)
    return path / CHECKPOINT if (path / CHECKPOINT).is_file() else path


def _read_report(path: Path) -> str:
    """What `goengine evaluate --json` wrote, as a row of the model card's table."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise GoEngineError(f"cannot read the report {path}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise GoEngineError(f"{path} is no report of goengine evaluate: it is not JSON") from None
    try:
        return _report_row(report)
    except (KeyError, TypeError, ValueError):
        raise GoEngineError(
            f"{path} is no report of goengine evaluate, which holds games, positions, seed, symmetries, "
            "top1, top1_interval, top5 and loss"
        ) from None


def _report_row(report: dict[str, Any]) -> str:
    """A row of the model card's table."""
    low, high = report["top1_interval"]
    return (
        f"| {Path(report['games']).name} | {report['positions']:,} (seed {report['seed']}) | "
        f"{report['symmetries']} | {report['top1']:.2%} | {low:.2%} to {high:.2%} | "
        f"{report['top5']:.2%} | {report['loss']:.3f} |"
    )


_CARD = """---
license: apache-2.0
library_name: goengine
tags: [go, baduk, weiqi, board-game, policy-network]
---

# A policy for Go on {size}x{size} boards

Predicts the move that a strong player would make, from the position alone; plays without search.

## Network

{layers} convolution layers of {filters} filters on {planes} planes, after Silver et al., Nature 529:484
(2016): {parameters:,} parameters, {multiply_adds:,.0f} M multiply-adds a position; weights stored as {dtype}.

## Training

- data: the game table `{table}`{symmetries}
- seen: {positions:,} positions in {steps:,} steps of {batch_size}, {minutes:,.0f} minutes
- recipe: Muon at {muon_lr:g} (momentum {momentum:g}) for the inner convolutions, Adam at {adam_lr:g} for the
  rest; {warmup_steps} steps of warm-up, stable, linear decay over the last {decay:.0%} of {limit}

## Accuracy

{accuracy}

## Limits

It reads nothing ahead beyond the ladders in its planes, knows no score, and never passes by itself. It has
learnt the habits of the players in its data, the bad ones too.

## Use

```python
from goengine import Board, load_policy

policy = load_policy("path/to/this/folder")
probabilities = policy.policy(Board({size}))  # float32 [size * size]
```
"""


def _card(run: Checkpoint[TrainConfig], network: PolicyNetwork, dtype: str, reports: list[str]) -> str:
    config = run.config
    return _CARD.format(
        size=network.size,
        planes=network.input.channels,
        parameters=network.parameter_count,
        multiply_adds=network.multiply_adds / 1e6,
        dtype=dtype,
        steps=run.step,
        limit=f"{config.minutes:g} minutes" if config.minutes else f"{config.positions:,} positions",
        accuracy=_accuracy(run, reports),
        **dataclasses.asdict(config)
        | {
            "table": Path(config.table).name,
            "symmetries": ", each position under one of the 8 symmetries" if config.symmetries else "",
            "positions": run.samples,
            "minutes": run.seconds / 60,
        },
    )


def _accuracy(run: Checkpoint[TrainConfig], reports: list[str]) -> str:
    if not reports:
        if run.validation is None:
            return "Not measured."
        return (
            f"Top-1 {run.validation.top1:.2%} on {run.validation.samples:,} positions of "
            f"`{Path(run.config.validation).name}`, one pass a position."
        )
    heading = "| games | positions | symmetries | top-1 | 95 % interval | top-5 | cross-entropy |"
    return "\n".join([heading, "|---|---|---|---|---|---|---|", *reports])
