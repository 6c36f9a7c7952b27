"""One game of Go at a time, as a gymnasium.Env."""

from typing import Any

import gymnasium
import numpy as np
from gymnasium.error import ResetNeeded
from numpy.typing import NDArray

from goengine.env.episodes import Episodes, info_of
from goengine.env.options import RENDER_MODES, Options, check_render_mode
from goengine.env.render import BoardWindow, board_image
from goengine.game.board import BLACK, WHITE

_ROW = np.zeros(1, np.int64)


class GoEnv(gymnasium.Env[NDArray[np.int8], np.int64]):
    """A game of Go; see goengine.env.options for the spaces and the options.

    An episode is terminated by two passes in a row, by the opponent's resignation, or by an illegal move if
    that loses; at the move limit it is truncated. Either way the reward of the last step is the result, from
    the view of the player whose action it was: with opponent="self" Black and White in turn, else always the
    agent.

    The info of every reset and step:

    - `action_mask`: int8 [size * size + 1], 1 for legal actions; passing is always legal.
    - `to_play`: 1 Black, 2 White.
    - `ply`: The number of moves and passes played.
    - `illegal`: bool, only of steps; whether the action was illegal.
    - `score`: float, only of the last step; Black's lead in points, or Black's reward if an illegal move or a
      resignation ended the game.
    - `winner`: Only of the last step; 1 Black, 2 White, 0 nobody.
    """

    metadata: dict[str, Any] = {"render_modes": RENDER_MODES, "render_fps": 4}  # noqa: RUF012 (gymnasium declares it)

    def __init__(self, render_mode: str | None = None, **options: Any) -> None:
        """Set up the environment.

        Args:
            render_mode: None, "ansi", "rgb_array" or "human".
            **options: The fields of goengine.env.options.Options.

        Raises:
            GoEngineError: If a value is out of its range.
            TypeError: If there is no such option.
        """
        self.render_mode = check_render_mode(render_mode, RENDER_MODES)
        self.options = Options(**options)
        self.action_space = self.options.action_space
        self.observation_space = self.options.observation_space
        self._episodes = Episodes(1, self.options)
        self._ongoing = False
        self._window = BoardWindow() if render_mode == "human" else None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.int8], dict[str, Any]]:
        """Begin a game; the same seed gives the same moves of the opponent. `options` is ignored."""
        super().reset(seed=seed, options=options)
        self._episodes.begin(_ROW, self.np_random)
        self._ongoing = True
        return self._observe()

    def step(self, action: Any) -> tuple[NDArray[np.int8], float, bool, bool, dict[str, Any]]:
        """Play a point, or pass with size * size.

        Anything else counts as an illegal action; see the option `illegal`.

        Raises:
            gymnasium.error.ResetNeeded: If the game is over or was never begun.
        """
        if not self._ongoing:
            raise ResetNeeded("the game is over or was never begun; call reset first")
        step = self._episodes.step(_ROW, np.array([_as_action(action)], np.int64))
        terminated, truncated = bool(step.terminated[0]), bool(step.truncated[0])
        self._ongoing = not (terminated or truncated)
        observation, info = self._observe()
        info["illegal"] = bool(step.illegal[0])
        if not self._ongoing:
            score = float(step.score[0])
            info["score"], info["winner"] = score, BLACK if score > 0 else WHITE if score < 0 else 0
        return observation, float(step.rewards[0]), terminated, truncated, info

    def render(self) -> Any:
        """Return the board: text for "ansi", else an image, uint8 [height, width, 3]."""
        if self.render_mode is None:
            gymnasium.logger.warn('to render, make the environment with render_mode="ansi" or "rgb_array"')
            return None
        board = self._episodes.games.board(0, self.options.komi)
        return str(board) if self.render_mode == "ansi" else board_image(board)

    def close(self) -> None:
        """End the opponent's process and close the window; further calls do nothing."""
        self._episodes.close()
        self._ongoing = False
        if self._window is not None:
            self._window.close()

    def _observe(self) -> tuple[NDArray[np.int8], dict[str, Any]]:
        planes, legal = self._episodes.observe(_ROW)
        info = info_of(self._episodes, _ROW, legal)
        if self._window is not None:
            self._window.show(board_image(self._episodes.games.board(0, self.options.komi)))
        return planes[0], {
            "action_mask": legal[0],
            "to_play": int(info["to_play"][0]),
            "ply": int(info["ply"][0]),
        }


def _as_action(action: Any) -> int:
    """Return a whole number; -1, an illegal action, for anything else."""
    try:
        number = int(action)
    except (TypeError, ValueError, OverflowError):
        return -1
    return number if number == action and abs(number) < 2**31 else -1
