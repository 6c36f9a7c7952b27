"""The model card of a released policy: data, recipe, time, accuracy, limits, licence."""

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

It reads nothing ahead beyond the ladders in its planes, knows no score, and never passes by itself. It has
learnt the habits of the players in its data, the bad ones too.

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
`value.safetensors` holds a value head on the last features: who owns each point in the end, the score and the
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
    """The card of a run's network, in Markdown.

    dtype: the precision of the stored weights. weights: their hash. reports: what `goengine evaluate --json`
    wrote. data: what it learnt from, in words; the name of its game table unless given.

    Raises GoEngineError if a report cannot be read, is something else, or is of other weights.
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
        accuracy=_accuracy(run, [_read_report(path, weights) for path in reports]),
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
        parts += f"; the reply and the own next move as targets too, weight {config.reply_weight:g} each"
    if config.value_weight:
        parts += (
            f"; winner, owner and score as targets too, weights {config.value_weight:g}, "
            f"{config.owner_weight:g} and {config.score_weight:g}"
        )
    if run.average:
        parts += f"; these are the weights' moving average, of which {config.average:g} stays at each step"
    return parts


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


def _read_report(path: Path, weights: str) -> str:
    """What `goengine evaluate --json` wrote, as a row of the model card's table."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise GoEngineError(f"cannot read the report {path}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise GoEngineError(f"{path} is no report of goengine evaluate: it is not JSON") from None
    try:
        if report["weights"] != weights:
            raise GoEngineError(
                f"the report {path} is of a model with the weights {report['weights']}, "
                f"the model to export has {weights}; evaluate the exported model instead"
            )
        return _report_row(report)
    except GoEngineError:
        raise
    except (KeyError, TypeError, ValueError):
        raise GoEngineError(
            f"{path} is no report of goengine evaluate, which holds weights, games, positions, seed, "
            "symmetries, top1, top1_interval, top5 and loss"
        ) from None


def _report_row(report: dict[str, Any]) -> str:
    """A row of the model card's table."""
    low, high = report["top1_interval"]
    return (
        f"| {Path(report['games']).name} | {report['positions']:,} (seed {report['seed']}) | "
        f"{report['symmetries']} | {report['top1']:.2%} | {low:.2%} to {high:.2%} | "
        f"{report['top5']:.2%} | {report['loss']:.3f} |"
    )
