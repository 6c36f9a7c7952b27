"""The games of an agent against its opponent, one per row; the basis of both environments."""

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from goengine.env.opponents import Opponent, find_opponent
from goengine.env.options import AGENTS, Options
from goengine.game.board import BLACK
from goengine.game.lockstep import ENDED, ILLEGAL, ONGOING, Lockstep, Rows
from goengine.points import RESIGN


@dataclass(frozen=True, slots=True)
class Step:
    """The results of one step in n games.

    Attributes:
        rewards: float64 [n].
        terminated: Games that ended, bool [n].
        truncated: Games that reached the move limit, bool [n].
        illegal: Games in which the agent's action was illegal, bool [n].
        score: Black's lead where the game is over, or Black's reward if it ended by resignation or an illegal
            move; nan elsewhere, float64 [n].
    """

    rewards: NDArray[np.float64]
    terminated: NDArray[np.bool_]
    truncated: NDArray[np.bool_]
    illegal: NDArray[np.bool_]
    score: NDArray[np.float64]

    @classmethod
    def empty(cls, count: int) -> Self:
        """Return a step of `count` games in which nothing has happened."""
        terminated, truncated, illegal = np.zeros((3, count), np.bool_)
        return cls(np.zeros(count), terminated, truncated, illegal, np.full(count, np.nan))

    def put(self, rows: Rows, other: Self) -> None:
        """Write the results of another step, which has a row for each of `rows`, into these rows."""
        for field in fields(self):
            getattr(self, field.name)[rows] = getattr(other, field.name)


class Episodes:
    """Several games of an agent against the opponent of the options.

    Attributes:
        games: The positions.
        options: How the games are played.
    """

    def __init__(self, count: int, options: Options, threads: int = 1) -> None:
        """Set up `count` games; `begin` begins them.

        Args:
            count: The number of games.
            options: How they are played.
            threads: The number of threads that compute planes.

        Raises:
            GoEngineError: If there is no such opponent, or it cannot play on boards of this size.
        """
        self.options = options
        self.games = Lockstep(count, options.size, options.rules, options.move_limit, threads)
        self._opponent: Opponent | None = find_opponent(options)
        self._agent = np.zeros(count, np.int8)  # the agent's colour, 0 where it plays both

    def begin(self, rows: Rows, random: np.random.Generator) -> None:
        """Begin new games in these rows; `random` draws the agent's colour and the opponent's moves."""
        self.games.reset(rows)
        if self._opponent is None:
            return
        self._agent[rows] = random.choice(AGENTS[self.options.colour], len(rows))
        self._opponent.begin(rows, random)
        waiting = rows[self._agent[rows] != BLACK]
        if len(waiting):
            self.games.play(waiting, self._opponent.choose(self.games, waiting))

    def step(self, rows: Rows, actions: NDArray[np.int64]) -> Step:
        """Play the agent's actions, int64 [n], and the opponent's answers."""
        mover = self.games.to_play(rows)
        status = self.games.play(rows, actions)
        step = Step.empty(len(rows))
        step.illegal[:] = status == ILLEGAL
        if self.options.illegal == "lose":
            for i in np.flatnonzero(step.illegal):
                self._finish(step, int(i), self.options.worst_reward, mover[i])
        self._settle(step, rows, status, mover)
        if self._opponent is not None:
            ongoing = np.flatnonzero(~(step.terminated | step.truncated | step.illegal))
            if len(ongoing):
                self._answer(step, rows, ongoing, mover)
        return step

    def _answer(self, step: Step, rows: Rows, ongoing: Rows, mover: NDArray[np.int8]) -> None:
        """Play the opponent's moves in the ongoing games; `ongoing` indexes `rows`."""
        assert self._opponent is not None
        answers = self._opponent.choose(self.games, rows[ongoing])
        status = np.full(len(rows), ONGOING, np.uint8)
        status[ongoing] = self.games.play(rows[ongoing], answers)
        for i in ongoing[(answers == RESIGN) | (status[ongoing] == ILLEGAL)]:
            self._finish(step, int(i), -self.options.worst_reward, mover[i])
        self._settle(step, rows, status, mover)

    def _settle(self, step: Step, rows: Rows, status: NDArray[np.uint8], mover: NDArray[np.int8]) -> None:
        """Score the games that ended by two passes or reached the move limit."""
        ended = status == ENDED
        for i in np.flatnonzero(ended | (self.games.ply(rows) >= self.options.move_limit)):
            if step.terminated[i] or step.truncated[i]:
                continue
            score = self.games.area(int(rows[i])) - self.options.komi
            step.score[i] = score
            step.rewards[i] = self.options.reward_of(score if mover[i] == BLACK else -score)
            (step.terminated if ended[i] else step.truncated)[i] = True

    def _finish(self, step: Step, i: int, reward: float, mover: np.int8) -> None:
        """End a game by resignation or an illegal move; its score is Black's reward."""
        step.terminated[i] = True
        step.rewards[i] = reward
        step.score[i] = reward if mover == BLACK else -reward

    def observe(self, rows: Rows) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
        """Return observations int8 [n, planes, size, size] and legal actions int8 [n, size * size + 1]."""
        if self.options.observation == "planes48":
            legal, planes = self.games.planes(rows)
            return planes, legal
        legal = self.games.legal(rows)
        return self.games.board_planes(rows, legal), legal

    def close(self) -> None:
        """Close the opponent; further calls do nothing."""
        if self._opponent is not None:
            self._opponent.close()


def info_of(episodes: Episodes, rows: Rows, legal: NDArray[np.int8]) -> dict[str, Any]:
    """Return the info of a reset or step: action_mask int8 [n, actions], to_play int8 [n], ply int64 [n]."""
    return {"action_mask": legal, "to_play": episodes.games.to_play(rows), "ply": episodes.games.ply(rows)}
