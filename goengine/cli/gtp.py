"""`goengine gtp`: the engine that Sabaki, GoGui and other programs attach."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer


def gtp(
    model: Annotated[
        str, typer.Option(help="A model's folder, or default for the policy that comes with goengine.")
    ] = "default",
    temperature: Annotated[
        float,
        typer.Option(help="0 plays the likeliest move; 1 draws moves as often as the policy expects them."),
    ] = 0.0,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the draws, to have the same game again; fresh unless given.")
    ] = None,
    symmetries: Annotated[
        int,
        typer.Option(
            help="1, or 8 to average the policy over the board's symmetries (slower, a little stronger)."
        ),
    ] = 1,
    rules: Annotated[str, typer.Option(help="chinese, japanese, aga or tromp-taylor.")] = "chinese",
    komi: Annotated[float, typer.Option(help="Points for White until the controller says otherwise.")] = 7.5,
    size: Annotated[
        int | None, typer.Option(help="Size of the first board. The model's own unless given.")
    ] = None,
) -> None:
    """Play over the Go Text Protocol (GTP 2) on standard input and output."""
    import logging

    from goengine.cli import INTERRUPTED
    from goengine.errors import GoEngineError
    from goengine.player import Player, check_settings
    from goengine.points import check_size
    from goengine.rules import check_komi, get_rules
    from gtp.engine import Engine
    from gtp.loop import protocol_output, serve
    from gtp.startup import load_in_background

    if sys.stdin is None or sys.stdout is None:
        raise GoEngineError("gtp needs standard input and output, of which one is closed")
    logging.basicConfig(stream=sys.stderr, format="goengine: %(message)s")
    logging.getLogger("gtp").setLevel(logging.INFO)

    # What can be seen at once ends the program at once; the rest shows when the model is loaded.
    check_settings(temperature, seed, symmetries)
    get_rules(rules)
    check_komi(komi)
    if size is not None:
        check_size(size)
    if model != "default" and not Path(model).is_dir():
        raise GoEngineError(f"there is no folder {model}; expected a model's folder, or default")

    def load() -> Player:
        from goengine.policy import load_policy

        return Player(load_policy(model), temperature, seed, symmetries)

    with protocol_output() as responses:
        loading = load_in_background(load)
        engine = Engine(loading.result, size, komi, rules)
        try:
            serve(engine, sys.stdin.buffer, responses)
        except KeyboardInterrupt:
            if loading.done():
                raise
            print("interrupted", file=sys.stderr)
            _leave(INTERRUPTED)
        if not loading.done():
            _leave(0)


def _leave(code: int) -> None:
    """End the process although a thread still loads: Python's own end would tear a library down under it."""
    sys.stderr.flush()
    os._exit(code)
