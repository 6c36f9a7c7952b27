"""`goengine reinforce`: a policy gets stronger by playing."""

from typing import Annotated, Any

import typer

from goengine.cli.runs import (
    ConfigOption,
    MaxMinutesOption,
    MinutesOption,
    OutOption,
    ResumeOption,
    SetOption,
    find_checkpoint,
    run_settings,
)
from goengine.errors import Interrupted
from goengine.util.interrupts import held_interrupt


def reinforce(
    out: OutOption = None,
    resume: ResumeOption = None,
    config: ConfigOption = None,
    start: Annotated[
        str | None,
        typer.Option(
            help="the policy to begin with: default, a model's folder or its id on the hub  "
            "[default: random weights]"
        ),
    ] = None,
    size: Annotated[int | None, typer.Option(help="board size, with random weights")] = None,
    filters: Annotated[int | None, typer.Option(help="filters a layer, with random weights")] = None,
    layers: Annotated[int | None, typer.Option(help="convolution layers, with random weights")] = None,
    minutes: MinutesOption = None,
    steps: Annotated[int | None, typer.Option(help="length of the run, in steps")] = None,
    games: Annotated[int | None, typer.Option(help="games a step, all played at once")] = None,
    max_minutes: MaxMinutesOption = None,
    seed: Annotated[int | None, typer.Option(help="of the first weights and of all games")] = None,
    set_: SetOption = None,
) -> None:
    """Let a policy learn by playing against earlier selves (policy gradient, AlphaGo's second stage).

    Ctrl-C stops at any time: the run is saved, and --resume goes on with it.
    """
    with held_interrupt():
        from goengine.training.loop import TrainingInterrupted
        from goengine.training.reinforce.config import ReinforceConfig
        from goengine.training.reinforce.loop import COMMAND
        from goengine.training.reinforce.loop import reinforce as learn
        from goengine.training.reinforce.release import draw_curve, release_reinforced
        from goengine.training.reporting import clock

    given: dict[str, Any] = {
        "out": out,
        "start": start,
        "size": size,
        "filters": filters,
        "layers": layers,
        "minutes": minutes,
        "steps": steps,
        "games": games,
        "seed": seed,
    }
    checkpoint = find_checkpoint(resume)
    settings = run_settings(ReinforceConfig, config, checkpoint, given, set_)
    try:
        result = learn(settings, checkpoint, max_minutes=max_minutes)
    except TrainingInterrupted as interruption:
        raise Interrupted(str(interruption)) from None
    folder = result.checkpoint.parent
    played = f"{result.games:,} games in {clock(result.seconds)}"
    curve = draw_curve(folder)
    if not result.complete:
        print(f"{result.checkpoint}: {played}, see {curve}; to go on: {COMMAND} --resume {folder}")
        return
    release_reinforced(result.checkpoint, folder / "model")
    print(f"{folder / 'model'}: {played}, {result.against_start:.0%} won against its start; see {curve}")
