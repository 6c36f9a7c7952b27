"""Starting the engine: its logs, and loading the player while commands are already answered."""

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

_SLOW_LOADING = 5.0  # seconds of loading after which a message says that it goes on


def log_to(file: Path | None) -> None:
    """Log messages to standard error, and to the file, if one is given, with times and the whole dialogue.

    Raises:
        OSError: If the file cannot be written.
    """
    messages = logging.StreamHandler(sys.stderr)
    messages.setFormatter(logging.Formatter("goengine: %(message)s"))
    messages.setLevel(logging.INFO)
    logging.basicConfig(handlers=[messages])
    logging.getLogger("goengine.gtp").setLevel(logging.INFO)
    if file is not None:
        handler = logging.FileHandler(file, encoding="utf-8", errors="backslashreplace")
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        logging.getLogger().addHandler(handler)
        logging.getLogger("goengine.gtp.dialogue").setLevel(logging.DEBUG)
        logger.info("started: %s", " ".join(sys.argv))


def load_in_background(load: Callable[[], Player]) -> Future[Player]:
    """Load the player in a thread, and let it choose moves once so that its first move is not slow.

    Success or failure is logged; so is loading that takes long.

    Args:
        load: Returns the player, or raises an exception.

    Returns:
        A future that gives the player, or raises what `load` raised.
    """
    future: Future[Player] = Future()

    def run() -> None:
        started = time.monotonic()
        try:
            player = load()
            board = Board(player.size)
            player.choose(board)
            board.play("pass")  # after which the player estimates the end of the game with playouts
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
        timer = threading.Timer(_SLOW_LOADING, _log_slow_loading, (future,))
        timer.daemon = True
        timer.start()
    thread.start()
    return future


def _log_slow_loading(future: Future[Player]) -> None:
    if not future.done():
        logger.info("still loading; where code is compiled for the first time this takes up to a minute")
