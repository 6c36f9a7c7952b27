"""A demonstration in a few minutes: games -> table -> policy -> accuracy -> a game over GTP.

    python examples/demo.py

It uses the bundled games and the goengine command, and prints each command before it runs. All files are
written to demo-output/ in the current folder; a second run replaces them.
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

from goengine.data import bundled_games
from goengine.data.sgf.records import record_to_sgf
from goengine.data.sources.reader import Sources
from goengine.errors import GoEngineError
from goengine.game.board import BLACK, COLOUR_NAMES, WHITE, Board
from goengine.gtp.client import Client
from goengine.gtp.match.game import Game, play_game

OUTPUT = Path("demo-output")
GOENGINE = Path(sysconfig.get_path("scripts"), "goengine")
HELD_OUT = 8  # every eighth game is held out
TRAINING_MINUTES = 1


def main() -> None:
    """Run the demonstration."""
    started = time.monotonic()
    OUTPUT.mkdir(exist_ok=True)
    training, held_out = OUTPUT / "training.sgf", OUTPUT / "held-out.sgf"
    table, run = OUTPUT / "games.parquet", OUTPUT / "run"

    title("1. Game records become a game table")
    numbers = split_games(bundled_games(), training, held_out)
    print(f"{numbers[0]} games to train on and {numbers[1]} held out, all made by goengine and GNU Go.")
    goengine("data", "build", table, training)

    title("2. A small policy network learns to predict the moves")
    shutil.rmtree(run, ignore_errors=True)
    goengine("train", table, "--out", run, "--filters", 32, "--minutes", TRAINING_MINUTES)
    model = run / "model"

    title("3. How often is the network's first choice the move that was played?")
    rows = []
    for name, path in (("new policy", model), ("bundled policy", "default")):
        result = OUTPUT / "accuracy.json"
        goengine("evaluate", "--model", path, "--games", held_out, "--positions", 2000, "--json", result)
        rows.append((name, json.loads(result.read_text())))
    print(f"\nTop-1 on {rows[0][1]['positions']:,} positions of the held-out games:")
    for name, figures in rows:
        print(f"  {name:22} {figures['top1']:6.1%}")

    title("4. The bundled policy plays the new policy over GTP")
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # two engines share the cores
    black = Client([str(GOENGINE), "gtp"], name="bundled policy")
    white = Client([str(GOENGINE), "gtp", "--model", str(model)], name="new policy")
    game = play(black, white)
    show(game, OUTPUT / "game.sgf")

    title("Play against it")
    print("In Sabaki (Engines, Manage Engines, Add) or GoGui (Program, New Program) paste this command:\n")
    print(f"  {command_line([GOENGINE.absolute(), 'gtp'])}")
    print(f"\nThis took {time.monotonic() - started:.0f} s. The files are in {OUTPUT.absolute()}.")


def title(text: str) -> None:
    """Print a heading."""
    print(f"\n{text}\n{'-' * len(text)}", flush=True)


def split_games(source: Path, training: Path, held_out: Path) -> tuple[int, int]:
    """Split the games of a collection into two collections; return the number of games in each."""
    parts: tuple[list[bytes], list[bytes]] = ([], [])

    def refuse(reject: object) -> None:
        raise GoEngineError(f"{reject}")

    for number, game in enumerate(Sources([source]).games(refuse), start=1):
        parts[number % HELD_OUT == 0].append(game.sgf)
    for path, games in zip((training, held_out), parts, strict=True):
        path.write_bytes(b"\n".join(games) + b"\n")
    return len(parts[0]), len(parts[1])


def goengine(*arguments: object) -> None:
    """Print a goengine command and run it; exit if it fails."""
    words = [str(argument) for argument in arguments]
    print(f"\n$ goengine {' '.join(words)}", flush=True)
    done = subprocess.run([GOENGINE, *words], check=False)
    if done.returncode:
        sys.exit(done.returncode)


def play(black: Client, white: Client) -> Game:
    """Play a game between two engine processes, and print its progress."""

    def report(board: Board) -> None:
        if board.ply % 50 == 0:
            print(f"move {board.ply}", flush=True)

    with black, white:
        for name, engine in (("Black", black), ("White", white)):
            print(f"{name}: {engine.name}, the process `{command_line(engine.command)}`")
        return play_game(black, white, report=report)


def show(game: Game, path: Path) -> None:
    """Print the result of a game, and write it as SGF."""
    path.write_bytes(record_to_sgf(game.record(event="goengine demo")))
    board = game.board
    print(f"\n{board}\n")
    winner = {"B": f"{COLOUR_NAMES[BLACK]} ({game.black})", "W": f"{COLOUR_NAMES[WHITE]} ({game.white})"}
    print(f"{board.ply} moves, ended by {game.ending}. Score: {game.result}", end="")
    print(f", {winner[game.result[0]]} wins." if game.result[0] in winner else ", a draw.")
    print(f"The game as SGF: {path.absolute()}")


def command_line(words: list[object] | list[str]) -> str:
    """Join words into a command line; those with spaces are quoted."""
    return " ".join(f'"{word}"' if " " in str(word) else str(word) for word in words)


if __name__ == "__main__":
    try:
        main()
    except GoEngineError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
