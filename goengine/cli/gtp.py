"""`goengine gtp`: the engine that Sabaki, GoGui and other programs attach."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer


def gtp(
    config: Annotated[
        Path | None,
        typer.Option(
            help="TOML file of settings, named as the options are; an option holds where they differ."
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="A model's folder, its id on the Hugging Face hub, or default for the policy that comes "
            "with goengine; with --backend onnx also an .onnx file.",
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
            help="0 plays the likeliest move; 1 draws moves as often as the policy expects them.",
            show_default="0",
        ),
    ] = None,
    top_p: Annotated[
        float | None,
        typer.Option(
            "--top-p",
            help="Draw from the likeliest moves alone, as few as hold this share of the probability.",
            show_default="1",
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the draws, to have the same game again; fresh unless given.")
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
            help="Resign when fewer than this share of random games are won, such as 0.2; 0 never resigns.",
            show_default="0",
        ),
    ] = None,
    rules: Annotated[
        str | None, typer.Option(help="chinese, japanese, aga or tromp-taylor.", show_default="chinese")
    ] = None,
    komi: Annotated[
        float | None,
        typer.Option(help="Points for White until the controller says otherwise.", show_default="7.5"),
    ] = None,
    size: Annotated[
        int | None, typer.Option(help="Size of the first board. The model's own unless given.")
    ] = None,
    log: Annotated[
        Path | None, typer.Option(help="File that the whole dialogue is added to, with its times.")
    ] = None,
) -> None:
    """Play over the Go Text Protocol (GTP 2) on standard input and output."""
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
        raise GoEngineError("gtp needs standard input and output, of which one is closed")
    if sys.stderr is None:  # the file takes its number too, which library code writes to
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    log_to(log)
    # What can be seen at once ends the program at once; the rest shows when the model is loaded.
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
    """End the process at once: a controller may wait for that.

    Python's own end takes a second or more with PyTorch, and would tear it down under a thread that loads.
    """
    sys.stderr.flush()
    os._exit(code)
