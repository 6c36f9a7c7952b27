"""Who the agent plays against."""

import shlex
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from goengine.env.options import Options
from goengine.errors import GoEngineError
from goengine.game.board import Board
from goengine.game.lockstep import Lockstep, Rows


class Opponent(Protocol):
    """Moves in many games at once. Deep copies go on from where the original is, and apart from it."""

    def begin(self, rows: Rows, random: np.random.Generator) -> None:
        """New games in these rows; `random` is to be drawn from where anything is drawn."""

    def choose(self, games: Lockstep, rows: Rows) -> NDArray[np.int64]:
        """An action or RESIGN for the player to move of each row: int64 [n]."""
        ...

    def close(self) -> None:
        """Let go of what is held. May be called again."""


class RandomOpponent:
    """Plays any legal point that is no true eye of its own, all alike, and passes when there is none."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(0)

    def begin(self, rows: Rows, random: np.random.Generator) -> None:  # noqa: ARG002
        self._random = random

    def choose(self, games: Lockstep, rows: Rows) -> NDArray[np.int64]:
        return games.random_actions(rows, games.legal(rows), self._random.random(len(rows)))

    def close(self) -> None:
        pass


class Chooser(Protocol):
    """What plays one game at a time: a goengine.player.player.Player is one."""

    def choose(self, board: Board) -> int: ...


class BoardOpponent:
    """Asks something that looks at a Board, game by game."""

    def __init__(self, chooser: Chooser, komi: float, seeded: Callable[[int], Chooser] | None = None) -> None:
        """seeded: makes the chooser anew from a seed, so that the same seed gives the same games."""
        self._chooser, self._komi, self._seeded = chooser, komi, seeded

    def begin(self, rows: Rows, random: np.random.Generator) -> None:  # noqa: ARG002
        if self._seeded is not None:
            self._chooser = self._seeded(int(random.integers(2**31)))

    def choose(self, games: Lockstep, rows: Rows) -> NDArray[np.int64]:
        return np.array([self._chooser.choose(games.board(int(row), self._komi)) for row in rows], np.int64)

    def close(self) -> None:
        pass


def find_opponent(options: Options) -> Opponent | None:
    """The opponent that the options name, None for "self".

    Raises GoEngineError if there is none of that name, or it cannot play on such a board.
    """
    named: Any = options.opponent
    if named == "self":
        return None
    if named == "random":
        return RandomOpponent()
    if hasattr(named, "choose"):
        return BoardOpponent(named, options.komi)
    if not isinstance(named, str | Path):
        raise GoEngineError(f"the environment's opponent {named!r} is no name, and cannot choose moves")
    if str(named) == "default" or Path(named).is_dir():
        return _policy_opponent(str(named), options)
    return _outside_opponent(str(named), options)


def _policy_opponent(model: str, options: Options) -> Opponent:
    from goengine.player.player import Player
    from goengine.policy.loading import load_policy

    policy = load_policy(model)
    player = Player(policy, temperature=1.0, seed=0)
    if not player.can_play(options.size):
        raise GoEngineError(f"the opponent {model} cannot play on a {options.size}x{options.size} board")
    return BoardOpponent(player, options.komi, lambda seed: Player(policy, temperature=1.0, seed=seed))


def _outside_opponent(command: str, options: Options) -> Opponent:
    """A program that speaks GTP.

    The GTP client lies in a package that imports this one, not the other way round; an entry point offers it.
    """
    for entry in entry_points(group="goengine.opponents", name="gtp"):
        words = shlex.split(command)
        if not words:
            raise GoEngineError("the environment's opponent is an empty text")
        return entry.load()(words, options.size, options.komi)
    raise GoEngineError(
        f"the opponent {command!r} is no model folder, and goengine's GTP client is not installed"
    )
