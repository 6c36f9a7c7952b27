"""`goengine gtp`: the engine for Sabaki, GoGui and other programs."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer


def gtp(
    config: Annotated[
        Path | None,
        typer.Option(help="TOML file of settings with the names of the options; options override it."),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="Model folder, its id on the Hugging Face hub, or default for the bundled policy; with "
            "--backend onnx also an .onnx file.",
            show_default="default",
        ),
    ] = None,
    backend: Annotated[
        str | None,
        typer.Option(help="What computes the policy: torch, or onnx for ONNX Runtime.", show_default="torch"),
    ] = None,
    temperature: Annotated[
        float | None,
        typer.Option(
            help="0 plays the likeliest move; 1 samples moves as often as the policy expects them.",
            show_default="0",
        ),
    ] = None,
    top_p: Annotated[
        float | None,
        typer.Option(
            "--top-p",
            help="Sample only the likeliest moves that together hold this share of the probability.",
            show_default="1",
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the samples, to repeat a game.  [default: random]")
    ] = None,
    symmetries: Annotated[
        int | None,
        typer.Option(
            help="1, or 8 to average the policy over the board's symmetries (slower, a little stronger).",
            show_default="1",
        ),
    ] = None,
    resign: Annotated[
        float | None,
        typer.Option(
            help="Resign at a winrate in playouts below this, such as 0.2; 0 never resigns.",
            show_default="0",
        ),
    ] = None,
    rules: Annotated[
        str | None, typer.Option(help="chinese, japanese, aga or tromp-taylor.", show_default="chinese")
    ] = None,
    komi: Annotated[
        float | None,
        typer.Option(help="Points for White until the controller sets others.", show_default="7.5"),
    ] = None,
    size: Annotated[
        int | None, typer.Option(help="Size of the first board.  [default: that of the model]")
    ] = None,
    log: Annotated[
        Path | None, typer.Option(help="File to which the whole dialogue is appended, with times.")
    ] = None,
) -> None:
    """Play over the Go Text Protocol on standard input and output.

    The protocol is GTP 2; docs/gtp.md lists the commands.
    """
    from goengine.errors import GoEngineError
    from goengine.gtp.engine.engine import Engine
    from goengine.gtp.engine.loop import protocol_input, protocol_output, serve
    from goengine.gtp.engine.session import Session
    from goengine.gtp.engine.settings import Settings, read_settings
    from goengine.gtp.engine.startup import load_in_background, log_to
    from goengine.player.player import Player
    from goengine.policy.loading import load_policy
    from goengine.util.interrupts import INTERRUPTED

    if sys.stdin is None or sys.stdout is None:
        raise GoEngineError("gtp needs standard input and output, but one of them is closed")
    if sys.stderr is None:  # the file gets descriptor 2 too, which library code writes to
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    log_to(log)
    # Wrong settings end the program at once; other errors appear when the model is loaded.
    options: dict[str, Any] = {
        "model": model,
        "backend": backend,
        "temperature": temperature,
        "top_p": top_p,
        "seed": seed,
        "symmetries": symmetries,
        "resign": resign,
        "rules": rules,
        "komi": komi,
        "size": size,
    }
    given = {name: value for name, value in options.items() if value is not None}
    from_file = read_settings(config) if config is not None else {}
    settings = Settings().replace(**{**from_file, **given})

    def load() -> Player:
        return settings.new_player(load_policy(settings.model, settings.backend))

    with protocol_output() as responses:
        loading = load_in_background(load)
        engine = Engine(Session(loading.result, settings))
        try:
            serve(engine, protocol_input(), responses)
        except KeyboardInterrupt:
            if loading.done():
                raise
            print("interrupted", file=sys.stderr)
            _leave(INTERRUPTED)
    _leave(0)


def _leave(code: int) -> None:
    """End the process at once, as a controller may wait for that.

    Python's shutdown takes a second or more with PyTorch, and is not safe while a thread loads it.
    """
    sys.stderr.flush()
    os._exit(code)
