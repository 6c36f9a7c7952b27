"""From a policy's probabilities to a move."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from goengine.errors import GoEngineError
from goengine.game.board import BLACK, EMPTY, WHITE, Board, opponent
from goengine.game.scoring import Playouts, estimate
from goengine.player.endgame import (
    ENDGAME,
    Action,
    Assessment,
    EndgameState,
    assess,
    capturing_move,
    clearly_open,
    is_late,
    is_settled,
)
from goengine.points import NUM_SYMMETRIES, RESIGN, pass_move


class PointPolicy(Protocol):
    """What a player needs of a policy; `goengine.policy.base.Policy` is one."""

    @property
    def size(self) -> int:
        """The board size that the policy was made for."""
        ...

    def can_play(self, size: int) -> bool:
        """Return whether the policy works on boards of this size."""
        ...

    def policies(self, boards: Sequence[Board], symmetries: int = 1) -> NDArray[np.float32]:
        """Return probabilities for the player to move, float32 [len(boards), size * size]."""
        ...


def check_settings(
    temperature: float, seed: int | None, symmetries: int, top_p: float = 1.0, resign: float = 0.0
) -> None:
    """Check the settings of a player; see `Player` for their meaning.

    Raises:
        GoEngineError: If one is out of its range.
    """
    if not 0.0 <= temperature < float("inf"):
        raise GoEngineError(f"temperature is {temperature}; expected a number from 0")
    if seed is not None and seed < 0:
        raise GoEngineError(f"seed is {seed}; expected a whole number from 0")
    if symmetries not in (1, NUM_SYMMETRIES):
        raise GoEngineError(f"symmetries is {symmetries}; expected 1 or {NUM_SYMMETRIES}")
    if not 0.0 < top_p <= 1.0:
        raise GoEngineError(f"top_p is {top_p}; expected a share above 0 and up to 1")
    if not 0.0 <= resign < 0.5:
        raise GoEngineError(f"resign is {resign}; expected a winrate from 0 to below 0.5")


class Player:
    """Chooses moves by a policy alone, without search.

    The policy knows only points, so the player decides how a game ends, by playouts
    (`goengine.player.endgame`). They cost time and are used only where they can matter: late in a game, when
    few points are unsettled, or when the opponent has passed.

    - While something can be gained, the player plays the likeliest move that may gain something, or a move
      that the policy is sure of.
    - When nothing can be gained, it passes, unless the policy is very sure of a move in own territory. Under
      area rules it first captures dead stones if it would lose with them on the board.
    - It answers a pass with a pass if that wins or nothing can be gained.

    Attributes:
        policy: Where the probabilities come from.
        temperature: 0 plays the likeliest move, 1 samples moves as often as the policy expects them, and
            higher values sample more evenly.
        symmetries: 1, or 8 to average the policy over the symmetries of the board.
        top_p: Only the likeliest moves that together hold this share of the probability are sampled
            (Holtzman et al., arXiv 1904.09751); 1 excludes none.
        resign: The player resigns when its winrate in playouts is below this, and it is behind in points, at
            three of its moves in a row. 0 never resigns; 0.2 is careful.
    """

    def __init__(
        self,
        policy: PointPolicy,
        temperature: float = 0.0,
        seed: int | None = None,
        symmetries: int = 1,
        top_p: float = 1.0,
        resign: float = 0.0,
    ) -> None:
        """Make a player; the settings are attributes, except for `seed`, which makes sampling repeatable.

        Raises:
            GoEngineError: If a setting is out of its range.
        """
        check_settings(temperature, seed, symmetries, top_p, resign)
        self.policy = policy
        self.temperature = temperature
        self.symmetries = symmetries
        self.top_p = top_p
        self.resign = resign
        self._random = np.random.default_rng(seed)
        # For each colour, the plies of its latest positions in a row that were hopeless.
        self._hopeless_plies: dict[int, list[int]] = {BLACK: [], WHITE: []}

    @property
    def size(self) -> int:
        """The board size that the policy was made for."""
        return self.policy.size

    def can_play(self, size: int) -> bool:
        """Return whether the player can play on boards of this size."""
        return self.policy.can_play(size)

    def choose(
        self, board: Board, colour: int | None = None, cleanup: bool = False, banned: Iterable[int] = ()
    ) -> int:
        """Return the player's move: a point, a pass, or RESIGN. The board is not changed.

        Args:
            board: The position.
            colour: The colour to move; None for the player to move. A colour out of turn moves as if the
                other had passed.
            cleanup: Whether to capture dead stones, and pass only when none remains, as KGS requires if the
                players disagree about them.
            banned: Points that are not to be played. A pass cannot be banned.

        Raises:
            GoEngineError: If the policy does not work on the board's size.
        """
        position = board.copy()
        if colour is not None and colour != position.to_play:
            position.play("pass")
        # A policy always recaptures in a triple ko or an eternal life. Positional superko, whatever the rules
        # in force, makes the player take its next choice, so that games end.
        position.rules = replace(position.rules, ko="positional")
        sensible = position.sensible_moves()
        sensible[list(banned)] = False
        if not sensible.any():
            return pass_move(board.size)
        # A pass that is only assumed, for a colour out of turn, does not count.
        passed = (opponent(position.to_play), pass_move(board.size))
        opponent_passed = bool(board.ply) and board.moves[-1] == passed
        late = opponent_passed or cleanup or is_late(position)
        if late and self._resigns(position):
            return RESIGN

        @cache
        def probabilities() -> NDArray[np.float32]:
            """Ask the policy, as late as can be: its threads keep cores busy for a while after the answer."""
            result: NDArray[np.float32] = self.policy.policies([position], self.symmetries)[0]
            return result

        thorough = opponent_passed or cleanup
        playouts = Playouts(position, first=EMPTY)
        if not (cleanup or (late and is_settled(position, playouts, thorough))):
            return self._sample(probabilities(), sensible)
        if not thorough:
            # The few playouts so far usually show already that the policy's move is worth playing.
            open_points = clearly_open(position, playouts)
            if open_points.any():
                move = self._sample(probabilities(), sensible)
                if open_points[move] or probabilities()[move] >= ENDGAME.forcing_probability:
                    return move
        assessment = assess(position, playouts, thorough)
        state = EndgameState.of(position, assessment, sensible, opponent_passed, cleanup)
        return self._play_endgame(state, position, assessment, sensible, probabilities)

    def _play_endgame(
        self,
        state: EndgameState,
        board: Board,
        assessment: Assessment,
        sensible: NDArray[np.bool_],
        probabilities: Callable[[], NDArray[np.float32]],
    ) -> int:
        """Return the move of an endgame decision."""
        action = state.decide()
        if action is Action.CAPTURE_DEAD:
            capture = capturing_move(board, assessment, sensible)
            if capture is not None:
                return capture
            action = replace(state, can_capture_dead=False).decide()
        if action is Action.GAIN:
            forcing = sensible & (probabilities() >= ENDGAME.forcing_probability)
            return self._sample(probabilities(), (assessment.gain & sensible) | forcing)
        if action is Action.DEFEND:
            # The policy may see a weakness that playouts do not.
            defence = sensible & (probabilities() >= ENDGAME.defence_probability)
            if (defence & (assessment.ownership > 0)).any():
                return int(probabilities().argmax())
        return pass_move(board.size)

    def _resigns(self, board: Board) -> bool:
        """Return whether this is the last of several hopeless positions in a row."""
        if self.resign == 0:
            return False
        result = estimate(board, ENDGAME.resign_playouts)
        black = board.to_play == BLACK
        winrate = result.winrate if black else 1 - result.winrate
        is_behind = result.score < 0 if black else result.score > 0
        plies = self._hopeless_plies[board.to_play]
        if plies and board.ply == plies[-1]:
            plies.pop()  # the same position again
        continues = bool(plies) and board.ply == plies[-1] + 2  # no other game, no move taken back
        hopeless = winrate < self.resign and is_behind
        if not (continues and hopeless):
            plies.clear()
        if hopeless:
            plies.append(board.ply)
        return len(plies) >= ENDGAME.resign_moves

    def _sample(self, probabilities: NDArray[np.float32], allowed: NDArray[np.bool_]) -> int:
        """Return one of the allowed points, by temperature and top-p."""
        points = np.flatnonzero(allowed)
        likelihoods = probabilities[points].astype(np.float64)
        if self.temperature == 0:
            return int(points[likelihoods.argmax()])
        # In logarithms, as powers at a small temperature would leave the range of a float. A probability of
        # zero counts as the smallest float32.
        logits = np.log(np.maximum(likelihoods, np.finfo(np.float32).tiny)) / self.temperature
        weights = np.exp(logits - logits.max())
        weights /= weights.sum()
        if self.top_p < 1:
            order = np.argsort(-weights, kind="stable")
            likelier = np.cumsum(weights[order]) - weights[order]  # the weight of all likelier moves
            weights[order[likelier >= self.top_p]] = 0
            weights /= weights.sum()
        return int(self._random.choice(points, p=weights))
