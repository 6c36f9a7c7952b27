"""From a checkpoint of learning by playing to a model folder, and the picture of how it got there."""

import json
from pathlib import Path

import numpy as np

from goengine.drawing.charts import Chart, png
from goengine.errors import GoEngineError
from goengine.nn.layers import Convolution
from goengine.nn.network import PolicyNetwork, save_model
from goengine.training.checkpoint import Checkpoint, load_checkpoint
from goengine.training.policy.release import storage_dtype
from goengine.training.reinforce.config import ReinforceConfig
from goengine.training.reinforce.loop import first_network
from goengine.training.reinforce.pool import Pool
from goengine.training.reporting import LOG
from goengine.util.files import whole_file

CURVE = "curve.png"


def release_reinforced(checkpoint: Path, folder: Path, dtype: str = "float32") -> None:
    """Write the network of a run's checkpoint as a model folder, storing its weights as `dtype`.

    Raises GoEngineError if the checkpoint cannot be read, or there is no such precision.
    """
    storage = storage_dtype(dtype)
    run = load_checkpoint(checkpoint, ReinforceConfig)
    pool = Pool(checkpoint.parent / "pool", run.step)
    network = pool.network(0) if pool.steps else first_network(run.config)
    run.load_into(network)
    save_model(network, folder, storage, _card(run, network, dtype))


def draw_curve(run: Path) -> Path:
    """Draw the share of games won against the pool and against the start, over the games played.

    Raises GoEngineError if the run's log cannot be read, or the picture not be written.
    """
    pool: list[tuple[int, float]] = []
    start: list[tuple[int, float]] = []
    log = run / LOG
    try:
        for line in log.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            for name, rows in (("win_rate", pool), ("against_start", start)):
                if name in entry:
                    rows.append((int(entry["games"]), float(entry[name])))
    except OSError as error:
        raise GoEngineError(f"cannot read the log of a run {log}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise GoEngineError(f"{log} is no log of a run of goengine reinforce") from None
    if not pool:
        raise GoEngineError(f"{log}: the run has logged nothing yet")

    def draw(axes) -> None:
        games, share = np.array(pool).T
        width = max(1, len(share) // 30)
        smooth = np.convolve(share, np.ones(width) / width, "valid")
        axes.plot(games, share, color="#c9d3dc", linewidth=0.8)
        axes.plot(games[width - 1 :], smooth, color="#1f5fa8", label="against the pool of earlier selves")
        if start:
            axes.plot(*np.array(start).T, "o-", color="#d9742b", label="against the start")
        axes.axhline(0.5, color="#5b4a2a", linewidth=0.7, linestyle=":")
        axes.set(xlabel="games played", ylabel="share won", ylim=(0, 1))
        axes.legend(loc="lower right")

    target = run / CURVE
    with whole_file(target) as partial:
        partial.write_bytes(png([Chart(f"Learning by playing: {run.resolve().name}", draw)]))
    return target


_CARD = """---
license: apache-2.0
library_name: goengine
tags: [go, baduk, weiqi, board-game, policy-network, reinforcement-learning]
---

# A policy for Go on {size}x{size} boards that learnt by playing

Policy gradient (REINFORCE) against a pool of earlier selves, the second stage of Silver et al., Nature
529:484 (2016).

## Network

{layers} convolution layers of {filters} filters on {planes} planes: {parameters:,} parameters; weights
stored as {dtype}.

## Training

- began as: {start}
- played: {games:,} games in {steps:,} steps of {games_a_step}, komi {komi:g}, {minutes:,.0f} minutes
- recipe: {optimizer} at {rate:g}; a copy joined the pool every {pool_every} steps

## Strength

{strength}

## Limits

In learning, games went on until the board was full but for eyes, and were counted as they stood. It knows
nothing of people's moves beyond what it began with.

## Use

```
goengine gtp --model path/to/this/folder
```
"""


def _card(run: Checkpoint[ReinforceConfig], network: PolicyNetwork, dtype: str) -> str:
    config = run.config
    share = run.facts["against_start"]
    return _CARD.format(
        size=network.size,
        layers=sum(isinstance(layer.spec, Convolution) for layer in network.layers),
        filters=network.layers[0].output.channels,
        planes=network.input.channels,
        parameters=network.parameter_count,
        dtype=dtype,
        start=_start(config),
        games=run.samples,
        steps=run.step,
        games_a_step=config.games,
        komi=config.komi,
        minutes=run.seconds / 60,
        optimizer=config.optimizer,
        rate={"adamw": config.adam_lr, "sgd": config.sgd_lr, "muon": config.muon_lr}[config.optimizer],
        pool_every=config.pool_every,
        strength="Not measured."
        if share is None
        else f"Won {share:.0%} of {config.evaluation_games} games against its start, drawing its moves.",
    )


def _start(config: ReinforceConfig) -> str:
    if config.start:
        return f"the model `{Path(config.start).name}`"
    return f"random weights (seed {config.seed})"
