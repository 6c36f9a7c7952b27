"""The options of the environment, and the action and observation spaces that follow from them.

Actions. `Discrete(size * size + 1)`: point row * size + column, row 0 at the top; the last action passes.

Observations, all from the view of the player to move, int8 of 0 and 1, row 0 at the top:

`planes48`, MultiBinary([48, size, size]): the planes of the policy network, listed in
goengine.game.planes.PLANES. `board`, MultiBinary([5, size, size]):

    0  own stones
    1  the opponent's stones
    2  legal points
    3  ones if Black is to move
    4  ones if the opponent has just passed
"""

import math
from dataclasses import dataclass
from typing import Any, Literal

from gymnasium.spaces import Discrete, MultiBinary

from goengine.errors import GoEngineError
from goengine.game.board import BLACK, WHITE
from goengine.game.planes import NUM_PLANES
from goengine.game.rules import Rules, check_komi, get_rules
from goengine.kernel.state import MAX_PLY
from goengine.points import check_size

BOARD_PLANES = 5

AGENTS = {"black": (BLACK,), "white": (WHITE,), "random": (BLACK, WHITE)}
RENDER_MODES = ["ansi", "rgb_array", "human"]


@dataclass(frozen=True)
class Options:
    """How games are played.

    Attributes:
        size: The board size, 2 to 25.
        komi: Points for White.
        rules: A rule set of goengine.game.rules; games are always scored by area.
        opponent: "self", the agent moves for both players in turn; "random"; "default" or a model folder, a
            policy whose moves are sampled from its probabilities; a GTP command line; a Player, or any object
            with `choose(board) -> point or pass`.
        colour: The agent's if there is an opponent: "black", "white", or "random", drawn for each game.
        observation: "planes48" or "board", see the module's description.
        reward: "win", +1 for a won game, -1 for a lost one, 0 for a draw; "score", the margin in points.
            Given at the end only, from the view of the player whose action it was.
        illegal: The result of an illegal action: "lose", the game ends with the reward of a lost one (with
            "score", of losing all points of the board); "refuse", nothing happens and the agent chooses
            again.
        max_moves: The number of moves and passes after which a game is truncated and scored as it stands;
            None for twice the points of the board.

    Raises:
        GoEngineError: If a value is out of its range.
    """

    size: int = 19
    komi: float = 7.5
    rules: str | Rules = "tromp-taylor"
    opponent: Any = "self"
    colour: str = "black"
    observation: Literal["planes48", "board"] = "planes48"
    reward: Literal["win", "score"] = "win"
    illegal: Literal["lose", "refuse"] = "lose"
    max_moves: int | None = None

    def __post_init__(self) -> None:
        check_size(self.size)
        check_komi(self.komi)
        get_rules(self.rules)
        for name, choices in (
            ("colour", tuple(AGENTS)),
            ("observation", ("planes48", "board")),
            ("reward", ("win", "score")),
            ("illegal", ("lose", "refuse")),
        ):
            if getattr(self, name) not in choices:
                raise GoEngineError(
                    f"the environment's {name} is {getattr(self, name)!r}; expected {' or '.join(choices)}"
                )
        if self.max_moves is not None and not 2 <= self.max_moves <= MAX_PLY:
            raise GoEngineError(
                f"the environment's max_moves is {self.max_moves}; expected a number from 2 to {MAX_PLY}"
            )

    @property
    def move_limit(self) -> int:
        """`max_moves`, or its default."""
        return 2 * self.size**2 if self.max_moves is None else self.max_moves

    @property
    def action_space(self) -> Discrete:
        """The points and the pass."""
        return Discrete(self.size**2 + 1)

    @property
    def observation_space(self) -> MultiBinary:
        """The observed planes."""
        planes = NUM_PLANES if self.observation == "planes48" else BOARD_PLANES
        return MultiBinary([planes, self.size, self.size])

    def reward_of(self, score: float) -> float:
        """Return the reward of a game won by `score` points; negative if it was lost."""
        return score if self.reward == "score" else float(math.copysign(1, score)) if score else 0.0

    @property
    def worst_reward(self) -> float:
        """The reward of a game lost by an illegal action."""
        return -1.0 if self.reward == "win" else -float(self.size**2)


def check_render_mode(mode: str | None, modes: list[str]) -> str | None:
    """Return the render mode unchanged.

    Raises:
        GoEngineError: If it is not one of `modes`.
    """
    if mode is not None and mode not in modes:
        raise GoEngineError(f"the environment's render_mode is {mode!r}; expected {' or '.join(modes)}")
    return mode
