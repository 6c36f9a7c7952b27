"""What can be chosen about the environment, and the spaces that follow from it.

Actions. `Discrete(size * size + 1)`: point row * size + column, row 0 at the top; the last action passes.

Observations, all from the view of the player to move, int8 of 0 and 1, row 0 at the top:

`planes48`, MultiBinary([48, size, size]), are the policy networks' planes, named in
goengine.game.planes.PLANES. `board`, MultiBinary([5, size, size]), are

    0  own stones
    1  the opponent's stones
    2  points where to play is legal
    3  ones where Black is to move
    4  ones where the opponent has just passed
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

    size: 2 to 25. komi: points for White. rules: a rule set of goengine.game.rules; games are always counted
        by area.
    opponent: "self", the agent moves for both players in turn; "random"; "default" or a model folder, a
        policy that draws its moves as often as it expects them; a GTP command line; a Player, or any object
        with `choose(board) -> point or pass`.
    colour: the agent's where there is an opponent: "black", "white", or "random", drawn a game.
    observation: "planes48" or "board", see above.
    reward: "win", +1 for a won game, -1 for a lost one, 0 for a draw; "score", the margin in points. Both at
        the end only, and from the view of the player whose action it was.
    illegal: what becomes of an illegal action: "lose", the game ends with the reward of a lost one (of a
        board that is all the opponent's, with "score"); "refuse", nothing happens, and the agent chooses
        again.
    max_moves: after how many moves and passes a game is cut off (truncated) and counted as it stands; None
        for twice the points of the board.

    Raises GoEngineError for anything else.
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
                    f"the environment's {name} is {getattr(self, name)!r}; "
                    f"it has to be {' or '.join(choices)}"
                )
        if self.max_moves is not None and not 2 <= self.max_moves <= MAX_PLY:
            raise GoEngineError(
                f"the environment's max_moves is {self.max_moves}; it has to be from 2 to {MAX_PLY}"
            )

    @property
    def move_limit(self) -> int:
        """`max_moves`, or what it is by default."""
        return 2 * self.size**2 if self.max_moves is None else self.max_moves

    @property
    def action_space(self) -> Discrete:
        """The points and the pass."""
        return Discrete(self.size**2 + 1)

    @property
    def observation_space(self) -> MultiBinary:
        """The planes that are observed."""
        planes = NUM_PLANES if self.observation == "planes48" else BOARD_PLANES
        return MultiBinary([planes, self.size, self.size])

    def reward_of(self, score: float) -> float:
        """The reward of a game that was won by that many points; a lost one's are negative."""
        return score if self.reward == "score" else float(math.copysign(1, score)) if score else 0.0

    @property
    def worst_reward(self) -> float:
        """The reward of a game that was lost by an illegal action."""
        return -1.0 if self.reward == "win" else -float(self.size**2)


def check_render_mode(mode: str | None, modes: list[str]) -> str | None:
    """Raises GoEngineError for a mode that is not among them."""
    if mode is not None and mode not in modes:
        raise GoEngineError(f"the environment's render_mode is {mode!r}; it has to be {' or '.join(modes)}")
    return mode
