"""The model card of a released policy."""

import json
from pathlib import Path
from typing import Any

from goengine.errors import GoEngineError
from goengine.nn.network import PolicyNetwork
from goengine.training.cards import fill_card
from goengine.training.checkpoint import Checkpoint
from goengine.training.config import TrainConfig

_TAGS = ("go", "baduk", "weiqi", "board-game", "policy-network")

_CARD = """# A policy for Go on {size}x{size} boards

Predicts the move that a strong player would make, from the position alone; plays without search.

## Network

{layers} convolution layers of {filters} filters on {planes} planes, after Silver et al., Nature 529:484
(2016): {parameters:,} parameters, {multiply_adds:,.0f} M multiply-adds a position; weights
stored as {dtype}, hash {weights}.
{value}
## Training

- start: {start}
- data: {data}{symmetries}
- seen: {samples:,} positions in {steps:,} steps of {batch_size}
- time: {minutes:,.0f} minutes
- recipe: {recipe}

## Accuracy

{accuracy}

## Limits

The policy does not read ahead beyond the ladders in its planes, does not know the score, and never passes by
itself. It has learned the habits of the players in its data, including bad ones.

## Licence

Apache-2.0.

## Use

```python
from goengine import Board, load_policy

policy = load_policy("path/to/this/folder")  # or the model's id on the Hugging Face hub
probabilities = policy.policy(Board({size}))  # float32 [size * size]
```
"""


_VALUE = """
`value.safetensors` contains a value head, which predicts the final owner of each point, the score and the
winner.
"""


def model_card(
    run: Checkpoint[TrainConfig],
    network: PolicyNetwork,
    dtype: str,
    weights: str,
    reports: tuple[Path, ...] = (),
    data: str | None = None,
) -> str:
    """Return the model card of a run's network, in Markdown.

    Args:
        run: The checkpoint that is released.
        network: Its network.
        dtype: The precision of the stored weights: "bfloat16".
        weights: The hash of the stored weights.
        reports: Files that `goengine evaluate --json` wrote for these weights.
        data: The training data in words; None for the name of its game table.

    Raises:
        GoEngineError: If a report cannot be read, has another format, or belongs to other weights.
    """
    config = run.config
    return fill_card(
        _CARD,
        _TAGS,
        run,
        network,
        dtype,
        size=network.size,
        layers=network.config.layers,
        filters=network.filters,
        planes=network.input.channels,
        weights=weights,
        value=_VALUE if network.value_head is not None else "",
        start=_start(config),
        data=data or f"the game table `{Path(config.table).name}`",
        symmetries=", each position under one of the 8 symmetries" if config.symmetries else "",
        recipe=_recipe(run),
        accuracy=_accuracy(run, dtype, [_read_report(path, weights) for path in reports]),
    )


def _start(config: TrainConfig) -> str:
    if not config.start:
        return "random weights"
    return f"the weights of `{config.start}`" + (f" (hash {config.start_hash})" if config.start_hash else "")


def _recipe(run: Checkpoint[TrainConfig]) -> str:
    config = run.config
    momentum = f"Nesterov momentum {config.momentum:g}"
    parts = {
        "muon": f"Muon at {config.muon_lr:g} ({momentum}) for the inner convolutions, "
        f"Adam at {config.adam_lr:g} for the rest",
        "adamw": f"AdamW at {config.adam_lr:g}",
        "sgd": f"SGD at {config.sgd_lr:g} ({momentum})",
    }[config.optimizer]
    if config.weight_decay and config.optimizer != "muon":
        parts += f", weight decay {config.weight_decay:g}"
    limit = f"{config.minutes:g} minutes" if config.minutes else f"{config.positions:,} positions"
    parts += (
        f"; {config.warmup_steps} steps of warm-up, stable, linear decay over the last {config.decay:.0%} "
    )
    parts += f"of {limit}"
    if config.normalised:
        parts += "; batch normalisation in training, folded into the convolutions"
    if config.reply_weight:
        parts += f"; reply and next own move as auxiliary targets, weight {config.reply_weight:g} each"
    if config.value_weight:
        parts += (
            f"; winner, owner and score as auxiliary targets, weights {config.value_weight:g}, "
            f"{config.owner_weight:g} and {config.score_weight:g}"
        )
    if run.average:
        parts += f"; the weights are a moving average with a decay of {config.average:g} per step"
    return parts


def _accuracy(run: Checkpoint[TrainConfig], dtype: str, reports: list[str]) -> str:
    """Return the reports as a table, or without any the run's own validation in a sentence."""
    if not reports:
        if run.validation is None:
            return "Not measured."
        return (
            f"Top-1 {run.validation.top1:.2%} on {run.validation.samples:,} positions of "
            f"`{Path(run.config.validation).name}`, one pass per position. The figure is from the last "
            f"validation of the run up to this checkpoint, before the weights were rounded to {dtype}."
        )
    heading = "| games | positions | symmetries | top-1 | 95 % interval | top-5 | cross-entropy |"
    return "\n".join([heading, "|---|---|---|---|---|---|---|", *reports])


def _read_report(path: Path, weights: str) -> str:
    """Return the row of the accuracy table for a file that `goengine evaluate --json` wrote."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise GoEngineError(f"cannot read the report {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise GoEngineError(f"{path} is not a report of goengine evaluate: it is not JSON") from error
    try:
        if report["weights"] != weights:
            raise GoEngineError(
                f"the report {path} belongs to a model with weights hash {report['weights']}, "
                f"but the exported model has {weights}; evaluate the exported model"
            )
        return _report_row(report)
    except GoEngineError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise GoEngineError(
            f"{path} is not a report of goengine evaluate; expected weights, games, positions, seed, "
            "symmetries, top1, top1_interval, top5 and loss"
        ) from error


def _report_row(report: dict[str, Any]) -> str:
    low, high = report["top1_interval"]
    return (
        f"| {Path(report['games']).name} | {report['positions']:,} (seed {report['seed']}) | "
        f"{report['symmetries']} | {report['top1']:.2%} | {low:.2%} to {high:.2%} | "
        f"{report['top5']:.2%} | {report['loss']:.3f} |"
    )
