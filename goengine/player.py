"""From a policy's probabilities to a move."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from goengine.board import BLACK, Board, opponent
from goengine.errors import GoEngineError
from goengine.points import NUM_SYMMETRIES, pass_move


class PointPolicy(Protocol):
    """What a player needs of a policy; `goengine.policy.Policy` is one."""

    @property
    def size(self) -> int: ...

    def policies(self, boards: Sequence[Board], symmetries: int = 1) -> NDArray[np.float32]:
        """Probabilities over the points, float32 [len(boards), size * size], each for the player to move."""
        ...


def check_settings(temperature: float, seed: int | None, symmetries: int, top_p: float = 1.0) -> None:
    """Raises GoEngineError for a temperature or seed that is no number from 0, symmetries not 1 or 8, or a
    top_p that is no share above 0.
    """
    if not 0.0 <= temperature < float("inf"):
        raise GoEngineError(f"temperature {temperature} is not a number from 0")
    if seed is not None and seed < 0:
        raise GoEngineError(f"seed {seed} is not a whole number from 0")
    if symmetries not in (1, NUM_SYMMETRIES):
        raise GoEngineError(f"symmetries is {symmetries}; expected 1 or {NUM_SYMMETRIES}")
    if not 0.0 < top_p <= 1.0:
        raise GoEngineError(f"top_p {top_p} is not a share above 0, up to 1")


class Player:
    """Chooses moves by a policy alone, without search.

    A policy knows points only, so passing is decided here: when no sensible move is left, or when the
    opponent has just passed and the player is ahead on the board as it stands.

    Attributes: policy; temperature; symmetries; top_p.
    """

    def __init__(
        self,
        policy: PointPolicy,
        temperature: float = 0.0,
        seed: int | None = None,
        symmetries: int = 1,
        top_p: float = 1.0,
    ) -> None:
        """temperature: 0 plays the likeliest move; 1 draws moves as often as the policy expects them;
            above 1 more evenly.
        seed: of the draws; a fresh one unless given.
        symmetries: 1, or 8 to average the policy over the board's symmetries.
        top_p: moves are drawn from the likeliest ones alone, as few as hold this share of all probability
            (Holtzman et al., arXiv 1904.09751); 1 leaves none out.

        Raises GoEngineError as `check_settings` does.
        """
        check_settings(temperature, seed, symmetries, top_p)
        self.policy = policy
        self.temperature = temperature
        self.symmetries = symmetries
        self.top_p = top_p
        self._random = np.random.default_rng(seed)

    @property
    def size(self) -> int:
        """The board size that the policy was made for."""
        return self.policy.size

    def can_play(self, size: int) -> bool:
        """Whether the player can play on boards of this size."""
        return size == self.policy.size

    def choose(self, board: Board, colour: int | None = None) -> int:
        """The move of a colour (of the player to move unless given): a point, or a pass.

        A colour out of turn moves as if the other had passed in between. The board is left as it is.

        Raises GoEngineError if the policy is for another board size.
        """
        colour = board.to_play if colour is None else colour
        if self._may_end(board, colour):
            return pass_move(board.size)
        view = board.copy()
        if colour != view.to_play:
            view.play("pass")
        probabilities = self.policy.policies([view], self.symmetries)[0]
        # A policy always takes up a triple ko or an eternal life again. So that games end it keeps to
        # superko even where the rules do not ask for it, and takes its next choice.
        view.rules = replace(view.rules, ko="positional")
        sensible = view.sensible_moves()
        if not sensible.any():
            return pass_move(board.size)
        return self._pick(probabilities, sensible)

    def _may_end(self, board: Board, colour: int) -> bool:
        """Whether the opponent's pass is to be answered with one, which ends the game with a win."""
        if not board.ply or board.moves[-1] != (opponent(colour), pass_move(board.size)):
            return False
        score = board.score()
        return score > 0 if colour == BLACK else score < 0

    def _pick(self, probabilities: NDArray[np.float32], allowed: NDArray[np.bool_]) -> int:
        points = np.flatnonzero(allowed)
        likelihoods = probabilities[points].astype(np.float64)
        if self.temperature == 0:
            return int(points[likelihoods.argmax()])
        # In logarithms: a small temperature would take powers out of a float's range. A point that the
        # policy gives nothing counts as the smallest float32.
        logits = np.log(np.maximum(likelihoods, np.finfo(np.float32).tiny)) / self.temperature
        weights = np.exp(logits - logits.max())
        weights /= weights.sum()
        if self.top_p < 1:
            falling = np.argsort(-weights, kind="stable")
            before = np.cumsum(weights[falling]) - weights[falling]  # of all likelier moves together
            weights[falling[before >= self.top_p]] = 0
            weights /= weights.sum()
        return int(self._random.choice(points, p=weights))
