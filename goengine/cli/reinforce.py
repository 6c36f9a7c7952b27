"""`goengine reinforce`: improve a policy by playing."""

from typing import Annotated

import typer

from goengine.cli import options
from goengine.cli.runs import run_settings
from goengine.errors import Interrupted
from goengine.util.interrupts import held_interrupt


def reinforce(
    out: options.Out = None,
    resume: options.Resume = None,
    config: options.Config = None,
    start: Annotated[
        str | None,
        typer.Option(
            help="Policy to start with: default, a model folder or its id on the hub.  "
            "[default: random weights]"
        ),
    ] = None,
    size: Annotated[int | None, typer.Option(help="Board size, with random weights.")] = None,
    filters: Annotated[int | None, typer.Option(help="Filters per layer, with random weights.")] = None,
    layers: Annotated[int | None, typer.Option(help="Convolution layers, with random weights.")] = None,
    minutes: options.Minutes = None,
    steps: Annotated[int | None, typer.Option(help="Length of the run, in steps.")] = None,
    games: Annotated[int | None, typer.Option(help="Games per step, all played at once.")] = None,
    max_minutes: options.MaxMinutes = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the first weights and of all games.")] = None,
    set_: options.Set = None,
) -> None:
    """Improve a policy by playing against earlier versions of it.

    The method is policy gradient, the second stage of AlphaGo's training. Ctrl-C saves the run, and --resume
    continues it.
    """
    with held_interrupt():
        from goengine.training.loop import TrainingInterrupted
        from goengine.training.reinforce.config import ReinforceConfig
        from goengine.training.reinforce.loop import COMMAND
        from goengine.training.reinforce.loop import reinforce as learn
        from goengine.training.reinforce.release import draw_curve, release_reinforced
        from goengine.training.reporting import clock

    settings, checkpoint = run_settings(ReinforceConfig, locals())
    try:
        result = learn(settings, checkpoint, max_minutes=max_minutes)
    except TrainingInterrupted as interruption:
        raise Interrupted(str(interruption)) from interruption
    folder = result.checkpoint.parent
    played = f"{result.games:,} games in {clock(result.seconds)}"
    curve = draw_curve(folder)
    if not result.complete:
        print(f"{result.checkpoint}: {played}, see {curve}; to continue: {COMMAND} --resume {folder}")
        return
    release_reinforced(result.checkpoint, folder / "model")
    print(
        f"{folder / 'model'}: {played}, {result.against_start:.0%} won against the first policy; see {curve}"
    )
