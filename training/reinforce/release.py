"""Releasing the policy of a run as a model folder, and drawing its learning curve."""

import json
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from goengine.drawing import palette
from goengine.drawing.charts import Chart, charts_png
from goengine.errors import GoEngineError
from goengine.nn.layers import Convolution
from goengine.nn.network import PolicyNetwork, save_model
from goengine.training.cards import fill_card
from goengine.training.checkpoint import Checkpoint, load_checkpoint
from goengine.training.policy.release import storage_dtype
from goengine.training.reinforce.config import ReinforceConfig
from goengine.training.reinforce.loop import first_network
from goengine.training.reinforce.pool import Pool
from goengine.training.reporting import LOG
from goengine.util.files import whole_file

CURVE = "curve.png"


def release_reinforced(checkpoint: Path, folder: Path, dtype: str = "float32") -> None:
    """Write the network of a checkpoint as a model folder, with its weights stored as `dtype`.

    Raises:
        GoEngineError: If the checkpoint cannot be read, or the precision is unknown.
    """
    storage = storage_dtype(dtype)
    run = load_checkpoint(checkpoint, ReinforceConfig)
    pool = Pool(checkpoint.parent / "pool", run.step)
    network = pool.network(0) if pool.steps else first_network(run.config)
    run.load_into(network)
    save_model(network, folder, storage, _card(run, network, dtype))


def draw_curve(run: Path) -> Path:
    """Draw the shares of games won against the pool and against the start, over the games played.

    Args:
        run: The run's folder, which the picture is written to.

    Returns:
        The picture.

    Raises:
        GoEngineError: If the log cannot be read, or the picture cannot be written.
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
        raise GoEngineError(f"cannot read the log of a run {log}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise GoEngineError(f"{log} is not the log of a run of goengine reinforce") from error
    if not pool:
        raise GoEngineError(f"{log}: the log has no entries yet")

    def draw(axes: Axes) -> None:
        games, share = np.array(pool).T
        width = max(1, len(share) // 30)
        smooth = np.convolve(share, np.ones(width) / width, "valid")
        axes.plot(games, share, color=palette.BACKGROUND, alpha=0.5, linewidth=0.8)
        axes.plot(games[width - 1 :], smooth, color=palette.FIRST, label="against the pool")
        if start:
            axes.plot(*np.array(start).T, "o-", color=palette.SECOND, label="against the start")
        axes.axhline(0.5, color=palette.BACKGROUND, linewidth=0.7, linestyle=":")
        axes.set(xlabel="games played", ylabel="share won", ylim=(0, 1))
        axes.legend(loc="lower right")

    target = run / CURVE
    with whole_file(target) as partial:
        partial.write_bytes(charts_png([Chart(f"Reinforcement learning: {run.resolve().name}", draw)]))
    return target


_TAGS = ("go", "baduk", "weiqi", "board-game", "policy-network", "reinforcement-learning")

_CARD = """# A policy for Go on {size}x{size} boards, trained by reinforcement learning

Policy gradient (REINFORCE) against a pool of earlier snapshots, as in the second stage of Silver et al.,
Nature 529:484 (2016).

## Network

{layers} convolution layers of {filters} filters on {planes} planes: {parameters:,} parameters; weights
stored as {dtype}.

## Training

- start: {start}
- played: {samples:,} games in {steps:,} steps of {games_per_step}, komi {komi:g}, {minutes:,.0f} minutes
- recipe: {optimizer} at {rate:g}; a snapshot joins the pool every {pool_every} steps

## Strength

{strength}

## Limits

In training, games ended when the board was full except for eyes, and no dead stones were removed. Of human
games it knows no more than the policy it started from.

## Use

```
goengine gtp --model path/to/this/folder
```
"""


def _card(run: Checkpoint[ReinforceConfig], network: PolicyNetwork, dtype: str) -> str:
    config = run.config
    share = run.facts["against_start"]
    return fill_card(
        _CARD,
        _TAGS,
        run,
        network,
        dtype,
        size=network.size,
        layers=sum(isinstance(layer.spec, Convolution) for layer in network.layers),
        filters=network.layers[0].output.channels,
        planes=network.input.channels,
        start=_start(config),
        games_per_step=config.games,
        komi=config.komi,
        optimizer=config.optimizer,
        rate={"adamw": config.adam_lr, "sgd": config.sgd_lr, "muon": config.muon_lr}[config.optimizer],
        pool_every=config.pool_every,
        strength="Not measured."
        if share is None
        else f"Won {share:.0%} of {config.evaluation_games} games against its start (moves sampled).",
    )


def _start(config: ReinforceConfig) -> str:
    if config.start:
        return f"the model `{Path(config.start).name}`"
    return f"random weights (seed {config.seed})"
