"""The opponents of the environment's agent."""

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
    """Chooses moves in many games at once.

    A deep copy continues from the same state, independently of the original.
    """

    def begin(self, rows: Rows, random: np.random.Generator) -> None:
        """Prepare for new games in these rows; all randomness has to come from `random`."""

    def choose(self, games: Lockstep, rows: Rows) -> NDArray[np.int64]:
        """Return an action or RESIGN for the player to move in each row: int64 [n]."""
        ...

    def close(self) -> None:
        """Release all resources; further calls do nothing."""


class RandomOpponent:
    """Plays a random legal point that is not one of its true eyes; passes if there is none."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(0)

    def begin(self, rows: Rows, random: np.random.Generator) -> None:  # noqa: ARG002
        """Use `random` from now on."""
        self._random = random

    def choose(self, games: Lockstep, rows: Rows) -> NDArray[np.int64]:
        """Return an action for each row: int64 [n]."""
        return games.random_actions(rows, games.legal(rows), self._random.random(len(rows)))

    def close(self) -> None:
        """Do nothing."""


class Chooser(Protocol):
    """Anything that chooses a move on a board, such as a `goengine.player.player.Player`."""

    def choose(self, board: Board) -> int:
        """Return a point, a pass, or RESIGN."""
        ...


class BoardOpponent:
    """Asks a `Chooser` about one game after the other."""

    def __init__(self, chooser: Chooser, komi: float, seeded: Callable[[int], Chooser] | None = None) -> None:
        """Wrap a chooser.

        Args:
            chooser: What chooses the moves.
            komi: The komi of the games.
            seeded: Makes a new chooser from a seed, so that the same seed gives the same games; None keeps
                `chooser`.
        """
        self._chooser, self._komi, self._seeded = chooser, komi, seeded

    def begin(self, rows: Rows, random: np.random.Generator) -> None:  # noqa: ARG002
        """Make a new chooser with a seed from `random`, if that is possible."""
        if self._seeded is not None:
            self._chooser = self._seeded(int(random.integers(2**31)))

    def choose(self, games: Lockstep, rows: Rows) -> NDArray[np.int64]:
        """Return the chooser's answer for each row: int64 [n]."""
        return np.array([self._chooser.choose(games.board(int(row), self._komi)) for row in rows], np.int64)

    def close(self) -> None:
        """Do nothing."""


def find_opponent(options: Options) -> Opponent | None:
    """Return the opponent that the options name, None for "self".

    Raises:
        GoEngineError: If there is no such opponent, or it cannot play on boards of this size.
    """
    opponent: Any = options.opponent
    if opponent == "self":
        return None
    if opponent == "random":
        return RandomOpponent()
    if hasattr(opponent, "choose"):
        return BoardOpponent(opponent, options.komi)
    if not isinstance(opponent, str | Path):
        raise GoEngineError(
            f"the environment's opponent is {opponent!r}; expected a name or an object with a choose method"
        )
    if str(opponent) == "default" or Path(opponent).is_dir():
        return _policy_opponent(str(opponent), options)
    return _gtp_opponent(str(opponent), options)


def _policy_opponent(model: str, options: Options) -> Opponent:
    from goengine.player.player import Player
    from goengine.policy.loading import load_policy

    policy = load_policy(model)
    player = Player(policy, temperature=1.0, seed=0)
    if not player.can_play(options.size):
        raise GoEngineError(f"the opponent {model} cannot play on a {options.size}x{options.size} board")
    return BoardOpponent(player, options.komi, lambda seed: Player(policy, temperature=1.0, seed=seed))


def _gtp_opponent(command: str, options: Options) -> Opponent:
    """Return a program that speaks GTP.

    The GTP client is in a package that imports this one, so it is found by an entry point.
    """
    for entry in entry_points(group="goengine.opponents", name="gtp"):
        words = shlex.split(command)
        if not words:
            raise GoEngineError("the environment's opponent is an empty string")
        opponent: Opponent = entry.load()(words, options.size, options.komi)
        return opponent
    raise GoEngineError(
        f"the opponent {command!r} is not a model folder, and goengine's GTP client is not installed"
    )
