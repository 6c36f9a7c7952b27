"""The engine's start: its logs, and loading the player while it already answers."""

import logging
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from goengine.board import Board
from goengine.jit import cache_folder
from goengine.player import Player

logger = logging.getLogger(__name__)


def log_to(file: Path | None) -> None:
    """Messages go to standard error; to the file, if any, too, with their times and the whole dialogue.

    Raises OSError if the file cannot be written.
    """
    messages = logging.StreamHandler(sys.stderr)
    messages.setFormatter(logging.Formatter("goengine: %(message)s"))
    messages.setLevel(logging.INFO)
    logging.basicConfig(handlers=[messages])
    logging.getLogger("gtp").setLevel(logging.INFO)
    if file is not None:
        record = logging.FileHandler(file, encoding="utf-8", errors="backslashreplace")
        record.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        logging.getLogger().addHandler(record)
        logging.getLogger("gtp.dialogue").setLevel(logging.DEBUG)
        logger.info("started: %s", " ".join(sys.argv))


def load_in_background(load: Callable[[], Player]) -> Future[Player]:
    """Load the player in a thread and let it think once, so that its first move is as quick as any.

    The future gives the player, or raises what `load` raised. What is happening is logged, and once the
    player is ready or has failed.
    """
    future: Future[Player] = Future()

    def run() -> None:
        started = time.monotonic()
        try:
            player = load()
            player.choose(Board(player.size))
        except BaseException as error:
            logger.error("%s", error)
            future.set_exception(error)
        else:
            logger.info("ready after %.1f s", time.monotonic() - started)
            future.set_result(player)

    if not cache_folder().is_dir():
        logger.info(
            "first start: compiling the rules of Go for this computer, which takes about half a minute"
        )
    threading.Thread(target=run, name="loading", daemon=True).start()
    return future
