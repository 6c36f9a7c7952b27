"""Many games of Go at once, in compiled code, as a gymnasium.vector.VectorEnv."""

from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from goengine.env.episodes import Episodes, Step, info_of
from goengine.env.options import Options, check_render_mode
from goengine.env.render import board_image
from goengine.errors import GoEngineError
from goengine.game.board import BLACK, WHITE
from goengine.util.parallel import cores

_RENDER_MODES = ["ansi", "rgb_array"]


class GoVectorEnv(VectorEnv[NDArray[np.int8], NDArray[np.int64], NDArray[Any]]):
    """`num_envs` games of goengine.env.single.GoEnv, with the same options.

    When a game has ended, the next step begins a new one and ignores the action for it
    (AutoresetMode.NEXT_STEP). All info is arrays with one value per game, each with its mask `_name`, as in
    gymnasium's vector environments; `score` and `winner` are set for games that have just ended.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012 (gymnasium declares it)
        "render_modes": _RENDER_MODES,
        "render_fps": 4,
        "autoreset_mode": AutoresetMode.NEXT_STEP,
    }

    def __init__(
        self, num_envs: int = 1, render_mode: str | None = None, threads: int | None = None, **options: Any
    ) -> None:
        """Set up the environment.

        Args:
            num_envs: The number of games.
            render_mode: None, "ansi" or "rgb_array".
            threads: The number of threads that compute planes; None for one per core.
            **options: The fields of goengine.env.options.Options.

        Raises:
            GoEngineError: If a value is out of its range.
            TypeError: If there is no such option.
        """
        if num_envs < 1:
            raise GoEngineError(f"num_envs is {num_envs}; expected at least 1")
        self.num_envs = num_envs
        self.render_mode = check_render_mode(render_mode, _RENDER_MODES)
        self.options = Options(**options)
        self.single_action_space = self.options.action_space
        self.single_observation_space = self.options.observation_space
        self.action_space = batch_space(self.single_action_space, num_envs)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self._rows = np.arange(num_envs)
        self._episodes = Episodes(num_envs, self.options, threads or cores())
        self._over = np.zeros(num_envs, np.bool_)

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.int8], dict[str, Any]]:
        """Begin all games. One seed, the first of a list, is for all games. `options` is ignored."""
        super().reset(seed=seed[0] if isinstance(seed, list) else seed, options=options)
        self._episodes.begin(self._rows, self.np_random)
        self._over[:] = False
        planes, legal = self._episodes.observe(self._rows)
        return planes, _with_masks(info_of(self._episodes, self._rows, legal), self.num_envs)

    def step(
        self, actions: NDArray[np.int64]
    ) -> tuple[NDArray[np.int8], NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        """Play one action in each game: int64 [num_envs].

        Raises:
            GoEngineError: If the actions are not one whole number per game.
        """
        chosen = np.asarray(actions)
        if chosen.shape != (self.num_envs,) or chosen.dtype.kind not in "iu":
            raise GoEngineError(
                f"the actions are {chosen.dtype} {list(chosen.shape)}; "
                f"expected one whole number for each of {self.num_envs} games"
            )
        step = self._play(chosen.astype(np.int64))
        self._over = step.terminated | step.truncated
        planes, legal = self._episodes.observe(self._rows)
        info = _with_masks(
            info_of(self._episodes, self._rows, legal) | {"illegal": step.illegal}, self.num_envs
        )
        if self._over.any():
            info |= {"score": step.score, "_score": self._over.copy()}
            winner = np.where(step.score > 0, BLACK, np.where(step.score < 0, WHITE, 0)).astype(np.int8)
            info |= {"winner": winner, "_winner": self._over.copy()}
        return planes, step.rewards, step.terminated, step.truncated, info

    def _play(self, actions: NDArray[np.int64]) -> Step:
        """Play a step in all ongoing games, and begin new ones in place of those that were over."""
        if not self._over.any():
            return self._episodes.step(self._rows, actions)
        self._episodes.begin(self._rows[self._over], self.np_random)
        result = Step.empty(self.num_envs)
        playing = self._rows[~self._over]
        if len(playing):
            result.put(playing, self._episodes.step(playing, actions[playing]))
        return result

    def render(self) -> tuple[Any, ...] | None:
        """Return a text or an image of each board."""
        if self.render_mode is None:
            return None
        boards = [self._episodes.games.board(row, self.options.komi) for row in range(self.num_envs)]
        return tuple(str(board) if self.render_mode == "ansi" else board_image(board) for board in boards)

    def close_extras(self, **_: Any) -> None:
        """End the opponents' processes."""
        self._episodes.close()


def _with_masks(info: dict[str, Any], count: int) -> dict[str, Any]:
    return info | {f"_{name}": np.ones(count, np.bool_) for name in info}
