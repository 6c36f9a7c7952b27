"""The engine's start: its logs, and loading the player while it already answers."""

import logging
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from goengine.game.board import Board
from goengine.game.scoring import status
from goengine.player.player import Player
from goengine.util.jit import cache_folder

logger = logging.getLogger(__name__)

_PATIENCE = 5.0  # seconds of loading after which a user is told that it goes on


def log_to(file: Path | None) -> None:
    """Messages go to standard error; to the file, if any, too, with their times and the whole dialogue.

    Raises OSError if the file cannot be written.
    """
    messages = logging.StreamHandler(sys.stderr)
    messages.setFormatter(logging.Formatter("goengine: %(message)s"))
    messages.setLevel(logging.INFO)
    logging.basicConfig(handlers=[messages])
    logging.getLogger("goengine.gtp").setLevel(logging.INFO)
    if file is not None:
        record = logging.FileHandler(file, encoding="utf-8", errors="backslashreplace")
        record.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        logging.getLogger().addHandler(record)
        logging.getLogger("goengine.gtp.dialogue").setLevel(logging.DEBUG)
        logger.info("started: %s", " ".join(sys.argv))


def load_in_background(load: Callable[[], Player]) -> Future[Player]:
    """Load the player in a thread and let it think of the first and the last move of a game.

    So its first move and its first count are as quick as any. The future gives the player, or raises what
    `load` raised. What takes long is logged, and when the player is ready or has failed.
    """
    future: Future[Player] = Future()

    def run() -> None:
        started = time.monotonic()
        try:
            player = load()
            board = Board(player.size)
            player.choose(board)
            board.play("pass")  # upon which the player looks at how the game would end
            player.choose(board)
            status(board, 2)
        except BaseException as error:
            logger.error("%s", error)
            future.set_exception(error)
        else:
            logger.info("ready after %.1f s", time.monotonic() - started)
            future.set_result(player)

    thread = threading.Thread(target=run, name="loading", daemon=True)
    if not any(cache_folder().rglob("*.nbi")):
        logger.info("first start: compiling the rules of Go for this computer, which takes about a minute")
    else:
        patience = threading.Timer(_PATIENCE, _say_that_it_lasts, (future,))
        patience.daemon = True
        patience.start()
    thread.start()
    return future


def _say_that_it_lasts(future: Future[Player]) -> None:
    if not future.done():
        logger.info("still loading; where code is compiled for the first time this takes up to a minute")
